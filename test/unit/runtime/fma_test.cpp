// SPDX-License-Identifier: Apache-2.0
// The software fused multiply-add: the same bits as the C library's.
#include <gtest/gtest.h>
#include <thx/object.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace thx {
namespace {

void expect_same(double a, double b, double c) {
  const double got = thx_fma(a, b, c), exact = std::fma(a, b, c);
  if (std::isnan(got) && std::isnan(exact)) return;
  ASSERT_EQ(std::bit_cast<uint64_t>(got), std::bit_cast<uint64_t>(exact))
      << std::hexfloat << a << " * " << b << " + " << c << " = " << exact << ", not " << got;
}

TEST(Fma, IsRightAtSpecialValues) {
  using Limits = std::numeric_limits<double>;
  const double points[] = {0,
                           -0.0,
                           1,
                           -1,
                           1.5,
                           3,
                           Limits::infinity(),
                           -Limits::infinity(),
                           Limits::quiet_NaN(),
                           Limits::denorm_min(),
                           -Limits::denorm_min(),
                           Limits::min(),
                           -Limits::min(),
                           Limits::min() / 2,
                           Limits::max(),
                           -Limits::max(),
                           1 + Limits::epsilon(),
                           1 - Limits::epsilon() / 2,
                           0x1p-537,
                           -0x1p-538,
                           0x1.8p512,
                           0x1p-1022 + 0x1p-1074};
  for (double a : points)
    for (double b : points)
      for (double c : points) expect_same(a, b, c);
}

TEST(Fma, RoundsOnceForRandomOperands) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 300000; ++i) {
    const double a = std::bit_cast<double>(uint64_t{random()});
    const double b = std::bit_cast<double>(uint64_t{random()});
    expect_same(a, b, std::bit_cast<double>(uint64_t{random()}));
    // Operands whose product and addend are near to each other, or nearly cancel.
    const double x =
        std::ldexp(static_cast<double>(random() | 1), -64 - static_cast<int>(random() % 500));
    const double y =
        std::ldexp(static_cast<double>(random() | 1), -64 - static_cast<int>(random() % 520));
    expect_same(x, y, -x * y);
    expect_same(x, y, std::ldexp(x * y, static_cast<int>(random() % 130) - 65));
    expect_same(x, y, -std::ldexp(std::nextafter(x * y, 0), static_cast<int>(random() % 3) - 1));
  }
}

}  // namespace
}  // namespace thx
