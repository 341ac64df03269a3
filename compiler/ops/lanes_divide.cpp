// SPDX-License-Identifier: Apache-2.0
// Python's // and %: of integers by the quotient that truncates; of floats from the exact remainder
// of |x| by |y|, however far apart they are.
#include <cmath>
#include <limits>

#include "ops/lanes.h"

namespace thx::lane {
namespace {

using enum Instruction;

Lane fused(LaneBuilder& b, Lane x, Lane y, Lane w) { return b.op(fma, x, y, w); }
Lane rounded(LaneBuilder& b, Lane x) { return b.op(round_even, x); }

/// The truncated quotient by a divisor that is replaced by 1 where there is none (0, and -1, whose
/// quotient may be out of range), its remainder, and whether rounding down differs from it.
struct Truncated {
  Lane zero, minus_one, divisor, quotient, remainder, differs;  // unsigned: minus_one, differs null
};
Truncated truncated(LaneBuilder& b, Lane x, Lane y) {
  Truncated t;
  const Lane zero = b.number(y, 0);
  t.zero = b.op(equal, y, zero);
  Lane replaced = t.zero;
  if (is_signed(b.dtype(y))) {
    t.minus_one = b.op(equal, y, b.number(y, -1));
    replaced = b.op(bit_or, t.zero, t.minus_one);
  }
  t.divisor = b.select(replaced, b.number(y, 1), y);
  t.quotient = b.div(x, t.divisor);
  t.remainder = b.sub(x, b.mul(t.quotient, t.divisor));
  if (is_signed(b.dtype(y))) {
    const Lane signs = b.op(less, b.op(bit_xor, t.remainder, t.divisor), zero);
    t.differs = b.op(bit_and, signs, b.op(not_equal, t.remainder, zero));
  }
  return t;
}

/// a b 2^twice mod m for integers |a|, |b| <= m / 2 < 2^52 and a mask; so bounded again. Each step
/// is exact: the quotient is wrong by less than 1, what it leaves is below 2^53.
Lane multiply(LaneBuilder& b, Lane x, Lane y, Lane factor, Lane modulus, Lane inverse) {
  const Lane high = b.mul(x, y);
  const Lane low = fused(b, x, y, b.neg(high));
  const Lane quotient = rounded(b, b.div(high, modulus));
  Lane left = b.add(fused(b, b.neg(quotient), modulus, high), low);
  if (factor.id >= 0) left = b.mul(left, factor);
  return fused(b, b.neg(rounded(b, b.mul(left, inverse))), modulus, left);
}

/// A positive finite f64 as an integer 2^52 <= mantissa < 2^53 times 2^exponent (i64, biased).
struct Parts {
  Lane mantissa, exponent, raised, is_denormal;
};
Parts parts_of(LaneBuilder& b, Lane x) {
  Parts p;
  p.is_denormal = b.op(less, x, b.number(x, 0x1p-1022));
  const Lane normal = b.select(p.is_denormal, b.mul(x, b.number(x, 0x1p54)), x);
  const auto bits = [&](int64_t value) { return b.constant_integer(DType::i64, value); };
  const Lane word = b.bitcast(normal, DType::i64);
  const Lane mantissa = b.op(bit_and, word, bits((int64_t{1} << 52) - 1));
  p.mantissa = b.bitcast(b.op(bit_or, mantissa, bits(int64_t{1075} << 52)), DType::f64);
  p.raised = b.op(shift_right, word, bits(52));
  p.exponent = b.sub(p.raised, b.select(p.is_denormal, bits(54), bits(0)));
  return p;
}

/// x mod y for positive finite f64: with x = p 2^d u and y = m u it is (p 2^d mod m) u, and 2^d
/// comes by squaring, from the upper bits of d down.
Lane remainder_of_f64(LaneBuilder& b, Lane x, Lane y) {
  const Parts p = parts_of(b, x), m = parts_of(b, y);
  const auto bits = [&](int64_t value) { return b.constant_integer(DType::i64, value); };
  const Lane distance = b.op(maximum, b.sub(p.exponent, m.exponent), bits(0));
  const Lane inverse = b.div(b.number(x, 1), m.mantissa);
  constexpr int kSteps = 6;  // distance < 2^12, and 2^(distance >> 6) is below m / 2
  const Lane start = b.add(b.op(shift_right, distance, bits(kSteps)), bits(1023));
  Lane power = b.bitcast(b.op(shift_left, start, bits(52)), DType::f64);
  for (int step = kSteps - 1; step >= 0; --step) {
    const Lane bit = b.op(bit_and, distance, bits(int64_t{1} << step));
    const Lane factor = b.select(b.op(not_equal, bit, bits(0)), b.number(x, 2), b.number(x, 1));
    power = multiply(b, power, power, factor, m.mantissa, inverse);
  }
  const Lane times = rounded(b, b.mul(p.mantissa, inverse));
  const Lane first = fused(b, b.neg(times), m.mantissa, p.mantissa);
  Lane left = multiply(b, first, power, {}, m.mantissa, inverse);
  left = b.select(b.op(less, left, b.number(x, 0)), b.add(left, m.mantissa), left);
  // In units of y's last place, without a step below the range.
  const Lane unit = b.bitcast(b.op(shift_left, m.raised, bits(52)), DType::f64);
  left = b.mul(b.mul(left, b.number(x, 0x1p-52)), unit);
  left = b.mul(left, b.select(m.is_denormal, b.number(x, 0x1p-54), b.number(x, 1)));
  return b.select(b.op(less, x, y), x, left);
}

/// The same where both came from f32: steps of 29 bits, whose products with 24 bits are exact.
Lane remainder_of_f32(LaneBuilder& b, Lane x, Lane y) {
  const Lane inverse = b.div(b.number(x, 1), y);
  Lane left = x;
  for (int bits = 29 * 9; bits >= 0; bits -= 29) {
    const Lane quotient =
        rounded(b, b.mul(left, b.mul(inverse, b.number(x, std::ldexp(1.0, -bits)))));
    left = b.sub(left, b.mul(quotient, b.mul(y, b.number(x, std::ldexp(1.0, bits)))));
  }
  return b.select(b.op(less, left, b.number(x, 0)), b.add(left, y), left);
}

/// C's fmod on f64 lanes, exact: with the sign of x, NaN where x is infinite or y is 0.
Lane float_remainder(LaneBuilder& b, Lane x, Lane y, bool from_f32) {
  const Lane zero = b.number(x, 0), infinity = b.number(x, std::numeric_limits<double>::infinity());
  const Lane nan = b.number(x, std::numeric_limits<double>::quiet_NaN());
  const Lane size = b.abs(x), divisor = b.abs(y);
  Lane left = from_f32 ? remainder_of_f32(b, size, divisor) : remainder_of_f64(b, size, divisor);
  left = b.select(b.op(less, divisor, infinity), left, size);
  left = b.op(copysign, left, x);
  // Neither holds on NaN.
  const Lane has = b.op(bit_and, b.op(less, size, infinity), b.op(greater, divisor, zero));
  return b.select(has, left, nan);
}

struct FloatDivision {
  Lane x, y, rest, lower;  // lower: whether rounding down differs from truncating
};
FloatDivision divide_floats(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const bool from_f32 = result == DType::f32;
  FloatDivision d;
  d.x = from_f32 ? b.convert(operands[0], DType::f64) : operands[0];
  d.y = from_f32 ? b.convert(operands[1], DType::f64) : operands[1];
  d.rest = float_remainder(b, d.x, d.y, from_f32);
  const Lane zero = b.number(d.x, 0);
  const Lane signs = b.op(bit_xor, b.op(less, d.rest, zero), b.op(less, d.y, zero));
  d.lower = b.op(bit_and, signs, b.op(not_equal, d.rest, zero));
  return d;
}

}  // namespace

Lane floor_divide(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  if (!is_float(result)) {
    const Truncated t = truncated(b, operands[0], operands[1]);
    const Lane zero = b.number(t.quotient, 0);
    if (!is_signed(result)) return b.select(t.zero, zero, t.quotient);
    const Lane down = b.select(t.differs, b.number(zero, 1), zero);
    const Lane quotient = b.select(t.minus_one, b.neg(operands[0]), b.sub(t.quotient, down));
    return b.select(t.zero, zero, quotient);
  }
  const FloatDivision d = divide_floats(b, operands, result);
  const Lane zero = b.number(d.x, 0);
  const Lane down = b.select(d.lower, b.number(zero, 1), zero);
  Lane quotient = rounded(b, b.sub(b.div(b.sub(d.x, d.rest), d.y), down));
  const Lane ratio = b.div(d.x, d.y);
  quotient = b.select(b.op(equal, quotient, zero), b.op(copysign, zero, ratio), quotient);
  quotient = b.select(b.op(equal, d.y, zero), ratio, quotient);
  return result == DType::f32 ? b.convert(quotient, result) : quotient;
}

Lane remainder(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  if (!is_float(result)) {
    const Truncated t = truncated(b, operands[0], operands[1]);
    if (!is_signed(result)) return t.remainder;
    return b.add(t.remainder, b.select(t.differs, t.divisor, b.number(t.divisor, 0)));
  }
  const FloatDivision d = divide_floats(b, operands, result);
  const Lane zero = b.number(d.x, 0);
  Lane rest = b.select(d.lower, b.add(d.rest, d.y), d.rest);
  rest = b.select(b.op(equal, d.rest, zero), b.op(copysign, zero, d.y), rest);
  return result == DType::f32 ? b.convert(rest, result) : rest;
}

}  // namespace thx::lane
