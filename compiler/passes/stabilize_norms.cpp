// SPDX-License-Identifier: Apache-2.0
// Roots of sums of squares that overflow or underflow on the way. See Note [Three sums].
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "ops/build.h"
#include "passes/squares.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

constexpr int kMaxTerms = 32;  // a longer sum of squares is left as it is

/// Powers of 2, by the number of exponents that the dtype has.
struct Scales {
  int high, low;  // sums above 2^high lose to overflow, below 2^low to underflow
  int step;       // squares are then taken of 2^-step and 2^step times the elements
};
constexpr Scales kSingle = {100, -80, 88};
constexpr Scales kDouble = {900, -800, 600};

/// Copies a sum of squares with every element multiplied by one number.
class SquareSum {
 public:
  explicit SquareSum(Graph& graph) : graph_(graph) {}

  /// Null where `value` is no sum of squares alone.
  Value copy(Value value, double factor) {
    factor_ = factor;
    terms_ = 0;
    return part(value);
  }
  bool is_single() const { return terms_ == 1 && !reduces_; }

 private:
  Value times(Value value) {
    return node::mul(graph_, constant_like(graph_, value, factor_), value);
  }

  Value part(Value value) {
    if (++visits_ > 2 * kMaxTerms) return {};
    if (value->op == node::square.op) {
      ++terms_;
      return node::square(graph_, times(value->operands[0]));
    }
    if (is_self_product(*value)) return reduced(value, times(value->operands[0]), 2);
    if (is_sum(*value)) return reduced(value, part(value->operands[0]), 1);
    if (value->family() == Family::view) return again(value, part(value->operands[0]));
    if (value->family() != Family::elementwise || value->operands.size() != 2) return {};
    const Traits traits = traits_of(value->op);
    if ((traits & kSum) != 0 && (traits & kNegated) == 0) return sum(value);
    if ((traits & kProduct) == 0) return {};
    const bool second = is_positive_number(value->operands[1]);
    if (!second && ((traits & kNegated) != 0 || !is_positive_number(value->operands[0]))) return {};
    const Value inner = part(value->operands[second ? 0 : 1]);
    if (!inner) return {};
    return second ? make(graph_, value->op, {inner, value->operands[1]})
                  : make(graph_, value->op, {value->operands[0], inner});
  }

  Value sum(Value value) {
    const Value left = term(value->operands[0]);
    const Value right = left ? term(value->operands[1]) : Value{};
    return right ? make(graph_, value->op, {left, right}) : Value{};
  }
  /// Also a positive number, whose scale is the square of the factor.
  Value term(Value value) {
    const Scalar* constant = constant_of(value);
    if (constant == nullptr) return part(value);
    ++terms_;
    const double number = constant->as_real() * factor_ * factor_;
    return constant->as_real() >= 0 ? constant_like(graph_, value, number) : Value{};
  }

  Value reduced(Value value, Value operand, int operands) {
    reduces_ = true;
    ++terms_;
    if (!operand) return {};
    return graph_.intern({value->op,
                          value->types,
                          std::vector<Value>(static_cast<size_t>(operands), operand),
                          value->attrs,
                          {}});
  }
  Value again(Value view, Value operand) {
    if (!operand) return {};
    return graph_.intern({view->op, view->types, {operand}, view->attrs, {}});
  }

  Graph& graph_;
  double factor_ = 1;
  int terms_ = 0, visits_ = 0;
  bool reduces_ = false;
};

/// A root that `scale_norms` made: sqrt(where(large, …, where(small, …, total))) times a power
/// of 2.
struct ScaledRoot {
  Value root, is_large, is_small, total;
  double large, small;  // powers of 2
};
std::optional<ScaledRoot> scaled_root(Value value) {
  const auto choices = [](Value choice) -> std::array<Value, 5> {
    if (!is_choice(choice) || !is_choice(choice->operands[2])) return {};
    const auto& second = choice->operands[2]->operands;
    return {choice->operands[0], choice->operands[1], second[0], second[1], second[2]};
  };
  if (value->op != node::mul.op || value->operands[0]->op != node::sqrt.op) return {};
  const std::array<Value, 5> sums = choices(value->operands[0]->operands[0]);
  const std::array<Value, 5> scales = choices(value->operands[1]);
  if (!sums[0] || !scales[0] || sums[0] != scales[0] || sums[2] != scales[2]) return {};
  const Scalar* large = constant_of(scales[1]);
  const Scalar* small = constant_of(scales[3]);
  if (large == nullptr || small == nullptr) return {};
  return ScaledRoot{value->operands[0], sums[0],         sums[2], sums[4],
                    large->as_real(),   small->as_real()};
}

}  // namespace

