// SPDX-License-Identifier: Apache-2.0
// Which results of a sweep over f32 are looked at with more digits.
#include "math/screen.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace thx::math_check {
namespace {

constexpr size_t kCount = 70;  // a group and some more

/// Whether `got` is found among results that are right, in a group and behind the last one.
bool is_found(float got, double exact, double limit) {
  for (const size_t at : {size_t{3}, size_t{66}}) {
    std::array<float, kCount> results;
    std::array<double, kCount> wanted;
    results.fill(1);
    wanted.fill(1);
    results[at] = got;
    wanted[at] = exact;
    const size_t found = first_over(results.data(), wanted.data(), limit, 0, kCount);
    EXPECT_TRUE(found == at || found == kCount) << found;
    if (found != at) return false;
    EXPECT_EQ(first_over(results.data(), wanted.data(), limit, at + 1, kCount), kCount);
  }
  return true;
}

TEST(Screen, CountsUnitsOfTheBinade) {
  EXPECT_TRUE(is_found(1.5F + 0x1p-22F, 1.5, 1.9));
  EXPECT_FALSE(is_found(1.5F + 0x1p-22F, 1.5, 2.1));
  EXPECT_TRUE(is_found(-1.5F + 0x1p-22F, -1.5, 1.9));
  EXPECT_TRUE(is_found(-1.5F, 1.5, 5));
  EXPECT_TRUE(is_found(0x1p-149F * 5, 0x1p-149 * 3, 1.9));
  EXPECT_FALSE(is_found(0x1p-149F * 5, 0x1p-149 * 3, 2.1));
  // Just above a power of two units may be half as large.
  EXPECT_TRUE(is_found(1 + 0x1p-22F, 1 + 0x1p-40, 3.9));
}

TEST(Screen, FindsWhatIsNoNumber) {
  constexpr double kInfinity = HUGE_VAL;
  EXPECT_TRUE(is_found(NAN, 1, 1));
  EXPECT_TRUE(is_found(1, NAN, 1));
  EXPECT_FALSE(is_found(NAN, -static_cast<double>(NAN), 1));
  EXPECT_FALSE(is_found(HUGE_VALF, kInfinity, 1));
  EXPECT_TRUE(is_found(HUGE_VALF, -kInfinity, 1));
  EXPECT_FALSE(is_found(HUGE_VALF, 1e300, 1));
  EXPECT_TRUE(is_found(HUGE_VALF, 3.4e38, 1));
  EXPECT_TRUE(is_found(3.4028234e38F, kInfinity, 1));
}

TEST(Screen, FindsSignsOfZeros) {
  EXPECT_TRUE(is_found(0.0F, -0.0, 1));
  EXPECT_FALSE(is_found(-0.0F, -0.0, 1));
  EXPECT_TRUE(is_found(0.0F, -1e-60, 1));
  EXPECT_FALSE(is_found(-0.0F, -1e-60, 1));
  EXPECT_TRUE(is_found(0x1p-149F, 0, 0.9));
}

TEST(Screen, TakesEveryNumber) {
  std::array<float, 3> xs;
  every_number(0x3f800000, 0x800000, xs.data(), xs.size());
  EXPECT_EQ(xs, (std::array<float, 3>{1, 2, 4}));
  std::array<double, 3> roots;
  evaluate(std::sqrt, xs.data(), roots.data(), roots.size());
  EXPECT_EQ(roots[2], 2);
}

}  // namespace
}  // namespace thx::math_check
