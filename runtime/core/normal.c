// SPDX-License-Identifier: Apache-2.0
// Normal numbers from counters by correctly rounded arithmetic alone: same bits everywhere.
#include <float.h>

#include "draw.h"

#if FLT_EVAL_METHOD != 0
#error "normal.c needs arithmetic in the type of its operands (on 32-bit x86: -msse2 -mfpmath=sse)"
#endif
#if defined(__FAST_MATH__)
#error "normal.c must be compiled without -ffast-math"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

static double horner(const double* a, int n, double x) {
  double sum = a[n - 1];
  for (int i = n - 2; i >= 0; --i) sum = sum * x + a[i];
  return sum;
}

// Natural logarithm of a normal number.
static double natural_log(double x) {
  static const double kSeries[11] = {1.0,        1.0 / 3.0,  1.0 / 5.0,  1.0 / 7.0,
                                     1.0 / 9.0,  1.0 / 11.0, 1.0 / 13.0, 1.0 / 15.0,
                                     1.0 / 17.0, 1.0 / 19.0, 1.0 / 21.0};
  uint64_t bits;
  int64_t exponent;
  double m, s, e;
  __builtin_memcpy(&bits, &x, sizeof bits);
  // The exponent is chosen so that m lies in [sqrt(1/2), sqrt(2)): 0x3fe6a09e667f3bcd is sqrt(1/2).
  exponent = (int64_t)(bits - UINT64_C(0x3fe6a09e667f3bcd)) >> 52;
  bits -= (uint64_t)exponent << 52;
  __builtin_memcpy(&m, &bits, sizeof m);
  s = (m - 1.0) / (m + 1.0);
  e = (double)exponent;
  // ln2 in two parts: the first times an exponent is exact.
  return e * 0x1.62e42fee00000p-1 +
         (2.0 * s * horner(kSeries, 11, s * s) + e * 0x1.a39ef35793c76p-33);
}

// Wichura's PPND16; q = p - 1/2 and tail = min(p, 1 - p) are exact.
static double inverse_normal(double q, double tail) {
  static const double a[8] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                              1.9715909503065514427e3, 1.3731693765509461125e4,
                              4.5921953931549871457e4, 6.7265770927008700853e4,
                              3.3430575583588128105e4, 2.5090809287301226727e3};
  static const double b[8] = {1.0,
                              4.2313330701600911252e1,
                              6.8718700749205790830e2,
                              5.3941960214247511077e3,
                              2.1213794301586595867e4,
                              3.9307895800092710610e4,
                              2.8729085735721942674e4,
                              5.2264952788528545610e3};
  static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                              5.76949722146069140550e0,  3.64784832476320460504e0,
                              1.27045825245236838258e0,  2.41780725177450611770e-1,
                              2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double d[8] = {1.0,
                              2.05319162663775882187e0,
                              1.67638483018380384940e0,
                              6.89767334985100004550e-1,
                              1.48103976427480074590e-1,
                              1.51986665636164571966e-2,
                              5.47593808499534494600e-4,
                              1.05075007164441684324e-9};
  static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                              1.78482653991729133580e0,  2.96560571828504891230e-1,
                              2.65321895265761230930e-2, 1.24266094738807843860e-3,
                              2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double f[8] = {1.0,
                              5.99832206555887937690e-1,
                              1.36929880922735805310e-1,
                              1.48753612908506148525e-2,
                              7.86869131145613259100e-4,
                              1.84631831751005468180e-5,
                              1.42151175831644588870e-7,
                              2.04426310338993978564e-15};
  double r, value;
  if (q >= -0.425 && q <= 0.425) {
    r = 0.180625 - q * q;
    return q * horner(a, 8, r) / horner(b, 8, r);
  }
  r = __builtin_sqrt(-natural_log(tail));
  if (r <= 5.0) {
    r = r - 1.6;
    value = horner(c, 8, r) / horner(d, 8, r);
  } else {
    r = r - 5.0;
    value = horner(e, 8, r) / horner(f, 8, r);
  }
  return q < 0.0 ? -value : value;
}

// The number for the integer u of that many bits (at most 52): u + 0.5 and all that follows is
// exact.
static double normal_of(uint64_t u, int bits) {
  const double scale = 1.0 / (double)(UINT64_C(1) << bits);
  const double p = ((double)u + 0.5) * scale;
  return inverse_normal(p - 0.5, p < 0.5 ? p : 1.0 - p);
}

void thx_philox_normal_f32(float* dst, uint64_t first, uint64_t n, uint64_t key, uint64_t step) {
  uint32_t words[4] = {0, 0, 0, 0};
  for (uint64_t i = 0; i < n; ++i) {
    const uint64_t element = first + i;
    if (i == 0 || element % 4 == 0) draw_group(element / 4, key, step, words);
    dst[i] = (float)normal_of(words[element % 4], 32);
  }
}

void thx_philox_normal_f64(double* dst, uint64_t first, uint64_t n, uint64_t key, uint64_t step) {
  uint32_t words[4] = {0, 0, 0, 0};
  for (uint64_t i = 0; i < n; ++i)
    dst[i] = normal_of(draw_64(first + i, i == 0, key, step, words) >> 12, 52);
}
