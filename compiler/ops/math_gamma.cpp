// SPDX-License-Identifier: Apache-2.0
// The logarithm of the gamma function and its derivatives, all in f64: polynomials from 1 to 3,
// Stirling's series beyond, the recurrence below, the reflection formula for negative numbers
// (DLMF, chapter 5).
#include <limits>
#include <numbers>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

using enum Instruction;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The coefficients of a result of f32, which is computed in f64 too, or of f64.
using Coefficients = std::span<const double>;

/// An argument by its size, and where it lies: the polynomials' interval is 1 <= a < 3.
struct Place {
  Lane x, a;  // a = |x|
  Lane below, far, negative;
  Lane t;  // for the polynomials: a - 2, or a - 1 where `below`
};
Place place(LaneBuilder& b, Lane x) {
  Place p;
  p.x = x;
  p.a = b.abs(x);
  p.below = b.op(less, p.a, b.number(x, 1));
  p.far = b.op(greater_equal, p.a, b.number(x, 3));
  p.negative = b.op(less, x, b.number(x, 0));
  p.t = b.sub(p.a, b.select(p.below, b.number(x, 1), b.number(x, 2)));
  return p;
}

/// a = n + y with a whole n and |y| <= 1/2: sin(pi y) / pi and cos(pi y).
struct Turn {
  Lane sin, cos;
};
Turn turn(LaneBuilder& b, Lane a, bool wide) {
  const Lane y = b.sub(a, b.op(round_even, a)), z = b.mul(y, y);
  const Coefficients s = wide ? Coefficients(kSinTurnF64) : kSinTurnF32;
  const Coefficients c = wide ? Coefficients(kCosTurnF64) : kCosTurnF32;
  return {b.mul_add(b.mul(y, z), polynomial(b, z, s), y),
          b.mul_add(z, polynomial(b, z, c), b.number(y, 1))};
}

/// log(x) of x > 0, denormals included; infinity of it, -infinity of 0.
Lane plain_log(LaneBuilder& b, Lane x) {
  const Lane value = log_of_split(b, split_exponent(b, x, true));
  return b.select(b.op(equal, x, b.number(x, 0)), b.number(x, -kInfinity), value);
}

/// (a - 1/2) log(a) - a + log(2 pi) / 2 + p(1 / a^2) / a for a >= 3: terms that are all positive.
Lane stirling(LaneBuilder& b, Lane a, const Pair& log, bool wide) {
  const auto number = [&](double value) { return b.number(a, value); };
  const Lane inverse = b.div(number(1), a), z = b.mul(inverse, inverse);
  const Coefficients p = wide ? Coefficients(kGammalnFarF64) : kGammalnFarF32;
  const Lane series = b.mul(inverse, polynomial(b, z, p));
  // (a - 1/2) (log(a) - 1), scaled down where the product and its parts might overflow.
  const Lane large = b.op(greater, a, number(0x1p900));
  const Lane factor = b.select(large, b.mul(a, number(0x1p-100)), b.sub(a, number(0.5)));
  const Pair less_one = fast_two_sum(b, log.high, number(-1));
  const Pair product = two_product(b, factor, less_one.high);
  Lane low = b.mul_add(factor, b.add(less_one.low, log.low), product.low);
  low = b.add(b.add(low, series), number(0x1.acfe390c97d69p-2));  // (log(2 pi) - 1) / 2
  return b.mul(b.add(product.high, low), b.select(large, number(0x1p100), number(1)));
}

Lane gammaln_wide(LaneBuilder& b, Lane x, bool wide) {
  const auto number = [&](double value) { return b.number(x, value); };
  const Place p = place(b, x);
  // log(gamma(2 + t)) = t (1 + t) p(t), of 1 + a below 1; t and 1 + t are a's own digits.
  const Coefficients c = wide ? Coefficients(kGammalnF64) : kGammalnF32;
  const Lane next = b.select(p.below, p.a, b.sub(p.a, number(1)));
  // Without the sign of 0 at 1.
  const Lane near = b.add(b.mul(b.mul(p.t, next), polynomial(b, p.t, c)), number(0));
  Pair log;
  if (wide)
    log = long_log(b, p.a);
  else
    log = {log_of_split(b, split_exponent(b, p.a, false)), number(0)};
  const Lane beyond = stirling(b, p.a, log, wide);
  const Lane above_zero = b.select(p.below, b.sub(b.sub(near, log.high), log.low), near);
  const Lane positive = b.select(p.far, beyond, above_zero);
  // gamma(-a) gamma(1 + a) = -pi / sin(pi a), and gamma(1 + a) = a gamma(a).
  const Lane sine = b.abs(turn(b, p.a, wide).sin);
  const Lane under = b.mul(sine, b.select(p.below, number(1), p.a));
  const Lane reflected = b.neg(b.add(plain_log(b, under), b.select(p.far, beyond, near)));
  Lane value = b.select(p.negative, reflected, positive);
  const Lane at_pole = b.op(bit_and, b.op(less_equal, x, number(0)), b.op(equal, sine, number(0)));
  const Lane pole = b.op(bit_or, at_pole, b.op(equal, p.a, number(kInfinity)));
  value = b.select(pole, number(kInfinity), value);
  return b.select(b.op(equal, x, x), value, x);
}

