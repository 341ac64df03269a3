// SPDX-License-Identifier: Apache-2.0
// Last uses, and the numbers that are alive between them.
#include "reference/liveness.h"

#include <algorithm>

#include "support/text.h"

namespace thx::reference {
namespace {

double numbers_in(const Node& node, const Extent::Values& dims) {
  double sum = 0;
  for (const Type& type : node.types) sum += elements_of(type.shape, dims);
  return sum;
}

}  // namespace

double elements_of(const Shape& shape, const Extent::Values& dims) {
  double count = 1;
  for (const Extent& extent : shape)
    count *= static_cast<double>(std::max<int64_t>(0, extent.evaluate(dims).value_or(0)));
  return count;
}

std::vector<Step> steps_of(const Body& body) {
  std::vector<Step> steps;
  for (const Value value : needed(body.graph, body.results)) steps.push_back({value, {}});
  std::vector<bool> read(static_cast<size_t>(body.graph.size()));
  for (const Value result : body.results) read[static_cast<size_t>(result->id)] = true;
  for (size_t i = steps.size(); i-- > 0;) {
    for (const Value operand : steps[i].value->operands) {
      const auto id = static_cast<size_t>(operand->id);
      if (!read[id]) steps[i].last.push_back(id);
      read[id] = true;
    }
  }
  return steps;
}

double numbers_at_once(const Body& body, const Extent::Values& dims) {
  double alive = 0, most = 0;
  for (const Step& step : steps_of(body)) {
    alive += numbers_in(*step.value, dims);
    double within = 0;
    for (const Region& region : step.value->regions)
      within = std::max(within, numbers_at_once(*region, dims));
    most = std::max(most, alive + within);
    for (const size_t id : step.last)
      alive -= numbers_in(*body.graph.at(static_cast<int>(id)), dims);
  }
  return most;
}

std::string too_many_numbers(double numbers) {
  return format("it holds {:.0f} numbers at a time, and the interpreter takes {:.0f}", numbers,
                kMostNumbers);
}

}  // namespace thx::reference
