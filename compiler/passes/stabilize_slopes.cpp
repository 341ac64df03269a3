// SPDX-License-Identifier: Apache-2.0
// Slopes of norms, at most 1: an element over its norm neither overflows nor underflows, where 1
// over the norm would.
#include <algorithm>
#include <cmath>
#include <optional>

#include "ops/build.h"
#include "passes/squares.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

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

/// A factor 1/norm or, below views, factor * rest / norm; the derivative of a norm, as
/// where(norm != 0, factor * rest / norm, 0).
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

/// Reads a product that is divided by a norm. Where an element is among its factors, the slope is
/// made: that is none.
std::optional<Inverse> inverse_in_product(Graph& graph, const TermView& product) {
  for (const int index : product.leaves()) {
    const TermView::Item& divisor = product.item(index);
    if (divisor.sign > 0 || divisor.value->op != node::sqrt.op) continue;
    const std::vector<Value> elements = squared_elements(divisor.value->operands[0]);
    const bool is_slope = std::ranges::any_of(product.leaves(), [&](int leaf) {
      return element_of(product.item(leaf).value, elements).has_value();
    });
    if (is_slope) return {};
    Inverse result;
    result.norm = divisor.value;
    take_rest(graph, product, index, result);
    return result;
  }
  return {};
}

/// Reads where(norm != 0, factor * rest / norm, 0).
std::optional<Inverse> inverse_in_choice(Graph& graph, Value value) {
  if (!is_choice(value) || !is_float(value->dtype())) return {};
  const Scalar* zero = constant_of(value->operands[2]);
  if (zero == nullptr || zero->as_real() != 0) return {};
  std::optional<Inverse> result =
      inverse_in_product(graph, TermView(ViewKind::product, value->operands[1]));
  if (result) result->condition = value->operands[0];
  return result;
}

/// Reads such a choice times numbers, as the derivative of a root of a mean has it.
std::optional<Inverse> inverse_in_scaled_choice(Graph& graph, const TermView& product) {
  int choice = -1;
  for (const int index : product.leaves()) {
    if (is_positive_number(product.item(index).value)) continue;
    if (choice >= 0 || product.item(index).sign < 0) return {};
    choice = index;
  }
  if (choice < 0) return {};
  std::optional<Inverse> result = inverse_in_choice(graph, product.item(choice).value);
  if (!result) return {};
  Inverse numbers;
  take_rest(graph, product, choice, numbers);
  result->factor *= numbers.factor;
  if (numbers.rest && result->rest)
    result->rest = node::mul(graph, numbers.rest, result->rest);
  else if (numbers.rest)
    result->rest = numbers.rest;
  return result;
}

std::optional<Inverse> inverse_of_norm(Graph& graph, const TermView::Item& item) {
  const Viewed place = below_views(item.value);
  std::optional<Inverse> result;
  if (item.sign < 0) {
    if (place.value->op == node::sqrt.op) {
      result.emplace();
      result->norm = place.value;
    }
  } else if (is_choice(place.value)) {
    result = inverse_in_choice(graph, place.value);
  } else if (!place.views.empty() && part_of(*place.value, ViewKind::product).inner) {
    const TermView product(ViewKind::product, place.value);
    result = inverse_in_product(graph, product);
    if (!result) result = inverse_in_scaled_choice(graph, product);
  }
  if (result) result->place = place;
  return result;
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

}  // namespace

Value divide_by_norm(Graph& graph, Value node, const Uses&) {
  if (node->types.size() != 1 || !is_float(node->dtype()) || node->operands.size() != 2) return {};
  if (!part_of(*node, ViewKind::product).inner) return {};
  const TermView view(ViewKind::product, node);
  for (const int at : view.leaves()) {
    const std::optional<Inverse> inverse = inverse_of_norm(graph, view.item(at));
    if (!inverse) continue;
    const std::vector<Value> elements = squared_elements(inverse->norm->operands[0]);
    for (const int other : view.leaves()) {
      if (view.item(other).sign < 0) continue;
      const std::optional<Element> element = element_of(view.item(other).value, elements);
      if (!element) continue;
      if (const Value made = with_slope(graph, view, at, other, *element, *inverse)) return made;
    }
  }
  return {};
}

}  // namespace thx
