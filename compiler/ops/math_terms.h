// SPDX-License-Identifier: Apache-2.0
// Pieces that the mathematical functions share: polynomials, sums of two terms, powers of two.
#pragma once

#include <cstdint>
#include <span>

#include "ops/instruction.h"

namespace thx::math {

/// What the functions need to know of a float format.
struct FloatFormat {
  DType bits;    // the unsigned dtype of the same width
  int mantissa;  // bits after the point
  int bias;
  double min_normal;
  double rounder;  // 1.5 * 2^mantissa: adding it rounds to an integer, which its low bits hold
  int64_t rounder_bits;
  int64_t one_bits, sqrt_half_bits;
  double ln2_high;  // so short that k * ln2_high is exact for every exponent k
  double ln2_low;
  double exp_low, exp_high;  // beyond them exp is 0 or infinite for certain
};
const FloatFormat& float_format(DType dtype);

/// c[0] + x (c[1] + x (c[2] + ...)).
Lane polynomial(LaneBuilder& b, Lane x, std::span<const double> coefficients);

/// An unevaluated sum: low is below the rounding of high.
struct Pair {
  Lane high, low;
};
Pair two_sum(LaneBuilder& b, Lane x, Lane y);       // exact
Pair fast_two_sum(LaneBuilder& b, Lane x, Lane y);  // exact where |x| >= |y| or x is 0
Pair two_product(LaneBuilder& b, Lane x, Lane y);   // exact but for under- and overflow

/// x = n log(2) + r + low, |r| <= log(2) / 2 and a little, low below the rounding of r.
struct Reduced {
  Lane n, r, low;
  Lane rounder_plus_n;
};
Reduced reduce_by_ln2(LaneBuilder& b, Lane x);

/// r^2 p(r) in exp(r) = 1 + r + r^2 p(r).
Lane exp_rest(LaneBuilder& b, Lane r);
/// 2^n from rounder + n, where it is a normal number.
Lane power_of_two(LaneBuilder& b, Lane rounder_plus_n);
/// y 2^n from rounder + n: overflow to infinity, gradual underflow, rounded once; |y| near 1.
Lane scale(LaneBuilder& b, Lane y, Lane rounder_plus_n);

/// exp(x) for x from exp_low to exp_high, or NaN.
Lane exp_bounded(LaneBuilder& b, Lane x);
/// expm1 as an unevaluated sum, for power = 2^n: low is small beside high, not yet below its
/// rounding.
Pair expm1_of_reduced(LaneBuilder& b, const Reduced& reduced, Lane power);

/// x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), for a finite x > 0.
struct Split {
  Lane f, k;
};
Split split_exponent(LaneBuilder& b, Lane x, bool denormals);
/// k log(2) + log(1 + f) + correction for -1/4 - a little <= f <= 1/2; a null correction is 0.
Lane log_of_split(LaneBuilder& b, const Split& split, Lane correction = {});
/// log(x) of a finite f64 x > 0 to about 2^-66 of its value.
Pair long_log(LaneBuilder& b, Lane x);

}  // namespace thx::math
