// SPDX-License-Identifier: Apache-2.0
// sin, cos and tan: x = n pi / 2 + r by exact products with the bits of 1 / (2 pi), for any x, and
// polynomials in r. f32 runs in f64.
#include <cmath>
#include <vector>

#include "ops/math.h"
#include "ops/math_coefficients.h"
#include "ops/math_terms.h"

namespace thx::math {

namespace {

/// |x| = n pi / 2 + r + low, |r| <= pi / 4 and a little, all in f64.
struct Angle {
  Lane r, low;   // low: null for f32, which does not see it
  Lane quarter;  // u64 whose two lowest bits are those of n
};

/// The part of x that is no whole number, in [-1/2, 1/2]: exact.
Lane fraction(LaneBuilder& b, Lane x) { return b.sub(x, b.op(Instruction::round_even, x)); }

/// The nearest number of quarters of a turn to `turns`, and what it leaves of `first`.
struct Quarters {
  Lane left, bits;
};
Quarters quarters(LaneBuilder& b, Lane turns, Lane first) {
  const Lane rounder = b.number(turns, float_format(DType::f64).rounder);
  const Lane moved = b.mul_add(turns, b.number(turns, 4), rounder);
  const Lane n = b.sub(moved, rounder);
  return {b.mul_add(n, b.number(n, -0.25), first), b.bitcast(moved, DType::u64)};
}

/// For |x| of f32: each product with 29 bits is exact, and so is taking whole turns from it.
Angle reduce_f32(LaneBuilder& b, Lane size) {
  std::vector<Lane> parts;
  for (const double bits : kTurnsF32)
    parts.push_back(fraction(b, b.mul(size, b.number(size, bits))));
  Lane turns = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) turns = b.add(turns, parts[i]);
  const Quarters found = quarters(b, turns, parts[0]);
  // Downwards: what cancels is exact, what is rounded does not cancel.
  Lane left = found.left;
  for (size_t i = 1; i < parts.size(); ++i) left = b.add(left, parts[i]);
  return {b.mul(left, b.number(left, 0x1.921fb54442d18p2)), {}, found.bits};
}

/// Five parts of 1 / (2 pi) from the first that matters for `size`, which is scaled to fit them:
/// products with the parts before it are whole turns.
std::vector<Lane> parts_for(LaneBuilder& b, Lane& size) {
  constexpr int kBits = 47, kParts = 5;
  std::vector<Lane> parts;
  for (const double bits : kTurnsF64) parts.push_back(b.number(size, bits));
  // A part may be left out once x is a multiple of 2^47 times its last bit's inverse.
  size_t needed = kParts + 15;  // parts that later steps may still choose
  for (size_t step = 16; step > 0; step /= 2) {
    const auto bits = static_cast<int>(step) * kBits;
    const Lane beyond =
        b.op(Instruction::greater_equal, size, b.number(size, std::ldexp(1.0, 52 + bits)));
    size = b.select(beyond, b.mul(size, b.number(size, std::ldexp(1.0, -bits))), size);
    for (size_t i = 0; i < needed && i + step < parts.size(); ++i)
      parts[i] = b.select(beyond, parts[i + step], parts[i]);
    needed = kParts + step / 2 - 1;
  }
  parts.resize(kParts);
  return parts;
}

/// For |x| of f64: the products in two terms each, whole turns taken from those that have some.
Angle reduce_f64(LaneBuilder& b, Lane size) {
  const std::vector<Lane> parts = parts_for(b, size);
  std::vector<Lane> terms;  // downwards
  Lane error;
  for (size_t i = 0; i < 4; ++i) {
    const Lane scaled = b.mul(size, b.number(size, std::ldexp(1.0, -47 * static_cast<int>(i))));
    const Pair product = two_product(b, scaled, parts[i]);
    terms.push_back(i < 3 ? fraction(b, product.high) : product.high);
    if (i > 0) terms.push_back(error);
    error = i == 0 ? fraction(b, product.low) : product.low;
  }
  Lane turns = terms[0];
  for (size_t i = 1; i < 5; ++i) turns = b.add(turns, terms[i]);
  const Quarters found = quarters(b, turns, terms[0]);
  // Each sum is a multiple of the last bit of what is added next: its error is a number.
  Lane high = found.left, low;
  for (size_t i = 1; i < terms.size(); ++i) {
    const Pair sum = fast_two_sum(b, high, terms[i]);
    high = sum.high;
    low = i == 1 ? sum.low : b.add(low, sum.low);
  }
  const Lane last = b.mul(size, b.number(size, std::ldexp(1.0, -47 * 4)));
  low = b.add(low, b.mul_add(last, parts[4], error));
  const Lane turn = b.number(size, 0x1.921fb54442d18p2);
  const Pair radians = two_product(b, high, turn);
  const Lane rest = b.mul_add(high, b.number(size, 0x1.1a62633145c07p-52), radians.low);
  return {radians.high, b.mul_add(low, turn, rest), found.bits};
}

/// The sine and the cosine of r + low, as unevaluated sums (of f32: low is null).
struct Waves {
  Pair sin, cos;
};
Waves waves(LaneBuilder& b, const Angle& angle) {
  const Lane r = angle.r, z = b.mul(r, r), half = b.mul(z, b.number(z, 0.5));
  const Lane one = b.number(z, 1), cube = b.mul(z, r), square = b.mul(z, z);
  const Lane near_one = b.sub(one, half);
  if (angle.low.id < 0) {
    return {{b.mul_add(cube, polynomial(b, z, kSinF32), r), {}},
            {b.mul_add(square, polynomial(b, z, kCosF32), near_one), {}}};
  }
  const Lane sin_rest = b.mul_add(cube, polynomial(b, z, kSinF64), b.mul(angle.low, near_one));
  Lane cos_rest = b.sub(b.sub(one, near_one), half);
  cos_rest = b.sub(cos_rest, b.mul(r, angle.low));
  return {{r, sin_rest}, {near_one, b.mul_add(square, polynomial(b, z, kCosF64), cos_rest)}};
}

Lane whole(LaneBuilder& b, const Pair& sum) {
  return sum.low.id < 0 ? sum.high : b.add(sum.high, sum.low);
}

struct Reduction {
  Lane x;  // in f64
  Angle angle;
  Waves waves;
  Lane odd;  // whether n is
};
Reduction reduce(LaneBuilder& b, Lane operand, DType result) {
  const Lane x = result == DType::f32 ? b.convert(operand, DType::f64) : operand;
  const Lane size = b.abs(x);
  const Angle angle = result == DType::f32 ? reduce_f32(b, size) : reduce_f64(b, size);
  const Lane bit = b.op(Instruction::bit_and, angle.quarter, b.number(angle.quarter, 1));
  const Lane odd = b.op(Instruction::not_equal, bit, b.number(bit, 0));
  return {x, angle, waves(b, angle), odd};
}

/// `bits` shifted up until bit `bit` is the sign.
Lane as_sign(LaneBuilder& b, Lane bits, int bit) {
  const Lane up = b.op(Instruction::shift_left, bits, b.number(bits, 63 - bit));
  return b.op(Instruction::bit_and, up, b.constant_integer(DType::u64, INT64_MIN));
}

Lane flipped(LaneBuilder& b, Lane value, Lane sign) {
  const Lane bits = b.bitcast(value, DType::u64);
  return b.bitcast(b.op(Instruction::bit_xor, bits, sign), DType::f64);
}

/// `value` with the sign of an odd function; of f64, x itself where it is below `tiny`.
Lane odd_result(LaneBuilder& b, const Reduction& r, Lane value, Lane sign, double tiny,
                DType result) {
  const Lane of_x = as_sign(b, b.bitcast(r.x, DType::u64), 63);
  value = flipped(b, value, b.op(Instruction::bit_xor, sign, of_x));
  if (result == DType::f32) return b.convert(value, result);
  const Lane is_tiny = b.op(Instruction::less, b.abs(r.x), b.number(r.x, tiny));
  return b.select(is_tiny, r.x, value);
}

}  // namespace

