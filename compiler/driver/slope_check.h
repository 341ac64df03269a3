// SPDX-License-Identifier: Apache-2.0
// One derivative against differences, at random points.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "driver/derivative_cut.h"
#include "driver/options.h"
#include "driver/random_points.h"
#include "driver/slope_probe.h"
#include "support/diagnostic.h"

namespace thx {

inline constexpr int64_t kMostDrawn = 1 << 20;  // numbers that are drawn for one point

/// How a derivative compares with differences of what it differentiates.
struct SlopeFinding {
  enum class Kind : uint8_t {
    slope,
    wrong,
    rough,  // no point was found where the value is smooth and finite
    large,  // it needs more numbers than are drawn
    given,  // it goes through definitions whose gradient is given, where that cannot be taken as it
            // is
    failed,  // it does not compile, which is reported
  };

  Kind kind = Kind::failed;
  DerivativeCut cut = {};
  bool cut_short = false;  // some points or elements were left out for time
  // Of a wrong one:
  std::string what = {};               // "at x[0] the gradient is 1, differences give 2"
  std::vector<std::string> dims = {};  // `N = 3`
};

/// At four smooth points of different dims; without `each_kind`. With it, at some points with each
/// kind of numbers that `random` draws. After `until`, at one.
SlopeFinding check_slope(const Program& program, const DerivativeSite& site,
                         const CompileOptions& options, std::chrono::steady_clock::time_point until,
                         RandomPoints random, bool each_kind, Diagnostics& diagnostics);

/// Gradient, tangent, Jacobian or Hessian.
std::string_view word_of(const DerivativeCut& cut);

}  // namespace thx
