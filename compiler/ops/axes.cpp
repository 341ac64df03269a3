// SPDX-License-Identifier: Apache-2.0
// Lists of axes: complements, shifts, permutations.
#include "ops/axes.h"

#include <algorithm>
#include <numeric>

#include "ops/build.h"

namespace thx {

std::span<const int64_t> axes_of(const Attrs& attrs, std::string_view key) {
  const AttrValue* value = attrs.find(key);
  if (value == nullptr) return {};
  return std::get<std::vector<int64_t>>(*value);
}

bool valid_axes(std::span<const int64_t> axes, int rank) {
  std::vector<bool> seen(static_cast<size_t>(rank), false);
  for (int64_t axis : axes) {
    if (axis < 0 || axis >= rank || seen[static_cast<size_t>(axis)]) return false;
    seen[static_cast<size_t>(axis)] = true;
  }
  return true;
}

bool contains(std::span<const int64_t> axes, int64_t axis) {
  return std::ranges::find(axes, axis) != axes.end();
}

AxisList kept_axes(int rank, std::span<const int64_t> removed) {
  AxisList kept;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!contains(removed, axis)) kept.push_back(axis);
  return kept;
}

AxisList axis_run(int64_t first, int64_t count) {
  AxisList axes(static_cast<size_t>(count));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

AxisList shifted(std::span<const int64_t> axes, int64_t by) {
  AxisList moved(axes.begin(), axes.end());
  for (int64_t& axis : moved) axis += by;
  return moved;
}

AxisList inverse(std::span<const int64_t> permutation) {
  AxisList inverted(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i)
    inverted[static_cast<size_t>(permutation[i])] = static_cast<int64_t>(i);
  return inverted;
}

bool may_lie_on(const Extent& start, int64_t step, const Extent& count, const Extent& extent) {
  if (!count.is_known() || count.known() <= 0) return true;
  const auto may = [](const Extent& distance) {
    return !distance.is_known() || distance.known() >= 0;
  };
  const Extent last = start + step * (count - 1);
  return may(start) && may(last) && may(extent - 1 - start) && may(extent - 1 - last);
}

Shape select(const Shape& shape, std::span<const int64_t> axes) {
  Shape selected;
  for (int64_t axis : axes) selected.push_back(shape[static_cast<size_t>(axis)]);
  return selected;
}

Shape with_leading(const Extent& extent, const Shape& shape) {
  Shape longer = {extent};
  longer.insert(longer.end(), shape.begin(), shape.end());
  return longer;
}

Value batched_operand(const Batch& batch, size_t operand) {
  const Value value = batch.operands[operand];
  if (batch.batched[operand]) return value;
  return broadcast(batch.graph, value, with_leading(batch.extent, value->shape()),
                   axis_run(1, value->type().rank()));
}

Value move_to_front(Graph& graph, Value value, int64_t from) {
  AxisList permutation = {from};
  for (int64_t axis = 0; axis < value->type().rank(); ++axis)
    if (axis != from) permutation.push_back(axis);
  return transpose(graph, value, permutation);
}

Value spread(Graph& graph, Value value, std::span<const int64_t> places, const Shape& shape) {
  AxisList order = axis_run(0, static_cast<int64_t>(places.size()));
  std::ranges::sort(order, {}, [&](int64_t axis) { return places[static_cast<size_t>(axis)]; });
  AxisList sorted(places.begin(), places.end());
  std::ranges::sort(sorted);
  return broadcast(graph, transpose(graph, value, order), shape, sorted);
}

Value linear_tangent(const Tangent& tangent) {
  if (!tangent.tangents[0]) return {};
  return make(tangent.graph, tangent.node->op, {tangent.tangents[0]}, tangent.node->attrs);
}

}  // namespace thx
