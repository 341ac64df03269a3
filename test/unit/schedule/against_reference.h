// SPDX-License-Identifier: Apache-2.0
// Runs a tensor program both ways: by the reference interpreter, and as loop IR.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/function.h"
#include "reference/evaluate.h"
#include "schedule/loop_ir.h"

namespace thx::loop {

/// What the two are given; inputs and states are filled with numbers that differ from place to
/// place, integers in [0, `index_below`).
struct Trial {
  Extent::Values dims;
  int64_t index_below = 1;
  bool exact = true;  // the same bits; otherwise relative error up to `tolerance`
  double tolerance = 0;
  int vector_bytes = 32;
  bool fma = true;
  bool vectorized = false;
  /// Changes the arguments before the call.
  std::function<void(reference::Arguments&)> arguments = {};
};

/// Everything from parsing to loop IR, verified at every level.
struct Lowered {
  thx::Program tensor;  // ordered and with fused operations, not grouped
  thx::Program grouped;
  Program loops;
};
Lowered lower(std::string_view text, const Trial& trial = {});
Lowered lower(thx::Program program, const Trial& trial = {});

/// How many kernels of each kind the function has: `map 2, rows 1`.
std::string kernel_kinds(const Function& function);

/// The first difference between the two runs of the first function, or an empty text.
std::string difference(const Lowered& lowered, const Trial& trial);

}  // namespace thx::loop
