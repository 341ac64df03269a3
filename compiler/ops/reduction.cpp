// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the reductions: identity, combination, gradients.
#include <limits>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/rows.h"

namespace thx {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The parts of a reduction node that its rules are written in.
struct Parts {
  Graph& graph;
  Value node;
  Value x = node->operands[0];
  const Shape& shape = x->shape();
  std::span<const int64_t> axes = axes_of(node->attrs, "axes");

  Value repeated(Value reduced) const { return broadcast_reduced(graph, reduced, shape, axes); }
  Value total(Value value) const { return reduce(graph, Op::sum, value, axes); }
  Value number(double value) const { return constant(graph, x->type(), value); }
  Value op(Op op, std::initializer_list<Value> operands) const { return make(graph, op, operands); }
};

// Sums.

Value sum_adjoint(const Adjoint& a) { return Parts{a.graph, a.node}.repeated(a.cotangent); }

// Products. The product of the other elements, right with any number of zeros: each element's
// factor is z / x where there is no zero, the product of the rest at the place of a single zero,
// and 0 elsewhere.

Value product_of_others(const Parts& p) {
  const Value zero = p.number(0), one = p.number(1);
  const Value is_zero = p.op(Op::equal, {p.x, zero});
  const Value zeros = p.repeated(p.total(p.op(Op::where, {is_zero, one, zero})));
  const Value nonzero = p.op(Op::where, {is_zero, one, p.x});
  const Value product = p.repeated(reduce(p.graph, Op::prod, nonzero, p.axes));
  const Value at_zero = p.op(Op::where, {p.op(Op::equal, {zeros, one}), product, zero});
  const Value elsewhere =
      p.op(Op::where, {p.op(Op::equal, {zeros, zero}), p.op(Op::div, {product, nonzero}), zero});
  return p.op(Op::where, {is_zero, at_zero, elsewhere});
}

Value prod_adjoint(const Adjoint& a) {
  const Parts p{a.graph, a.node};
  return p.op(Op::mul, {p.repeated(a.cotangent), product_of_others(p)});
}

Value prod_tangent(const Tangent& t) {
  if (!t.tangents[0]) return {};
  const Parts p{t.graph, t.node};
  return p.total(p.op(Op::mul, {t.tangents[0], product_of_others(p)}));
}

// Extremes. Ties share equally.

Value hits(const Parts& p) { return p.op(Op::equal, {p.x, p.repeated(p.node)}); }

Value hit_count(const Parts& p, Value hits) {
  return p.total(p.op(Op::where, {hits, p.number(1), p.number(0)}));
}

Value extreme_adjoint(const Adjoint& a) {
  const Parts p{a.graph, a.node};
  const Value hit = hits(p);
  const Value share = p.op(Op::div, {a.cotangent, hit_count(p, hit)});
  return p.op(Op::where, {hit, p.repeated(share), p.number(0)});
}

Value extreme_tangent(const Tangent& t) {
  if (!t.tangents[0]) return {};
  const Parts p{t.graph, t.node};
  const Value hit = hits(p);
  const Value total = p.total(p.op(Op::where, {hit, t.tangents[0], p.number(0)}));
  return p.op(Op::div, {total, hit_count(p, hit)});
}

// Truth.

Value no_adjoint(const Adjoint&) { return {}; }
Value no_tangent(const Tangent&) { return {}; }

Value reduction_batch(const Batch& b) {
  Attrs attrs = b.node->attrs;
  attrs.set("axes", shifted(attrs.ints("axes"), 1));
  return make(b.graph, b.node->op, {batched_operand(b, 0)}, std::move(attrs));
}

// clang-format off
constexpr ReductionDef kReductions[] = {
    {.op = Op::sum, .doc = "the sum over the axes; 0 of nothing",
     .types = DTypes::numbers,
     .identity = -0.0, .empty = 0, .refuses_empty = false,
     .combine = Op::add, .ordered = true,
     .adjoint = sum_adjoint, .tangent = linear_tangent, .batch = reduction_batch},
    {.op = Op::prod, .doc = "the product over the axes; 1 of nothing",
     .types = DTypes::numbers,
     .identity = 1, .empty = 1, .refuses_empty = false,
     .combine = Op::mul, .ordered = true,
     .adjoint = prod_adjoint, .tangent = prod_tangent, .batch = reduction_batch},
    {.op = Op::max, .doc = "the largest element over the axes; NaN where one is NaN; ties share the gradient",
     .types = DTypes::numbers,
     .identity = -kInfinity, .empty = -kInfinity, .refuses_empty = true,
     .combine = Op::maximum, .ordered = false,
     .adjoint = extreme_adjoint, .tangent = extreme_tangent, .batch = reduction_batch},
    {.op = Op::min, .doc = "the smallest element over the axes; NaN where one is NaN; ties share the gradient",
     .types = DTypes::numbers,
     .identity = kInfinity, .empty = kInfinity, .refuses_empty = true,
     .combine = Op::minimum, .ordered = false,
     .adjoint = extreme_adjoint, .tangent = extreme_tangent, .batch = reduction_batch},
    {.op = Op::any, .doc = "whether an element over the axes is true; false of nothing",
     .types = DTypes::booleans,
     .identity = 0, .empty = 0, .refuses_empty = false,
     .combine = Op::bit_or, .ordered = false,
     .adjoint = no_adjoint, .tangent = no_tangent, .batch = reduction_batch},
    {.op = Op::all, .doc = "whether all elements over the axes are true; true of nothing",
     .types = DTypes::booleans,
     .identity = 1, .empty = 1, .refuses_empty = false,
     .combine = Op::bit_and, .ordered = false,
     .adjoint = no_adjoint, .tangent = no_tangent, .batch = reduction_batch},
};
// clang-format on
static_assert(covers(kReductions, Family::reduction),
              "one row for each reduction line of ops.def, in the same order");

}  // namespace

std::span<const ReductionDef> reduction_rows() { return kReductions; }

}  // namespace thx
