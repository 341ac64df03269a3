// SPDX-License-Identifier: Apache-2.0
// Literals of the command line, and conversions between dtypes.
#include "driver/literal.h"

#include <gtest/gtest.h>

#include <random>

#include "driver/convert.h"
#include "driver/print_array.h"
#include "support/text.h"

namespace thx {
namespace {

std::string literal(const std::string& text, DType dtype) {
  const Result<HostArray> array = parse_literal(text, dtype);
  if (!array) return array.error().message();
  return format("{} {}", type_text(*array), array_text(*array));
}

TEST(Literals, AreNumbersAndLists) {
  EXPECT_EQ(literal("3", DType::f32), "f32 3.0");
  EXPECT_EQ(literal("-0", DType::f32), "f32 -0.0");
  EXPECT_EQ(literal("0.1", DType::f64), "f64 0.1");
  EXPECT_EQ(literal("nan", DType::f64), "f64 nan");
  EXPECT_EQ(literal("[-inf, 1_000, 1e-3]", DType::f32), "f32[3] [  -inf 1.e+03 1.e-03]");
  EXPECT_EQ(literal("16777217", DType::f32), "f32 16777216.0");
  EXPECT_EQ(literal("[[1, 2], [3, 4,],]", DType::i8), "i8[2, 2] [[1 2]\n [3 4]]");
  EXPECT_EQ(literal("-9223372036854775808", DType::i64), "i64 -9223372036854775808");
  EXPECT_EQ(literal("0xffffffffffffffff", DType::u64), "u64 18446744073709551615");
  EXPECT_EQ(literal("[true, False, 1]", DType::boolean), "bool[3] [ True False  True]");
  EXPECT_EQ(literal("true", DType::f32), "f32 1.0");
  EXPECT_EQ(literal("[]", DType::f32), "f32[0] []");
  EXPECT_EQ(literal("[[], []]", DType::f32), "f32[2, 0] []");
  for (const char* text : {"3", "-1.5", "[1]", "inf", ".5", "0x1f", "1e5", "+2", "true"})
    EXPECT_TRUE(looks_like_literal(text)) << text;
  for (const char* text : {"", "a.npy", "./3", "data:x", "3.npy", "-", "3/4", "e5"})
    EXPECT_FALSE(looks_like_literal(text)) << text;
}

TEST(Literals, RefuseTheRest) {
  EXPECT_EQ(literal("2.5", DType::i64), "2.5 is no integer");
  EXPECT_EQ(literal("1e3", DType::i64), "1e3 is no integer");
  EXPECT_EQ(literal("300", DType::i8), "300 does not fit i8");
  EXPECT_EQ(literal("-1", DType::u8), "-1 does not fit u8");
  EXPECT_EQ(literal("18446744073709551616", DType::u64), "18446744073709551616 does not fit u64");
  EXPECT_EQ(literal("2", DType::boolean), "2 is no bool");
  EXPECT_EQ(literal("[1, [2]]", DType::i8), "its lists are not all as deep");
  EXPECT_EQ(literal("[[1], 2]", DType::i8), "its lists are not all as deep");
  EXPECT_EQ(literal("[[], 2]", DType::i8), "its lists are not all as deep");
  EXPECT_EQ(literal("[[1], [2, 3]]", DType::i8), "its lists are not all as long: 1 and 2 elements");
  EXPECT_EQ(literal("[1 2]", DType::i8), "a `,` is missing");
  EXPECT_EQ(literal("[,]", DType::i8), "a `,` without a value before it");
  EXPECT_EQ(literal("[1", DType::i8), "it ends too early");
  EXPECT_EQ(literal("[1]]", DType::i8), "a `]` without its `[`");
  EXPECT_EQ(literal("[x]", DType::f32), "`x` is no number");
  EXPECT_EQ(literal("", DType::f32), "it ends too early");
  EXPECT_EQ(literal(std::string(100'000, '['), DType::f32), "it is nested too deep");
}

TEST(Literals, RandomTextIsHarmless) {
  std::mt19937 random(2);
  constexpr std::string_view kAlphabet = "[[[]]],,,  0123456789.-+exinfa_";
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (uint32_t n = random() % 12; n > 0; --n) text += kAlphabet[random() % kAlphabet.size()];
    for (const DType dtype : {DType::f32, DType::i16, DType::boolean}) {
      const Result<HostArray> array = parse_literal(text, dtype);
      if (!array) continue;
      const std::optional<int64_t> bytes = byte_count(array->dtype, array->extents);
      ASSERT_TRUE(bytes && static_cast<size_t>(*bytes) == array->bytes.size()) << text;
    }
  }
}

std::string convert_text(HostArray array, DType to) {
  const Result<HostArray> result = convert(std::move(array), to);
  return result ? format("{} {}", type_text(*result), array_text(*result))
                : result.error().message();
}

TEST(Convert, KeepsValues) {
  const auto i64 = [](std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    return HostArray::of(DType::i64, {count}, values);
  };
  EXPECT_EQ(convert_text(i64({1, -2}), DType::f32), "f32[2] [ 1. -2.]");
  EXPECT_EQ(convert_text(i64({16777217}), DType::f32), "f32[1] [16777216.]");
  EXPECT_EQ(convert_text(i64({1, -2}), DType::i8), "i8[2] [ 1 -2]");
  EXPECT_EQ(convert_text(i64({1, 128}), DType::i8), "it holds 128, which does not fit i8");
  EXPECT_EQ(convert_text(i64({-1}), DType::u64), "it holds -1, which does not fit u64");
  EXPECT_EQ(convert_text(i64({0, 1}), DType::boolean), "bool[2] [False  True]");
  EXPECT_EQ(convert_text(i64({2}), DType::boolean), "it holds 2, which does not fit bool");
  EXPECT_EQ(convert_text(HostArray::of<uint8_t>(DType::boolean, {2}, {0, 1}), DType::f64),
            "f64[2] [0. 1.]");
  EXPECT_EQ(convert_text(HostArray::of<uint8_t>(DType::boolean, {2}, {0, 1}), DType::u16),
            "u16[2] [0 1]");
  EXPECT_EQ(convert_text(HostArray::of<double>(DType::f64, {2}, {0.1, 1e300}), DType::f32),
            "f32[2] [0.1 inf]");
  EXPECT_EQ(convert_text(HostArray::of<float>(DType::f32, {1}, {0.5f}), DType::f64),
            "f64[1] [0.5]");
  EXPECT_EQ(convert_text(HostArray::of<float>(DType::f32, {1}, {1.f}), DType::i64),
            "f32 does not become i64");
  EXPECT_EQ(convert_text(HostArray::of<float>(DType::f32, {1}, {1.f}), DType::boolean),
            "f32 does not become bool");
}

}  // namespace
}  // namespace thx
