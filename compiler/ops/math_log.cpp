// SPDX-License-Identifier: Apache-2.0
// log, log1p, log2 and log10: x = 2^k (1 + f), log(1 + f) = 2 atanh(f / (2 + f)).
#include <limits>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

Split split_exponent(LaneBuilder& b, Lane x, bool denormals) {
  const DType dtype = b.dtype(x);
  const FloatFormat& format = float_format(dtype);
  const double to_exponent = static_cast<double>(int64_t{1} << format.mantissa) + format.bias;
  Lane to_k = b.number(x, to_exponent);
  if (denormals) {
    const int raise = format.mantissa + 2;
    const Lane small = b.op(Instruction::less, x, b.number(x, format.min_normal));
    const double factor = static_cast<double>(int64_t{1} << raise);
    x = b.select(small, b.mul(x, b.number(x, factor)), x);
    to_k = b.select(small, b.number(x, to_exponent + raise), to_k);
  }
  const Lane raw = b.bitcast(x, format.bits);
  const auto bits = [&](int64_t value) { return b.constant_integer(format.bits, value); };
  const Lane moved = b.add(raw, bits(format.one_bits - format.sqrt_half_bits));
  // The exponent as the low bits of 2^mantissa: no conversion between integers and floats.
  const Lane exponent = b.op(Instruction::shift_right, moved, bits(format.mantissa));
  const int64_t two_to_mantissa = int64_t{format.bias + format.mantissa} << format.mantissa;
  const Lane held = b.op(Instruction::bit_or, exponent, bits(two_to_mantissa));
  const Lane k = b.sub(b.bitcast(held, dtype), to_k);
  const int64_t mask = (int64_t{1} << format.mantissa) - 1;
  const Lane mantissa = b.op(Instruction::bit_and, moved, bits(mask));
  const Lane m = b.bitcast(b.add(mantissa, bits(format.sqrt_half_bits)), dtype);
  return {b.sub(m, b.number(x, 1)), k};
}

Lane log_of_split(LaneBuilder& b, const Split& split, Lane correction) {
  const Lane f = split.f;
  const bool wide = b.dtype(f) == DType::f64;
  const FloatFormat& format = float_format(b.dtype(f));
  const std::span<const double> p = wide ? std::span<const double>(kLogF64) : kLogF32;
  const Lane s = b.div(f, b.add(f, b.number(f, 2)));
  const Lane z = b.mul(s, s);
  const Lane rest = b.mul(z, polynomial(b, z, p));
  // 2 s = f - s f, and s f = f^2/2 - s f^2/2: f itself carries most of the result, unrounded.
  const Lane half_square = b.mul(b.mul(f, b.number(f, 0.5)), f);
  Lane low = b.mul(split.k, b.number(f, format.ln2_low));
  if (correction.id >= 0) low = b.add(low, correction);
  low = b.mul_add(s, b.add(half_square, rest), low);
  const Lane part = b.sub(f, b.sub(half_square, low));
  return b.mul_add(split.k, b.number(f, format.ln2_high), part);
}

namespace {

/// `value` where 0 < x < infinity; the limits of log elsewhere.
Lane with_limits_of_log(LaneBuilder& b, Lane x, Lane value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Lane infinity = b.number(x, kInfinity), zero = b.number(x, 0);
  const Lane nan = b.number(x, std::numeric_limits<double>::quiet_NaN());
  value = b.select(b.op(Instruction::less, x, infinity), value, infinity);
  value = b.select(b.op(Instruction::equal, x, zero), b.number(x, -kInfinity), value);
  return b.select(b.op(Instruction::greater_equal, x, zero), value, nan);
}

/// A base by 1 / log(base) and log(2) / log(base) in two terms. The first of `inverse` is so short
/// that its products with truncated numbers are exact, the first of `of_two` that k of it are.
struct Base {
  double inverse_high, inverse_low;
  double of_two_high, of_two_low;
};

/// The logarithm to a base as a sum of two terms, rounded once: right where the result is whole.
Lane log_to_base(LaneBuilder& b, Lane x, const Base& base) {
  const Split split = split_exponent(b, x, true);
  const Lane f = split.f;
  const bool wide = b.dtype(f) == DType::f64;
  const DType bits = float_format(b.dtype(f)).bits;
  const std::span<const double> p = wide ? std::span<const double>(kLogF64) : kLogF32;
  const Lane s = b.div(f, b.add(f, b.number(f, 2)));
  const Lane z = b.mul(s, s);
  const Lane half_square = b.mul(b.mul(f, b.number(f, 0.5)), f);
  // log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + rest), as a short term and the others.
  const Lane mask = b.constant_integer(bits, wide ? ~int64_t{0xffffffff} : int64_t{0xfffff000});
  const Lane lead = b.bitcast(b.sub(f, half_square), bits);
  const Lane high = b.bitcast(b.op(Instruction::bit_and, lead, mask), b.dtype(f));
  const Lane rest = b.mul_add(z, polynomial(b, z, p), half_square);
  const Lane low = b.mul_add(s, rest, b.sub(b.sub(f, high), half_square));
  Lane tail = b.mul(b.add(low, high), b.number(f, base.inverse_low));
  tail = b.mul_add(low, b.number(f, base.inverse_high), tail);
  tail = b.mul_add(split.k, b.number(f, base.of_two_low), tail);
  const Pair sum = fast_two_sum(b, b.mul(split.k, b.number(f, base.of_two_high)),
                                b.mul(high, b.number(f, base.inverse_high)));
  return with_limits_of_log(b, x, b.add(sum.high, b.add(sum.low, tail)));
}

}  // namespace

Lane log(LaneBuilder& b, std::span<const Lane> operands, DType) {
  const Lane x = operands[0];
  return with_limits_of_log(b, x, log_of_split(b, split_exponent(b, x, true)));
}

Lane log1p(LaneBuilder& b, std::span<const Lane> operands, DType) {
  const Lane x = operands[0];
  const Pair sum = two_sum(b, b.number(x, 1), x);
  const Lane value = log_of_split(b, split_exponent(b, sum.high, false), b.div(sum.low, sum.high));
  return b.op(Instruction::copysign, with_limits_of_log(b, sum.high, value), x);  // for -0.0
}

Lane log2(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  static constexpr Base kF32 = {0x1.716p0, -0x1.7135a8p-13, 1, 0};
  static constexpr Base kF64 = {0x1.71547652p0, 0x1.705fc2eefa200p-33, 1, 0};
  return log_to_base(b, operands[0], result == DType::f64 ? kF64 : kF32);
}

Lane log10(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  static constexpr Base kF32 = {0x1.bccp-2, -0x1.09d5b2p-15, 0x1.3441p-2, 0x1.a84fbcp-21};
  static constexpr Base kF64 = {0x1.bcb7b152p-2, 0x1.b9438ca9aadd5p-36, 0x1.34413509f6000p-2,
                                0x1.9fef311f12b36p-42};
  return log_to_base(b, operands[0], result == DType::f64 ? kF64 : kF32);
}

}  // namespace thx::math
