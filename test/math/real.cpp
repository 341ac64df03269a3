// SPDX-License-Identifier: Apache-2.0
// The special functions that MPFR lacks, by their series (DLMF, chapters 5 and 7).
#include "real.h"

#include <vector>

namespace thx::math_check {

const Real& pi() {
  static const Real value = [] {
    Real result;
    mpfr_const_pi(result.raw(), MPFR_RNDN);
    return result;
  }();
  return value;
}

const Real& ln2() {
  static const Real value = log(Real(2));
  return value;
}

Real gammaln(const Real& x) {
  Real result;
  int sign = 0;
  mpfr_lgamma(result.raw(), &sign, x.raw(), MPFR_RNDN);
  return result;
}

namespace {

/// B_2, B_4, ... by the zeta function.
const std::vector<Real>& bernoulli() {
  static const std::vector<Real> numbers = [] {
    std::vector<Real> made;
    Real factor = 2;  // 2 (2 k)! / (2 pi)^(2 k)
    for (unsigned long n = 2; n <= 80; n += 2) {
      factor = factor * Real(static_cast<double>(n * (n - 1))) / square(2 * pi());
      Real zeta;
      mpfr_zeta_ui(zeta.raw(), n, MPFR_RNDN);
      made.push_back(n % 4 == 2 ? factor * zeta : -(factor * zeta));
    }
    return made;
  }();
  return numbers;
}

Real positive_trigamma(Real x) {
  Real sum = 0;
  for (; x < Real(50); x = x + 1) sum = sum + 1 / square(x);
  const Real z = 1 / square(x);
  Real power = z / x;
  sum = sum + 1 / x + z / 2;
  for (const Real& number : bernoulli()) {
    const Real term = number * power;
    if (term.is_zero() || term.exponent() < sum.exponent() - Real::kBits) break;
    sum = sum + term;
    power = power * z;
  }
  return sum;
}

}  // namespace

Real trigamma(const Real& x) {
  if (x.is_nan() || (x.is_infinite() && !x.is_negative())) return 1 / x;
  if (x.is_infinite()) return x - x;
  if (!x.is_negative() && !x.is_zero()) return positive_trigamma(x);
  Real fraction;
  mpfr_rint_round(fraction.raw(), x.raw(), MPFR_RNDN);
  fraction = x - fraction;
  if (fraction.is_zero()) return Real(1) / Real(0);
  return square(pi() / sin(pi() * fraction)) - positive_trigamma(1 - x);
}

Real scaled_erfc(const Real& x, int n) {
  if (x > Real(1000)) {
    // 2 / sqrt(pi) sum_m (-1)^m (2 m + n)! / (n! m! (2 x)^(2 m + n + 1)).
    const Real twice = 2 * x, z = 1 / square(twice);
    Real term = 2 / sqrt(pi()), sum = 0;
    for (int i = 0; i <= n; ++i) term = term / twice;
    for (int m = 0; m < 60; ++m) {
      sum = sum + term;
      term = -(term * z * Real((2.0 * m + n + 1) * (2.0 * m + n + 2)) / Real(m + 1));
      if (term.is_zero() || term.exponent() < sum.exponent() - Real::kBits) break;
    }
    return sum;
  }
  const Real grown = exp(square(x));
  Real before = 2 / sqrt(pi()), value = grown * erfc(x);  // n = -1, 0
  if (x.is_infinite()) return n == 0 ? Real(2) * grown : grown;
  for (int k = 1; k <= n; ++k) {
    const Real next = (before / 2 - x * value) / Real(k);
    before = value;
    value = next;
  }
  return value;
}

}  // namespace thx::math_check
