// SPDX-License-Identifier: Apache-2.0
// From grouped tensor IR to loop IR: buffers, steps, and a kernel for each kernel node.
#pragma once

#include "ir/function.h"
#include "schedule/loop_ir.h"

namespace thx::loop {

/// The loop program of a grouped program: one function for each of its functions, `init` last.
/// Workspace buffers have no place yet (plan_memory).
Program build_loops(const thx::Program& program, const Machine& machine);

}  // namespace thx::loop
