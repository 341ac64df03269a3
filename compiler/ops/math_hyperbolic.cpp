// SPDX-License-Identifier: Apache-2.0
// sinh and cosh from the even and the odd part of exp, and their inverses from log(1 + w).
#include <limits>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

/// With |x| = n log(2) + r and q = 4^-n, sinh and cosh are
///   2^(n-1) ((1 -+ q) cosh(r) + (1 +- q) sinh(r)).
Lane of_exponentials(LaneBuilder& b, Lane x, bool is_odd) {
  const bool wide = b.dtype(x) == DType::f64;
  const auto number = [&](double value) { return b.number(x, value); };
  const Lane size = b.op(Instruction::minimum, b.abs(x), number(wide ? 711.5 : 90));
  const Reduced reduced = reduce_by_ln2(b, size);
  const Lane r = reduced.r, z = b.mul(r, r), one = number(1);
  const std::span<const double> p = wide ? std::span<const double>(kCoshF64) : kCoshF32;
  const std::span<const double> q = wide ? std::span<const double>(kSinhF64) : kSinhF32;
  const Lane cosh_rest = b.mul(z, polynomial(b, z, p));                             // cosh(r) - 1
  const Lane sinh_rest = b.mul_add(b.mul(r, z), polynomial(b, z, q), reduced.low);  // sinh(r) - r
  // Beyond the bound q is lost beside 1.
  const Lane n = b.op(Instruction::minimum, reduced.n, number(30));
  const double rounder = float_format(b.dtype(x)).rounder;
  const Lane quarter = power_of_two(b, b.mul_add(n, number(-2), number(rounder)));
  const Lane minus = b.sub(one, quarter), plus = b.add(one, quarter);
  const Lane even = is_odd ? minus : plus, odd = is_odd ? plus : minus;
  const Lane lost = is_odd ? b.sub(b.sub(one, minus), quarter) : b.sub(quarter, b.sub(plus, one));
  const Pair lead = fast_two_sum(b, even, b.mul(odd, r));
  const Lane low = b.add(lead.low, lost);
  const Lane rest = b.mul_add(odd, sinh_rest, b.mul_add(even, cosh_rest, low));
  return scale(b, b.add(lead.high, rest), b.sub(reduced.rounder_plus_n, one));
}

/// log(1 + w) for w = w.high + w.low >= 0; where `doubles` holds (it may be null), log(2 x).
Lane log_of_one_plus(LaneBuilder& b, const Pair& w, Lane doubles, Lane x) {
  const Pair sum = two_sum(b, b.number(x, 1), w.high);
  Lane correction = b.div(b.add(sum.low, w.low), sum.high), from = sum.high;
  if (doubles.id >= 0) {
    from = b.select(doubles, x, from);
    correction = b.select(doubles, b.number(x, 0), correction);
  }
  Split split = split_exponent(b, from, false);
  if (doubles.id >= 0) split.k = b.add(split.k, b.select(doubles, b.number(x, 1), b.number(x, 0)));
  const Lane infinity = b.number(x, std::numeric_limits<double>::infinity());
  return b.select(b.op(Instruction::less, from, infinity), log_of_split(b, split, correction),
                  from);
}

/// Beyond it the square is lost beside 1, and not yet infinite.
double large(DType dtype) { return dtype == DType::f64 ? 0x1p30 : 0x1p14; }

}  // namespace

Lane sinh(LaneBuilder& b, std::span<const Lane> operands, DType) {
  const Lane x = operands[0];
  return b.op(Instruction::copysign, of_exponentials(b, x, true), x);
}

Lane cosh(LaneBuilder& b, std::span<const Lane> operands, DType) {
  return of_exponentials(b, operands[0], false);
}

// x + sqrt(1 + x^2) = 1 + (x + x^2 / (1 + sqrt(1 + x^2))).
Lane arcsinh(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Lane x = operands[0], size = b.abs(x), one = b.number(x, 1);
  const Lane square = b.mul(size, size);
  const Lane root = b.op(Instruction::sqrt, b.add(one, square));
  const Pair w = fast_two_sum(b, size, b.div(square, b.add(one, root)));
  const Lane doubles = b.op(Instruction::greater, size, b.number(x, large(result)));
  return b.op(Instruction::copysign, log_of_one_plus(b, w, doubles, size), x);
}

// x + sqrt(x^2 - 1) = 1 + (t + sqrt(2 t + t^2)) for t = x - 1.
Lane arccosh(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Lane x = operands[0], one = b.number(x, 1);
  const Lane t = b.sub(x, one);
  const Pair square = two_product(b, t, b.add(x, one));
  const Lane root = b.op(Instruction::sqrt, square.high);
  // The root's error, and that of the product beneath it.
  const Pair back = two_product(b, root, root);
  const Lane rest = b.add(b.sub(b.sub(square.high, back.high), back.low), square.low);
  const Lane half = b.div(b.number(x, 0.5), b.op(Instruction::maximum, root,
                                                 b.number(x, float_format(result).min_normal)));
  const Pair w = fast_two_sum(b, root, b.mul_add(rest, half, t));
  const Lane doubles = b.op(Instruction::greater, x, b.number(x, large(result)));
  const Lane value = log_of_one_plus(b, w, doubles, x);
  const Lane nan = b.number(x, std::numeric_limits<double>::quiet_NaN());
  return b.select(b.op(Instruction::greater_equal, x, one), value, nan);
}

// (1 + x) / (1 - x) = 1 + (2 x + 2 x^2 / (1 - x)).
Lane arctanh(LaneBuilder& b, std::span<const Lane> operands, DType) {
  const Lane x = operands[0], size = b.abs(x), one = b.number(x, 1);
  const Lane twice = b.add(size, size);
  const Pair w = two_sum(b, twice, b.div(b.mul(twice, size), b.sub(one, size)));
  const Lane value = b.mul(log_of_one_plus(b, w, {}, size), b.number(x, 0.5));
  const Lane nan = b.number(x, std::numeric_limits<double>::quiet_NaN());
  const Lane inside = b.op(Instruction::less_equal, size, one);
  return b.op(Instruction::copysign, b.select(inside, value, nan), x);
}

}  // namespace thx::math