// The norm itself may be a denormal number with few digits; the root before it is scaled back has
// all of them.
Value scale_slopes(Graph& graph, Value node, const Uses&) {
  if (node->op != node::div.op) return {};
  const Viewed divisor = below_views(node->operands[1]);
  const std::optional<ScaledRoot> norm = scaled_root(divisor.value);
  const Value element = node->operands[0];
  if (!norm) return {};
  const std::vector<Value> elements = squared_elements(norm->total);
  if (std::ranges::find(elements, element) == elements.end()) return {};
  const auto factor = [&](Value condition, double number) {
    return divisor.instead(graph,
                           node::where(graph, condition, constant_like(graph, norm->root, number),
                                       constant_like(graph, norm->root, 1)));
  };
  const Value scaled = node::mul(graph, factor(norm->is_small, 1 / norm->small), element);
  const Value slope = node::div(graph, scaled, divisor.instead(graph, norm->root));
  return node::mul(graph, factor(norm->is_large, 1 / norm->large), slope);
}

// The product of the sums may overflow or underflow where no root does.
Value split_root(Graph& graph, Value node, const Uses&) {
  if (node->op != node::sqrt.op) return {};
  const Value product = node->operands[0];
  const Part part = part_of(*product, ViewKind::product);
  if (!part.inner || part.inverts || product->operands.size() != 2) return {};
  const auto adds_squares = [](Value value) {
    const Value sum = below_views(value).value;
    return is_self_product(*sum) || (is_sum(*sum) && sum->operands[0]->op == node::square.op);
  };
  if (!std::ranges::all_of(product->operands, adds_squares)) return {};
  return node::mul(graph, node::sqrt(graph, product->operands[0]),
                   node::sqrt(graph, product->operands[1]));
}

Value scale_norms(Graph& graph, Value node, const Uses&) {
  if (node->op != node::sqrt.op) return {};
  const Value total = node->operands[0];
  const Scales scales = node->dtype() == DType::f32 ? kSingle : kDouble;
  SquareSum squares(graph);
  const Value large = squares.copy(total, std::ldexp(1.0, -scales.step));
  if (!large || squares.is_single()) return {};
  const Value small = SquareSum(graph).copy(total, std::ldexp(1.0, scales.step));
  const auto number = [&](int exponent) {
    return constant_like(graph, total, std::ldexp(1.0, exponent));
  };
  const Value is_large = node::greater(graph, total, number(scales.high));
  const Value is_small = node::less(graph, total, number(scales.low));
  const auto choose = [&](Value of_large, Value of_small, Value usual) {
    return node::where(graph, is_large, of_large, node::where(graph, is_small, of_small, usual));
  };
  const Value root = node::sqrt(graph, choose(large, small, total));
  return node::mul(graph, root, choose(number(scales.step), number(-scales.step), number(0)));
}

// Note [Three sums]
// As J. L. Blue, "A portable Fortran program to find the Euclidean norm of a vector" (ACM TOMS 4,
// 1978): the squares are added up three times in one loop, as they are, of scaled down and of
// scaled up elements. The scales are powers of 2, so that scaling rounds nothing. The first sum
// decides: where it is neither huge nor tiny, what of it was lost to underflow is below its last
// place, and the result has the bits of the formula as written. Else one of the others has all
// digits, and the root is scaled back. An infinite element gives infinity, NaN gives NaN.
// The step comes after differentiation: the derivative is x over the norm, which is right. Where
// the norm is tiny, x is scaled up as its square was and is divided by the root; where it is huge,
// the quotient by the root is scaled down.

}  // namespace thx
