// SPDX-License-Identifier: Apache-2.0
// Which kernels may write a result over one of their operands.
#include <algorithm>
#include <set>

#include "grouping/access.h"
#include "ir/structure.h"
#include "ops/op_def.h"
#include "schedule/function_builder.h"
#include "support/text.h"

namespace thx::loop {
namespace {

/// The reads of one parameter on the way to an element, where all of them are at one place.
class Reads {
 public:
  Reads(Value parameter, Position wanted) : parameter_(parameter), wanted_(std::move(wanted)) {}

  /// Whether `value` at `at` reads the parameter nowhere else.
  bool are_there(Value value, const Position& at) {
    left_.push_back({value, at});
    while (!left_.empty()) {
      const auto [next, position] = through_views(left_.back().value, std::move(left_.back().at));
      left_.pop_back();
      if (!met_.emplace(next->id, text(position)).second) continue;
      if (next == parameter_ && position != wanted_) return false;
      if (next->operands.empty()) continue;
      if (next->family() != Family::elementwise && depends(next)) return false;
      if (next->family() == Family::elementwise)
        for (Value operand : next->operands) left_.push_back({operand, position});
    }
    return true;
  }

 private:
  bool depends(Value value) const {
    const std::vector<Value> roots{value};
    return std::ranges::count(needed(*value->graph, roots), parameter_) > 0;
  }

  Value parameter_;
  Position wanted_;
  std::vector<thx::Access> left_;
  std::set<std::pair<int, std::string>> met_;
};

/// Whether the first operand of a placement stays where it is.
bool keeps_first_operand(const Node& node) {
  const Position from = any_position(node.operands[0]->type().rank());
  return placement(node.op).place(node, 0, from) == from;
}

/// A placement or scatter whose base is the parameter leaves what it does not write. The rest must
/// not read the base, or only the element that it replaces.
bool writes_parts_of(Value parameter, const Node& node) {
  if (!(node.operands[0] == parameter)) return false;
  for (size_t i = 1; i < node.operands.size(); ++i) {
    const Value operand = node.operands[i];
    const Position from = any_position(operand->type().rank());
    Position to;  // of a scatter: nowhere that is known here
    if (node.family() == Family::placement)
      to = placement(node.op).place(node, static_cast<int>(i), from);
    if (!Reads(parameter, to).are_there(operand, from)) return false;
  }
  return node.family() != Family::placement || keeps_first_operand(node);
}

}  // namespace

bool reads_at_written_place_alone(Value kernel, size_t operand, size_t result) {
  const Body& region = *kernel->regions[0];
  const Value parameter = region.parameters[operand];
  const Value written = region.results[result];
  if (parameter->type() != written->type()) return false;
  const std::string& kind = kernel->attrs.word("kind");
  if (kind == "call") return false;
  if (kind == "place" || kind == "scatter") return writes_parts_of(parameter, *written);
  const bool rows = kind == "rows";
  // Inner loops of rows read and write at times of their own; scalars are read before all of them
  // and written after.
  if (rows && !written->type().is_scalar()) return false;
  for (Value node : region_nodes(region)) {
    for (Value read : node->operands) {
      if (!(read == parameter)) continue;
      if (rows && (node->family() == Family::view || node->family() == Family::elementwise))
        continue;
      if (node->family() != Family::elementwise || node->shape() != written->shape()) return false;
    }
  }
  return std::ranges::count(region.results, parameter) == 0;
}

}  // namespace thx::loop
