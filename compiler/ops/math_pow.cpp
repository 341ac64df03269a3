// SPDX-License-Identifier: Apache-2.0
// pow: y log(x) with more bits than the result has, then exp. f32 runs in f64.
#include <limits>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

Pair times(LaneBuilder& b, const Pair& x, const Pair& y) {
  const Pair product = two_product(b, x.high, y.high);
  Lane low = b.mul_add(x.high, y.low, product.low);
  low = b.mul_add(x.low, y.high, low);
  return fast_two_sum(b, product.high, low);
}

}  // namespace

Pair long_log(LaneBuilder& b, Lane x) {
  const Split split = split_exponent(b, x, true);
  const Lane f = split.f;
  const auto number = [&](double value) { return b.number(x, value); };
  // s = f / (2 + f) in two terms: the quotient's remainder is exact.
  const Pair divisor = fast_two_sum(b, number(2), f);
  const Lane quotient = b.div(f, divisor.high);
  const Pair back = two_product(b, quotient, divisor.high);
  Lane remainder = b.sub(b.sub(f, back.high), back.low);
  remainder = b.sub(remainder, b.mul(quotient, divisor.low));
  const Pair s = {quotient, b.div(remainder, divisor.high)};
  const Pair z = times(b, s, s);
  // 2 atanh(s) = 2 s + s z (2/3 + z p(z)).
  const Lane tail = b.mul(z.high, polynomial(b, z.high, kPowLogF64));
  Pair factor = fast_two_sum(b, number(0x1.5555555555555p-1), tail);
  factor.low = b.add(factor.low, number(0x1.5555555555555p-55));
  const Pair cubic = times(b, times(b, factor, z), s);
  // k log(2) + 2 s + cubic, the larger terms first.
  const Pair whole = fast_two_sum(b, b.mul(split.k, number(float_format(DType::f64).ln2_high)),
                                  b.add(s.high, s.high));
  const Pair sum = fast_two_sum(b, whole.high, cubic.high);
  Lane low = b.add(b.add(s.low, s.low), cubic.low);
  low = b.mul_add(split.k, number(float_format(DType::f64).ln2_low), low);
  low = b.add(low, b.add(whole.low, sum.low));
  return fast_two_sum(b, sum.high, low);
}

namespace {

/// exp(y (log.high + log.low)) in f64; y is bounded, so that nothing overflows before exp does.
Lane exp_of_product(LaneBuilder& b, Lane y, const Pair& log) {
  const FloatFormat& format = float_format(DType::f64);
  const Pair product = two_product(b, y, log.high);
  Lane low = b.mul_add(y, log.low, product.low);
  Lane high = b.op(Instruction::maximum, product.high, b.number(y, format.exp_low));
  high = b.op(Instruction::minimum, high, b.number(y, format.exp_high));
  low = b.select(b.op(Instruction::equal, high, product.high), low, b.number(y, 0));
  const Reduced reduced = reduce_by_ln2(b, high);
  const Pair r = fast_two_sum(b, reduced.r, b.add(reduced.low, low));
  const Lane beyond_one = b.add(b.add(exp_rest(b, r.high), r.low), r.high);
  return scale(b, b.add(beyond_one, b.number(y, 1)), reduced.rounder_plus_n);
}

/// |x| to the power of y for finite |x| > 0 and any y but NaN.
Lane positive_pow(LaneBuilder& b, Lane x, Lane y, bool to_f32) {
  // |log(x)| is 0 or above 2^-54: beyond this bound the result is 0, 1 or infinite.
  Lane bounded = b.op(Instruction::maximum, y, b.number(y, -0x1p66));
  bounded = b.op(Instruction::minimum, bounded, b.number(y, 0x1p66));
  if (!to_f32) return exp_of_product(b, bounded, long_log(b, x));
  const FloatFormat& format = float_format(DType::f64);
  Lane exponent = b.mul(bounded, log_of_split(b, split_exponent(b, x, false)));
  exponent = b.op(Instruction::maximum, exponent, b.number(y, format.exp_low));
  return exp_bounded(b, b.op(Instruction::minimum, exponent, b.number(y, format.exp_high)));
}

/// The special values of C's pow over `value`, which is right for finite nonzero |x| and y.
Lane with_limits_of_pow(LaneBuilder& b, Lane x, Lane y, Lane value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto number = [&](double v) { return b.number(x, v); };
  const auto is = [&](Instruction i, Lane a, Lane c) { return b.op(i, a, c); };
  const auto both = [&](Lane a, Lane c) { return b.op(Instruction::bit_and, a, c); };
  const auto either = [&](Lane a, Lane c) { return b.op(Instruction::bit_or, a, c); };
  const Lane zero = number(0), one = number(1), infinity = number(kInfinity), size = b.abs(x);

  const Lane infinite = is(Instruction::equal, size, infinity);
  const Lane grows = b.op(Instruction::bit_xor, infinite, is(Instruction::less, y, zero));
  const Lane at_limit = either(infinite, is(Instruction::equal, x, zero));
  value = b.select(at_limit, b.select(grows, infinity, zero), value);

  const Lane whole = is(Instruction::equal, b.op(Instruction::trunc, y), y);
  const Lane half = b.mul(y, number(0.5));
  const Lane odd = both(whole, is(Instruction::not_equal, b.op(Instruction::trunc, half), half));
  value = b.select(odd, b.op(Instruction::copysign, value, x), value);
  const Lane negative = both(is(Instruction::less, x, zero), is(Instruction::less, size, infinity));
  const Lane nan = number(std::numeric_limits<double>::quiet_NaN());
  value = b.select(both(negative, b.op(Instruction::bit_not, whole)), nan, value);

  value = b.select(either(is(Instruction::not_equal, x, x), is(Instruction::not_equal, y, y)), nan,
                   value);
  return b.select(either(is(Instruction::equal, y, zero), is(Instruction::equal, x, one)), one,
                  value);
}

}  // namespace

Lane pow(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const bool to_f32 = result == DType::f32;
  const Lane x = to_f32 ? b.convert(operands[0], DType::f64) : operands[0];
  const Lane y = to_f32 ? b.convert(operands[1], DType::f64) : operands[1];
  const Lane value = with_limits_of_pow(b, x, y, positive_pow(b, b.abs(x), y, to_f32));
  return to_f32 ? b.convert(value, DType::f32) : value;
}

}  // namespace thx::math
