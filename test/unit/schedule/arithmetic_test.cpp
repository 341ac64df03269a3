// SPDX-License-Identifier: Apache-2.0
// The corners of the register instructions' arithmetic.
#include "schedule/arithmetic.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace thx::loop {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

LaneBits real(double value, DType dtype = DType::f64) { return bits_of(Scalar{dtype, value, 0}); }
LaneBits integer(int64_t value) { return static_cast<LaneBits>(value); }

double f64(Instruction i, double a, double b = 0, double c = 0) {
  return std::bit_cast<double>(
      *compute_lane(i, DType::f64, DType::f64, {real(a), real(b), real(c)}));
}
float f32(Instruction i, float a, float b = 0, float c = 0) {
  const auto bits = [](float x) { return real(x, DType::f32); };
  return std::bit_cast<float>(
      static_cast<uint32_t>(*compute_lane(i, DType::f32, DType::f32, {bits(a), bits(b), bits(c)})));
}
bool truth(Instruction i, DType dtype, LaneBits a, LaneBits b) {
  return *compute_lane(i, dtype, DType::boolean, {a, b, 0}) != 0;
}
int64_t converted(double value, DType to) {
  return static_cast<int64_t>(convert_lane(real(value), DType::f64, to));
}

TEST(Arithmetic, FloatsToIntegersSaturate) {
  EXPECT_EQ(converted(kNan, DType::i32), 0);
  EXPECT_EQ(converted(kInfinity, DType::i8), 127);
  EXPECT_EQ(converted(-kInfinity, DType::i8), -128);
  EXPECT_EQ(converted(3e9, DType::i32), 2147483647);
  EXPECT_EQ(converted(-3e9, DType::i32), -2147483648LL);
  EXPECT_EQ(converted(-1.0, DType::u16), 0);
  EXPECT_EQ(converted(-0.9, DType::u64), 0);
  EXPECT_EQ(converted(70000, DType::u16), 65535);
  EXPECT_EQ(converted(1e30, DType::i64), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(converted(-0x1p63, DType::i64), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(converted(1e30, DType::u64), -1);  // all bits
  EXPECT_EQ(converted(-2.9, DType::i64), -2);
  EXPECT_EQ(convert_lane(real(kNan), DType::f64, DType::boolean), 1);
  EXPECT_EQ(convert_lane(real(-0.0), DType::f64, DType::boolean), 0);
}

TEST(Arithmetic, IntegersConvert) {
  EXPECT_EQ(convert_lane(integer(300), DType::i64, DType::u8), 44);
  EXPECT_EQ(convert_lane(integer(200), DType::u8, DType::i8), integer(-56));
  EXPECT_EQ(convert_lane(integer(-1), DType::i32, DType::u32), 0xffffffff);
  // Once, from i64 to f32: by way of f64 it would be rounded twice.
  const int64_t halfway = (int64_t{1} << 62) + (int64_t{1} << 38) + 1;
  EXPECT_EQ(convert_lane(integer(halfway), DType::i64, DType::f32),
            real(0x1.000002p62, DType::f32));
  EXPECT_EQ(convert_lane(~LaneBits{0}, DType::u64, DType::f64), real(0x1p64));
  EXPECT_EQ(convert_lane(1, DType::boolean, DType::f32), real(1, DType::f32));
}

TEST(Arithmetic, MaximumAndMinimumKnowNanAndSignedZero) {
  EXPECT_TRUE(std::isnan(f64(Instruction::maximum, kNan, 1)));
  EXPECT_TRUE(std::isnan(f64(Instruction::minimum, 1, kNan)));
  EXPECT_FALSE(std::signbit(f64(Instruction::maximum, -0.0, 0.0)));
  EXPECT_FALSE(std::signbit(f64(Instruction::maximum, 0.0, -0.0)));
  EXPECT_TRUE(std::signbit(f64(Instruction::minimum, 0.0, -0.0)));
  EXPECT_TRUE(std::signbit(f64(Instruction::minimum, -0.0, 0.0)));
}

TEST(Arithmetic, SignsOfNan) {
  const LaneBits nan = real(kNan);
  EXPECT_EQ(*compute_lane(Instruction::neg, DType::f64, DType::f64, {nan, 0, 0}), nan ^ 1ULL << 63);
  EXPECT_EQ(*compute_lane(Instruction::abs, DType::f64, DType::f64, {nan | 1ULL << 63, 0, 0}), nan);
  EXPECT_TRUE(std::signbit(f64(Instruction::neg, 0.0)));
}

TEST(Arithmetic, ComparisonsAreOrdered) {
  const LaneBits nan = real(kNan);
  for (const Instruction i : {Instruction::equal, Instruction::less, Instruction::less_equal,
                              Instruction::greater, Instruction::greater_equal})
    EXPECT_FALSE(truth(i, DType::f64, nan, real(1))) << name_of(i);
  EXPECT_TRUE(truth(Instruction::not_equal, DType::f64, nan, nan));
  EXPECT_TRUE(truth(Instruction::equal, DType::f64, real(0.0), real(-0.0)));
  EXPECT_TRUE(truth(Instruction::less, DType::i64, integer(-1), 1));
  EXPECT_FALSE(truth(Instruction::less, DType::u64, integer(-1), 1));
}

TEST(Arithmetic, IntegersWrap) {
  const auto wrapped = [](Instruction i, DType dtype, int64_t a, int64_t b) {
    return static_cast<int64_t>(*compute_lane(i, dtype, dtype, {integer(a), integer(b), 0}));
  };
  EXPECT_EQ(wrapped(Instruction::add, DType::i8, 127, 1), -128);
  EXPECT_EQ(wrapped(Instruction::sub, DType::u8, 0, 1), 255);
  EXPECT_EQ(wrapped(Instruction::mul, DType::i32, 65536, 65536), 0);
  EXPECT_EQ(wrapped(Instruction::neg, DType::i8, -128, 0), -128);
  EXPECT_EQ(wrapped(Instruction::abs, DType::i8, -128, 0), -128);
  EXPECT_EQ(wrapped(Instruction::abs, DType::u8, 200, 0), 200);
  EXPECT_EQ(wrapped(Instruction::div, DType::i32, -7, 2), -3);
  EXPECT_EQ(wrapped(Instruction::maximum, DType::u8, 200, 1), 200);
  EXPECT_EQ(wrapped(Instruction::bit_not, DType::u8, 1, 0), 254);
  EXPECT_EQ(wrapped(Instruction::bit_not, DType::boolean, 1, 0), 0);
}

TEST(Arithmetic, WhatHasNoQuotientOrShiftHasNoResult) {
  const auto has = [](Instruction i, DType dtype, int64_t a, int64_t b) {
    return compute_lane(i, dtype, dtype, {integer(a), integer(b), 0}).has_value();
  };
  EXPECT_FALSE(has(Instruction::div, DType::i32, 1, 0));
  EXPECT_FALSE(has(Instruction::div, DType::i32, -2147483648LL, -1));
  EXPECT_FALSE(has(Instruction::div, DType::i64, std::numeric_limits<int64_t>::min(), -1));
  EXPECT_TRUE(has(Instruction::div, DType::i64, 5, -1));
  EXPECT_FALSE(has(Instruction::shift_left, DType::i32, 1, 32));
  EXPECT_TRUE(has(Instruction::shift_left, DType::i32, 1, 31));
  EXPECT_FALSE(has(Instruction::shift_right, DType::i32, 1, -1));
}

TEST(Arithmetic, Shifts) {
  const auto shifted = [](Instruction i, DType dtype, int64_t a, int64_t by) {
    return static_cast<int64_t>(*compute_lane(i, dtype, dtype, {integer(a), integer(by), 0}));
  };
  EXPECT_EQ(shifted(Instruction::shift_left, DType::i32, 1, 31), -2147483648LL);
  EXPECT_EQ(shifted(Instruction::shift_right, DType::i32, -8, 1), -4);
  EXPECT_EQ(shifted(Instruction::shift_right, DType::u32, 0xfffffff8, 1), 0x7ffffffc);
  EXPECT_EQ(shifted(Instruction::shift_left, DType::u8, 0x81, 1), 2);
}

TEST(Arithmetic, FusedRoundsOnce) {
  const float a = 1.0f + 0x1p-12f;
  EXPECT_EQ(f32(Instruction::fma, a, a, -(1.0f + 0x1p-11f)), 0x1p-24f);
  const float product = f32(Instruction::mul, a, a);
  EXPECT_EQ(f32(Instruction::add, product, -(1.0f + 0x1p-11f)), 0.0f);
}

TEST(Arithmetic, RoundingToIntegers) {
  EXPECT_EQ(f64(Instruction::round_even, 0.5), 0.0);
  EXPECT_EQ(f64(Instruction::round_even, 1.5), 2.0);
  EXPECT_EQ(f64(Instruction::round_even, 2.5), 2.0);
  EXPECT_TRUE(std::signbit(f64(Instruction::round_even, -0.2)));
  EXPECT_TRUE(std::signbit(f64(Instruction::ceil, -0.2)));
  EXPECT_EQ(f64(Instruction::floor, -0.2), -1.0);
  EXPECT_EQ(f64(Instruction::trunc, -1.7), -1.0);
}

TEST(Arithmetic, BitsKeepTheirWidth) {
  EXPECT_EQ(
      *compute_lane(Instruction::bitcast, DType::f32, DType::i32, {real(-1, DType::f32), 0, 0}),
      integer(static_cast<int32_t>(0xbf800000)));
  EXPECT_EQ(*compute_lane(Instruction::bitcast, DType::i32, DType::f32,
                          {integer(static_cast<int32_t>(0xbf800000)), 0, 0}),
            real(-1, DType::f32));
}

TEST(Arithmetic, BuffersOfBoolHoldAnyNonzeroByte) {
  const uint8_t byte = 7;
  EXPECT_EQ(load_lane(&byte, DType::boolean), 1);
  const int8_t negative = -1;
  EXPECT_EQ(load_lane(&negative, DType::i8), integer(-1));
}

}  // namespace
}  // namespace thx::loop
