// SPDX-License-Identifier: Apache-2.0
// Walks bodies and their regions.
#include "contents.h"

namespace thx::random {

std::vector<bool> operators_of(const Program& program) {
  std::vector<bool> found(std::size(kOps));
  std::vector<const Body*> left;
  for (const Function& function : program.functions) left.push_back(function.body.get());
  while (!left.empty()) {
    const Body* body = left.back();
    left.pop_back();
    for (const Value value : needed(body->graph, body->results)) {
      found[static_cast<size_t>(value->op)] = true;
      for (const Region& region : value->regions) left.push_back(region.get());
    }
  }
  return found;
}

bool has_derivative(const Program& program) {
  const std::vector<bool> found = operators_of(program);
  for (const Op op : {Op::grad, Op::jvp, Op::jacobian})
    if (found[static_cast<size_t>(op)]) return true;
  return false;
}

}  // namespace thx::random
