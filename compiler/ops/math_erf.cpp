// SPDX-License-Identifier: Apache-2.0
// erf, erfc, erfcx and its integral: polynomials beside exp, so that both tails keep their digits.
#include <numbers>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

constexpr double kErfcCenter = 4;
/// Up to it the polynomials hold; beyond, a few terms of the asymptotic series do.
constexpr double kFar = 50;
/// Below it q has lost digits that show.
constexpr double kNearZero = 0.46875;

/// exp(x^2) erfc(x) = (1 + p(q)) / (1 + 2 x) of an f64 x, 0 <= x <= kFar.
Pair scaled_erfc(LaneBuilder& b, Lane x, bool wide) {
  const auto number = [&](double value) { return b.number(x, value); };
  const std::span<const double> c = wide ? std::span<const double>(kErfcxF64) : kErfcxF32;
  const Lane center = number(kErfcCenter);
  const Lane q = b.div(b.sub(x, center), b.add(x, center));
  const Pair over = fast_two_sum(b, number(1), polynomial(b, q, c));
  const Pair under = two_sum(b, number(1), b.add(x, x));
  const Lane inverse = b.div(number(1), under.high);
  const Lane quotient = b.mul(over.high, inverse);
  const Pair back = two_product(b, quotient, under.high);
  Lane left = b.sub(b.sub(over.high, back.high), back.low);
  left = b.sub(b.add(left, over.low), b.mul(quotient, under.low));
  return {quotient, b.mul(left, inverse)};
}

/// The same near 0: exp(x^2) (1 - erf(x)).
Lane scaled_erfc_near_zero(LaneBuilder& b, Lane x) {
  const Lane square = b.mul(x, x);
  const Lane erf = b.mul_add(x, polynomial(b, square, kErfF64), x);
  const Lane grown = b.mul_add(b.mul(square, square), polynomial(b, square, kExpF64), square);
  // (1 + grown) (1 - erf), the larger terms first.
  const Pair one_less = fast_two_sum(b, b.number(x, 1), b.neg(erf));
  return b.add(one_less.high, b.mul_add(grown, one_less.high, one_less.low));
}

/// erfc(x) of an f64 x >= 0, not far beyond where it is 0.
Lane erfc_of_size(LaneBuilder& b, Lane x, bool wide) {
  const Pair factor = scaled_erfc(b, x, wide);
  const Pair square = two_product(b, x, x);
  const Reduced reduced = reduce_by_ln2(b, b.neg(square.high));
  // 2^-n exp(-x^2) = 1 + r + rest.
  const Pair r = fast_two_sum(b, reduced.r, b.sub(reduced.low, square.low));
  const Lane rest = b.add(exp_rest(b, r.high), r.low);
  // The factor times it, the larger terms first.
  const Pair product = two_product(b, factor.high, r.high);
  const Pair over = fast_two_sum(b, factor.high, product.high);
  Lane low = b.add(b.add(over.low, factor.low), product.low);
  low = b.mul_add(factor.high, rest, b.mul_add(factor.low, r.high, low));
  return scale(b, b.add(over.high, low), reduced.rounder_plus_n);
}

/// 2 exp(x^2) of an f64 x >= 0.
Lane twice_exp_of_square(LaneBuilder& b, Lane x) {
  // Beyond the bound it is infinite.
  const Pair square = two_product(b, b.op(Instruction::minimum, x, b.number(x, 27)),
                                  b.op(Instruction::minimum, x, b.number(x, 27)));
  const Reduced reduced = reduce_by_ln2(b, square.high);
  const Pair r = fast_two_sum(b, reduced.r, b.add(reduced.low, square.low));
  const Lane beyond_one = b.add(b.add(exp_rest(b, r.high), r.low), r.high);
  const Lane one = b.number(x, 1);
  return scale(b, b.add(beyond_one, one), b.add(reduced.rounder_plus_n, one));
}

