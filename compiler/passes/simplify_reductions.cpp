// SPDX-License-Identifier: Apache-2.0
// Steps of simplify on reductions.
#include <algorithm>
#include <cmath>

#include "ops/axes.h"
#include "ops/build.h"
#include "passes/simplify.h"

namespace thx {
namespace {

/// A reduction of a broadcast, seen from the operand of the broadcast.
struct Repeated {
  AxisList inner;    // axes of the operand that the reduction removes
  AxisList places;   // of the operand's other axes in the result
  Extent count = 1;  // how often each of its elements counts
};

std::optional<Repeated> repeated(Value node, Value source) {
  if (source->op != node::broadcast.op) return std::nullopt;
  const AxisList& removed = node->attrs.ints("axes");
  const AxisList& axes = source->attrs.ints("axes");
  const AxisList kept = kept_axes(source->type().rank(), removed);
  const Shape& own = source->operands[0]->shape();
  Repeated result;
  bool repeats = false;
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    if (!contains(removed, axes[i])) {
      const auto place = std::ranges::find(kept, axes[i]) - kept.begin();
      result.places.push_back(place);
      continue;
    }
    if (own[i] != source->shape()[axis]) return std::nullopt;  // stretched
    result.inner.push_back(static_cast<int64_t>(i));
  }
  for (const int64_t axis : removed) {
    if (contains(axes, axis)) continue;
    repeats = true;
    result.count *= source->shape()[static_cast<size_t>(axis)];
  }
  if (!repeats) return std::nullopt;
  return result;
}

}  // namespace

// The sum of n times the same is n times it; of none of them 0, also where they are not finite, as
// the gradient of a mean of nothing is.
Value reduce_repeated(Graph& graph, Value node, const Uses&) {
  if (node->family() != Family::reduction) return {};
  const Op combine = reduction(node->op).combine;
  if ((traits_of(combine) & kSum) == 0) return {};
  const Value source = node->operands[0];
  const std::optional<Repeated> part = repeated(node, source);
  if (!part) return {};
  Value value = reduce(graph, node->op, source->operands[0], part->inner);
  value = broadcast(graph, value, node->shape(), part->places);
  const Value extent = extent_value(graph, part->count);
  const Value count = cast(graph, extent, node->dtype());
  const Value product = node::mul(graph, value, broadcast(graph, count, node->shape(), {}));
  const Scalar* number = constant_of(value);
  const bool finite =
      !is_float(node->dtype()) || (number != nullptr && std::isfinite(number->real));
  if (finite || (part->count.is_known() && !part->count.is(0))) return product;
  const Value none = node::equal(graph, extent, constant(graph, extent->type(), 0));
  return node::where(graph, broadcast(graph, none, node->shape(), {}),
                     constant(graph, node->type(), 0), product);
}

}  // namespace thx
