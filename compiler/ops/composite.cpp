// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the composites: functions of a row that are differentiated as one and then expanded
// into primitive operators, stable over the whole range. See Note [Limits at infinity].
#include <limits>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/rows.h"

namespace thx {
namespace {

Diagnostic refuse(Err id, std::string message) { return {id, Span{}, std::move(message)}; }

Result<Type> check_axis(const Type& operand, const Attrs& attrs) {
  if (!is_float(operand.dtype))
    return refuse(Err::dtype_mismatch, format("not defined for {}", spelling(operand.dtype)));
  const int64_t axis = attrs.integer("axis");
  if (axis < 0 || axis >= operand.rank())
    return refuse(Err::bad_axis, format("{} has no axis {}", text(operand), axis));
  return operand;
}

Result<Type> same_type(std::span<const Type> operands, const Attrs& attrs) {
  for (const Type& operand : operands)
    if (operand != operands[0])
      return refuse(Err::shape_mismatch, format("{} beside {}", text(operand), text(operands[0])));
  return check_axis(operands[0], attrs);
}

Result<Type> reduced_type(std::span<const Type> operands, const Attrs& attrs) {
  Result<Type> checked = same_type(operands, attrs);
  if (!checked.ok()) return checked;
  Shape& shape = checked->shape;
  shape.erase(shape.begin() + attrs.integer("axis"));
  return checked;
}

/// Builds formulas over the operand x, the result z where it is of the same shape, and y, which is
/// a cotangent or a tangent.
struct Row {
  Graph& graph;
  Value node;
  Value x = node->operands[0];
  int64_t axis = node->attrs.integer("axis");

