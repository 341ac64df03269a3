// SPDX-License-Identifier: Apache-2.0
// The mathematical functions where they are hard: exact results, angles of any size, the quadrants
// of arctan2, remainders of numbers that lie far apart.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ops/host.h"
#include "ops/lanes.h"
#include "ops/math.h"
#include "unit/ops/recorded.h"

namespace thx::testing {
namespace {

template <class T>
bool same(T a, T b) {
  return std::isnan(a) ? std::isnan(b) : std::bit_cast<Bits<T>>(a) == std::bit_cast<Bits<T>>(b);
}

template <class T>
void check_exact_powers(bool fuses) {
  Recorded<T> exp2(math::exp2, 1, fuses), log2(math::log2, 1, fuses), log10(math::log10, 1, fuses);
  const int lowest = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
  for (int n = lowest; n < std::numeric_limits<T>::max_exponent; ++n) {
    const T power = std::ldexp(T(1), n);
    EXPECT_EQ(exp2.one(static_cast<T>(n)), power);
    EXPECT_EQ(log2.one(power), static_cast<T>(n));
  }
  T power = 1;
  for (int n = 0; n <= (sizeof(T) == 4 ? 10 : 22); ++n, power *= 10)
    EXPECT_EQ(log10.one(power), static_cast<T>(n));
}

TEST(Math, PowersOfTwoAndTenAreExact) {
  for (bool fuses : {true, false}) {
    check_exact_powers<float>(fuses);
    check_exact_powers<double>(fuses);
  }
}

/// The numbers next to multiples of pi / 2, and those that are nearest to one in all of f64.
std::vector<double> hard_angles() {
  std::vector<double> xs = {0x1.6ac5b262ca1ffp+849, 0x1.2c1a5d3e1d9cap+25,  0x1.921fb54442d18p0,
                            0x1.8f8c8fbfdeb16p-1,   0x1.e15197cb9fef3p+146, 0x1.3faca5609436fp+803};
  for (int k = 1; k < 2000; ++k) xs.push_back(static_cast<double>(k * 1.57079632679489661923L));
  for (int e = 0; e < 1024; ++e)
    for (double m : {1.0, 0x1.fffffffffffffp0, 0x1.921fb54442d18p0, 0x1.2p0})
      xs.push_back(std::ldexp(m, e));
  return xs;
}

struct Wave {
  const char* name;
  Lane (*function)(LaneBuilder&, std::span<const Lane>, DType);
  double (*wide)(double);
  long double (*widest)(long double);
};

TEST(Math, AnglesOfAnySizeAreReducedExactly) {
  const Wave waves[] = {{"sin", math::sin, std::sin, std::sin},
                        {"cos", math::cos, std::cos, std::cos},
                        {"tan", math::tan, std::tan, std::tan}};
  for (const Wave& wave : waves)
    for (bool fuses : {true, false}) {
      Recorded<double> f64(wave.function, 1, fuses);
      const std::vector<double> xs = hard_angles();
      const std::vector<double> ys = f64({xs});
      for (size_t i = 0; i < xs.size(); ++i)
        EXPECT_LE(ulps<double>(ys[i], wave.widest(xs[i])), 1.1)
            << wave.name << " of " << std::hexfloat << xs[i];
      Recorded<float> f32(wave.function, 1, fuses);
      std::vector<float> narrow = {0x1.f37f4ap95F, 0x1.f9cbe2p7F, 0x1.a43bbep68F, 0x1.fffffep127F};
      for (int k = 1; k < 2000; ++k) narrow.push_back(static_cast<float>(k * 1.5707963267948966));
      const std::vector<float> found = f32({narrow});
      for (size_t i = 0; i < narrow.size(); ++i)
        EXPECT_LE(ulps<float>(found[i], wave.wide(narrow[i])), 0.7)
            << wave.name << " of " << std::hexfloat << narrow[i];
    }
}

template <class T>
void check_arctan2(bool fuses) {
  Recorded<T> recorded(math::arctan2, 2, fuses);
  constexpr T kTiny = std::numeric_limits<T>::denorm_min(), kMost = std::numeric_limits<T>::max();
  constexpr T kLeast = std::numeric_limits<T>::min();
  std::vector<T> points = {0, 1, 2, 3, T(0.3), kTiny, 3 * kTiny, kLeast, kMost, kMost / 3, T(kInf)};
  for (size_t i = 0, n = points.size(); i < n; ++i) points.push_back(-points[i]);
  points.push_back(T(kNan));
  std::vector<T> ys, xs;
  for (T y : points)
    for (T x : points) ys.push_back(y), xs.push_back(x);
  std::mt19937_64 random(3);
  for (int i = 0; i < 50000; ++i) {
    const T y = std::bit_cast<T>(static_cast<Bits<T>>(random()));
    ys.push_back(y);
    const int far = static_cast<int>(random() % 61) - 30;
    const T ratio = static_cast<T>(random() % 1000003) / T(1000003) - T(0.5);
    xs.push_back(i % 3 == 0 ? std::bit_cast<T>(static_cast<Bits<T>>(random()))
                            : std::ldexp(y * ratio, i % 3 == 1 ? far : far / 10));
  }
  const std::vector<T> got = recorded({ys, xs});
  for (size_t i = 0; i < ys.size(); ++i) {
    const Wider<T> exact = std::atan2(static_cast<Wider<T>>(ys[i]), static_cast<Wider<T>>(xs[i]));
    EXPECT_LE(ulps<T>(got[i], exact), 1.6)
        << "arctan2 of " << std::hexfloat << ys[i] << ", " << xs[i] << ": " << got[i];
  }
}

TEST(Math, Arctan2IsRightInAllQuadrants) {
  for (bool fuses : {true, false}) {
    check_arctan2<float>(fuses);
    check_arctan2<double>(fuses);
  }
}

template <class T>
void check_division(bool fuses) {
  Recorded<T> remainder(lane::remainder, 2, fuses), quotient(lane::floor_divide, 2, fuses);
  constexpr T kTiny = std::numeric_limits<T>::denorm_min(), kMost = std::numeric_limits<T>::max();
  std::vector<T> points = {0,      1,       2,     3,     7,         T(0.1),
                           T(0.3), T(1e10), kMost, kTiny, 5 * kTiny, std::numeric_limits<T>::min(),
                           T(kInf)};
  for (size_t i = 0, n = points.size(); i < n; ++i) points.push_back(-points[i]);
  points.push_back(T(kNan));
  std::vector<T> xs, ys;
  for (T x : points)
    for (T y : points) xs.push_back(x), ys.push_back(y);
  std::mt19937_64 random(5);
  for (int i = 0; i < 30000; ++i) {
    T x = std::bit_cast<T>(static_cast<Bits<T>>(random()));
    T y = std::bit_cast<T>(static_cast<Bits<T>>(random()));
    if (i % 4 == 1) x = y * static_cast<T>(random() % 1000);
    if (i % 4 == 2)
      x = std::ldexp(y, static_cast<int>(random() % 2000)), x = std::nextafter(x, T(0));
    if (i % 4 == 3) {
      x = static_cast<T>(static_cast<int64_t>(random() % 100000) - 50000) / 16;
      y = static_cast<T>(static_cast<int64_t>(random() % 4000) - 2000) / 64;
    }
    xs.push_back(x), ys.push_back(y);
  }
  const std::vector<T> rest = remainder({xs, ys}), whole = quotient({xs, ys});
  for (size_t i = 0; i < xs.size(); ++i) {
    const double x = xs[i], y = ys[i];
    EXPECT_TRUE(same(rest[i], static_cast<T>(host::remainder(x, y))))
        << std::hexfloat << x << " % " << y << ": " << rest[i];
    EXPECT_TRUE(same(whole[i], static_cast<T>(host::floor_divide(x, y))))
        << std::hexfloat << x << " // " << y << ": " << whole[i];
  }
}

TEST(Math, RemaindersAreExact) {
  for (bool fuses : {true, false}) {
    check_division<float>(fuses);
    check_division<double>(fuses);
  }
}

/// Compile time follows from it: a row that grows past its line is looked at.
TEST(Math, FunctionsStayShort) {
  const auto count = [](auto function, int operands, auto like) {
    return Recorded<decltype(like)>(function, operands, true).instructions();
  };
  EXPECT_LE(count(math::exp, 1, 0.0), 35U);
  EXPECT_LE(count(math::log, 1, 0.0), 50U);
  EXPECT_LE(count(math::log10, 1, 0.0), 55U);
  EXPECT_LE(count(math::sin, 1, 0.0F), 70U);
  EXPECT_LE(count(math::sin, 1, 0.0), 165U);
  EXPECT_LE(count(math::tan, 1, 0.0), 185U);
  EXPECT_LE(count(math::arctan2, 2, 0.0), 80U);
  EXPECT_LE(count(math::arcsinh, 1, 0.0), 70U);
  EXPECT_LE(count(math::erf, 1, 0.0), 70U);
  EXPECT_LE(count(math::erfc, 1, 0.0), 120U);
  EXPECT_LE(count(lane::remainder, 2, 0.0F), 95U);
  EXPECT_LE(count(lane::remainder, 2, 0.0), 180U);
}

}  // namespace
}  // namespace thx::testing
