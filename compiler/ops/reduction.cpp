// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the reductions: identity, combination, gradients.
#include <limits>
#include <memory>
#include <utility>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
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

// Products. See Note [Products of the others].

/// Each element's factor is z / x where there is no zero, the product of the rest at the place of a
/// single zero, and 0 elsewhere.
Value product_of_others_at(const Parts& p) {
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

/// The reduced axes as one leading axis, then the others; and back.
struct LeadingRun {
  AxisList order;
  Shape ordered, run;

  LeadingRun(const Shape& shape, std::span<const int64_t> axes) {
    const AxisList kept = kept_axes(static_cast<int>(shape.size()), axes);
    order.assign(axes.begin(), axes.end());
    order.insert(order.end(), kept.begin(), kept.end());
    ordered = select(shape, order);
    run = with_leading(element_count(select(shape, axes)), select(shape, kept));
  }
  Value there(Graph& graph, Value value) const {
    return reshape(graph, transpose(graph, value, order), run);
  }
  Value back(Graph& graph, Value value) const {
    return transpose(graph, reshape(graph, value, ordered), inverse(order));
  }
};

/// Before each element of x, from the first on or, reversed, from the last: the product of the
/// elements so far, and its derivative where x moves along c.
std::pair<Value, Value> moving_products(Graph& graph, Value x, Value c, bool reverse) {
  Shape shape = x->shape();
  const Extent length = shape[0];
  shape.erase(shape.begin());
  const Type type = x->type().with(shape);
  auto body = std::make_shared<Body>();
  for (const std::string_view name : {"p", "q", "x", "c"})
    body->parameters.push_back(body->graph.parameter(type, name));
  const auto times = [&](Value a, Value b) { return make(body->graph, Op::mul, {a, b}); };
  const Value p = body->parameters[0], q = body->parameters[1];
  const Value of_x = body->parameters[2], of_c = body->parameters[3];
  const Value next = make(body->graph, Op::add, {times(q, of_x), times(p, of_c)});
  body->results = {times(p, of_x), next, p, q};
  const Value initial[] = {constant(graph, type, 1), constant(graph, type, 0)};
  const Value sequences[] = {x, c};
  const Value scan = make_scan(graph, {.initial = initial,
                                       .sequences = sequences,
                                       .captures = {},
                                       .body = std::move(body),
                                       .length = length,
                                       .reverse = reverse});
  return {result(graph, scan, 2), result(graph, scan, 3)};
}

/// How the products of the others move along c: by products before and behind, which hold for any
/// number of zeros and are differentiated again as they stand. The same matrix, which is symmetric,
/// takes cotangents back.
Value moved_product_of_others(Graph& graph, Value x, Value c, std::span<const int64_t> axes) {
  const LeadingRun run(x->shape(), axes);
  const Value xs = run.there(graph, x), cs = run.there(graph, c);
  const auto [p, q] = moving_products(graph, xs, cs, false);
  const auto [s, t] = moving_products(graph, xs, cs, true);
  const Value moved =
      make(graph, Op::add, {make(graph, Op::mul, {p, t}), make(graph, Op::mul, {q, s})});
  return run.back(graph, moved);
}

Value product_of_others(const Parts& p) {
  auto body = std::make_shared<Body>(), gradient = std::make_shared<Body>();
  const Type& type = p.x->type();
  const Value x = body->graph.parameter(type, "x");
  body->parameters = {x};
  body->results = {
      product_of_others_at({body->graph, make(body->graph, p.node->op, {x}, p.node->attrs)})};
  const Value again = gradient->graph.parameter(type, "x");
  const Value cotangent = gradient->graph.parameter(type, "c");
  gradient->parameters = {again, cotangent};
  gradient->results = {moved_product_of_others(gradient->graph, again, cotangent, p.axes)};
  const Value operands[] = {p.x};
  return result(p.graph,
                make_call(p.graph, {.operands = operands,
                                    .body = std::move(body),
                                    .gradient = std::move(gradient),
                                    .gradients = {0},
                                    .name = "product of the others"}),
                0);
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

// Note [Products of the others]
// The derivative of a product by an element is the product of the others. Counting zeros gives its
// values in a few passes over the elements, but not its derivatives: where one element is 0, the
// others' products are 0 and still move as that element moves. So the values are a call that
// brings its own gradient: products of what is before and behind each element, as pairs of a value
// and its derivative along the cotangent. These are sums and products alone, whose derivatives of
// any order are right at any number of zeros. They step along the axis, and only second derivatives
// pay for that.

}  // namespace thx