Lane sin(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Reduction r = reduce(b, operands[0], result);
  const Lane value = b.select(r.odd, whole(b, r.waves.cos), whole(b, r.waves.sin));
  return odd_result(b, r, value, as_sign(b, r.angle.quarter, 1), 0x1p-26, result);
}

Lane cos(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Reduction r = reduce(b, operands[0], result);
  const Lane value = b.select(r.odd, whole(b, r.waves.sin), whole(b, r.waves.cos));
  const Lane next = b.add(r.angle.quarter, b.number(r.angle.quarter, 1));
  const Lane signed_value = flipped(b, value, as_sign(b, next, 1));
  return result == DType::f32 ? b.convert(signed_value, result) : signed_value;
}

Lane tan(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Reduction r = reduce(b, operands[0], result);
  const Waves& w = r.waves;
  const Lane sign = as_sign(b, r.angle.quarter, 0);
  if (result == DType::f32) {
    const Lane over = b.select(r.odd, w.cos.high, w.sin.high);
    const Lane under = b.select(r.odd, w.sin.high, w.cos.high);
    return odd_result(b, r, b.div(over, under), sign, 0, result);
  }
  const Pair sin = fast_two_sum(b, w.sin.high, w.sin.low);
  const Pair cos = fast_two_sum(b, w.cos.high, w.cos.low);
  const Pair over = {b.select(r.odd, cos.high, sin.high), b.select(r.odd, cos.low, sin.low)};
  const Pair under = {b.select(r.odd, sin.high, cos.high), b.select(r.odd, sin.low, cos.low)};
  // The quotient's remainder is added: one division serves both.
  const Lane inverse = b.div(b.number(r.x, 1), under.high);
  const Lane quotient = b.mul(over.high, inverse);
  const Pair back = two_product(b, quotient, under.high);
  Lane rest = b.sub(b.sub(over.high, back.high), back.low);
  rest = b.sub(b.add(rest, over.low), b.mul(quotient, under.low));
  return odd_result(b, r, b.mul_add(rest, inverse, quotient), sign, 0x1p-27, result);
}

}  // namespace thx::math
