// SPDX-License-Identifier: Apache-2.0
// How far a result is from the exact value, in units of the last place of its format.
#pragma once

#include "reference.h"

namespace thx::math_check {

/// The distance of `got` from `exact`: 0.5 at most where it is correctly rounded, infinite where
/// one is NaN, infinite or 0 and the other is not, or where zeros (infinities) differ in sign.
/// `signed_zero`: whether the sign of an exact 0 counts.
template <class T>
double ulps(T got, const Real& exact, bool signed_zero);

/// How much the relative error of operands shows in that of f: the sum of |x f'(x) / f(x)|.
double condition(const Reference& reference, const Real& x, const Real& y);
/// The same of the derivative by operand `by`.
double condition_of_slope(const Reference& reference, int by, const Real& x, const Real& y);

}  // namespace thx::math_check
