// SPDX-License-Identifier: Apache-2.0
// Makes nodes with the types that their operators' rows infer. The one way to make tensor IR.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "ir/formula.h"
#include "ir/function.h"
#include "ops/op_def.h"

namespace thx {

/// The type of `op`'s result, or why there is none.
Result<Type> infer_type(Op op, std::span<const Type> operands, const Attrs& attrs);

/// Makes a node of one result. An InternalError where the types do not fit: callers have checked.
/// `spans`: the places it comes from. Made nodes are interned. The `order` of a sum is `any` unless
/// given.
Value make(Graph& graph, Op op, std::initializer_list<Value> operands, Attrs attrs = {},
           const SpanSet& spans = {});
Value make(Graph& graph, Op op, std::span<const Value> operands, Attrs attrs = {},
           const SpanSet& spans = {});
/// A cast to `dtype`; the value itself where it has it.
Value cast(Graph& graph, Value value, DType dtype, const SpanSet& spans = {});

/// A constant of `type`: a scalar constant, broadcast where `type` has axes.
Value constant(Graph& graph, const Type& type, double value, const SpanSet& spans = {});
Value constant_like(Graph& graph, Value like, double value);
/// Where `value` is a constant under any number of broadcasts (any views), that constant.
const Scalar* constant_of(Value value);
/// Whether each element of the value is one of its operands 1 and 2.
bool is_choice(Value value);
/// An extent as an i64 scalar value.
Value extent_value(Graph& graph, const Extent& extent, const SpanSet& spans = {});

/// `value` with its axis i as axis axes[i] of `shape`; axes of extent 1 stretch. Itself where
/// nothing changes.
Value broadcast(Graph& graph, Value value, const Shape& shape, std::span<const int64_t> axes,
                const SpanSet& spans = {});
/// NumPy's rule: trailing axes meet.
Value broadcast_trailing(Graph& graph, Value value, const Shape& shape, const SpanSet& spans = {});
/// `reduced` (over `axes` of a value of shape `shape`) repeated back along them.
Value broadcast_reduced(Graph& graph, Value reduced, const Shape& shape,
                        std::span<const int64_t> axes, const SpanSet& spans = {});
Value transpose(Graph& graph, Value value, std::span<const int64_t> permutation,
                const SpanSet& spans = {});
Value reshape(Graph& graph, Value value, const Shape& shape, const SpanSet& spans = {});
/// The elements of `value` at starts[i] + steps[i] * index along axis i, `shape` of them.
Value slice(Graph& graph, Value value, const Shape& starts, std::span<const int64_t> steps,
            const Shape& shape, const SpanSet& spans = {});
/// `value` with its axes `axes` read backwards.
Value reversed(Graph& graph, Value value, std::span<const int64_t> axes, const SpanSet& spans = {});
/// `base` with the elements of `part` at starts[i] + steps[i] * index along axis i; steps >= 1.
Value place(Graph& graph, Value base, Value part, const Shape& starts,
            std::span<const int64_t> steps, const SpanSet& spans = {});
Value reduce(Graph& graph, Op op, Value value, std::span<const int64_t> axes,
             const SpanSet& spans = {});
/// A contraction without batch axes.
Value dot(Graph& graph, Value lhs, Value rhs, std::span<const int64_t> lhs_contract,
          std::span<const int64_t> rhs_contract, const SpanSet& spans = {});
/// The index along `axis` of every element of an array of the shape, as i64.
Value positions_along(Graph& graph, int64_t axis, const Shape& shape, const SpanSet& spans = {});
/// Result `index` of a node with several.
Value result(Graph& graph, Value node, int64_t index, const SpanSet& spans = {});

/// One builder per elementwise operator and reduction, named as the operator: node::add(graph, a,
/// b), node::sum(graph, a, axes).
namespace node {
template <Family family>
struct Make {
  Op op;
};
template <>
struct Make<Family::elementwise> {
  Op op;
  template <class... Values>
  Value operator()(Graph& graph, Values... operands) const {
    return make(graph, op, {operands...});
  }
};
template <>
struct Make<Family::reduction> {
  Op op;
  Value operator()(Graph& graph, Value operand, std::span<const int64_t> axes) const {
    return reduce(graph, op, operand, axes);
  }
};
#define THX_OP(op, family, operands) inline constexpr Make<Family::family> op{Op::op};
#include "ir/ops.def"
}  // namespace node

/// Builds `formula` over variables of one shape (x, y, w, z by position; unused may be null). k is
/// bound to `axes`. Constants take the shape and dtype of the variables.
Value build(Graph& graph, const Formula& formula, std::span<const Value> variables,
            std::span<const int64_t> axes = {}, const SpanSet& spans = {});

/// cotangent * partial, for a partial derivative over x, y, w and z. A constant factor 1 or -1, a
/// choice and a reciprocal at the root of the partial are applied to the cotangent itself: no
/// product, and no NaN from 0 * inf in the part not chosen.
Value scale(Graph& graph, Value cotangent, const Formula& partial,
            std::span<const Value> variables);

/// The value of an elementwise formula; constants and intermediate results are of `dtype`.
Scalar evaluate(const Formula& formula, std::span<const Scalar> variables, DType dtype);

/// Rebuilds a function's body (or a region) node by node into a fresh graph, dead nodes left out.
/// `map(graph, old node, new operands)` gives the value that replaces the node, or null for a copy.
/// Spans and names travel: a replacement gets those of what it replaces. Regions are the map's
/// business; a copy keeps them.
using NodeMap = std::function<Value(Graph& graph, Value old, std::span<const Value> operands)>;
void rebuild(Function& function, const NodeMap& map);
Region rebuild(const Region& region, const NodeMap& map);

/// Gives a function the body `body`: `copies` are its values there, by the ids they have now.
void replace_body(Function& function, std::unique_ptr<Body> body, std::span<const Value> copies);

/// What the types and attributes of a body become in a copy.
struct Retyping {
  std::function<Type(const Type&)> type;
  std::function<Attrs(const Attrs&)> attrs;
};
/// Copies what `roots` need, and the parameters, from `old` into the empty `body`, regions too;
/// returns the copies by their old ids. What converts nothing any more is left out.
std::vector<Value> copy_retyped(Body& body, const Body& old, std::span<const Value> roots,
                                const Retyping& retyping);

/// The results of `body` with `arguments` for its parameters, copied into `graph`.
std::vector<Value> instantiate(Graph& graph, const Body& body, std::span<const Value> arguments);

}  // namespace thx
