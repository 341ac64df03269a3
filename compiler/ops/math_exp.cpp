// SPDX-License-Identifier: Apache-2.0
// exp, exp2 and expm1: x = n log(2) + r, a polynomial in r, and 2^n made from the bits of n.
#include <numbers>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

Reduced reduce_by_ln2(LaneBuilder& b, Lane x) {
  const FloatFormat& format = float_format(b.dtype(x));
  const Lane rounder = b.number(x, format.rounder);
  const Lane moved = b.mul_add(x, b.number(x, 0x1.71547652b82fep0), rounder);
  const Lane n = b.sub(moved, rounder);
  // The first step is exact: n ln2_high needs no more bits than there are, and x is near to it.
  const Lane near = b.mul_add(n, b.number(x, -format.ln2_high), x);
  const Lane rest = b.mul(n, b.number(x, format.ln2_low));
  const Lane r = b.sub(near, rest);
  return {n, r, b.sub(b.sub(near, r), rest), moved};
}

Lane exp_rest(LaneBuilder& b, Lane r) {
  const bool wide = b.dtype(r) == DType::f64;
  const std::span<const double> p = wide ? std::span<const double>(kExpF64) : kExpF32;
  return b.mul(b.mul(r, r), polynomial(b, r, p));
}

Lane power_of_two(LaneBuilder& b, Lane rounder_plus_n) {
  const DType dtype = b.dtype(rounder_plus_n);
  const FloatFormat& format = float_format(dtype);
  const Lane bits = b.bitcast(rounder_plus_n, format.bits);
  const Lane biased = b.add(bits, b.number(bits, format.bias));
  return b.bitcast(b.op(Instruction::shift_left, biased, b.number(bits, format.mantissa)), dtype);
}

Lane scale(LaneBuilder& b, Lane y, Lane rounder_plus_n) {
  const DType dtype = b.dtype(y);
  const FloatFormat& format = float_format(dtype);
  const Lane bits = b.bitcast(rounder_plus_n, format.bits);
  // Two factors of half the exponent each: the first product is exact, the second rounds.
  const int64_t to_twice_bias = 2 * int64_t{format.bias} - format.rounder_bits;
  const Lane both = b.add(bits, b.constant_integer(format.bits, to_twice_bias));
  const Lane one = b.op(Instruction::shift_right, both, b.number(bits, 1));
  const Lane shift = b.number(bits, format.mantissa);
  const Lane first = b.op(Instruction::shift_left, one, shift);
  const Lane second = b.op(Instruction::shift_left, b.sub(both, one), shift);
  return b.mul(b.mul(y, b.bitcast(first, dtype)), b.bitcast(second, dtype));
}

Lane exp_bounded(LaneBuilder& b, Lane x) {
  const FloatFormat& format = float_format(b.dtype(x));
  const Lane rounder = b.number(x, format.rounder);
  const Lane moved = b.mul_add(x, b.number(x, 0x1.71547652b82fep0), rounder);
  const Lane n = b.sub(moved, rounder);
  Lane r = b.mul_add(n, b.number(x, -format.ln2_high), x);
  r = b.mul_add(n, b.number(x, -format.ln2_low), r);
  const bool wide = b.dtype(x) == DType::f64;
  const std::span<const double> p = wide ? std::span<const double>(kExpF64) : kExpF32;
  const Lane beyond_one = b.mul_add(b.mul(r, r), polynomial(b, r, p), r);
  return scale(b, b.add(beyond_one, b.number(x, 1)), moved);
}

Lane exp(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const FloatFormat& format = float_format(result);
  Lane x = operands[0];
  x = b.op(Instruction::maximum, x, b.number(x, format.exp_low));
  x = b.op(Instruction::minimum, x, b.number(x, format.exp_high));
  return exp_bounded(b, x);
}

Pair expm1_of_reduced(LaneBuilder& b, const Reduced& reduced, Lane power) {
  // (power - 1) + power r is kept as two terms: it cancels where power is 2 and r negative.
  const Lane base = b.sub(power, b.number(power, 1));
  const Pair sum = fast_two_sum(b, base, b.mul(power, reduced.r));
  const Lane rest = b.add(exp_rest(b, reduced.r), reduced.low);
  return {sum.high, b.mul_add(power, rest, sum.low)};
}

Lane exp2(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const FloatFormat& format = float_format(result);
  const int most = format.bias + 2;
  Lane x = operands[0];
  x = b.op(Instruction::maximum, x, b.number(x, -most - format.mantissa));
  x = b.op(Instruction::minimum, x, b.number(x, most));
  const Lane moved = b.add(x, b.number(x, format.rounder));
  const Lane part = b.sub(x, b.sub(moved, b.number(x, format.rounder)));  // exact
  const Lane r = b.mul(part, b.number(x, std::numbers::ln2));
  const Lane beyond_one = b.add(exp_rest(b, r), r);
  return scale(b, b.add(beyond_one, b.number(x, 1)), moved);
}

Lane expm1(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const FloatFormat& format = float_format(result);
  const Lane x = operands[0];
  Lane bounded = b.op(Instruction::maximum, x, b.number(x, result == DType::f64 ? -50 : -30));
  bounded = b.op(Instruction::minimum, bounded, b.number(x, format.exp_high));
  const Reduced reduced = reduce_by_ln2(b, bounded);
  // 2^n is no number for the largest n: half of it, and the result doubled.
  const Lane most = b.number(x, format.rounder + format.bias);
  const Lane over = b.op(Instruction::greater, reduced.rounder_plus_n, most);
  const Lane power = power_of_two(b, b.op(Instruction::minimum, reduced.rounder_plus_n, most));
  const Pair y = expm1_of_reduced(b, reduced, power);
  const Lane whole = b.mul(b.add(y.high, y.low), b.select(over, b.number(x, 2), b.number(x, 1)));
  return b.op(Instruction::copysign, whole, x);  // for -0.0
}

}  // namespace thx::math
