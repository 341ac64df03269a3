// SPDX-License-Identifier: Apache-2.0
// Elementwise operators whose instructions depend on the dtype.
#include "ops/lanes.h"

#include "ops/math.h"

namespace thx::lane {
namespace {

using enum Instruction;

/// base ** exponent for integers, wrapping, with the truncated value for negative exponents.
Lane integer_power(LaneBuilder& b, Lane base, Lane exponent) {
  const DType dtype = b.dtype(base);
  const int bits = 8 * bytes_of(dtype);
  const Lane zero = b.number(base, 0), one = b.number(base, 1);
  Lane result = one, factor = base;
  for (int bit = 0; bit < bits; ++bit) {
    const Lane place = b.constant_integer(dtype, static_cast<int64_t>(uint64_t{1} << bit));
    const Lane set = b.op(not_equal, b.op(bit_and, exponent, place), zero);
    result = b.select(set, b.mul(result, factor), result);
    if (bit + 1 < bits) factor = b.mul(factor, factor);
  }
  if (!is_signed(dtype)) return result;
  const Lane minus_one = b.number(base, -1);
  const Lane odd = b.op(not_equal, b.op(bit_and, exponent, one), zero);
  const Lane of_minus_one = b.select(odd, minus_one, one);
  const Lane inverted = b.select(b.op(equal, base, one), one,
                                 b.select(b.op(equal, base, minus_one), of_minus_one, zero));
  return b.select(b.op(less, exponent, zero), inverted, result);
}

}  // namespace

Lane abs(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  return is_signed(result) ? b.abs(operands[0]) : operands[0];
}

Lane sign(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  const Lane x = operands[0];
  const Lane zero = b.number(x, 0), one = b.number(x, 1);
  Lane rest = zero;
  if (is_float(result)) rest = b.select(b.op(equal, x, zero), zero, x);
  if (is_signed(result)) rest = b.select(b.op(less, x, zero), b.number(x, -1), rest);
  return b.select(b.op(greater, x, zero), one, rest);
}

Lane pow(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  if (is_float(result)) return math::pow(b, operands, result);
  return integer_power(b, operands[0], operands[1]);
}

Lane cast(LaneBuilder& b, std::span<const Lane> operands, DType result) {
  return b.convert(operands[0], result);
}

}  // namespace thx::lane
