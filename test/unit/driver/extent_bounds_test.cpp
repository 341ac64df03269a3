// SPDX-License-Identifier: Apache-2.0
// Bounds of extents from bounds of dims: never too narrow, exact where a formula is monotone.
#include "driver/extent_bounds.h"

#include <gtest/gtest.h>

#include "driver/settings.h"

namespace thx {
namespace {

BoundsOfSymbols symbols() {
  return {{"N", {0, 100}}, {"M", {3, 3}}, {"K", {0, std::nullopt}}, {"Z", {-5, 7}}};
}

std::optional<int64_t> high(const char* text) {
  return bounds_of(*Extent::parse(text), symbols()).high;
}
std::optional<int64_t> low(const char* text) {
  return bounds_of(*Extent::parse(text), symbols()).low;
}

TEST(ExtentBounds, Formulas) {
  EXPECT_EQ(high("0"), 0);
  EXPECT_EQ(high("4*N*M+7"), 1207);
  EXPECT_EQ(low("4*N*M+7"), 7);
  EXPECT_EQ(high("64*((4*N+63)//64)"), 448);
  EXPECT_EQ(high("N-M"), 97);
  EXPECT_EQ(low("N-M"), -3);
  EXPECT_EQ(high("K"), std::nullopt);
  EXPECT_EQ(high("min(K, N)"), 100);
  EXPECT_EQ(high("max(K, N)"), std::nullopt);
  EXPECT_EQ(high("max(M, N)"), 100);
  EXPECT_EQ(high("N%8"), 7);
  EXPECT_EQ(high("N-K"), 100);
  EXPECT_EQ(low("N-K"), std::nullopt);
  EXPECT_EQ(high("unknown"), std::nullopt);
}

TEST(ExtentBounds, HoldForEveryValue) {
  for (const char* text : {"Z*Z", "Z*N-3*Z", "(Z+2)//3", "(Z-40)//7", "Z%4+N", "min(Z, N)*M",
                           "max(Z, -2)*max(Z, 1)", "N*N-100*N"}) {
    const Extent extent = *Extent::parse(text);
    const ExtentBounds bounds = bounds_of(extent, symbols());
    for (int64_t n = 0; n <= 100; n += 5) {
      for (int64_t z = -5; z <= 7; ++z) {
        const std::optional<int64_t> value = extent.evaluate({{"N", n}, {"M", 3}, {"Z", z}});
        ASSERT_TRUE(value) << text;
        if (bounds.low) {
          EXPECT_LE(*bounds.low, *value) << text;
        }
        if (bounds.high) {
          EXPECT_GE(*bounds.high, *value) << text;
        }
      }
    }
  }
}

TEST(ExtentBounds, Overflow) {
  BoundsOfSymbols huge = {{"N", {0, INT64_MAX}}};
  EXPECT_EQ(bounds_of(*Extent::parse("2*N"), huge).high, std::nullopt);
  EXPECT_EQ(bounds_of(*Extent::parse("N*N"), huge).high, std::nullopt);
  EXPECT_EQ(bounds_of(*Extent::parse("N"), huge).high, INT64_MAX);
}

TEST(Settings, Bytes) {
  EXPECT_EQ(parse_bytes("0"), 0);
  EXPECT_EQ(parse_bytes("65536"), 65536);
  EXPECT_EQ(parse_bytes("64K"), 65536);
  EXPECT_EQ(parse_bytes("2M"), 2 << 20);
  EXPECT_EQ(parse_bytes("3G"), int64_t{3} << 30);
  for (const char* text :
       {"", "K", "-1", "64k", "64KB", "1.5M", " 1", "99999999999999999999", "9999999999G"})
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

}  // namespace
}  // namespace thx