/// A power series of few terms in z, as 1 + z p(z).
Lane series(LaneBuilder& b, Lane z, std::span<const double> p) {
  return b.mul_add(z, polynomial(b, z, p), b.number(z, 1));
}

}  // namespace

Lane erf(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const bool wide = result == DType::f64;
  const Lane x = operands[0], size = b.abs(x), one = b.number(x, 1);
  // Beyond the bound erf is 1.
  const Lane bounded = b.op(Instruction::minimum, size, b.number(x, wide ? 5.93 : 3.95));
  const Lane small = b.op(Instruction::less, bounded, one);
  const std::span<const double> near = wide ? std::span<const double>(kErfF64) : kErfF32;
  const std::span<const double> far = wide ? std::span<const double>(kLogErfcF64) : kLogErfcF32;
  const Lane below = b.mul_add(bounded, polynomial(b, b.mul(bounded, bounded), near), bounded);
  const Lane minus_log = polynomial(b, b.sub(bounded, one), far);
  const Lane above = b.sub(one, exp_bounded(b, b.neg(minus_log)));
  return b.op(Instruction::copysign, b.select(small, below, above), x);
}

Lane erfc(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const bool wide = result == DType::f64;
  const Lane x = wide ? operands[0] : b.convert(operands[0], DType::f64);
  // Beyond the bound erfc is 0, on the other side 2.
  const Lane size = b.op(Instruction::minimum, b.abs(x), b.number(x, wide ? 28 : 11));
  Lane value = erfc_of_size(b, size, wide);
  if (wide) {
    // Where erf < 1/2 nothing of it but the last rounding shows.
    const Lane near = b.mul(size, polynomial(b, b.mul(size, size), kErfF64));
    const Lane small = b.op(Instruction::less, size, b.number(x, kNearZero));
    value = b.select(small, b.sub(b.number(x, 1), b.add(size, near)), value);
  }
  const Lane negative = b.op(Instruction::less, x, b.number(x, 0));
  const Lane whole = b.select(negative, b.sub(b.number(x, 2), value), value);
  return wide ? whole : b.convert(whole, result);
}

// Beyond kFar: (1 - 1/(2 x^2) + 3/(2 x^2)^2 - ...) / (x sqrt(pi)), DLMF 7.12.1.
Lane erfcx(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const bool wide = result == DType::f64;
  const Lane x = wide ? operands[0] : b.convert(operands[0], DType::f64);
  const Lane size = b.abs(x), bounded = b.op(Instruction::minimum, size, b.number(x, kFar));
  const Pair scaled = scaled_erfc(b, bounded, wide);
  Lane near = b.add(scaled.high, scaled.low);
  if (wide)
    near = b.select(b.op(Instruction::less, size, b.number(x, kNearZero)),
                    scaled_erfc_near_zero(b, size), near);
  const Lane inverse = b.div(b.number(x, 1), size), z = b.mul(inverse, inverse);
  static constexpr double kSeries[] = {-0.5, 0.75, -1.875, 6.5625, -29.53125};
  const Lane far =
      b.mul(b.mul(inverse, b.number(x, std::numbers::inv_sqrtpi)), series(b, z, kSeries));
  const Lane beyond = b.op(Instruction::greater, size, b.number(x, kFar));
  const Lane value = b.select(beyond, far, near);
  const Lane negative = b.op(Instruction::less, x, b.number(x, 0));
  const Lane reflected = b.sub(twice_exp_of_square(b, size), value);
  const Lane whole = b.select(negative, reflected, value);
  return wide ? whole : b.convert(whole, result);
}

