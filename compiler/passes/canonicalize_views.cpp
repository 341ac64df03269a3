// SPDX-License-Identifier: Apache-2.0
// Exact steps on views: they merge, move towards the results, and disappear in contractions.
#include <algorithm>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "passes/canonicalize.h"

namespace thx {
namespace {

bool is_broadcast(const Node& node) { return node.op == node::broadcast.op; }
bool is_transpose(const Node& node) { return node.op == node::transpose.op; }

AxisList mapped(std::span<const int64_t> axes, std::span<const int64_t> places) {
  AxisList result;
  for (const int64_t axis : axes) result.push_back(places[static_cast<size_t>(axis)]);
  return result;
}

Value merge_broadcast(Graph& graph, Value node, Value source) {
  const AxisList& axes = node->attrs.ints("axes");
  const Shape& shape = node->shape();
  if (is_broadcast(*source))
    return broadcast(graph, source->operands[0], shape, mapped(source->attrs.ints("axes"), axes));
  return broadcast(graph, source, shape, axes) == source ? source : Value{};
}

Value merge_transpose(Graph& graph, Value node, Value source) {
  const AxisList& permutation = node->attrs.ints("permutation");
  if (is_transpose(*source))
    return transpose(graph, source->operands[0],
                     mapped(permutation, source->attrs.ints("permutation")));
  if (is_broadcast(*source)) {
    // Where the axes that are there already keep their order, only the repeated ones move.
    const AxisList axes = mapped(source->attrs.ints("axes"), inverse(permutation));
    if (std::ranges::is_sorted(axes))
      return broadcast(graph, source->operands[0], node->shape(), axes);
  }
  return transpose(graph, source, permutation) == source ? source : Value{};
}

/// The places of the axes of `from` in `to`, where the other axes of `to` have extent 1.
std::optional<AxisList> inserted_ones(const Shape& from, const Shape& to) {
  AxisList places;
  size_t next = 0;
  for (size_t i = 0; i < to.size(); ++i) {
    if (next < from.size() && from[next] == to[i]) {
      places.push_back(static_cast<int64_t>(i));
      ++next;
    } else if (!to[i].is(1)) {
      return std::nullopt;
    }
  }
  if (next != from.size()) return std::nullopt;
  return places;
}

Value merge_reshape(Graph& graph, Value node, Value source) {
  if (source->shape() == node->shape()) return source;
  if (is_reshape(*source)) return reshape(graph, source->operands[0], node->shape());
  if (is_broadcast(*source) && source->operands[0]->type().is_scalar())
    return broadcast(graph, source->operands[0], node->shape(), {});
  if (const auto places = inserted_ones(source->shape(), node->shape()))
    return broadcast(graph, source, node->shape(), *places);
  return {};
}

/// Whether a view of it is worth moving: broadcasts always, as the operator then does less; others
/// where a rule may look for what lies below. What leaves elements out stays where it is.
bool is_liftable(Value view) {
  if (view->family() != Family::view || constant_of(view) != nullptr) return false;
  if (is_broadcast(*view)) return true;
  if (element_count(view->shape()) != element_count(view->operands[0]->shape())) return false;
  Value source = view->operands[0];
  while (source->family() == Family::view && !is_broadcast(*source)) source = source->operands[0];
  switch (source->family()) {
    case Family::elementwise:
    case Family::composite:
    case Family::indexing:
    case Family::reduction: return true;
    default: return is_broadcast(*source);
  }
}

bool same_view(Value a, Value b) {
  return a->op == b->op && a->attrs == b->attrs &&
         a->operands[0]->shape() == b->operands[0]->shape();
}

constexpr int kMaxBelowView = 6;  // elementwise operators between an operand and the view

/// The value of which `operand` is such a view: also f(v.T), where v is anything, as f(v).T is one.
/// Null where it is none.
Value below_view(Graph& graph, Value operand, Value view, int depth = 0) {
  const Shape& shape = view->operands[0]->shape();
  if (const Scalar* constant = constant_of(operand))
    return broadcast(graph, make(graph, node::constant.op, {}, {{"value", *constant}}), shape, {});
  if (same_view(view, operand)) return operand->operands[0];
  if (operand->family() != Family::elementwise || depth == kMaxBelowView) return {};
  std::vector<Value> operands;
  for (const Value each : operand->operands) {
    operands.push_back(below_view(graph, each, view, depth + 1));
    if (!operands.back()) return {};
  }
  return graph.intern(
      {operand->op, {operand->type().with(shape)}, std::move(operands), operand->attrs, {}},
      graph.spans(operand));
}

/// The value that `value`, transposed by `permutation`, is: where it is made of transposed values
/// alone, by operators that nothing else reads. Null where it is not.
Value without_transposes(Graph& graph, Value value, const Node& transposed, const Uses& uses,
                         int depth = 0) {
  const Shape& shape = transposed.shape();
  if (const Scalar* constant = constant_of(value))
    return broadcast(graph, make(graph, node::constant.op, {}, {{"value", *constant}}), shape, {});
  if (is_transpose(*value)) {
    const AxisList& permutation = transposed.attrs.ints("permutation");
    return mapped(permutation, value->attrs.ints("permutation")) ==
                   axis_run(0, static_cast<int64_t>(shape.size()))
               ? value->operands[0]
               : Value{};
  }
  if (value->family() != Family::elementwise || depth == kMaxBelowView || !uses.is_single(value))
    return {};
  std::vector<Value> operands;
  for (const Value each : value->operands) {
    operands.push_back(without_transposes(graph, each, transposed, uses, depth + 1));
    if (!operands.back()) return {};
  }
  return graph.intern(
      {value->op, {value->type().with(shape)}, std::move(operands), value->attrs, {}},
      graph.spans(value));
}

struct Side {
  std::string_view contract, batch;
};
constexpr Side kSides[] = {{"lhs_contract", "lhs_batch"}, {"rhs_contract", "rhs_batch"}};

AxisList free_axes(Value node, size_t operand) {
  AxisList taken = node->attrs.ints(kSides[operand].contract);
  const auto batch = axes_of(node->attrs, kSides[operand].batch);
  taken.insert(taken.end(), batch.begin(), batch.end());
  return kept_axes(node->operands[operand]->type().rank(), taken);
}

}  // namespace

Value merge_views(Graph& graph, Value node, const Uses&) {
  if (node->family() != Family::view) return {};
  const Value source = node->operands[0];
  if (is_broadcast(*node)) return merge_broadcast(graph, node, source);
  if (is_transpose(*node)) return merge_transpose(graph, node, source);
  if (is_reshape(*node)) return merge_reshape(graph, node, source);
  return {};
}

Value lift_views(Graph& graph, Value node, const Uses&) {
  if (node->family() != Family::elementwise) return {};
  const auto found = std::ranges::find_if(node->operands, is_liftable);
  if (found == node->operands.end()) return {};
  const Value view = *found;
  const Shape& shape = view->operands[0]->shape();
  std::vector<Value> operands;
  for (const Value operand : node->operands) {
    operands.push_back(below_view(graph, operand, view));
    if (!operands.back()) return {};
  }
  const SpanSet& spans = graph.spans(node);
  const Value moved = graph.intern(
      {node->op, {node->type().with(shape)}, std::move(operands), node->attrs, {}}, spans);
  return graph.intern({view->op, node->types, {moved}, view->attrs, {}}, spans);
}

// f(x.T).T is f(x).
Value cancel_transposes(Graph& graph, Value node, const Uses& uses) {
  if (!is_transpose(*node) || node->operands[0]->family() != Family::elementwise ||
      constant_of(node) != nullptr)
    return {};
  return without_transposes(graph, node->operands[0], *node, uses);
}

Value contract_through_transpose(Graph& graph, Value node, const Uses&) {
  if (node->family() != Family::contraction) return {};
  for (size_t i = 0; i < 2; ++i) {
    const Value operand = node->operands[i];
    if (!is_transpose(*operand)) continue;
    const AxisList& permutation = operand->attrs.ints("permutation");
    // The axes that stay must stay in their order.
    if (!std::ranges::is_sorted(mapped(free_axes(node, i), permutation))) continue;
    NodeSpec spec{node->op, node->types, node->operands, node->attrs, {}};
    spec.operands[i] = operand->operands[0];
    for (const std::string_view key : {kSides[i].contract, kSides[i].batch})
      if (node->attrs.has(key)) spec.attrs.set(key, mapped(node->attrs.ints(key), permutation));
    return graph.intern(std::move(spec), graph.spans(operand));
  }
  return {};
}

// (a @ b).T is b.T @ a.T, and a product reads its operands through transposes.
Value turn_contraction(Graph& graph, Value node, const Uses& uses) {
  if (!is_transpose(*node)) return {};
  const Value product = node->operands[0];
  if (product->family() != Family::contraction || !uses.is_single(product)) return {};
  if (!axes_of(product->attrs, kSides[0].batch).empty()) return {};
  const auto left = static_cast<int64_t>(free_axes(product, 0).size());
  const auto right = static_cast<int64_t>(free_axes(product, 1).size());
  AxisList turned = axis_run(left, right);
  for (int64_t axis = 0; axis < left; ++axis) turned.push_back(axis);
  if (node->attrs.ints("permutation") != turned) return {};
  NodeSpec spec{
      product->op, node->types, {product->operands[1], product->operands[0]}, product->attrs, {}};
  spec.attrs.set(kSides[0].contract, product->attrs.ints(kSides[1].contract));
  spec.attrs.set(kSides[1].contract, product->attrs.ints(kSides[0].contract));
  return graph.intern(std::move(spec), graph.spans(product));
}

}  // namespace thx
