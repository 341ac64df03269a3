// SPDX-License-Identifier: Apache-2.0
// Accuracy and special values of the mathematical functions, against references of more precision.
#include "ops/math.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "unit/ops/recorded.h"

namespace thx::testing {
namespace {

template <class W>
W sigmoid_of(W x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}
template <class W>
W softplus_of(W x) {
  return x != x ? x : std::fmax(x, W(0)) + std::log1p(std::exp(-std::fabs(x)));
}

struct Row {
  const char* name;
  Function function;
  double (*wide)(double);
  long double (*widest)(long double);
  double bound;      // in units of the last place
  double low, high;  // where f64 is probed densely
};
const Row kRows[] = {
    {"exp", math::exp, std::exp, std::exp, 1.1, -746, 710},
    {"expm1", math::expm1, std::expm1, std::expm1, 1.2, -40, 710},
    {"log", math::log, std::log, std::log, 1.0, 0, 4},
    {"log1p", math::log1p, std::log1p, std::log1p, 1.1, -1, 3},
    {"tanh", math::tanh, std::tanh, std::tanh, 1.6, -21, 21},
    {"sigmoid", math::sigmoid, sigmoid_of<double>, sigmoid_of<long double>, 2.5, -746, 40},
    {"softplus", math::softplus, softplus_of<double>, softplus_of<long double>, 2.0, -746, 40},
    {"exp2", math::exp2, std::exp2, std::exp2, 1.1, -1076, 1025},
    {"log2", math::log2, std::log2, std::log2, 0.9, 0, 4},
    {"log10", math::log10, std::log10, std::log10, 0.9, 0, 4},
    {"sin", math::sin, std::sin, std::sin, 0.9, -10, 10},
    {"cos", math::cos, std::cos, std::cos, 0.9, -10, 10},
    {"tan", math::tan, std::tan, std::tan, 1.1, -10, 10},
    {"arcsin", math::arcsin, std::asin, std::asin, 1.3, -1, 1},
    {"arccos", math::arccos, std::acos, std::acos, 1.2, -1, 1},
    {"arctan", math::arctan, std::atan, std::atan, 0.9, -4, 4},
    {"sinh", math::sinh, std::sinh, std::sinh, 1.4, -711, 711},
    {"cosh", math::cosh, std::cosh, std::cosh, 1.0, -711, 711},
    {"arcsinh", math::arcsinh, std::asinh, std::asinh, 1.3, -4, 4},
    {"arccosh", math::arccosh, std::acosh, std::acosh, 1.3, 1, 4},
    {"arctanh", math::arctanh, std::atanh, std::atanh, 1.3, -1, 1},
    {"erf", math::erf, std::erf, std::erf, 1.4, -6, 6},
    {"erfc", math::erfc, std::erfc, std::erfc, 1.5, -6, 28},
};

constexpr size_t kBlock = 1024;

template <class T, class Reference>
void check_block(const Row& row, Recorded<T>& recorded, const std::vector<T>& xs,
                 Reference reference, double& worst, T& worst_at) {
  const std::vector<T> ys = recorded({xs});
  for (size_t i = 0; i < xs.size(); ++i) {
    const double error = ulps<T>(ys[i], reference(static_cast<Wider<T>>(xs[i])));
    if (error > worst) worst = error, worst_at = xs[i];
  }
  EXPECT_LE(worst, row.bound) << row.name << " at " << worst_at << " = " << std::hexfloat
                              << worst_at;
}

void check_f32(const Row& row, bool fuses) {
  Recorded<float> recorded(row.function, 1, fuses);
  double worst = 0;
  float worst_at = 0;
  std::vector<float> xs;
  const uint64_t stride = fuses ? 1481 : 6007;  // primes: every exponent, ever other low bits
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32) && worst <= row.bound; bits += stride) {
    xs.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    if (xs.size() < kBlock) continue;
    check_block(row, recorded, xs, row.wide, worst, worst_at);
    xs.clear();
  }
  ::testing::Test::RecordProperty(std::string(row.name) + (fuses ? "_f32_fused" : "_f32"),
                                  std::to_string(worst));
}

void check_f64(const Row& row, bool fuses) {
  Recorded<double> recorded(row.function, 1, fuses);
  double worst = 0, worst_at = 0;
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> dense(row.low, row.high), small(-1, 1);
  std::vector<double> xs;
  for (int i = 0; i < (fuses ? 300000 : 75000) && worst <= row.bound; ++i) {
    if (i % 3 == 0) xs.push_back(dense(random));
    if (i % 3 == 1) xs.push_back(small(random));
    if (i % 3 == 2) xs.push_back(std::bit_cast<double>(static_cast<uint64_t>(random())));
    if (xs.size() < kBlock) continue;
    check_block(row, recorded, xs, row.widest, worst, worst_at);
    xs.clear();
  }
  ::testing::Test::RecordProperty(std::string(row.name) + (fuses ? "_f64_fused" : "_f64"),
                                  std::to_string(worst));
}

