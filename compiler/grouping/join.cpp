// SPDX-License-Identifier: Apache-2.0
// The rules by which a value joins a kernel in the making.
#include <algorithm>

#include "grouping/access.h"
#include "grouping/partition.h"
#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/op_def.h"

namespace thx {
namespace {

bool starts_with(const Shape& shape, const Shape& prefix) {
  return shape.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), shape.begin());
}

bool same_prefix(const Position& a, const Position& b, size_t count) {
  return a.size() >= count && b.size() >= count &&
         std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(count), b.begin());
}

Position k_position(size_t rank) {
  Position position;
  for (size_t i = 0; i < rank; ++i) position.push_back(Extent::symbol(format("$k{}", i)));
  return position;
}

}  // namespace

bool JoinRules::aligned(Value value, const Position& at, size_t prefix,
                        const Position& place) const {
  if (facts_[static_cast<size_t>(value->id)].role == Role::free) return true;
  const Access access = through_views(value, at);
  if (!inside(access.value)) return true;
  if (!same_prefix(access.at, place, prefix)) return false;
  return access.at.size() == prefix || access.at == place;
}

bool JoinRules::gather_aligned(const Node& node, size_t prefix) const {
  const IndexingShape shape = indexing_shape(node);
  const size_t places = static_cast<size_t>(shape.batch + shape.places);
  const Position at = any_position(node.type().rank());
  const Position index_at(at.begin(), at.begin() + static_cast<ptrdiff_t>(places));
  for (Value index : index_operands(node))
    if (!aligned(index, index_at, prefix, at) || is_sum_inside(index)) return false;
  const Value source = seen(node.operands[0]);
  if (!inside(source)) return true;
  // What is read must lie in the row, and be cheap, because it is computed again.
  const auto axes = axes_of(node.attrs, "axes");
  for (size_t axis = 0; axis < prefix; ++axis) {
    const auto found = std::ranges::find(axes, static_cast<int64_t>(axis));
    if (static_cast<int>(axis) < shape.batch) continue;
    if (found == axes.end()) return false;
    const auto index = index_operands(node)[static_cast<size_t>(found - axes.begin())];
    const std::optional<Extent> known = known_index(index, index_at);
    if (!known || *known != at[axis]) return false;
  }
  return source == node.operands[0] && cheap_to_repeat(source, prefix);
}

bool JoinRules::reads_inside(Value value) const {
  return facts_[static_cast<size_t>(value->id)].role != Role::free && inside(seen(value));
}

/// The check of an index computes it again.
bool JoinRules::is_sum_inside(Value index) const {
  const Value source = seen(index);
  return inside(source) && source->family() != Family::elementwise;
}

bool JoinRules::cheap_to_repeat(Value value, size_t prefix) const {
  std::vector<Value> left{value};
  for (int budget = 16; !left.empty(); --budget) {
    if (budget == 0) return false;
    const Value next = seen(left.back());
    left.pop_back();
    if (!inside(next) || next->shape().size() == prefix) continue;
    if (next->family() != Family::elementwise || facts_[static_cast<size_t>(next->id)].costly)
      return false;
    left.insert(left.end(), next->operands.begin(), next->operands.end());
  }
  return true;
}

bool JoinRules::operands_aligned(const Node& node, size_t prefix) const {
  const Position at = any_position(node.type().rank());
  if (node.family() == Family::elementwise)
    return std::ranges::all_of(node.operands,
                               [&](Value operand) { return aligned(operand, at, prefix, at); });
  if (node.family() == Family::view)
    return aligned(node.operands[0], view(node.op).index_map(node, at), prefix, at);
  if (is_gather(node)) return gather_aligned(node, prefix);
  if (is_dynamic_slice(node))  // its rows are others' than the result's
    return std::ranges::none_of(node.operands,
                                [&](Value operand) { return reads_inside(operand); });
  const std::optional<PointwiseScatter> how = pointwise_scatter(node);
  if (!how || !aligned(node.operands[0], at, prefix, at)) return false;
  const Position update_at = scatter_update_position(node, *how, at);
  if (!aligned(node.operands[1], update_at, prefix, at)) return false;
  return std::ranges::all_of(index_operands(node), [&](Value index) {
    return aligned(index, scatter_index_position(node, *how, at), prefix, at);
  });
}

