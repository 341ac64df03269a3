// SPDX-License-Identifier: Apache-2.0
// Roots of sums of squares that overflow or underflow on the way. See Note [Three sums].
#include <algorithm>
#include <array>
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
std::vector<Value> elements_of(Value total) {
  std::vector<Value> elements;
  std::vector<Value> open = {total};
  for (int seen = 0; !open.empty() && seen < 2 * kMaxTerms; ++seen) {
    const Value value = open.back();
    open.pop_back();
    if (value->op == node::square.op || is_self_product(*value)) {
      elements.push_back(value->operands[0]);
      continue;
    }
    if (is_choice(value)) continue;
    if (value->family() == Family::view || value->family() == Family::reduction ||
        value->family() == Family::elementwise)
      open.insert(open.end(), value->operands.begin(), value->operands.end());
  }
  return elements;
}

/// The element that `value` is but for a number, and that number: element = factor * value.
struct Element {
  Value element;
  double factor = 1;
};
std::optional<Element> element_of(Value value, const std::vector<Value>& elements) {
  for (const Value element : elements) {
    if (element == value) return Element{element};
    const Scaled parts = without_factor(element);
    if (parts.base == value && parts.exponent == 1 && element->type() == value->type())
      return Element{element, parts.factor};
  }
  return std::nullopt;
}

bool is_power_of_two(double number) {
  int exponent = 0;
  return std::fabs(std::frexp(number, &exponent)) == 0.5;
}

/// A value below views.
struct Viewed {
  Value value;
  std::vector<Value> views = {};  // from the outermost one on

  /// Another value below the same views.
  Value instead(Graph& graph, Value other) const {
    for (auto view = views.rbegin(); view != views.rend(); ++view)
      other = graph.intern(
          {(*view)->op, {(*view)->type().with(other->dtype())}, {other}, (*view)->attrs, {}});
    return other;
  }
};
Viewed below_views(Value value) {
  Viewed result;
  for (; value->family() == Family::view; value = value->operands[0]) result.views.push_back(value);
  result.value = value;
  return result;
}

/// A factor 1/norm, or the derivative of a norm: where(norm != 0, factor * rest / norm, 0), below
/// views.
struct Inverse {
  Viewed place;
  Value norm, rest, condition;  // no rest: 1
  double factor = 1;
};

/// What is left of a product without the factor at `index`.
void take_rest(Graph& graph, const TermView& view, int index, Inverse& inverse) {
  std::vector<LeafEdit> edits(view.items().size());
  edits[static_cast<size_t>(index)].kind = LeafEdit::Kind::remove;
  const Value rest = write_back(graph, view, edits);
  if (!rest) return;
  const Scalar* number = constant_of(rest);
  const Scaled parts = number ? Scaled{number->as_real(), {}} : without_factor(rest);
  if (!number && parts.exponent != 1) {
    inverse.rest = rest;
    return;
  }
  inverse.factor = parts.factor;
  inverse.rest = parts.base;
}

std::optional<Inverse> inverse_of_norm(Graph& graph, const TermView::Item& item) {
  Inverse result{below_views(item.value), {}, {}, {}};
  const Value value = result.place.value;
  if (item.sign < 0) {
    result.norm = value;
    return value->op == node::sqrt.op ? std::optional(result) : std::nullopt;
  }
  if (!is_choice(value)) return {};
  const Scalar* zero = constant_of(value->operands[2]);
  if (zero == nullptr || zero->as_real() != 0 || !is_float(value->dtype())) return {};
  result.condition = value->operands[0];
  const TermView quotient(ViewKind::product, value->operands[1]);
  for (const int index : quotient.leaves()) {
    const TermView::Item& divisor = quotient.item(index);
    if (divisor.sign > 0 || divisor.value->op != node::sqrt.op) continue;
    // Where an element is there already, the slope is made.
    const std::vector<Value> elements = elements_of(divisor.value->operands[0]);
    const bool is_slope = std::ranges::any_of(quotient.leaves(), [&](int leaf) {
      return element_of(quotient.item(leaf).value, elements).has_value();
    });
    if (is_slope) return {};
    result.norm = divisor.value;
    take_rest(graph, quotient, index, result);
    return result;
  }
  return {};
}

/// Whether `condition` is norm != 0.
bool is_not_zero(Value condition, Value norm) {
  if (condition->op != node::not_equal.op || condition->operands[0] != norm) return false;
  const Scalar* number = constant_of(condition->operands[1]);
  return number != nullptr && number->as_real() == 0;
}

/// The product with the norm at `at` and the element at `other` made one quotient; null where it is
/// one.
Value with_slope(Graph& graph, const TermView& view, int at, int other, const Element& element,
                 const Inverse& inverse) {
  const Viewed& place = inverse.place;
  Value slope = node::div(graph, element.element, place.instead(graph, inverse.norm));
  if (std::ranges::any_of(view.items(), [&](const auto& item) { return item.value == slope; }))
    return {};
  if (inverse.rest) slope = node::mul(graph, place.instead(graph, inverse.rest), slope);
  if (inverse.condition) {
    // Of NaN the norm is no 0. Another condition may choose 0 there, and the product was NaN.
    const Value zero = constant_like(graph, slope, 0);
    const Value rest = is_not_zero(inverse.condition, inverse.norm)
                           ? zero
                           : node::mul(graph, element.element, zero);
    slope = node::where(graph, place.instead(graph, inverse.condition), slope, rest);
  }
  std::vector<LeafEdit> edits(view.items().size());
  edits[static_cast<size_t>(at)].kind = LeafEdit::Kind::remove;
  edits[static_cast<size_t>(other)] = {LeafEdit::Kind::replace, slope, 1};
  // The numbers of the derivatives of root and square are one: each alone would round a denormal.
  double factor = inverse.factor / element.factor;
  for (size_t i = 0; i < view.items().size(); ++i) {
    const TermView::Item& item = view.items()[i];
    if (item.constant == nullptr || !is_power_of_two(item.constant->as_real())) continue;
    factor *= std::pow(item.constant->as_real(), item.sign);
    edits[i].kind = LeafEdit::Kind::remove;
  }
  return scaled(graph, write_back(graph, view, edits), factor);
}

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

// The slope of a norm is at most 1: an element over its norm neither overflows nor underflows,
// where 1 over the norm would.
Value divide_by_norm(Graph& graph, Value node, const Uses&) {
  if (node->types.size() != 1 || !is_float(node->dtype()) || node->operands.size() != 2) return {};
  if (!part_of(*node, ViewKind::product).inner) return {};
  const TermView view(ViewKind::product, node);
  for (const int at : view.leaves()) {
    const std::optional<Inverse> inverse = inverse_of_norm(graph, view.item(at));
    if (!inverse) continue;
    const std::vector<Value> elements = elements_of(inverse->norm->operands[0]);
    for (const int other : view.leaves()) {
      if (view.item(other).sign < 0) continue;
      const std::optional<Element> element = element_of(view.item(other).value, elements);
      if (!element) continue;
      if (const Value made = with_slope(graph, view, at, other, *element, *inverse)) return made;
    }
  }
  return {};
}

// The norm itself may be a denormal number with few digits; the root before it is scaled back has
// all of them.
Value scale_slopes(Graph& graph, Value node, const Uses&) {
  if (node->op != node::div.op) return {};
  const Viewed divisor = below_views(node->operands[1]);
  const std::optional<ScaledRoot> norm = scaled_root(divisor.value);
  const Value element = node->operands[0];
  if (!norm) return {};
  const std::vector<Value> elements = elements_of(norm->total);
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
