// SPDX-License-Identifier: Apache-2.0
// tanh, sigmoid and softplus: forms of exp whose argument has one sign, so that nothing overflows.
#include "ops/math.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

/// exp(-|x|): from 0 to 1.
Lane exp_of_minus_abs(LaneBuilder& b, Lane x) {
  const Lane lowest = b.number(x, float_format(b.dtype(x)).exp_low);
  return exp_bounded(b, b.op(Instruction::maximum, b.neg(b.abs(x)), lowest));
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
  const Lane t = exp_of_minus_abs(b, x);
  // 1 + t = 2^k (1 + f) with k 0 or 1 and f exact.
  const Lane zero = b.number(x, 0), one = b.number(x, 1), half = b.number(x, 0.5);
  const Lane large = b.op(Instruction::greater, t, half);
  const Split split = {b.select(large, b.mul(b.sub(t, one), half), t), b.select(large, one, zero)};
  return b.add(b.op(Instruction::maximum, x, zero), log_of_split(b, split));
}

}  // namespace thx::math
