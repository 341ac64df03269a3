// SPDX-License-Identifier: Apache-2.0
// From grouped tensor IR to loop IR: buffers, steps, and a kernel for each kernel node.
#pragma once

#include <optional>

#include "ir/function.h"
#include "schedule/loop_ir.h"

namespace thx::loop {

/// What functions check beside indices. A function that checks something after its entry is
/// fallible.
struct Guards {
  /// Fails with `nonfinite` at the first NaN and the first magnitude over this of an input or state
  /// at entry, and of a result of a kernel after the kernel. Infinity: at infinities and NaN alone.
  std::optional<double> bound = {};
  bool updates = false;  // the new values of states: NaN and infinities
  bool any() const { return bound.has_value() || updates; }
};

/// The loop program of a grouped program: one function for each of its functions, `init` last.
/// Workspace buffers have no place yet (plan_memory).
/// Initial values are not guarded: they are inputs of the first call.
Program build_loops(const thx::Program& program, const Machine& machine, const Guards& guards = {});

}  // namespace thx::loop
