// SPDX-License-Identifier: Apache-2.0
// Every derivative of a file against finite differences, at random points in f64.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "driver/options.h"
#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

struct SlopeCounts {
  size_t checked = 0, failed = 0;
  bool gradients_only = true;        // no tangents and no Jacobians among them
  size_t cut_short = 0;              // of those checked: some elements were left out for time
  size_t own = 0;                    // through definitions whose gradient is given, not derived
  std::vector<Span> unchecked = {};  // no point was found where the value is smooth and finite
  size_t large = 0;                  // by more numbers than differences are taken of
  // Definitions whose own gradient was looked at by itself.
  size_t definitions = 0, failed_definitions = 0, unchecked_definitions = 0;
};

/// Evaluates each derivative of each function (grad, jvp, vjp, hvp, jacobian, hessian), also inside
/// of blocks, as the passes make it, for small dims and random data, and compares it with
/// differences of what it differentiates: along a random direction of each target, and by each
/// element where there are few, by some otherwise. Values held constant keep their value in the
/// differences. One that is no slope is an error. After `seconds`, each has only its first point.
/// Then each gradient that a definition brings, in `tests` too, by itself: with random cotangents,
/// numbers of many magnitudes, and on both sides of the constants of the definition.
SlopeCounts check_slopes(const Program& program, std::span<const Program* const> tests,
                         const CompileOptions& options, double seconds, Diagnostics& diagnostics);

/// "3 gradients are the slopes of their costs", for one file.
std::string text(const SlopeCounts& counts);

}  // namespace thx
