// SPDX-License-Identifier: Apache-2.0
// tanh, sigmoid, softplus, logaddexp and log1mexp: forms of exp whose argument has one sign, so
// that nothing overflows.
#include <limits>
#include <numbers>

#include "ops/math.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

/// exp(-|x|): from 0 to 1.
Lane exp_of_minus_abs(LaneBuilder& b, Lane x) {
  const Lane lowest = b.number(x, float_format(b.dtype(x)).exp_low);
  return exp_bounded(b, b.op(Instruction::maximum, b.neg(b.abs(x)), lowest));
}

/// log(1 + t) of 0 <= t <= 1.
Lane log_of_one_and_unit(LaneBuilder& b, Lane t) {
  // 1 + t = 2^k (1 + f) with k 0 or 1 and f exact.
  const Lane zero = b.number(t, 0), one = b.number(t, 1), half = b.number(t, 0.5);
  const Lane large = b.op(Instruction::greater, t, half);
  const Split split = {b.select(large, b.mul(b.sub(t, one), half), t), b.select(large, one, zero)};
  return log_of_split(b, split);
}

}  // namespace

Lane tanh(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Lane x = operands[0];
  // Beyond the bound e / (e + 2) is 1.
  const Lane bounded =
      b.op(Instruction::minimum, b.abs(x), b.number(x, result == DType::f64 ? 20 : 10));
  const Lane twice = b.add(bounded, bounded);
  const Reduced reduced = reduce_by_ln2(b, twice);
  const Pair sum = expm1_of_reduced(b, reduced, power_of_two(b, reduced.rounder_plus_n));
  const Pair e = fast_two_sum(b, sum.high, sum.low);
  // tanh(x) = e / d for d = e + 2. The roundings of e and d are made up for: 1 / d = (1 - tanh(x))
  // / 2.
  const Lane half = b.number(x, 0.5);
  const Pair d = two_sum(b, e.high, b.number(x, 2));
  const Lane quotient = b.div(e.high, d.high);
  const Lane remainder = b.mul_add(b.neg(quotient), b.add(d.low, e.low), e.low);
  const Lane inverse = b.mul_add(b.neg(quotient), half, half);
  return b.op(Instruction::copysign, b.mul_add(remainder, inverse, quotient), x);
}

Lane sigmoid(LaneBuilder& b, std::span<const Lane> operands, DType) {
  const Lane x = operands[0];
  const Lane t = exp_of_minus_abs(b, x);
  const Lane one = b.number(x, 1);
  const Lane positive = b.op(Instruction::greater_equal, x, b.number(x, 0));
  return b.div(b.select(positive, one, t), b.add(t, one));
}

Lane softplus(LaneBuilder& b, std::span<const Lane> operands, DType) {
  const Lane x = operands[0];
  const Lane value = log_of_one_and_unit(b, exp_of_minus_abs(b, x));
  return b.add(b.op(Instruction::maximum, x, b.number(x, 0)), value);
}

Lane logaddexp(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Lane larger = b.op(Instruction::maximum, operands[0], operands[1]);
  const Lane smaller = b.op(Instruction::minimum, operands[0], operands[1]);
  // What rounds off the distance makes a factor of the smaller exponential.
  const Pair apart = two_sum(b, smaller, b.neg(larger));
  const Lane lowest = b.number(larger, float_format(result).exp_low);
  const Lane lost = b.op(Instruction::less, apart.high, lowest);
  const Lane low = b.select(lost, b.number(larger, 0), apart.low);
  const Lane t = exp_bounded(b, b.op(Instruction::maximum, apart.high, lowest));
  const Lane value = b.add(larger, log_of_one_and_unit(b, b.mul_add(t, low, t)));
  const Lane infinity = b.number(larger, std::numeric_limits<double>::infinity());
  // An infinite one is the result; NaN is no less than infinity.
  return b.select(b.op(Instruction::less, b.abs(larger), infinity), value, larger);
}

Lane log1mexp(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const FloatFormat& format = float_format(result);
  const Lane x = operands[0], zero = b.number(x, 0), one = b.number(x, 1);
  Lane bounded = b.op(Instruction::maximum, x, b.number(x, format.exp_low));
  bounded = b.op(Instruction::minimum, bounded, zero);
  const Reduced reduced = reduce_by_ln2(b, bounded);
  // Near 0 the logarithm of -expm1(x), far from it of 1 - exp(x); each in two terms.
  const Lane near = b.op(Instruction::greater, x, b.number(x, -std::numbers::ln2));
  const Lane least = b.number(x, format.rounder - 2);
  const Lane power = power_of_two(b, b.op(Instruction::maximum, reduced.rounder_plus_n, least));
  const Pair e = expm1_of_reduced(b, reduced, power);
  const Pair minus = fast_two_sum(b, b.neg(e.high), b.neg(e.low));
  const Lane beyond_one = b.add(b.add(exp_rest(b, reduced.r), reduced.low), reduced.r);
  const Lane t = scale(b, b.add(beyond_one, one), reduced.rounder_plus_n);
  const Pair rest = fast_two_sum(b, one, b.neg(t));
  const Lane from = b.select(near, minus.high, rest.high);
  const Lane low = b.div(b.select(near, minus.low, rest.low), from);
  Lane value = b.neg(b.abs(log_of_split(b, split_exponent(b, from, true), low)));  // -0 of -inf
  value = b.select(b.op(Instruction::equal, x, zero),
                   b.number(x, -std::numeric_limits<double>::infinity()), value);
  const Lane nan = b.number(x, std::numeric_limits<double>::quiet_NaN());
  return b.select(b.op(Instruction::less_equal, x, zero), value, nan);
}

}  // namespace thx::math