std::optional<Joining> JoinRules::join(Value value) {
  switch (group_.kind) {
    case KernelKind::place:
    case KernelKind::cumulative:
    case KernelKind::scatter:
    case KernelKind::call: return no(Reason::own_kernel);
    default: break;
  }
  switch (value->family()) {
    case Family::reduction: return reduction(value);
    case Family::contraction: return product(value);
    case Family::indexing:
      if (is_scatter(*value) && !pointwise_scatter(*value)) return no(Reason::own_kernel);
      return pointwise(value);
    case Family::elementwise:
    case Family::view: return pointwise(value);
    default: return no(Reason::own_kernel);
  }
}

std::optional<Joining> JoinRules::pointwise(Value value) {
  const Shape& shape = value->shape();
  switch (group_.kind) {
    case KernelKind::map:
      if (shape == group_.domain) {
        if (!operands_aligned(*value, shape.size())) return no(Reason::other_place);
        return unchanged();
      }
      // Scalars that a map reads are computed before its loop.
      if (!group_.domain.empty()) return no(Reason::other_shape);
      return Joining{KernelKind::rows, {}, {}, false};
    case KernelKind::rows: return into_rows(value);
    case KernelKind::columns:
    case KernelKind::contract:
      if (shape != group_.domain)
        return no(group_.kind == KernelKind::columns ? Reason::column_sum : Reason::product_tile);
      if (is_gather(*value) || !operands_aligned(*value, shape.size()))
        return no(Reason::other_place);
      if (group_.kind == KernelKind::columns && !group_.sums) return no(Reason::column_sum);
      return unchanged();
    default: return no(Reason::own_kernel);
  }
}

std::optional<Joining> JoinRules::into_rows(Value value) {
  const Shape& shape = value->shape();
  const size_t prefix = group_.domain.size();
  if (!starts_with(shape, group_.domain)) return no(Reason::other_shape);
  if (!operands_aligned(*value, prefix)) return no(Reason::other_place);
  const Fact& fact = facts_[static_cast<size_t>(value->id)];
  if (shape.size() == prefix && prefix > 0 && fact.costly && !fact.widens)
    return no(Reason::costly_row);
  return unchanged();
}

std::optional<Joining> JoinRules::reduction(Value value) {
  const Node& node = *value;
  const Shape& whole = node.operands[0]->shape();
  const bool last = reduces_last_axes(node);
  if (!last) {
    if (group_.kind != KernelKind::map || whole != group_.domain ||
        !aligned(node.operands[0], any_position(static_cast<int>(whole.size())), whole.size(),
                 any_position(static_cast<int>(whole.size()))))
      return no(group_.kind == KernelKind::map ? Reason::other_place : Reason::column_sum);
    return Joining{KernelKind::columns, node.shape(), reduced_shape(node), true};
  }
  if (group_.kind != KernelKind::map && group_.kind != KernelKind::rows)
    return no(group_.kind == KernelKind::contract ? Reason::product_tile : Reason::column_sum);
  const Shape& rows = node.shape();
  if (group_.kind == KernelKind::rows && group_.domain != rows) return no(Reason::other_rows);
  if (group_.kind == KernelKind::map && group_.domain != whole && !group_.domain.empty())
    return no(Reason::other_shape);
  if (group_.kind == KernelKind::map && group_.domain.empty() && !rows.empty())
    return no(Reason::other_rows);
  const Position at = any_position(static_cast<int>(whole.size()));
  if (!aligned(node.operands[0], at, rows.size(), at)) return no(Reason::other_place);
  return Joining{KernelKind::rows, rows, {}, true};
}

std::optional<Joining> JoinRules::product(Value value) {
  const Node& node = *value;
  if (!node.attrs.has("order") || node.attrs.word("order") != "lanes")
    return no(Reason::product_operand);
  if (group_.kind != KernelKind::map && group_.kind != KernelKind::rows)
    return no(Reason::product_operand);
  const Shape& rows = node.shape();
  if (group_.kind == KernelKind::rows && group_.domain != rows) return no(Reason::other_rows);
  Shape whole = rows;
  for (const Extent& extent : contracted_shape(node)) whole.push_back(extent);
  if (group_.kind == KernelKind::map && group_.domain != whole) return no(Reason::other_shape);
  const Position at = any_position(static_cast<int>(rows.size()));
  const Position k = k_position(whole.size() - rows.size());
  Position place = at;
  place.insert(place.end(), k.begin(), k.end());
  for (const bool rhs : {false, true})
    if (!aligned(node.operands[rhs ? 1 : 0], dot_operand_position(node, rhs, at, k), rows.size(),
                 place))
      return no(Reason::product_operand);
  return Joining{KernelKind::rows, rows, {}, true};
}

}  // namespace thx
