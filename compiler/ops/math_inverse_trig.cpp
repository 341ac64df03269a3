// SPDX-License-Identifier: Apache-2.0
// arcsin, arccos, arctan and arctan2: a multiple of pi / 4 and a polynomial near 0.
#include <limits>
#include <numbers>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

/// pi / 4 in two terms, the first so short that its multiples by 2, 3 and 4 are exact.
struct Eighth {
  double high, low;
};
Eighth eighth_of_turn(DType dtype) {
  return dtype == DType::f64 ? Eighth{0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55}
                             : Eighth{0x1.921fbp-1, 0x1.5110b4p-23};
}

/// s + rest for the arcsine of small numbers: what is added to s.
Lane arcsin_rest(LaneBuilder& b, Lane s, Lane z) {
  const bool wide = b.dtype(z) == DType::f64;
  const std::span<const double> p = wide ? std::span<const double>(kArcsinF64) : kArcsinF32;
  return b.mul(b.mul(s, z), polynomial(b, z, p));
}

/// What arcsin and arccos share: |x| <= 1/2 as it is; above, arccos(|x|) = 2 arcsin(s) for
/// s^2 = (1 - |x|) / 2.
struct Folded {
  Lane folds, s, rest;
};
Folded fold(LaneBuilder& b, Lane x) {
  const Lane size = b.abs(x), half = b.number(x, 0.5);
  const Lane folds = b.op(Instruction::greater, size, half);
  const Lane z = b.select(folds, b.mul(b.sub(b.number(x, 1), size), half), b.mul(x, x));
  const Lane s = b.select(folds, b.op(Instruction::sqrt, z), size);
  return {folds, s, arcsin_rest(b, s, z)};
}

/// The angle from 0 of a point with coordinates of these sizes, larger > 0, in the octant that the
/// masks name: `swapped` beyond pi / 4, `negative` (may be null) beyond pi / 2.
Lane angle(LaneBuilder& b, Lane smaller, Lane larger, Lane swapped, Lane negative) {
  const DType dtype = b.dtype(larger);
  const auto number = [&](double value) { return b.number(larger, value); };
  // arctan(s / l) = pi / 4 + arctan((s - l) / (s + l)), both in two terms.
  const Lane past =
      b.op(Instruction::greater, smaller, b.mul(larger, number(std::numbers::sqrt2 - 1)));
  const Pair difference = fast_two_sum(b, b.neg(larger), smaller);
  const Pair sum = fast_two_sum(b, larger, smaller);
  const Lane over = b.select(past, difference.high, smaller);
  const Lane under = b.select(past, sum.high, larger);
  const Lane u = b.div(over, under);
  const Pair back = two_product(b, u, under);
  Lane rest = b.sub(b.sub(over, back.high), back.low);
  rest = b.sub(b.add(rest, difference.low), b.mul(u, sum.low));
  const Lane u_low = b.select(past, b.div(rest, under), number(0));

  Lane eighths = b.select(past, number(1), number(0));
  eighths = b.select(swapped, b.sub(number(2), eighths), eighths);
  Lane down = swapped;
  if (negative.id >= 0) {
    eighths = b.select(negative, b.sub(number(4), eighths), eighths);
    down = b.op(Instruction::bit_xor, down, negative);
  }
  const std::span<const double> p =
      dtype == DType::f64 ? std::span<const double>(kArctanF64) : kArctanF32;
  const Lane z = b.mul(u, u);
  const Lane tail = b.mul_add(b.mul(u, z), polynomial(b, z, p), u_low);
  const Lane direction = b.select(down, number(-1), number(1));
  const Eighth eighth = eighth_of_turn(dtype);
  const Pair lead = fast_two_sum(b, b.mul(eighths, number(eighth.high)), b.mul(u, direction));
  const Lane base_low = b.mul_add(eighths, number(eighth.low), lead.low);
  return b.add(lead.high, b.mul_add(tail, direction, base_low));
}

}  // namespace

