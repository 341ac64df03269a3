// SPDX-License-Identifier: Apache-2.0
// Runs a function over its arguments and finds the largest error.
#pragma once

#include <string>
#include <vector>

#include "compiled.h"

namespace thx::math_check {

/// What first derivatives are held to, times the larger of 1 and the derivative's condition number.
inline constexpr double kSlopeBudget = 4;
/// And second derivatives, by theirs.
inline constexpr double kCurvatureBudget = 8;

struct Sweep {
  uint64_t stride = 0;  // of f32, one operand: 0 is none
  uint64_t samples = 20000;
  int order = 0;  // of the derivative: 0, 1 or 2
  CompileAs as;
};

/// The largest error and where it is.
struct Finding {
  std::string what;  // the compiled function
  double worst = 0;  // in units of the last place
  double x = 0, y = 0;
  uint64_t count = 0;    // arguments
  uint64_t decided = 0;  // those of them that MPFR was asked about
};

/// One finding for values, one by each operand for derivatives, one by each pair for
/// second ones. `conditioned`: the errors of values
/// count by the larger of 1 and the condition number.
template <class T>
std::vector<Finding> probe(const Reference& reference, const Sweep& sweep, bool conditioned);

}  // namespace thx::math_check
