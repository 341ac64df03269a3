// SPDX-License-Identifier: Apache-2.0
// Positions through views, reductions, products and indexing.
#include "grouping/access.h"

#include <algorithm>

#include "ir/structure.h"
#include "ops/axes.h"

namespace thx {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

int batch_of(const Node& node) {
  return node.attrs.has("batch") ? static_cast<int>(node.attrs.integer("batch")) : 0;
}

/// `index`, an axis of an index array of shape `places`, counts the elements of an iota of just
/// that axis: which one.
std::optional<int> place_axis(Value index, const Extent& extent, int places) {
  const Position at = any_position(places);
  const std::optional<Extent> known = known_index(index, at);
  if (!known) return std::nullopt;
  for (int axis = 0; axis < places; ++axis)
    if (*known == at[static_cast<size_t>(axis)] &&
        index->shape()[static_cast<size_t>(axis)] == extent)
      return axis;
  return std::nullopt;
}

}  // namespace

Position any_position(int rank) {
  Position position;
  for (int i = 0; i < rank; ++i) position.push_back(Extent::symbol(format("${}", i)));
  return position;
}

Access through_views(Value value, Position at) {
  while (value->family() == Family::view) {
    at = view(value->op).index_map(*value, at);
    value = value->operands[0];
  }
  return {value, std::move(at)};
}

std::optional<Extent> known_index(Value index, const Position& position) {
  const auto [value, place] = through_views(index, position);
  if (is_iota(*value)) return place[at(value->attrs.integer("axis"))];
  if (is_extent(*value)) return value->attrs.get<Extent>("extent");
  if (is_constant(*value) && !is_float(value->dtype()))
    return Extent(value->attrs.get<Scalar>("value").integer);
  return std::nullopt;
}

bool always_in_range(Value index, const Extent& extent) {
  const Shape& shape = index->shape();
  const Position place = any_position(static_cast<int>(shape.size()));
  const std::optional<Extent> known = known_index(index, place);
  if (!known) return false;
  if (known->is_known() && extent.is_known())
    return known->known() >= -extent.known() && known->known() < extent.known();
  Extent low = *known, high = *known;  // at the ends of each axis
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const std::string symbol = place[axis].text();
    const std::optional<Extent> step = known->coefficient(symbol);
    if (!step || !step->is_known()) return false;
    const bool rises = step->known() >= 0;
    low = low.substitute({{symbol, rises ? Extent(0) : shape[axis] - 1}});
    high = high.substitute({{symbol, rises ? shape[axis] - 1 : Extent(0)}});
  }
  const Extent above = extent - 1 - high;
  return low.is_known() && low.known() >= 0 && above.is_known() && above.known() >= 0;
}

bool always_below(Value index, const Extent& end) {
  if (!index->type().is_scalar()) return false;
  const std::optional<Extent> known = known_index(index, {});
  if (!known || !known->is_known() || known->known() < 0) return false;
  return end.is_known() && known->known() < end.known();
}

Shape contracted_shape(const Node& dot) {
  return select(dot.operands[0]->shape(), axes_of(dot.attrs, "lhs_contract"));
}

Position dot_operand_position(const Node& dot, bool rhs, const Position& position,
                              const Position& k) {
  const auto lhs_batch = axes_of(dot.attrs, "lhs_batch"),
             rhs_batch = axes_of(dot.attrs, "rhs_batch");
  const auto lhs_contract = axes_of(dot.attrs, "lhs_contract");
  const auto rhs_contract = axes_of(dot.attrs, "rhs_contract");
  const auto batch = rhs ? rhs_batch : lhs_batch;
  const auto contract = rhs ? rhs_contract : lhs_contract;
  const int rank = dot.operands[rhs ? 1 : 0]->type().rank();
  Position result(at(rank));
  for (size_t i = 0; i < batch.size(); ++i) result[at(batch[i])] = position[i];
  for (size_t i = 0; i < contract.size(); ++i) result[at(contract[i])] = k[i];
  size_t next = batch.size();
  if (rhs) next = position.size() - (at(rank) - batch.size() - contract.size());
  for (int axis = 0; axis < rank; ++axis)
    if (!contains(batch, axis) && !contains(contract, axis)) result[at(axis)] = position[next++];
  return result;
}

Shape reduced_shape(const Node& reduction) {
  return select(reduction.operands[0]->shape(), axes_of(reduction.attrs, "axes"));
}

Position reduction_position(const Node& reduction, const Position& position, const Position& k) {
  const auto axes = axes_of(reduction.attrs, "axes");
  Position result;
  size_t reduced = 0, kept = 0;
  for (int axis = 0; axis < reduction.operands[0]->type().rank(); ++axis)
    result.push_back(contains(axes, axis) ? k[reduced++] : position[kept++]);
  return result;
}

bool reduces_last_axes(const Node& reduction) {
  const auto axes = axes_of(reduction.attrs, "axes");
  const int rank = reduction.operands[0]->type().rank();
  return axes.empty() || axes.front() == rank - static_cast<int>(axes.size());
}

std::span<const Value> index_operands(const Node& node) {
  return std::span(node.operands).subspan(is_scatter(node) ? 2 : 1);
}

IndexingShape indexing_shape(const Node& node) {
  const int batch = batch_of(node);
  const auto indices = index_operands(node);
  return {batch, indices[0]->type().rank() - batch, static_cast<int>(indices.size())};
}

std::optional<PointwiseScatter> pointwise_scatter(const Node& node) {
  const auto indices = index_operands(node);
  const auto axes = axes_of(node.attrs, "axes");
  const int batch = batch_of(node);
  const int places = indices[0]->type().rank();
  PointwiseScatter how;
  how.axis_of_place.assign(static_cast<size_t>(places), -1);
  for (int i = 0; i < batch; ++i) how.axis_of_place[at(i)] = i;
  for (size_t i = 0; i < indices.size(); ++i) {
    const std::optional<int> place = place_axis(indices[i], node.shape()[at(axes[i])], places);
    if (place && how.axis_of_place[at(*place)] < 0) {
      how.axis_of_place[at(*place)] = static_cast<int>(axes[i]);
    } else {
      how.compared.push_back(static_cast<int>(i));
    }
  }
  if (std::ranges::count(how.axis_of_place, -1) > 0) return std::nullopt;
  return how;
}

Position scatter_index_position(const Node&, const PointwiseScatter& how,
                                const Position& position) {
  Position result;
  for (int axis : how.axis_of_place) result.push_back(position[at(axis)]);
  return result;
}

Position scatter_update_position(const Node& node, const PointwiseScatter& how,
                                 const Position& position) {
  Position result = scatter_index_position(node, how, position);
  const auto axes = axes_of(node.attrs, "axes");
  for (int axis = batch_of(node); axis < node.type().rank(); ++axis)
    if (!contains(axes, axis)) result.push_back(position[at(axis)]);
  return result;
}

}  // namespace thx
