// SPDX-License-Identifier: Apache-2.0
// Pieces that the mathematical functions share: formats, polynomials and sums of two terms.
#include "ops/math_terms.h"

#include "support/check.h"

namespace thx::math {

const FloatFormat& float_format(DType dtype) {
  static constexpr FloatFormat kF32 = {
      DType::u32, 23,         127,         0x1p-126,       0x1.8p23, 0x4b400000,
      0x3f800000, 0x3f3504f3, 0x1.62e4p-1, 0x1.7f7d1cp-20, -104.5,   89.0};
  static constexpr FloatFormat kF64 = {DType::u64,
                                       52,
                                       1023,
                                       0x1p-1022,
                                       0x1.8p52,
                                       0x4338000000000000,
                                       0x3ff0000000000000,
                                       0x3fe6a09e667f3bcd,
                                       0x1.62e42fefa3800p-1,
                                       0x1.ef35793c76730p-45,
                                       -746.0,
                                       710.0};
  THX_CHECK(is_float(dtype), "math functions of {}", spelling(dtype));
  return dtype == DType::f32 ? kF32 : kF64;
}

Lane polynomial(LaneBuilder& b, Lane x, std::span<const double> coefficients) {
  Lane sum = b.number(x, coefficients.back());
  for (size_t i = coefficients.size() - 1; i-- > 0;)
    sum = b.mul_add(sum, x, b.number(x, coefficients[i]));
  return sum;
}

Pair two_sum(LaneBuilder& b, Lane x, Lane y) {
  const Lane sum = b.add(x, y);
  const Lane y_part = b.sub(sum, x);
  const Lane x_part = b.sub(sum, y_part);
  return {sum, b.add(b.sub(x, x_part), b.sub(y, y_part))};
}

Pair fast_two_sum(LaneBuilder& b, Lane x, Lane y) {
  const Lane sum = b.add(x, y);
  return {sum, b.sub(y, b.sub(sum, x))};
}

namespace {

/// x as a sum of two halves of at most 26 (f32: 12) bits.
Pair halves(LaneBuilder& b, Lane x) {
  const bool wide = b.dtype(x) == DType::f64;
  const Lane far = b.mul(x, b.number(x, wide ? 0x1p27 + 1 : 0x1p12 + 1));
  const Lane high = b.sub(far, b.sub(far, x));
  return {high, b.sub(x, high)};
}

}  // namespace

Pair two_product(LaneBuilder& b, Lane x, Lane y) {
  const Lane product = b.mul(x, y);
  if (b.fuses()) return {product, b.op(Instruction::fma, x, y, b.neg(product))};
  const Pair p = halves(b, x), q = halves(b, y);
  Lane error = b.sub(b.mul(p.high, q.high), product);
  error = b.add(error, b.mul(p.high, q.low));
  error = b.add(error, b.mul(p.low, q.high));
  return {product, b.add(error, b.mul(p.low, q.low))};
}

}  // namespace thx::math
