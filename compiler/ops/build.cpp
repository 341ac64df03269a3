// SPDX-License-Identifier: Apache-2.0
// Makes nodes: types are inferred, what changes nothing is the value itself.
#include "ops/build.h"

#include <algorithm>

#include "ops/axes.h"

namespace thx {
namespace {

/// The attributes that a node keeps: empty lists are left out, and a sum says in which order it
/// adds.
Attrs canonical(Op op, Attrs attrs) {
  for (std::string_view key : {"lhs_batch", "rhs_batch"})
    if (attrs.has(key) && axes_of(attrs, key).empty()) attrs.erase(key);
  const Family family = family_of(op);
  const bool ordered =
      family == Family::contraction || (family == Family::reduction && reduction(op).ordered);
  if (ordered && !attrs.has("order")) attrs.set("order", std::string("any"));
  return attrs;
}

bool is_identity(std::span<const int64_t> axes, int rank) {
  return std::ranges::equal(axes, axis_run(0, rank));
}

}  // namespace

Value make(Graph& graph, Op op, std::initializer_list<Value> operands, Attrs attrs,
           const SpanSet& spans) {
  return make(graph, op, std::span(operands.begin(), operands.size()), std::move(attrs), spans);
}

Value make(Graph& graph, Op op, std::span<const Value> operands, Attrs attrs,
           const SpanSet& spans) {
  for (Value operand : operands)
    THX_CHECK(operand && operand->graph == &graph, "an operand of {} is of another graph",
              name_of(op));
  Result<Type> type = infer_type(op, types_of(operands), attrs);
  THX_CHECK(type.ok(), "{}", type.error().message());
  return graph.intern({.op = op,
                       .types = std::move(*type),
                       .operands = {operands.begin(), operands.end()},
                       .attrs = canonical(op, std::move(attrs))},
                      spans);
}

Value cast(Graph& graph, Value value, DType dtype, const SpanSet& spans) {
  if (value->dtype() == dtype) return value;
  return make(graph, Op::cast, {value}, {{"dtype", dtype}}, spans);
}

Value constant(Graph& graph, const Type& type, double value, const SpanSet& spans) {
  const Value scalar =
      make(graph, Op::constant, {}, {{"value", Scalar::of(type.dtype, value)}}, spans);
  return broadcast(graph, scalar, type.shape, {}, spans);
}

Value constant_like(Graph& graph, Value like, double value) {
  return constant(graph, like->type(), value);
}

bool is_choice(Value value) { return (traits_of(value->op) & kSelects) != 0; }

const Scalar* constant_of(Value value) {
  while (value->family() == Family::view) value = value->operands[0];
  if (value->op != Op::constant) return nullptr;
  return &value->attrs.get<Scalar>("value");
}

Value extent_value(Graph& graph, const Extent& extent, const SpanSet& spans) {
  if (!extent.is_known()) return make(graph, Op::extent, {}, {{"extent", extent}}, spans);
  return make(graph, Op::constant, {}, {{"value", Scalar::of_integer(DType::i64, extent.known())}},
              spans);
}

Value broadcast(Graph& graph, Value value, const Shape& shape, std::span<const int64_t> axes,
                const SpanSet& spans) {
  if (value->shape() == shape && is_identity(axes, value->type().rank())) return value;
  return make(graph, Op::broadcast, {value},
              {{"axes", AxisList(axes.begin(), axes.end())}, {"shape", shape}}, spans);
}

Value broadcast_trailing(Graph& graph, Value value, const Shape& shape, const SpanSet& spans) {
  const auto rank = static_cast<int64_t>(value->type().rank());
  const int64_t first = static_cast<int64_t>(shape.size()) - rank;
  THX_CHECK(first >= 0, "{} does not broadcast to {}", text(value->type()), text(shape));
  return broadcast(graph, value, shape, axis_run(first, rank), spans);
}

Value broadcast_reduced(Graph& graph, Value reduced, const Shape& shape,
                        std::span<const int64_t> axes, const SpanSet& spans) {
  return broadcast(graph, reduced, shape, kept_axes(static_cast<int>(shape.size()), axes), spans);
}

Value transpose(Graph& graph, Value value, std::span<const int64_t> permutation,
                const SpanSet& spans) {
  if (is_identity(permutation, value->type().rank())) return value;
  return make(graph, Op::transpose, {value},
              {{"permutation", AxisList(permutation.begin(), permutation.end())}}, spans);
}

Value reshape(Graph& graph, Value value, const Shape& shape, const SpanSet& spans) {
  if (value->shape() == shape) return value;
  return make(graph, Op::reshape, {value}, {{"shape", shape}}, spans);
}

Value slice(Graph& graph, Value value, const Shape& starts, std::span<const int64_t> steps,
            const Shape& shape, const SpanSet& spans) {
  Shape from = starts;
  std::vector<int64_t> by(steps.begin(), steps.end());
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!shape[i].is(0)) continue;  // nothing is read, from wherever
    from[i] = 0;
    by[i] = 1;
  }
  const bool whole = shape == value->shape() &&
                     std::ranges::all_of(from, [](const Extent& start) { return start.is(0); }) &&
                     std::ranges::all_of(by, [](int64_t step) { return step == 1; });
  if (whole) return value;
  return make(graph, Op::slice, {value},
              {{"starts", std::move(from)}, {"steps", std::move(by)}, {"shape", shape}}, spans);
}

Value reversed(Graph& graph, Value value, std::span<const int64_t> axes, const SpanSet& spans) {
  const Shape& shape = value->shape();
  Shape starts(shape.size(), Extent(0));
  std::vector<int64_t> steps(shape.size(), 1);
  for (const int64_t axis : axes) {
    const auto i = static_cast<size_t>(axis);
    starts[i] = shape[i] - 1;
    steps[i] = -1;
  }
  return slice(graph, value, starts, steps, shape, spans);
}

Value place(Graph& graph, Value base, Value part, const Shape& starts,
            std::span<const int64_t> steps, const SpanSet& spans) {
  return make(graph, Op::place, {base, part},
              {{"starts", starts}, {"steps", std::vector<int64_t>(steps.begin(), steps.end())}},
              spans);
}

Value reduce(Graph& graph, Op op, Value value, std::span<const int64_t> axes,
             const SpanSet& spans) {
  if (axes.empty()) return value;
  AxisList sorted(axes.begin(), axes.end());
  std::ranges::sort(sorted);
  return make(graph, op, {value}, {{"axes", std::move(sorted)}}, spans);
}

Value dot(Graph& graph, Value lhs, Value rhs, std::span<const int64_t> lhs_contract,
          std::span<const int64_t> rhs_contract, const SpanSet& spans) {
  return make(graph, Op::dot, {lhs, rhs},
              {{"lhs_contract", AxisList(lhs_contract.begin(), lhs_contract.end())},
               {"rhs_contract", AxisList(rhs_contract.begin(), rhs_contract.end())}},
              spans);
}

Value positions_along(Graph& graph, int64_t axis, const Shape& shape, const SpanSet& spans) {
  return make(graph, Op::iota, {}, {{"axis", axis}, {"shape", shape}}, spans);
}

Value result(Graph& graph, Value node, int64_t index, const SpanSet& spans) {
  THX_CHECK(index >= 0 && static_cast<size_t>(index) < node->types.size(), "{} has no result {}",
            name_of(node->op), index);
  return graph.intern({.op = Op::result,
                       .types = {node->types[static_cast<size_t>(index)]},
                       .operands = {node},
                       .attrs = {{"index", index}}},
                      spans);
}

}  // namespace thx