Lane arcsin(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Lane x = operands[0];
  const Folded f = fold(b, x);
  const Eighth eighth = eighth_of_turn(result);
  // pi / 2 - 2 (s + rest): the difference of the large parts is taken last.
  const Lane twice = b.add(f.s, f.s);
  Lane low = b.sub(b.number(x, 2 * eighth.low), b.add(f.rest, f.rest));
  const Pair lead = fast_two_sum(b, b.number(x, 2 * eighth.high), b.neg(twice));
  low = b.add(lead.low, low);
  const Lane value = b.add(b.select(f.folds, lead.high, f.s), b.select(f.folds, low, f.rest));
  return b.op(Instruction::copysign, value, x);
}

Lane arccos(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Lane x = operands[0];
  const Folded f = fold(b, x);
  const Eighth eighth = eighth_of_turn(result);
  const auto number = [&](double value) { return b.number(x, value); };
  // 2 (s + rest) near 1, pi / 2 - x, pi - 2 (s + rest) near -1.
  const Lane negative = b.op(Instruction::less, x, number(0));
  const Lane eighths = b.select(f.folds, b.select(negative, number(4), number(0)), number(2));
  const Lane size = b.select(f.folds, number(-2), number(1));
  const Lane factor = b.neg(b.select(negative, b.neg(size), size));
  const Pair lead = fast_two_sum(b, b.mul(eighths, number(eighth.high)), b.mul(f.s, factor));
  const Lane low = b.mul_add(eighths, number(eighth.low), lead.low);
  return b.add(lead.high, b.mul_add(f.rest, factor, low));
}

Lane arctan(LaneBuilder& b, std::span<const Lane> operands, DType) {
  const Lane x = operands[0], size = b.abs(x), one = b.number(x, 1);
  const Lane smaller = b.op(Instruction::minimum, size, one);
  const Lane larger = b.op(Instruction::maximum, size, one);
  const Lane swapped = b.op(Instruction::greater, size, one);
  return b.op(Instruction::copysign, angle(b, smaller, larger, swapped, {}), x);
}

Lane arctan2(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Lane y = operands[0], x = operands[1];
  const auto number = [&](double value) { return b.number(x, value); };
  const auto is = [&](Instruction i, Lane a, Lane c) { return b.op(i, a, c); };
  const Lane zero = number(0), one = number(1), infinity = number(kInfinity);
  const Lane height = b.abs(y), width = b.abs(x);
  Lane smaller = b.op(Instruction::minimum, height, width);
  Lane larger = b.op(Instruction::maximum, height, width);
  // Two infinite sizes count as equal, an infinite one as much larger; two zeros are at angle 0.
  const Lane at_limit = b.op(Instruction::bit_or, is(Instruction::equal, larger, infinity),
                             is(Instruction::equal, larger, zero));
  const Lane both = is(Instruction::equal, smaller, infinity);
  smaller = b.select(at_limit, b.select(both, one, zero), smaller);
  larger = b.select(at_limit, one, larger);
  // Far from the ends of the range the error of a quotient is a number. Where `smaller` loses bits
  // the quotient is 0.
  const bool wide = result == DType::f64;
  const double most = wide ? 0x1p900 : 0x1p100, step = wide ? 0x1p200 : 0x1p48;
  const Lane small = is(Instruction::less, larger, number(1 / most));
  const Lane scale = b.select(is(Instruction::greater, larger, number(most)), number(1 / step),
                              b.select(small, number(step), one));
  smaller = b.mul(smaller, scale);
  larger = b.mul(larger, scale);
  const Lane swapped = is(Instruction::greater, height, width);
  const Lane negative = is(Instruction::less, b.op(Instruction::copysign, one, x), zero);
  return b.op(Instruction::copysign, angle(b, smaller, larger, swapped, negative), y);
}

}  // namespace thx::math
