// SPDX-License-Identifier: Apache-2.0
// Holds every value's type against what its operator's row infers.
#include "ops/verify.h"

#include <set>

#include "ir/verify.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

void verify_type(const std::string& function, Value value, std::vector<std::string>& problems) {
  if (value->op == Op::parameter || value->family() == Family::control) return;
  const Result<Type> type = infer_type(value->op, types_of(value->operands), value->attrs);
  if (type.ok() && *type == value->type()) return;
  const std::string& name = value->graph->name(value);
  const std::string place = function + (name.empty() ? "" : ": %" + name);
  if (!type) {
    problems.push_back(format("{}: {}", place, type.error().message()));
  } else {
    problems.push_back(format("{}: {} gives {}, not {}", place, name_of(value->op), text(*type),
                              text(value->type())));
  }
}

void verify_types(const std::string& function, const Body& outermost,
                  std::vector<std::string>& problems) {
  std::set<const Body*> met = {&outermost};
  std::vector<const Body*> open = {&outermost};
  while (!open.empty()) {
    const Body& body = *open.back();
    open.pop_back();
    for (const Value value : needed(body.graph, body.results)) {
      verify_type(function, value, problems);
      for (const Region& region : value->regions)
        if (met.insert(region.get()).second) open.push_back(region.get());
    }
  }
}

}  // namespace

std::vector<std::string> verify_program(const Program& program) {
  std::vector<std::string> problems = verify_structure(program);
  if (!problems.empty()) return problems;  // rows may rely on the structure
  for (const Function& function : program.functions)
    verify_types("@" + function.name, *function.body, problems);
  if (program.init) verify_types("init", *program.init->body, problems);
  return problems;
}

}  // namespace thx
