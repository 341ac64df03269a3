// SPDX-License-Identifier: Apache-2.0
// Host arithmetic with exactly the semantics of the register instructions.
#include "schedule/arithmetic.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "support/check.h"

namespace thx::loop {

namespace {

int width(DType dtype) { return 8 * bytes_of(dtype); }

double real_of(LaneBits bits, DType dtype) {
  return dtype == DType::f32 ? std::bit_cast<float>(static_cast<uint32_t>(bits))
                             : std::bit_cast<double>(bits);
}

template <class F>
LaneBits float_bits(F value) {
  if constexpr (std::is_same_v<F, float>)
    return std::bit_cast<uint32_t>(value);
  else
    return std::bit_cast<uint64_t>(value);
}

template <class F>
F larger(F a, F b) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

template <class F>
F smaller(F a, F b) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

template <class T>
std::optional<bool> compare(Instruction instruction, T a, T b) {
  switch (instruction) {
    case Instruction::equal: return a == b;
    case Instruction::not_equal: return a != b;
    case Instruction::less: return a < b;
    case Instruction::less_equal: return a <= b;
    case Instruction::greater: return a > b;
    case Instruction::greater_equal: return a >= b;
    default: return std::nullopt;
  }
}

template <class F>
std::optional<LaneBits> compute_float(Instruction instruction, F a, F b, F c) {
  if (const std::optional<bool> truth = compare(instruction, a, b)) return *truth ? 1 : 0;
  switch (instruction) {
    case Instruction::add: return float_bits<F>(a + b);
    case Instruction::sub: return float_bits<F>(a - b);
    case Instruction::mul: return float_bits<F>(a * b);
    case Instruction::div: return float_bits<F>(a / b);
    case Instruction::fma: return float_bits<F>(std::fma(a, b, c));
    case Instruction::neg: return float_bits<F>(-a);
    case Instruction::abs: return float_bits<F>(std::fabs(a));
    case Instruction::sqrt: return float_bits<F>(std::sqrt(a));
    case Instruction::copysign: return float_bits<F>(std::copysign(a, b));
    case Instruction::maximum: return float_bits<F>(larger(a, b));
    case Instruction::minimum: return float_bits<F>(smaller(a, b));
    case Instruction::floor: return float_bits<F>(std::floor(a));
    case Instruction::ceil: return float_bits<F>(std::ceil(a));
    case Instruction::trunc: return float_bits<F>(std::trunc(a));
    case Instruction::round_even: return float_bits<F>(std::nearbyint(a));
    default: THX_UNREACHABLE("{} on floats", name_of(instruction));
  }
}

std::optional<LaneBits> quotient(DType dtype, LaneBits a, LaneBits b) {
  if (b == 0) return std::nullopt;
  if (!is_signed(dtype)) return a / b;
  const auto x = static_cast<int64_t>(a);
  const auto y = static_cast<int64_t>(b);
  if (y == -1) {
    const LaneBits negated = wrap(0 - a, dtype);
    if (negated == a && a != 0) return std::nullopt;
    return negated;
  }
  return wrap(static_cast<uint64_t>(x / y), dtype);
}

std::optional<LaneBits> shift(Instruction instruction, DType dtype, LaneBits a, LaneBits amount) {
  if (amount >= static_cast<LaneBits>(width(dtype))) return std::nullopt;
  if (instruction == Instruction::shift_left) return wrap(a << amount, dtype);
  if (is_signed(dtype)) return static_cast<LaneBits>(static_cast<int64_t>(a) >> amount);
  return a >> amount;
}

std::optional<LaneBits> compute_integer(Instruction instruction, DType dtype, LaneBits a,
                                        LaneBits b) {
  const bool is_less = is_signed(dtype) ? static_cast<int64_t>(a) < static_cast<int64_t>(b) : a < b;
  const std::optional<bool> truth =
      is_signed(dtype) ? compare(instruction, static_cast<int64_t>(a), static_cast<int64_t>(b))
                       : compare(instruction, a, b);
  if (truth) return *truth ? 1 : 0;
  switch (instruction) {
    case Instruction::add: return wrap(a + b, dtype);
    case Instruction::sub: return wrap(a - b, dtype);
    case Instruction::mul: return wrap(a * b, dtype);
    case Instruction::div: return quotient(dtype, a, b);
    case Instruction::neg: return wrap(0 - a, dtype);
    case Instruction::abs:
      return is_signed(dtype) && static_cast<int64_t>(a) < 0 ? wrap(0 - a, dtype) : a;
    case Instruction::maximum: return is_less ? b : a;
    case Instruction::minimum: return is_less ? a : b;
    case Instruction::bit_and: return a & b;
    case Instruction::bit_or: return a | b;
    case Instruction::bit_xor: return a ^ b;
    case Instruction::bit_not: return wrap(~a, dtype);
    case Instruction::shift_left:
    case Instruction::shift_right: return shift(instruction, dtype, a, b);
    default: THX_UNREACHABLE("{} on integers", name_of(instruction));
  }
}

LaneBits integer_from_real(double value, DType to) {
  if (std::isnan(value)) return 0;
  const int digits = width(to) - (is_signed(to) ? 1 : 0);
  const double limit = std::ldexp(1.0, digits);  // the first number beyond the range
  if (value >= limit) return is_signed(to) ? (LaneBits{1} << digits) - 1 : wrap(~LaneBits{0}, to);
  if (!is_signed(to)) return value <= 0 ? 0 : static_cast<uint64_t>(value);
  if (value <= -limit) return 0 - (LaneBits{1} << digits);
  return static_cast<LaneBits>(static_cast<int64_t>(value));
}

template <class F>
LaneBits real_from_integer(LaneBits bits, DType from) {
  return float_bits<F>(is_signed(from) ? static_cast<F>(static_cast<int64_t>(bits))
                                       : static_cast<F>(bits));
}

}  // namespace

LaneBits wrap(uint64_t value, DType dtype) {
  switch (dtype) {
    case DType::boolean: return value & 1;
    case DType::i8: return static_cast<uint64_t>(static_cast<int8_t>(value));
    case DType::i16: return static_cast<uint64_t>(static_cast<int16_t>(value));
    case DType::i32: return static_cast<uint64_t>(static_cast<int32_t>(value));
    case DType::u8: return static_cast<uint8_t>(value);
    case DType::u16: return static_cast<uint16_t>(value);
    case DType::u32: return static_cast<uint32_t>(value);
    default: return value;
  }
}

LaneBits bits_of(const Scalar& value) {
  if (value.dtype == DType::f32) return float_bits(static_cast<float>(value.real));
  if (value.dtype == DType::f64) return float_bits(value.real);
  return wrap(static_cast<uint64_t>(value.integer), value.dtype);
}

Scalar scalar_of(LaneBits bits, DType dtype) {
  if (is_float(dtype)) return {dtype, real_of(bits, dtype), 0};
  return {dtype, 0, static_cast<int64_t>(bits)};
}

LaneBits load_lane(const void* bytes, DType dtype) {
  uint64_t raw = 0;
  std::memcpy(&raw, bytes, static_cast<size_t>(bytes_of(dtype)));  // little-endian, as all targets
  if (is_bool(dtype)) return raw != 0 ? 1 : 0;
  return is_float(dtype) ? raw : wrap(raw, dtype);
}

void store_lane(void* bytes, DType dtype, LaneBits bits) {
  std::memcpy(bytes, &bits, static_cast<size_t>(bytes_of(dtype)));
}

LaneBits convert_lane(LaneBits bits, DType from, DType to) {
  if (from == to) return bits;
  if (is_float(from)) {
    const double value = real_of(bits, from);
    if (is_bool(to)) return value != 0 ? 1 : 0;
    if (to == DType::f32) return float_bits(static_cast<float>(value));
    if (to == DType::f64) return float_bits(value);
    return integer_from_real(value, to);
  }
  if (is_bool(to)) return bits != 0 ? 1 : 0;
  if (to == DType::f32) return real_from_integer<float>(bits, from);
  if (to == DType::f64) return real_from_integer<double>(bits, from);
  return wrap(bits, to);
}

std::optional<LaneBits> compute_lane(Instruction instruction, DType from, DType to,
                                     const std::array<LaneBits, 3>& operands) {
  const auto [a, b, c] = operands;
  switch (instruction) {
    case Instruction::select: return a != 0 ? b : c;
    case Instruction::convert: return convert_lane(a, from, to);
    case Instruction::bitcast: return wrap(a, to == DType::f32 ? DType::u32 : to);
    default: break;
  }
  if (from == DType::f32) {
    const auto value = [](LaneBits bits) {
      return std::bit_cast<float>(static_cast<uint32_t>(bits));
    };
    return compute_float<float>(instruction, value(a), value(b), value(c));
  }
  if (from == DType::f64) {
    const auto value = [](LaneBits bits) { return std::bit_cast<double>(bits); };
    return compute_float<double>(instruction, value(a), value(b), value(c));
  }
  return compute_integer(instruction, from, a, b);
}

}  // namespace thx::loop
