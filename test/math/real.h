// SPDX-License-Identifier: Apache-2.0
// Numbers of 280 bits over MPFR, for references: every operation is right to the last of them.
#pragma once

#include <mpfr.h>

namespace thx::math_check {

/// A value of kBits bits; the exponent is practically unbounded.
class Real {
 public:
  static constexpr mpfr_prec_t kBits = 280;

  Real() { mpfr_init2(value_, kBits); }
  Real(double number) : Real() { mpfr_set_d(value_, number, MPFR_RNDN); }  // NOLINT: 1 + x
  Real(const Real& other) : Real() { mpfr_set(value_, other.value_, MPFR_RNDN); }
  Real(Real&& other) noexcept : Real() { mpfr_swap(value_, other.value_); }
  Real& operator=(const Real& other) {
    mpfr_set(value_, other.value_, MPFR_RNDN);
    return *this;
  }
  Real& operator=(Real&& other) noexcept {
    mpfr_swap(value_, other.value_);
    return *this;
  }
  ~Real() { mpfr_clear(value_); }

  mpfr_ptr raw() { return value_; }
  mpfr_srcptr raw() const { return value_; }

  bool is_nan() const { return mpfr_nan_p(value_) != 0; }
  bool is_infinite() const { return mpfr_inf_p(value_) != 0; }
  bool is_zero() const { return mpfr_zero_p(value_) != 0; }
  bool is_finite() const { return mpfr_number_p(value_) != 0; }
  bool is_negative() const { return mpfr_signbit(value_) != 0; }
  bool is_integer() const { return mpfr_integer_p(value_) != 0; }
  /// e with 2^(e-1) <= |value| < 2^e, of a finite number other than 0.
  long exponent() const { return static_cast<long>(mpfr_get_exp(value_)); }
  /// Rounded once, to denormals and infinity where it must be.
  float to_float() const { return mpfr_get_flt(value_, MPFR_RNDN); }
  double to_double() const { return mpfr_get_d(value_, MPFR_RNDN); }

 private:
  mpfr_t value_;
};

#define THX_BINARY(name, function)                       \
  inline Real name(const Real& a, const Real& b) {       \
    Real result;                                         \
    function(result.raw(), a.raw(), b.raw(), MPFR_RNDN); \
    return result;                                       \
  }
THX_BINARY(operator+, mpfr_add)
THX_BINARY(operator-, mpfr_sub)
THX_BINARY(operator*, mpfr_mul)
THX_BINARY(operator/, mpfr_div)
THX_BINARY(pow, mpfr_pow)
THX_BINARY(atan2, mpfr_atan2)
THX_BINARY(max, mpfr_max)
THX_BINARY(min, mpfr_min)
#undef THX_BINARY

#define THX_UNARY(name, function)               \
  inline Real name(const Real& a) {             \
    Real result;                                \
    function(result.raw(), a.raw(), MPFR_RNDN); \
    return result;                              \
  }
THX_UNARY(operator-, mpfr_neg)
THX_UNARY(abs, mpfr_abs)
THX_UNARY(sqrt, mpfr_sqrt)
THX_UNARY(square, mpfr_sqr)
THX_UNARY(exp, mpfr_exp)
THX_UNARY(exp2, mpfr_exp2)
THX_UNARY(expm1, mpfr_expm1)
THX_UNARY(log, mpfr_log)
THX_UNARY(log2, mpfr_log2)
THX_UNARY(log10, mpfr_log10)
THX_UNARY(log1p, mpfr_log1p)
THX_UNARY(sin, mpfr_sin)
THX_UNARY(cos, mpfr_cos)
THX_UNARY(tan, mpfr_tan)
THX_UNARY(asin, mpfr_asin)
THX_UNARY(acos, mpfr_acos)
THX_UNARY(atan, mpfr_atan)
THX_UNARY(sinh, mpfr_sinh)
THX_UNARY(cosh, mpfr_cosh)
THX_UNARY(tanh, mpfr_tanh)
THX_UNARY(asinh, mpfr_asinh)
THX_UNARY(acosh, mpfr_acosh)
THX_UNARY(atanh, mpfr_atanh)
THX_UNARY(erf, mpfr_erf)
THX_UNARY(erfc, mpfr_erfc)
THX_UNARY(digamma, mpfr_digamma)
#undef THX_UNARY

inline bool operator<(const Real& a, const Real& b) { return mpfr_less_p(a.raw(), b.raw()) != 0; }
inline bool operator>(const Real& a, const Real& b) { return b < a; }
inline bool operator==(const Real& a, const Real& b) { return mpfr_equal_p(a.raw(), b.raw()) != 0; }

/// a 2^exponent, exactly.
inline Real ldexp(const Real& a, long exponent) {
  Real result;
  mpfr_mul_2si(result.raw(), a.raw(), exponent, MPFR_RNDN);
  return result;
}

const Real& pi();
const Real& ln2();

/// log(|gamma(x)|): infinity at the poles.
Real gammaln(const Real& x);
/// The derivative of digamma: infinity at the poles, NaN at -infinity.
Real trigamma(const Real& x);
/// exp(x^2) i^n erfc(x) for n from 0 to 3: erfcx, its integral and those of it.
Real scaled_erfc(const Real& x, int n);

}  // namespace thx::math_check
