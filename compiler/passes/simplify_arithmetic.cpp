// SPDX-License-Identifier: Apache-2.0
// Steps of simplify on elementwise operators.
#include <cmath>

#include "ops/build.h"
#include "passes/simplify.h"

namespace thx {
namespace {

// As far as squaring pays and its rounding stays below that of a logarithm and an exponential.
constexpr int64_t kMaxPower = 512;

/// x to the power n >= 1: squares of squares, multiplied where n has a bit.
Value power(Graph& graph, Value x, int64_t n) {
  Value result;
  for (Value square = x;; square = node::square(graph, square)) {
    if (n % 2 == 1) result = result ? node::mul(graph, square, result) : square;
    n /= 2;
    if (n == 0) return result;
  }
}

/// Whether merging numbers to `number` loses nothing to overflow or underflow.
bool is_normal(double number, DType dtype) {
  const double rounded = Scalar::of(dtype, number).real;
  return dtype == DType::f32 ? std::isnormal(static_cast<float>(rounded)) : std::isnormal(rounded);
}

/// The inner items of the view are read here alone, so that nothing is computed twice.
bool is_private(const TermView& view, const Uses& uses) {
  for (size_t i = 1; i < view.items().size(); ++i)
    if (!view.items()[i].is_leaf() && !uses.is_single(view.items()[i].value)) return false;
  return true;
}

struct Numbers {
  int above = -1;  // an item above the line
  int below = -1;
  int count = 0;
  bool flips = false;  // by negations above one of the numbers, which can take the sign
  bool kept = false;   // by negations that stay where they are
};

Numbers numbers_of(const TermView& view) {
  Numbers numbers;
  const auto& items = view.items();
  std::vector<bool> holds(items.size());  // a number
  for (size_t i = items.size(); i-- > 0;) {
    const TermView::Item& item = items[i];
    holds[i] = item.is_leaf() ? item.constant != nullptr
                              : holds[static_cast<size_t>(item.left)] ||
                                    (item.right >= 0 && holds[static_cast<size_t>(item.right)]);
  }
  for (size_t i = 0; i < items.size(); ++i) {
    const TermView::Item& item = items[i];
    if (item.flips && holds[i]) numbers.flips = !numbers.flips;
    if (item.flips && !holds[i]) numbers.kept = !numbers.kept;
    if (item.constant == nullptr) continue;
    ++numbers.count;
    (item.sign > 0 ? numbers.above : numbers.below) = static_cast<int>(i);
  }
  return numbers;
}

}  // namespace

Value choose_known(Graph&, Value node, const Uses&) {
  if (!is_choice(node)) return {};
  const Scalar* condition = constant_of(node->operands[0]);
  if (condition == nullptr) return {};
  return node->operands[condition->integer != 0 ? 1 : 2];
}

Value drop_even_sign(Graph& graph, Value node, const Uses&) {
  if ((traits_of(node->op) & kEven) == 0 || node->operands.size() != 1) return {};
  // Without a sign the negative is another magnitude, whose square alone is the same.
  if (!is_signed(node->dtype()) && (traits_of(node->op) & kProduct) == 0) return {};
  const Value operand = node->operands[0];
  if (operand->operands.size() != 1 || !part_of(*operand, ViewKind::sum).inverts) return {};
  return make(graph, node->op, {operand->operands[0]}, node->attrs);
}

Value merge_numbers(Graph& graph, Value node, const Uses& uses) {
  const bool product = part_of(*node, ViewKind::product).inner;
  if (node->types.size() != 1 || !is_float(node->dtype()) || !product) return {};
  const TermView view(ViewKind::product, node);
  const Numbers numbers = numbers_of(view);
  const bool takes_sign = numbers.flips && numbers.above >= 0;
  if ((numbers.count < 2 && !takes_sign) || !is_private(view, uses)) return {};
  const double number = numbers.kept ? -view.constant() : view.constant();
  if (!is_normal(number, node->dtype()) || view.leaves().empty()) return {};
  std::vector<LeafEdit> edits(view.items().size());
  for (size_t i = 0; i < edits.size(); ++i)
    if (view.items()[i].constant != nullptr) edits[i].kind = LeafEdit::Kind::remove;
  const bool unit = std::fabs(number) == 1;
  const bool negate = numbers.flips != (unit && number < 0);
  edits[static_cast<size_t>(numbers.above >= 0 ? numbers.above : numbers.below)] = {
      LeafEdit::Kind::replace, constant_like(graph, node, unit ? 1 : number),
      static_cast<int8_t>(negate ? -1 : 1)};
  return write_back(graph, view, edits);
}

Value expand_powers(Graph& graph, Value node, const Uses&) {
  if (node->op != node::pow.op) return {};
  const Scalar* exponent = constant_of(node->operands[1]);
  if (exponent == nullptr) return {};
  const double real = exponent->as_real();
  if (real != std::floor(real) || real == 0 || std::fabs(real) > static_cast<double>(kMaxPower))
    return {};
  if (real < 0 && !is_float(node->dtype())) return {};
  const Value whole = power(graph, node->operands[0], static_cast<int64_t>(std::fabs(real)));
  return real > 0 ? whole : node::reciprocal(graph, whole);
}

}  // namespace thx
