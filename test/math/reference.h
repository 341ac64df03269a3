// SPDX-License-Identifier: Apache-2.0
// What each function of the language is, in numbers of MPFR, written from its definition.
#pragma once

#include <span>
#include <string_view>

#include "real.h"

namespace thx::math_check {

/// A function of one or two operands; `y` is not read by those of one.
using Function = Real (*)(const Real& x, const Real& y);
/// The function that is `expression` of x and y.
#define THX_REAL(expression) \
  [](const Real& x, [[maybe_unused]] const Real& y) -> Real { return expression; }

inline Real sigmoid(const Real& x) { return 1 / (1 + exp(-x)); }
/// What x * x leaves of 1.
inline Real rest(const Real& x) { return (1 - x) * (1 + x); }

/// A function in f64, right to a few of its last places; empty where there is none.
struct HostFunction {
  double (*of)(double x) = nullptr;
  bool quick = false;  // of the C library; what that lacks has sums in long double
};

struct Reference {
  std::string_view name;  // of the row
  int operands;
  Function value;
  Function slope[2];  // the partial derivatives; null: refused
  HostFunction host;
  double low, high;  // where most of the function happens
  /// Of negative numbers errors count against at least this size: between two near zeros a value is
  /// small, what it is the difference of is not.
  double least_below_zero = 0;
};

/// The second derivatives by operands 0 and 0, 0 and 1, 1 and 1; null: refused, or of one operand.
struct Curvature {
  std::string_view name;  // of the row
  Function by[3] = {};
  /// What they are the difference of, where that may be much larger: errors count against it.
  Function terms = nullptr;
  /// What is made on the way and has to be finite, where that may be much larger.
  Function parts[3] = {};
};
/// Those of a function; null where it has none.
const Curvature* curvature(std::string_view name);

std::span<const Reference> references();
/// The reference of that name, or null.
const Reference* reference(std::string_view name);

}  // namespace thx::math_check