  Value build(const Formula& formula, Value y = {}) const {
    const Value result = node->type().rank() == x->type().rank() ? node : Value{};
    const Value variables[] = {x, y, {}, result};
    return thx::build(graph, formula, variables, std::span(&axis, 1));
  }
  Value repeated(Value reduced) const {
    return broadcast_reduced(graph, reduced, x->shape(), std::span(&axis, 1));
  }
};

namespace f = formula;
using f::k, f::w, f::x, f::y, f::z;
using f::operator+, f::operator-, f::operator*, f::operator/;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The rules, over x, the result z, and y: the cotangent or tangent, of full shape.
constexpr Formula kSoftmaxDerivative = z * (y - f::keep(f::sum(y * z, k), k));
constexpr Formula kLogSoftmaxAdjoint = y - f::softmax(x, k) * f::keep(f::sum(y, k), k);
constexpr Formula kLogSoftmaxTangent = y - f::keep(f::sum(f::softmax(x, k) * y, k), k);
constexpr Formula kLogSumExpAdjoint = f::softmax(x, k) * y;
constexpr Formula kLogSumExpTangent = f::sum(f::softmax(x, k) * y, k);
// The expansions, over x and y: the largest element of the row, -inf of an empty one.
constexpr Formula kShifted = f::where(f::equal(x, kInfinity), 0, x - f::keep(y, k));
constexpr Formula kSoftmax = f::exp(kShifted) / f::keep(f::sum(f::exp(kShifted), k), k);
constexpr Formula kFinitePeak = f::where(f::equal(f::abs(y), kInfinity), 0, y);
constexpr Formula kBelowPeak = x - f::keep(kFinitePeak, k);
// The sum of exp(below) without one of the elements at the peak, where it is 1. They are known by x
// and not by their distance 0, so that an analysis of errors can tell them too. See Note [The
// winner].
constexpr Formula beside_peak(const Formula& below, const Formula& peak) {
  const Formula wins = f::equal(x, f::keep(peak, k));
  return f::sum(f::where(wins, 0, f::exp(below)), k) + (f::sum(f::where(wins, 1, 0), k) - 1);
}
constexpr Formula kLogSoftmax = kShifted - f::keep(f::log1p(beside_peak(kShifted, y)), k);
constexpr Formula kLogSumExp = kFinitePeak + f::log1p(beside_peak(kBelowPeak, kFinitePeak));
// y: the largest element that has a weight. What is weighed 0 is 0 times max(x, 0), so that it
// neither overflows nor loses a NaN.
constexpr Formula kWeighed = f::where(f::equal(w, 0), -kInfinity, x);
constexpr Formula weighed(const Formula& weights) {
  return weights * f::where(f::equal(weights, 0), f::relu(x), f::exp(kBelowPeak));
}
constexpr Formula kWeightedSum = f::sum(weighed(w), k);
constexpr Formula kWeightedSoftmax = weighed(z) / f::keep(kWeightedSum, k);
constexpr Formula kWeightedLogSumExp = kFinitePeak + f::log(kWeightedSum);

Value softmax_adjoint(const Adjoint& a) {
  return Row{a.graph, a.node}.build(kSoftmaxDerivative, a.cotangent);
}
Value softmax_tangent(const Tangent& t) {
  return t.tangents[0] ? Row{t.graph, t.node}.build(kSoftmaxDerivative, t.tangents[0]) : Value{};
}
Value log_softmax_adjoint(const Adjoint& a) {
  return Row{a.graph, a.node}.build(kLogSoftmaxAdjoint, a.cotangent);
}
Value log_softmax_tangent(const Tangent& t) {
  return t.tangents[0] ? Row{t.graph, t.node}.build(kLogSoftmaxTangent, t.tangents[0]) : Value{};
}
Value logsumexp_adjoint(const Adjoint& a) {
  const Row row{a.graph, a.node};
  return row.build(kLogSumExpAdjoint, row.repeated(a.cotangent));
}
Value logsumexp_tangent(const Tangent& t) {
  return t.tangents[0] ? Row{t.graph, t.node}.build(kLogSumExpTangent, t.tangents[0]) : Value{};
}

/// y * exp(x) / sum(w * exp(x)), over x and w of `node`.
Value weighted_softmax(Graph& graph, Value node, Value y) {
  return make(graph, Op::weighted_softmax, {node->operands[0], node->operands[1], y}, node->attrs);
}
/// The slope of log(sum(w * exp(x))) by x or by w, times `y`.
Value weighted_slope(Graph& graph, Value node, size_t operand, Value y) {
  const Value weighed = operand == 0 ? node::mul(graph, node->operands[1], y) : y;
  return weighted_softmax(graph, node, weighed);
}

// Linear in y; its logarithm, but for y, is x less that of the sum.
Value weighted_softmax_adjoint(const Adjoint& a) {
  if (a.operand == 2) return weighted_softmax(a.graph, a.node, a.cotangent);
  const Row row{a.graph, a.node};
  const Value own = node::mul(a.graph, a.cotangent, a.node);
  const Value all = row.repeated(reduce(a.graph, Op::sum, own, std::span(&row.axis, 1)));
  const Value shared = weighted_slope(a.graph, a.node, static_cast<size_t>(a.operand), all);
  return a.operand == 0 ? node::sub(a.graph, own, shared) : node::neg(a.graph, shared);
}
Value weighted_softmax_tangent(const Tangent& t) {
  const Row row{t.graph, t.node};
  Value total;
  const auto add = [&](Value part) { total = total ? node::add(t.graph, total, part) : part; };
  if (t.tangents[0]) add(node::mul(t.graph, t.node, t.tangents[0]));
  for (size_t i = 0; i < 2; ++i) {
    if (!t.tangents[i]) continue;
    const Value slope = weighted_slope(t.graph, t.node, i, t.tangents[i]);
    const Value all = row.repeated(reduce(t.graph, Op::sum, slope, std::span(&row.axis, 1)));
    add(node::neg(t.graph, node::mul(t.graph, t.node, all)));
  }
  if (t.tangents[2]) add(weighted_softmax(t.graph, t.node, t.tangents[2]));
  return total;
}
Value weighted_logsumexp_adjoint(const Adjoint& a) {
  const Row row{a.graph, a.node};
  return weighted_slope(a.graph, a.node, static_cast<size_t>(a.operand), row.repeated(a.cotangent));
}
Value weighted_logsumexp_tangent(const Tangent& t) {
  const Row row{t.graph, t.node};
  Value total;
  for (size_t i = 0; i < 2; ++i) {
    if (!t.tangents[i]) continue;
    const Value part = weighted_slope(t.graph, t.node, i, t.tangents[i]);
    total = total ? node::add(t.graph, total, part) : part;
  }
  return total ? reduce(t.graph, Op::sum, total, std::span(&row.axis, 1)) : Value{};
}

/// With an order, the largest of no elements is the identity.
Value peak(const Row& row, Value of) {
  return make(row.graph, Op::max, {of},
              {{"axes", AxisList{row.axis}}, {"order", std::string("upward")}});
}
Value expanded(Graph& graph, Value node, const Formula& formula) {
  const Row row{graph, node};
  return row.build(formula, peak(row, row.x));
}
Value weighted(Graph& graph, Value node, const Formula& formula) {
  const Row row{graph, node};
  Value variables[] = {row.x, {}, node->operands[1], node->operands.back()};
  variables[1] = peak(row, thx::build(graph, kWeighed, variables));
  return thx::build(graph, formula, variables, std::span(&row.axis, 1));
}
Value weighted_softmax_expansion(Graph& graph, Value node) {
  return weighted(graph, node, kWeightedSoftmax);
}
Value weighted_logsumexp_expansion(Graph& graph, Value node) {
  return weighted(graph, node, kWeightedLogSumExp);
}
Value softmax_expansion(Graph& graph, Value node) { return expanded(graph, node, kSoftmax); }
Value log_softmax_expansion(Graph& graph, Value node) { return expanded(graph, node, kLogSoftmax); }
Value logsumexp_expansion(Graph& graph, Value node) { return expanded(graph, node, kLogSumExp); }

// argmax, argmin: the first NaN, else the first extreme, as the smallest position of a hit.

Result<Type> position_type(std::span<const Type> operands, const Attrs& attrs) {
  const Type& operand = operands[0];
  const int64_t axis = attrs.integer("axis");
  if (is_bool(operand.dtype)) return refuse(Err::dtype_mismatch, "not defined for bool");
  if (axis < 0 || axis >= operand.rank())
    return refuse(Err::bad_axis, format("{} has no axis {}", text(operand), axis));
  Type result = operand.with(DType::i64);
  result.shape.erase(result.shape.begin() + axis);
  return result;
}

Value position_expansion(Graph& graph, Value node, Op extreme) {
  const Value x = node->operands[0];
  const int64_t axis = node->attrs.integer("axis");
  const std::span<const int64_t> axes(&axis, 1);
  const Value found = broadcast_reduced(graph, reduce(graph, extreme, x, axes), x->shape(), axes);
  Value hit = node::equal(graph, x, found);
  if (is_float(x->dtype())) hit = node::bit_or(graph, hit, node::isnan(graph, x));
  const Value position = positions_along(graph, axis, x->shape());
  const Value beyond =
      broadcast(graph, extent_value(graph, x->shape()[static_cast<size_t>(axis)]), x->shape(), {});
  return reduce(graph, Op::min, node::where(graph, hit, position, beyond), axes);
}

Value argmax_expansion(Graph& graph, Value node) {
  return position_expansion(graph, node, Op::max);
}
Value argmin_expansion(Graph& graph, Value node) {
  return position_expansion(graph, node, Op::min);
}

Value no_adjoint(const Adjoint&) { return {}; }
Value no_tangent(const Tangent&) { return {}; }

Value composite_batch(const Batch& b) {
  Attrs attrs = b.node->attrs;
  attrs.set("axis", attrs.integer("axis") + 1);
  std::vector<Value> operands;
  for (size_t i = 0; i < b.node->operands.size(); ++i) operands.push_back(batched_operand(b, i));
  return make(b.graph, b.node->op, operands, std::move(attrs));
}

// clang-format off
constexpr ArrayDef kComposites[] = {
    {.op = Op::softmax, .doc = "exp(x) / sum(exp(x)) along `axis`; one-hot at one inf",
     .types = DTypes::floats,
     .type = same_type,
     .traits = kCostly,
     .adjoint = softmax_adjoint, .tangent = softmax_tangent, .batch = composite_batch,
     .expansion = softmax_expansion},
    {.op = Op::log_softmax, .doc = "log(softmax(x)) along `axis`, with all digits",
     .types = DTypes::floats,
     .type = same_type,
     .traits = kCostly,
     .adjoint = log_softmax_adjoint, .tangent = log_softmax_tangent, .batch = composite_batch,
     .expansion = log_softmax_expansion},
    {.op = Op::logsumexp, .doc = "log(sum(exp(x))) along `axis`; -inf where all of x is",
     .types = DTypes::floats,
     .type = reduced_type,
     .traits = kCostly,
     .adjoint = logsumexp_adjoint, .tangent = logsumexp_tangent, .batch = composite_batch,
     .expansion = logsumexp_expansion},
    {.op = Op::weighted_softmax, .doc = "z * exp(x) / sum(y * exp(x)) along `axis`, without overflow; what is weighed 0 takes no part",
     .types = DTypes::floats,
     .type = same_type,
     .traits = kCostly,
     .adjoint = weighted_softmax_adjoint, .tangent = weighted_softmax_tangent, .batch = composite_batch,
     .expansion = weighted_softmax_expansion},
    {.op = Op::weighted_logsumexp, .doc = "log(sum(y * exp(x))) along `axis`, without overflow; what y weighs 0 takes no part",
     .types = DTypes::floats,
     .type = reduced_type,
     .traits = kCostly,
     .adjoint = weighted_logsumexp_adjoint, .tangent = weighted_logsumexp_tangent, .batch = composite_batch,
     .expansion = weighted_logsumexp_expansion},
    {.op = Op::argmax, .doc = "the position of the largest element along `axis`: the first NaN, else the first largest",
     .types = DTypes::numbers,
     .type = position_type,
     .traits = kCostly,
     .adjoint = no_adjoint, .tangent = no_tangent, .batch = composite_batch,
     .expansion = argmax_expansion},
    {.op = Op::argmin, .doc = "the position of the smallest element along `axis`: the first NaN, else the first smallest",
     .types = DTypes::numbers,
     .type = position_type,
     .traits = kCostly,
     .adjoint = no_adjoint, .tangent = no_tangent, .batch = composite_batch,
     .expansion = argmin_expansion},
};
// clang-format on
static_assert(covers(kComposites, Family::composite),
              "one row for each composite line of ops.def, in the same order");

}  // namespace

std::span<const ArrayDef> composite_rows() { return kComposites; }

// Note [Limits at infinity]
// The row is shifted by its largest element, so that exp does not overflow. That breaks where the
// largest is infinite, since inf - inf is NaN, and language section 6 asks for the limits there:
// - softmax and log_softmax shift an element inf to 0 instead of NaN: with one inf in the row that
//   one gets all the weight. A row of -inf has no limit and stays NaN.
// - logsumexp does not shift at all where the largest is infinite: a row of -inf gives log(0), and
//   one with inf gives log(inf), which are the limits. The choice is made once a row.

// Note [The winner]
// Where one element of the row leads by far, log_softmax there and logsumexp are log(1 + the sum of
// the others), which may be far below the last place of 1. So the leading element is left out of
// the sum, by its distance 0 from the peak, and the sum goes to log1p. Elements that tie count 1
// each; one of them is the one that is left out.

}  // namespace thx
