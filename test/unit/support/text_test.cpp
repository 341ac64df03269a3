// SPDX-License-Identifier: Apache-2.0
// Text functions: numbers read back to the same bits, quoting, splitting, suggestions.
#include "support/text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "support/check.h"

namespace thx {
namespace {

TEST(FormatDouble, IsTheShortestFormThatReadsBack) {
  EXPECT_EQ(format_double(1), "1.0");
  EXPECT_EQ(format_double(0.1), "0.1");
  EXPECT_EQ(format_double(-0.0), "-0.0");
  EXPECT_EQ(format_double(1e-7), "1e-07");
  EXPECT_EQ(format_double(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(format_double(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(format_double(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(format_float(0.1f), "0.1");
}

TEST(FormatDouble, RoundTripsEveryBitPattern) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = i == 0 ? 0x7ff8000000000001 : i == 1 ? 0xfff8000000000000 : random();
    const auto back = parse_double(format_double(std::bit_cast<double>(bits)));
    ASSERT_TRUE(back);
    EXPECT_EQ(std::bit_cast<uint64_t>(*back), bits);
    const auto narrow = static_cast<uint32_t>(bits);
    const auto narrow_back = parse_float(format_float(std::bit_cast<float>(narrow)));
    ASSERT_TRUE(narrow_back);
    EXPECT_EQ(std::bit_cast<uint32_t>(*narrow_back), narrow);
  }
}

TEST(ParseDouble, RoundsOutOfRangeAndRefusesJunk) {
  EXPECT_EQ(parse_double("1e999"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("1e-999"), 0.0);
  EXPECT_FALSE(parse_double(""));
  EXPECT_FALSE(parse_double("1x"));
  EXPECT_FALSE(parse_double("nan(0xzz)"));
}

TEST(Text, JoinsSplitsTrimsAndQuotes) {
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
  EXPECT_EQ(split("", ',').size(), 1u);
  EXPECT_EQ(trim(" a b \r\n"), "a b");
  EXPECT_EQ(quote_json("a\"\\\n\x01"), R"("a\"\\\n\u0001")");
}

TEST(Nearest, SuggestsOnlyWhatIsNear) {
  EXPECT_EQ(nearest("sofmax", {"max", "softmax"}), "softmax");
  EXPECT_FALSE(nearest("banana", {"max", "softmax"}));
  EXPECT_FALSE(nearest("x", {"y"}));
}

TEST(Check, NamesFileAndMessage) {
  const int i = 3;
  try {
    THX_CHECK(i < 3, "index {}", i);
    FAIL();
  } catch (const InternalError& error) {
    EXPECT_NE(std::string(error.what()).find("index 3 (i < 3)"), std::string::npos);
  }
  EXPECT_THROW(THX_UNREACHABLE("never"), InternalError);
}

}  // namespace
}  // namespace thx