/// x0 of digamma in two terms.
constexpr double kDigammaZero = 0x1.762d86356be3fp+0, kDigammaZeroLow = 0x1.b86a722197829p-54;

Lane digamma_wide(LaneBuilder& b, Lane x, bool wide) {
  const auto number = [&](double value) { return b.number(x, value); };
  const Place p = place(b, x);
  const Lane inverse = b.div(number(1), p.a), z = b.mul(inverse, inverse);
  // (2 + t - x0) p(t), of 1 + a below 1.
  const Lane zero = b.select(p.below, number(kDigammaZero - 1), number(kDigammaZero));
  const Lane distance = b.sub(b.sub(p.a, zero), number(kDigammaZeroLow));
  const Coefficients c = wide ? Coefficients(kDigammaF64) : kDigammaF32;
  const Lane near = b.mul(distance, polynomial(b, p.t, c));
  const Coefficients r = wide ? Coefficients(kDigammaFarF64) : kDigammaFarF32;
  const Lane rest = b.mul_add(z, polynomial(b, z, r), b.mul(inverse, number(0.5)));
  const Lane beyond = b.sub(log_of_split(b, split_exponent(b, p.a, false)), rest);
  const Lane from_one = b.select(p.far, beyond, near);
  const Lane positive = b.select(p.below, b.sub(near, inverse), from_one);
  // digamma(-a) = digamma(1 + a) + pi cot(pi a), and digamma(1 + a) = digamma(a) + 1 / a.
  const Turn w = turn(b, p.a, wide);
  const Lane cotangent = b.div(w.cos, w.sin);
  const Lane shifted = b.select(p.below, near, b.add(from_one, inverse));
  Lane value = b.select(p.negative, b.add(shifted, cotangent), positive);
  const Lane nan = number(kNaN), infinity = number(kInfinity);
  const Lane pole = b.op(equal, w.sin, number(0));
  value = b.select(b.op(bit_and, p.negative, pole), nan, value);
  value = b.select(b.op(equal, x, number(0)), b.neg(b.op(copysign, infinity, x)), value);
  value = b.select(b.op(equal, x, infinity), infinity, value);
  return b.select(b.op(equal, x, x), value, x);
}

Lane trigamma_wide(LaneBuilder& b, Lane x, bool wide) {
  const auto number = [&](double value) { return b.number(x, value); };
  const Lane size = b.abs(x), one = number(1);
  const Lane negative = b.op(less, x, number(0));
  // Of 1 + a for negative numbers: trigamma(-a) = (pi / sin(pi a))^2 - trigamma(1 + a).
  const Lane a = b.select(negative, b.add(size, one), size);
  const auto inverse_square = [&](Lane y) {
    const Lane inverse = b.div(one, y);
    return b.mul(inverse, inverse);
  };
  const Lane lower = b.op(less, a, number(3));
  const Lane steps = b.add(
      b.add(inverse_square(b.add(a, number(2))), inverse_square(b.add(a, one))), inverse_square(a));
  const Lane y = b.select(lower, b.add(a, number(3)), a);
  const Lane inverse = b.div(one, y), z = b.mul(inverse, inverse);
  const Coefficients c = wide ? Coefficients(kTrigammaFarF64) : kTrigammaFarF32;
  const Lane tail = b.mul_add(b.mul(z, inverse), polynomial(b, z, c), b.mul(z, number(0.5)));
  const Lane core = b.add(b.select(lower, steps, number(0)), b.add(inverse, tail));
  const Lane reflected = b.sub(inverse_square(turn(b, size, wide).sin), core);
  return b.select(negative, reflected, core);
}

/// A function of f64, for a result of f32 of fewer terms.
template <class Wide>
Lane in_f64(LaneBuilder& b, Lane x, DType result, Wide function) {
  if (result == DType::f64) return function(b, x, true);
  return b.convert(function(b, b.convert(x, DType::f64), false), result);
}

}  // namespace

Lane gammaln(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  return in_f64(b, operands[0], result, gammaln_wide);
}

Lane digamma(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  return in_f64(b, operands[0], result, digamma_wide);
}

Lane trigamma(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  return in_f64(b, operands[0], result, trigamma_wide);
}

}  // namespace thx::math