TEST(Math, IsAccurateInF32) {
  for (const Row& row : kRows)
    for (bool fuses : {true, false}) check_f32(row, fuses);
}

TEST(Math, IsAccurateInF64) {
  for (const Row& row : kRows)
    for (bool fuses : {true, false}) check_f64(row, fuses);
}

template <class T>
void check_special_values(bool fuses) {
  constexpr T kTiny = std::numeric_limits<T>::denorm_min(), kLeast = std::numeric_limits<T>::min();
  constexpr T kMost = std::numeric_limits<T>::max(), kNext = std::numeric_limits<T>::epsilon();
  const T points[] = {0,
                      -T(0),
                      1,
                      -1,
                      2,
                      -2,
                      T(0.5),
                      T(-0.5),
                      kTiny,
                      -kTiny,
                      3 * kTiny,
                      kLeast,
                      -kLeast,
                      kLeast - kTiny,
                      kMost,
                      -kMost,
                      1 + kNext,
                      1 - kNext / 2,
                      kNext / 2 - 1,
                      -1 - kNext,
                      T(kInf),
                      -T(kInf),
                      T(kNan),
                      88,
                      89,
                      -88,
                      -103,
                      -104,
                      709,
                      710,
                      -708,
                      -745,
                      -746,
                      1000,
                      -1000};
  for (const Row& row : kRows) {
    Recorded<T> recorded(row.function, 1, fuses);
    for (T x : points) {
      Wider<T> exact;
      if constexpr (std::is_same_v<T, float>)
        exact = row.wide(x);
      else
        exact = row.widest(x);
      EXPECT_LE(ulps<T>(recorded.one(x), exact), row.bound)
          << row.name << '(' << x << ") = " << recorded.one(x) << ", not " << exact;
    }
  }
}

TEST(Math, IsRightAtSpecialValues) {
  for (bool fuses : {true, false}) {
    check_special_values<float>(fuses);
    check_special_values<double>(fuses);
  }
}

template <class T>
void check_pow_special(bool fuses) {
  Recorded<T> recorded(math::pow, 2, fuses);
  constexpr T kTiny = std::numeric_limits<T>::denorm_min(), kMost = std::numeric_limits<T>::max();
  const T points[] = {0,
                      -T(0),
                      1,
                      -1,
                      2,
                      -2,
                      3,
                      -3,
                      T(0.5),
                      T(-0.5),
                      T(1.5),
                      T(-1.5),
                      kTiny,
                      -kTiny,
                      kMost,
                      -kMost,
                      T(kInf),
                      -T(kInf),
                      T(kNan),
                      T(1e10),
                      T(-1e10),
                      8388607,
                      T(16777217),
                      T(9007199254740991),
                      1 + std::numeric_limits<T>::epsilon()};
  for (T x : points)
    for (T y : points) {
      const Wider<T> exact = std::pow(static_cast<Wider<T>>(x), static_cast<Wider<T>>(y));
      EXPECT_LE(ulps<T>(recorded.one(x, y), exact), 1.0)
          << x << " ** " << y << " = " << recorded.one(x, y) << ", not " << exact;
    }
}

template <class T>
void check_pow_random(bool fuses) {
  Recorded<T> recorded(math::pow, 2, fuses);
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> unit(0, 1);
  double worst = 0;
  for (int block = 0; block < 150; ++block) {
    std::vector<T> xs, ys;
    for (size_t i = 0; i < kBlock; ++i) {
      // The result's exponent is spread over the whole range, denormals and overflow included.
      const double log2_range = sizeof(T) == 4 ? 150 : 1080;
      const double x = i % 2 ? std::exp2((unit(random) - 0.5) * log2_range * 0.9)
                             : 1 + (unit(random) - 0.5) * std::exp2(-20 * unit(random));
      const T rounded = static_cast<T>(x);
      const double result = (2 * unit(random) - 1) * log2_range;
      xs.push_back(rounded);
      ys.push_back(static_cast<T>(result / std::log2(static_cast<double>(rounded))));
      if (!std::isfinite(ys.back())) ys.back() = 1;
    }
    const std::vector<T> got = recorded({xs, ys});
    for (size_t i = 0; i < kBlock; ++i) {
      const Wider<T> exact = std::pow(static_cast<Wider<T>>(xs[i]), static_cast<Wider<T>>(ys[i]));
      worst = std::max(worst, ulps<T>(got[i], exact));
    }
  }
  EXPECT_LE(worst, 1.0);
}

TEST(Math, PowHasTheSpecialValuesOfC) {
  for (bool fuses : {true, false}) {
    check_pow_special<float>(fuses);
    check_pow_special<double>(fuses);
  }
}

TEST(Math, PowIsAccurate) {
  for (bool fuses : {true, false}) {
    check_pow_random<float>(fuses);
    check_pow_random<double>(fuses);
  }
}

}  // namespace
}  // namespace thx::testing
