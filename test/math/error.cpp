// SPDX-License-Identifier: Apache-2.0
// Distances in units of the last place, and condition numbers by differences in 280 bits.
#include "error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace thx::math_check {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class T>
T nearest(const Real& exact) {
  if constexpr (sizeof(T) == 4) return exact.to_float();
  return exact.to_double();
}

/// `distance` in units of the last place of `size`.
template <class T>
double in_units(const Real& distance, const Real& size) {
  using Limits = std::numeric_limits<T>;
  long exponent = size.is_zero() ? -20000 : size.exponent();
  exponent = std::clamp<long>(exponent, Limits::min_exponent, Limits::max_exponent);
  return ldexp(distance, Limits::digits - exponent).to_double();
}

constexpr long kStep = 80;  // differences over 2^-80 of x: half of the bits are right

/// (f(x + h) - f(x - h)) / (2 h) along operand `by`.
Real difference(Function f, const Real& x, const Real& y, int by) {
  const Real& at = by == 0 ? x : y;
  const Real step = at.is_zero() ? ldexp(Real(1), -1200) : ldexp(abs(at), -kStep);
  const Real above = at + step, below = at - step;
  const Real rise = by == 0 ? f(above, y) - f(below, y) : f(x, above) - f(x, below);
  return rise / (2 * step);
}

}  // namespace

template <class T>
double ulps(T got, const Real& exact, bool signed_zero) {
  if (exact.is_nan() || std::isnan(got)) return exact.is_nan() == std::isnan(got) ? 0 : kInfinity;
  const T rounded = nearest<T>(exact);
  if (got == 0 && rounded == 0 && exact.is_zero())
    return !signed_zero || std::signbit(got) == exact.is_negative() ? 0 : kInfinity;
  if (got == rounded && std::isinf(got)) return 0;
  if (exact.is_infinite() || (std::isinf(got) && std::isinf(rounded))) return kInfinity;
  using Limits = std::numeric_limits<T>;
  // Infinity counts as what rounds to it.
  const double top = std::ldexp(1.0, Limits::max_exponent - 1);
  const Real value = std::isinf(got) ? ldexp(std::copysign(top, static_cast<double>(got)), 1)
                                     : Real(static_cast<double>(got));
  return in_units<T>(abs(value - exact), exact);
}
template double ulps(float, const Real&, bool);
template double ulps(double, const Real&, bool);

template <class T>
double ulps_of(T got, const Real& exact, const Real& size) {
  if (!std::isfinite(got)) return kInfinity;
  return in_units<T>(abs(Real(static_cast<double>(got)) - exact), size);
}
template double ulps_of(float, const Real&, const Real&);
template double ulps_of(double, const Real&, const Real&);

double condition_of(Function derivative, int operands, const Real& x, const Real& y) {
  const Real value = derivative(x, y);
  Real sum = 0;
  for (int along = 0; along < operands; ++along) {
    const Real& at = along == 0 ? x : y;
    const Real part = abs(at * difference(derivative, x, y, along) / value);
    if (!part.is_nan()) sum = sum + part;
  }
  return sum.to_double();
}

double condition(const Reference& reference, const Real& x, const Real& y) {
  const double sum = condition_of(reference.value, reference.operands, x, y);
  if (!x.is_negative()) return sum;
  const Real least = abs(Real(reference.least_below_zero) / reference.value(x, y));
  return std::max(sum, least.to_double());
}

}  // namespace thx::math_check