namespace {

/// What erfcx integrates to, once or twice: p(q) / (1 + 2 x)^(times + 1) up to kFar, beyond
/// factor (1 + z r(z)) / x^(times + 1) with z = 1 / x^2 (DLMF 7.18.14).
struct Integral {
  int times;
  std::span<const double> polynomial, series;
  double factor;
};
Lane integral_of_size(LaneBuilder& b, Lane size, const Integral& integral) {
  const auto number = [&](double value) { return b.number(size, value); };
  const Lane bounded = b.op(Instruction::minimum, size, number(kFar));
  const Lane q = b.div(b.sub(bounded, number(kErfcCenter)), b.add(bounded, number(kErfcCenter)));
  const Pair sum = two_sum(b, number(1), b.add(bounded, bounded));
  const Lane under = sum.high;
  const Lane inverse = b.div(number(1), size);
  const Lane terms = series(b, b.mul(inverse, inverse), integral.series);
  Lane near = b.div(polynomial(b, q, integral.polynomial), under);
  Lane far = b.div(b.mul(terms, number(integral.factor)), size);
  for (int i = 0; i < integral.times; ++i) {
    near = b.div(near, under);
    far = b.div(far, size);
  }
  // What 1 + 2 x was rounded by counts in each of its powers.
  const Lane rounded = b.mul(b.div(sum.low, under), number(integral.times + 1));
  near = b.sub(near, b.mul(near, rounded));
  return b.select(b.op(Instruction::greater, size, number(kFar)), far, near);
}

/// 1 / sqrt(pi) - x exp(x^2) erfc(x), near 0.
Lane integral_near_zero(LaneBuilder& b, Lane x) {
  const Lane product = b.mul(x, scaled_erfc_near_zero(b, x));
  return b.sub(b.number(x, std::numbers::inv_sqrtpi), product);
}

}  // namespace

Lane ierfcx(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  static constexpr double kSeries[] = {-1.5, 3.75, -13.125, 59.0625, -324.84375};
  const bool wide = result == DType::f64;
  const Lane x = wide ? operands[0] : b.convert(operands[0], DType::f64);
  const Lane size = b.abs(x);
  Lane value = integral_of_size(b, size,
                                {1, wide ? std::span<const double>(kIerfcxF64) : kIerfcxF32,
                                 kSeries, std::numbers::inv_sqrtpi / 2});
  if (wide)
    value = b.select(b.op(Instruction::less, size, b.number(x, kNearZero)),
                     integral_near_zero(b, size), value);
  const Lane negative = b.op(Instruction::less, x, b.number(x, 0));
  const Lane reflected = b.mul_add(size, twice_exp_of_square(b, size), value);
  const Lane whole = b.select(negative, reflected, value);
  return wide ? whole : b.convert(whole, result);
}

Lane i2erfcx(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  static constexpr double kSeries[] = {-3, 11.25, -52.5, 295.3125, -1949.0625};
  const bool wide = result == DType::f64;
  const Lane x = wide ? operands[0] : b.convert(operands[0], DType::f64);
  const Lane size = b.abs(x), half = b.number(x, 0.5);
  Lane value = integral_of_size(b, size,
                                {2, wide ? std::span<const double>(kI2erfcxF64) : kI2erfcxF32,
                                 kSeries, std::numbers::inv_sqrtpi / 4});
  if (wide) {
    const Lane less = b.mul(size, integral_near_zero(b, size));
    const Lane near = b.mul(half, b.sub(b.mul(half, scaled_erfc_near_zero(b, size)), less));
    value = b.select(b.op(Instruction::less, size, b.number(x, kNearZero)), near, value);
  }
  const Lane negative = b.op(Instruction::less, x, b.number(x, 0));
  // (x^2 + 1/2) exp(x^2), whose first factor ends where the second is infinite.
  const Lane bounded = b.op(Instruction::minimum, size, b.number(x, 27));
  const Lane grown = b.mul(half, b.mul_add(bounded, bounded, half));
  const Lane reflected = b.sub(b.mul(grown, twice_exp_of_square(b, size)), value);
  const Lane whole = b.select(negative, reflected, value);
  return wide ? whole : b.convert(whole, result);
}

}  // namespace thx::math
