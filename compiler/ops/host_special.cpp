// SPDX-License-Identifier: Apache-2.0
// Host semantics of the special functions that C's library lacks, in long double and rounded once.
#include "ops/host_special.h"

#include <math.h>  // lgamma_r, which keeps its sign to itself

#include <cmath>
#include <limits>
#include <numbers>

namespace thx::host {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr long double kInverseRootOfPi = std::numbers::inv_sqrtpi_v<long double>;
constexpr long double kPi = std::numbers::pi_v<long double>;

/// i_n / i_(n-1) of the integrals i_n(x) = exp(x^2) i^n erfc(x), for x >= 2: their recurrence as a
/// continued fraction (DLMF 7.18.13).
long double ratio(long double x, int n) {
  const int terms = x > 50 ? 12 : static_cast<int>(20 + 1500 / (x * x));
  long double below = 1 / (x + sqrtl(x * x + 2 * (n + terms)));
  for (int k = n + terms; k-- > n;) below = 0.5L / (x + static_cast<long double>(k + 1) * below);
  return below;
}

/// exp(x^2) erfc(x) for x >= 0: from 2 on the ratio's fraction from i_(-1) = 2 / sqrt(pi).
long double scaled_erfc(long double x) {
  if (x < 2) return expl(x * x) * erfcl(x);
  return 2 * kInverseRootOfPi * ratio(x, 0);
}

/// y = a - n for the nearest whole n: sin(pi a) and cos(pi a) up to one sign for both.
struct Turn {
  long double sin, cos;
};
Turn turn(double a) {
  const long double y = kPi * static_cast<long double>(a - std::nearbyint(a));
  return {sinl(y), cosl(y)};
}

/// exp(x^2) times the integral of erfc from x >= 0 on.
long double scaled_integral(long double x) {
  if (x < 2) return kInverseRootOfPi - x * expl(x * x) * erfcl(x);
  return scaled_erfc(x) * ratio(x, 1);
}

// Bernoulli numbers B_2, B_4, ...
constexpr long double kBernoulli[] = {1.0L / 6,   -1.0L / 30,     1.0L / 42,
                                      -1.0L / 30, 5.0L / 66,      -691.0L / 2730,
                                      7.0L / 6,   -3617.0L / 510, 43867.0L / 798};

/// For x > 0, by the recurrence to where the asymptotic series is good (DLMF 5.11.2).
long double positive_digamma(long double x) {
  long double steps = 0;
  for (; x < 20; x += 1) steps += 1 / x;
  const long double z = 1 / (x * x);
  long double series = 0, power = z;
  for (int k = 1; const long double number : kBernoulli) {
    series += number * power / static_cast<long double>(2 * k++);
    power *= z;
  }
  return logl(x) - 0.5L / x - series - steps;
}

long double positive_trigamma(long double x) {
  long double steps = 0;
  for (; x < 20; x += 1) steps += 1 / (x * x);
  const long double z = 1 / (x * x);
  long double series = 0, power = z / x;
  for (const long double number : kBernoulli) {
    series += number * power;
    power *= z;
  }
  return 1 / x + z / 2 + series + steps;
}

}  // namespace

double erfcx(double a) {
  const long double x = fabsl(static_cast<long double>(a));
  if (std::isnan(a)) return a;
  const long double value = scaled_erfc(x);
  return static_cast<double>(a < 0 ? 2 * expl(x * x) - value : value);
}

double ierfcx(double a) {
  const long double x = fabsl(static_cast<long double>(a));
  if (std::isnan(a)) return a;
  const long double value = scaled_integral(x);
  return static_cast<double>(a < 0 ? 2 * x * expl(x * x) + value : value);
}

double i2erfcx(double a) {
  const long double x = fabsl(static_cast<long double>(a));
  if (std::isnan(a)) return a;
  const long double value = x < 2 ? (expl(x * x) * erfcl(x) / 2 - x * scaled_integral(x)) / 2
                                  : scaled_integral(x) * ratio(x, 2);
  return static_cast<double>(a < 0 ? (x * x + 0.5L) * expl(x * x) - value : value);
}

double log1mexp(double a) {
  const auto x = static_cast<long double>(a);
  return static_cast<double>(x > -0.69L ? logl(-expm1l(x)) : log1pl(-expl(x)));
}

double logaddexp(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  const long double larger = std::fmax(a, b), smaller = std::fmin(a, b);
  if (std::isinf(static_cast<double>(larger))) return static_cast<double>(larger);
  return static_cast<double>(larger + log1pl(expl(smaller - larger)));
}

double gammaln(double a) {
  if (std::isinf(a)) return kInfinity;
  int sign = 0;
  return static_cast<double>(::lgammal_r(static_cast<long double>(a), &sign));
}

double digamma(double a) {
  if (a == 0) return -std::copysign(kInfinity, a);
  if (std::isnan(a) || a == kInfinity) return a;
  if (a > 0) return static_cast<double>(positive_digamma(a));
  const Turn t = turn(a);
  if (t.sin == 0 || std::isinf(a)) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(positive_digamma(1 - static_cast<long double>(a)) -
                             kPi * t.cos / t.sin);
}

double trigamma(double a) {
  if (std::isnan(a)) return a;
  if (a > 0) return std::isinf(a) ? 0 : static_cast<double>(positive_trigamma(a));
  if (std::isinf(a)) return std::numeric_limits<double>::quiet_NaN();
  const Turn t = turn(a);
  if (t.sin == 0) return kInfinity;
  const long double reflected = (kPi / t.sin) * (kPi / t.sin);
  return static_cast<double>(reflected - positive_trigamma(1 - static_cast<long double>(a)));
}

}  // namespace thx::host
