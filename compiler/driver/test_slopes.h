// SPDX-License-Identifier: Apache-2.0
// Every gradient of a file against finite differences, at random points in f64.
#pragma once

#include <string>
#include <vector>

#include "driver/options.h"
#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

struct SlopeCounts {
  size_t checked = 0, failed = 0;
  size_t own = 0;                    // through definitions that bring their own gradient
  std::vector<Span> unchecked = {};  // no point was found where the cost is smooth and finite
  size_t large = 0;                  // by more numbers than differences are taken of
};

/// Evaluates each `grad` of each function, also inside of blocks, as the passes make it, for small
/// dims and random data, and compares some elements with differences of its cost. Values held
/// constant keep their value in the differences. One that is no slope is an error.
SlopeCounts check_slopes(const Program& program, const CompileOptions& options,
                         Diagnostics& diagnostics);

/// "3 gradients are the slopes of their costs", for one file.
std::string text(const SlopeCounts& counts);

}  // namespace thx
