// SPDX-License-Identifier: Apache-2.0
// Counts the operations of tensor IR: what a derivative costs beside what it is the derivative of.
#pragma once

#include <algorithm>

#include "ops/axes.h"
#include "ops/control.h"
#include "ops/op_def.h"
#include "support/check.h"

namespace thx::testing {

inline double elements(const Shape& shape, const Extent::Values& dims) {
  double count = 1;
  for (const Extent& extent : shape) count *= static_cast<double>(extent.evaluate(dims).value());
  return count;
}

inline double operations(const Body& body, const Extent::Values& dims);

/// One for each element that is computed or moved, eight where that takes a division or a function;
/// two for each product of a contraction. Views and constants cost nothing, and neither does the
/// base of a placement or scatter, which is written in place.
inline double operations(const Node& node, const Extent::Values& dims) {
  const auto of_operand = [&](size_t i) { return elements(node.operands[i]->shape(), dims); };
  switch (node.family()) {
    case Family::elementwise:
      return elements(node.shape(), dims) * (traits_of(node.op) & kCostly ? 8 : 1);
    case Family::reduction: return of_operand(0);
    case Family::cumulative: return elements(node.shape(), dims);
    case Family::placement: {
      double moved = 0;
      const bool has_base = node.attrs.has("starts");
      for (size_t i = has_base ? 1 : 0; i < node.operands.size(); ++i) moved += of_operand(i);
      return moved;
    }
    case Family::contraction: {
      const Shape& shape = node.operands[0]->shape();
      return 2 * elements(node.shape(), dims) *
             elements(select(shape, axes_of(node.attrs, "lhs_contract")), dims);
    }
    case Family::indexing:
      return node.operands[0]->type() == node.type() && node.operands.size() > 2
                 ? of_operand(1)
                 : elements(node.shape(), dims);
    default: break;
  }
  THX_CHECK(node.family() != Family::composite, "expand first");
  if (node.regions.empty()) return 0;
  double most = 0;
  for (const Region& region : node.regions) most = std::max(most, operations(*region, dims));
  if (!node.attrs.has("length")) return most;
  return most * static_cast<double>(node.attrs.get<Extent>("length").evaluate(dims).value());
}

inline double operations(const Body& body, const Extent::Values& dims) {
  double sum = 0;
  for (Value value : needed(body.graph, body.results)) sum += operations(*value, dims);
  return sum;
}

}  // namespace thx::testing
