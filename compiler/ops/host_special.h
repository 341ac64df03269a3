// SPDX-License-Identifier: Apache-2.0
// Host semantics of the special functions that C's library lacks, in long double and rounded once.
#pragma once

namespace thx::host {

/// exp(a^2) erfc(a).
double erfcx(double a);
/// exp(a^2) times the integral of erfc from a to infinity.
double ierfcx(double a);
/// exp(a^2) times the integral of that integral from a to infinity.
double i2erfcx(double a);
/// log(1 - exp(a)): -infinity at 0, NaN above.
double log1mexp(double a);
/// log(exp(a) + exp(b)).
double logaddexp(double a, double b);
/// log(|gamma(a)|).
double gammaln(double a);
/// The derivative of gammaln: NaN at the negative poles, infinite at 0 with the sign of -a.
double digamma(double a);
/// The derivative of digamma: infinity at the poles.
double trigamma(double a);

}  // namespace thx::host
