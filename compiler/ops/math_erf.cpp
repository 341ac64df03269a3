// SPDX-License-Identifier: Apache-2.0
// erf and erfc: polynomials beside exp, so that both tails keep their digits.
#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

constexpr double kErfcCenter = 4;

/// erfc(x) of an f64 x >= 0 up to `most`: exp(-x^2) (1 + p(q)) / (1 + 2 x).
Lane erfc_of_size(LaneBuilder& b, Lane x, std::span<const double> coefficients) {
  const auto number = [&](double value) { return b.number(x, value); };
  const Lane center = number(kErfcCenter);
  const Lane q = b.div(b.sub(x, center), b.add(x, center));
  const Lane p = polynomial(b, q, coefficients);
  const Pair square = two_product(b, x, x);
  const Reduced reduced = reduce_by_ln2(b, b.neg(square.high));
  // 2^-n exp(-x^2) = 1 + r + rest.
  const Pair r = fast_two_sum(b, reduced.r, b.sub(reduced.low, square.low));
  const Lane rest = b.add(exp_rest(b, r.high), r.low);
  // (1 + p) (1 + r + rest), the larger terms first.
  const Pair factor = fast_two_sum(b, number(1), p);
  const Pair product = two_product(b, factor.high, r.high);
  const Pair over = fast_two_sum(b, factor.high, product.high);
  Lane low = b.add(b.add(over.low, factor.low), product.low);
  low = b.mul_add(factor.high, rest, b.mul_add(factor.low, r.high, low));
  const Pair under = two_sum(b, number(1), b.add(x, x));
  const Lane inverse = b.div(number(1), under.high);
  const Lane quotient = b.mul(over.high, inverse);
  const Pair back = two_product(b, quotient, under.high);
  Lane left = b.sub(b.sub(over.high, back.high), back.low);
  left = b.sub(b.add(left, low), b.mul(quotient, under.low));
  return scale(b, b.mul_add(left, inverse, quotient), reduced.rounder_plus_n);
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
  const std::span<const double> p = wide ? std::span<const double>(kErfcF64) : kErfcF32;
  Lane value = erfc_of_size(b, size, p);
  if (wide) {
    // Where erf < 1/2 it is the more exact one: q has lost digits there, which erfc shows.
    const Lane near = b.mul(size, polynomial(b, b.mul(size, size), kErfF64));
    const Lane small = b.op(Instruction::less, size, b.number(x, 0.46875));
    value = b.select(small, b.sub(b.number(x, 1), b.add(size, near)), value);
  }
  const Lane negative = b.op(Instruction::less, x, b.number(x, 0));
  const Lane whole = b.select(negative, b.sub(b.number(x, 2), value), value);
  return wide ? whole : b.convert(whole, result);
}

}  // namespace thx::math
