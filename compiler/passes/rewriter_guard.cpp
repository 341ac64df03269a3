// SPDX-License-Identifier: Apache-2.0
// What rules ask of their variables.
#include <algorithm>
#include <cmath>

#include "ir/structure.h"
#include "ops/build.h"
#include "passes/rewriter_match.h"

namespace thx {
namespace {

constexpr int kMaxDepth = 8;  // of what a guard looks at

/// One number for all elements that is known where the function is entered.
bool is_number(Value value, int depth = 0) {
  if (is_constant(*value) || is_extent(*value)) return true;
  if (value->family() != Family::view && value->family() != Family::elementwise) return false;
  return depth < kMaxDepth &&
         std::ranges::all_of(
             value->operands, [&](Value operand) { return is_number(operand, depth + 1); });
}

/// Whether `value` is a constant that has a reciprocal without overflow or underflow.
bool has_reciprocal(Value value) {
  const Scalar* constant = constant_of(value);
  if (constant == nullptr || !is_float(constant->dtype)) return false;
  const double number = std::fabs(constant->as_real());
  return number > 1e-37 && number < 1e37;
}

/// Whether `value` is a constant whose logarithm is no large negative number.
bool is_no_small_constant(Value value) {
  const Scalar* constant = constant_of(value);
  return constant != nullptr && constant->as_real() >= 0.25 && constant->as_real() <= 1e30;
}

/// Whether the constant `value` is an integer above 0 that leaves `rest` when divided by 2.
bool is_power(Value value, double rest) {
  const Scalar* constant = constant_of(value);
  if (constant == nullptr) return false;
  const double number = constant->as_real();
  return number > 0 && std::fmod(number, 2) == rest;
}

/// Whether an operator's results are at least 0 (or NaN) for any operand, or for such operands.
enum class Sign : uint8_t { any, nonnegative, kept };
Sign sign_of(const Node& node) {
  if (node.family() == Family::view || is_gather(node)) return Sign::kept;
  if (node.family() == Family::reduction) return Sign::kept;
  if (node.family() != Family::elementwise || !accepts(elementwise(node.op).types, DType::f64))
    return Sign::any;
  const ElementwiseDef& row = elementwise(node.op);
  if (row.result == ResultDType::given) return Sign::kept;  // a cast
  if (row.result != ResultDType::same) return Sign::any;
  const bool is_unary = node.operands.size() == 1;
  const auto at = [&](double number) {
    const std::vector<Scalar> operands(node.operands.size(), Scalar::of(DType::f64, number));
    return row.eval(operands, DType::f64).real;
  };
  // Monotone or even: what holds at -1e3, 0 and 1e3 holds between them.
  const bool is_simple = is_unary && (row.traits & (kIncreasing | kEven)) != 0;
  if (is_simple && at(-1e3) >= 0 && at(0) >= 0 && at(1e3) >= 0) return Sign::nonnegative;
  const bool adds = (row.traits & kSum) != 0 && (row.traits & kNegated) == 0;
  return adds || (row.traits & kProduct) != 0 ? Sign::kept : Sign::any;
}
bool is_nonnegative(Value value, int depth = 0) {
  if (const Scalar* constant = constant_of(value)) return constant->as_real() >= 0;
  if (value->dtype() == DType::boolean || is_extent(*value)) return true;
  if (!is_float(value->dtype())) return false;  // integers wrap
  const bool chooses = is_choice(value);
  const Sign sign = chooses ? Sign::kept : sign_of(*value);
  if (sign != Sign::kept) return sign == Sign::nonnegative;
  const size_t first = chooses ? 1 : 0;
  const size_t last = is_gather(*value) ? 1 : value->operands.size();
  return depth < kMaxDepth &&
         std::ranges::all_of(
             std::span(value->operands).subspan(first, last - first),
             [&](Value operand) { return is_nonnegative(operand, depth + 1); });
}

}  // namespace

bool Matcher::is_guarded() const {
  switch (pattern_.rule->guard) {
    case Guard::none: return true;
    case Guard::y_is_number: return is_number(match_.bound[1]);
    case Guard::y_is_constant: return has_reciprocal(match_.bound[1]);
    case Guard::y_is_no_small_constant: return is_no_small_constant(match_.bound[1]);
    case Guard::y_is_even: return is_power(match_.bound[1], 0);
    case Guard::y_is_odd: return is_power(match_.bound[1], 1);
    case Guard::y_is_positive: {
      const Scalar* number = constant_of(match_.bound[1]);
      return number != nullptr && number->as_real() > 0;
    }
    case Guard::x_is_nonnegative: return is_nonnegative(match_.bound[0]);
    case Guard::y_is_nonnegative: return is_nonnegative(match_.bound[1]);
    case Guard::x_is_float: return is_float(match_.bound[0]->dtype());
    case Guard::sum_cancels:
      return match_.takes_all || cancels(match_.bound[0], match_.bound[1], 1);
    case Guard::difference_cancels:
      return match_.takes_all || cancels(match_.bound[0], match_.bound[1], -1);
  }
  return false;
}

}  // namespace thx
