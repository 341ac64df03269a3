// SPDX-License-Identifier: Apache-2.0
// Roots of sums of squares that overflow or underflow on the way. See Note [Three sums].
#include <algorithm>
#include <cmath>
#include <optional>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/build.h"
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

/// One number for all elements, positive where the value has elements.
bool is_positive_number(Value value) {
  while (value->family() == Family::view) value = value->operands[0];
  if (const Scalar* constant = constant_of(value)) return constant->as_real() > 0;
  const bool is_cast = value->family() == Family::elementwise && value->operands.size() == 1 &&
                       elementwise(value->op).result == ResultDType::given;
  return is_extent(is_cast ? *value->operands[0] : *value);
}

bool is_sum(const Node& node) {
  return node.family() == Family::reduction && (traits_of(reduction(node.op).combine) & kSum) != 0;
}

/// x @ x of a vector.
bool is_self_product(const Node& node) {
  return node.family() == Family::contraction && node.operands[0] == node.operands[1] &&
         node.attrs.ints("lhs_contract") == node.attrs.ints("rhs_contract") &&
         node.types[0].is_scalar();
}

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

/// The values whose squares a norm adds up.
void elements_of(Value total, std::vector<Value>& elements) {
  std::vector<Value> open = {total};
  for (int seen = 0; !open.empty() && seen < 2 * kMaxTerms; ++seen) {
    const Value value = open.back();
    open.pop_back();
    if (value->op == node::square.op || is_self_product(*value)) {
      elements.push_back(value->operands[0]);
      continue;
    }
    if (value->family() != Family::view && value->family() != Family::reduction &&
        value->family() != Family::elementwise)
      continue;
    open.insert(open.end(), value->operands.begin(), value->operands.end());
  }
}

/// A factor 1/norm, or the derivative of a norm: where(norm != 0, number/norm, 0), below views.
struct Inverse {
  Value norm, number, condition;
  std::vector<Value> views = {};  // from the outermost one on
  bool found = false;
};

Inverse inverse_of_norm(Value value, int sign) {
  Inverse result;
  for (; value->family() == Family::view; value = value->operands[0]) result.views.push_back(value);
  if (sign < 0) {
    result.norm = value;
  } else if ((traits_of(value->op) & kSelects) != 0) {
    const Value quotient = value->operands[1];
    const Scalar* zero = constant_of(value->operands[2]);
    if (quotient->op != node::div.op || zero == nullptr || zero->as_real() != 0) return result;
    result.condition = value->operands[0];
    result.number = quotient->operands[0];
    result.norm = quotient->operands[1];
  }
  result.found = result.norm && result.norm->op == node::sqrt.op;
  return result;
}

Value below_views(Graph& graph, const Inverse& inverse, Value value) {
  for (auto view = inverse.views.rbegin(); view != inverse.views.rend(); ++view)
    value = graph.intern(
        {(*view)->op, {(*view)->type().with(value->dtype())}, {value}, (*view)->attrs, {}});
  return value;
}

}  // namespace

// The slope of a norm is at most 1: an element over its norm neither overflows nor underflows,
// where 1 over the norm would.
Value divide_by_norm(Graph& graph, Value node, const Uses&) {
  if (node->types.size() != 1 || !is_float(node->dtype()) || node->operands.size() != 2) return {};
  if (!part_of(*node, ViewKind::product).inner) return {};
  const TermView view(ViewKind::product, node);
  for (const int at : view.leaves()) {
    const Inverse inverse = inverse_of_norm(view.item(at).value, view.item(at).sign);
    if (!inverse.found) continue;
    std::vector<Value> elements;
    elements_of(inverse.norm->operands[0], elements);
    for (const int other : view.leaves()) {
      const TermView::Item& item = view.item(other);
      if (item.sign < 0 || std::ranges::find(elements, item.value) == elements.end()) continue;
      Value slope = node::div(graph, item.value, below_views(graph, inverse, inverse.norm));
      if (inverse.condition) {
        const Value part = below_views(graph, inverse, inverse.number);
        slope = node::where(graph, below_views(graph, inverse, inverse.condition),
                            node::mul(graph, part, slope), constant_like(graph, slope, 0));
      }
      std::vector<LeafEdit> edits(view.items().size());
      edits[static_cast<size_t>(at)].kind = LeafEdit::Kind::remove;
      edits[static_cast<size_t>(other)] = {LeafEdit::Kind::replace, slope, 1};
      return write_back(graph, view, edits);
    }
  }
  return {};
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
// The step comes after differentiation: the derivative is x over the norm, which is right.

}  // namespace thx
