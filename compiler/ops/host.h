// SPDX-License-Identifier: Apache-2.0
// Shapes of host semantics: a C++ function on numbers as the `eval` of a row. Floats are computed
// in f64 and rounded once; integers wrap.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "ir/attrs.h"

namespace thx::host {

using Operands = std::span<const Scalar>;

template <class F, class... Numbers>
Scalar scalar(DType dtype, F f, Numbers... numbers) {
  const auto value = f(numbers...);
  if constexpr (std::is_floating_point_v<decltype(value)>) return Scalar::of(dtype, value);
  return Scalar::of_integer(dtype, static_cast<int64_t>(value));
}

/// f on the numbers that the operands are: double, uint64_t for u64, int64_t for the rest.
template <class F>
Scalar on(F f, DType result, const Scalar& a) {
  if (is_float(a.dtype)) return scalar(result, f, a.real);
  if (a.dtype == DType::u64) return scalar(result, f, static_cast<uint64_t>(a.integer));
  return scalar(result, f, a.integer);
}
template <class F>
Scalar on(F f, DType result, const Scalar& a, const Scalar& b) {
  if (is_float(a.dtype)) return scalar(result, f, a.real, b.real);
  if (a.dtype == DType::u64)
    return scalar(result, f, static_cast<uint64_t>(a.integer), static_cast<uint64_t>(b.integer));
  return scalar(result, f, a.integer, b.integer);
}

/// The eval of a row, from a function of one or two numbers.
template <auto f>
Scalar unary(Operands v, DType result) {
  return on(f, result, v[0]);
}
template <auto f>
Scalar binary(Operands v, DType result) {
  return on(f, result, v[0], v[1]);
}
/// The same where wrapping arithmetic is asked for: integers of every dtype count as uint64_t.
template <auto f>
Scalar wrapping(Operands v, DType result) {
  if (v.size() == 1)
    return is_float(result) ? scalar(
                                  result, [](double a) { return f(a, a); }, v[0].real)
                            : scalar(
                                  result, [](uint64_t a) { return f(a, a); },
                                  static_cast<uint64_t>(v[0].integer));
  return is_float(result) ? scalar(result, f, v[0].real, v[1].real)
                          : scalar(result, f, static_cast<uint64_t>(v[0].integer),
                                   static_cast<uint64_t>(v[1].integer));
}
/// A function of reals alone.
template <auto f>
Scalar real(Operands v, DType result) {
  return Scalar::of(result, f(v[0].real));
}

template <class T>
T absolute(T a) {
  if constexpr (std::is_same_v<T, double>) return std::fabs(a);
  if constexpr (std::is_same_v<T, int64_t>)
    return a < 0 ? static_cast<int64_t>(-static_cast<uint64_t>(a)) : a;
  return a;
}

template <class T>
T sign(T a) {
  if (a > T{0}) return T{1};
  if (a < T{0}) return static_cast<T>(-1);
  return a == T{0} ? T{0} : a;  // what is left is NaN
}

/// NaN where an operand is NaN; -0.0 < 0.0.
template <class T>
T maximum(T a, T b) {
  if constexpr (std::is_same_v<T, double>) {
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
    if (a == b) return std::signbit(a) ? b : a;
  }
  return a > b ? a : b;
}
template <class T>
T minimum(T a, T b) {
  if constexpr (std::is_same_v<T, double>) {
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
    if (a == b) return std::signbit(a) ? a : b;
  }
  return a < b ? a : b;
}

/// Integer powers wrap; a negative exponent gives the truncated value, 0 for base 0.
template <class T>
T power(T base, T exponent) {
  if constexpr (std::is_same_v<T, double>) {
    return std::pow(base, exponent);
  } else {
    if (exponent < T{0}) {
      if (base == T{1}) return 1;
      if (base == static_cast<T>(-1)) return exponent % 2 == 0 ? 1 : -1;
      return 0;
    }
    uint64_t result = 1, factor = static_cast<uint64_t>(base);
    for (auto left = static_cast<uint64_t>(exponent); left != 0; left >>= 1) {
      if (left & 1) result *= factor;
      factor *= factor;
    }
    return static_cast<T>(result);
  }
}

/// Python's // and %. Integers: 0 where b is 0. Floats follow NumPy: the quotient is that of a
/// without its remainder.
template <class T>
T remainder(T a, T b) {
  if constexpr (std::is_same_v<T, double>) {
    const double rest = std::fmod(a, b);
    if (rest == 0) return std::copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
  } else {
    if (b == T{0} || b == static_cast<T>(-1))
      return b == T{0} || std::is_signed_v<T> ? T{0} : a % b;
    const T rest = a % b;
    return rest != T{0} && (rest < T{0}) != (b < T{0}) ? rest + b : rest;
  }
}
template <class T>
T floor_divide(T a, T b) {
  if constexpr (std::is_same_v<T, double>) {
    if (b == 0) return a / b;
    const double rest = std::fmod(a, b);
    const bool lower = rest != 0 && (rest < 0) != (b < 0);
    const double quotient = (a - rest) / b - (lower ? 1.0 : 0.0);
    return quotient == 0 ? std::copysign(0.0, a / b) : std::nearbyint(quotient);
  } else {
    if (b == T{0}) return T{0};
    if (std::is_signed_v<T> && b == static_cast<T>(-1))
      return static_cast<T>(-static_cast<uint64_t>(a));
    const T quotient = a / b;
    return a % b != T{0} && (a < T{0}) != (b < T{0}) ? quotient - T{1} : quotient;
  }
}

inline Scalar clip(Operands v, DType result) {
  const Scalar raised = on([](auto a, auto b) { return maximum(a, b); }, result, v[0], v[1]);
  return on([](auto a, auto b) { return minimum(a, b); }, result, raised, v[2]);
}

/// Rounded once also in f32, where f64 would round twice.
inline Scalar fused(Operands v, DType result) {
  if (result == DType::f32)
    return Scalar::of(result, std::fma(static_cast<float>(v[0].real), static_cast<float>(v[1].real),
                                       static_cast<float>(v[2].real)));
  return Scalar::of(result, std::fma(v[0].real, v[1].real, v[2].real));
}

inline double sigmoid(double a) {
  if (a >= 0) return 1 / (1 + std::exp(-a));
  const double e = std::exp(a);
  return e / (1 + e);
}

inline double softplus(double a) {
  return std::isnan(a) ? a : std::fmax(a, 0) + std::log1p(std::exp(-std::fabs(a)));
}

/// Float to integer saturates, NaN gives 0; integers wrap; to bool: whether it is not 0.
inline Scalar convert(Operands v, DType result) {
  const Scalar& a = v[0];
  if (is_bool(result)) {
    const bool set = is_float(a.dtype) ? a.real != 0 : a.integer != 0;
    return Scalar::of_integer(result, set);
  }
  if (is_float(a.dtype)) return Scalar::of(result, a.real);
  if (!is_float(result)) return Scalar::of_integer(result, a.integer);
  // Straight to the float: by way of f64 an i64 would be rounded twice.
  const auto to = [&](auto number) {
    return result == DType::f32 ? static_cast<double>(static_cast<float>(number))
                                : static_cast<double>(number);
  };
  return Scalar::of(result,
                    a.dtype == DType::u64 ? to(static_cast<uint64_t>(a.integer)) : to(a.integer));
}

}  // namespace thx::host
