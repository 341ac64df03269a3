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

/// The distance in units of the last place of `size`, which is larger than the exact value.
template <class T>
double ulps_of(T got, const Real& exact, const Real& size);

/// How much the relative error of operands shows in that of f: the sum of |x f'(x) / f(x)|.
double condition(const Reference& reference, const Real& x, const Real& y);
/// The same of one of its derivatives.
double condition_of(Function derivative, int operands, const Real& x, const Real& y);

}  // namespace thx::math_check
