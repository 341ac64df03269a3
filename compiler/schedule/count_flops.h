// SPDX-License-Identifier: Apache-2.0
// Flops of instructions and functions, and how counts are put together.
#pragma once

#include "schedule/counts.h"

namespace thx::loop {

/// Flops of one lane of an instruction with results of `dtype`.
int64_t flops_of(Instruction instruction, DType dtype);

/// Adds `calls` to those of the same function.
void add_calls(Counts& counts, const FunctionCalls& calls);
/// Adds `more`, over the same buffers, as often as `times` says.
void add(Counts& counts, const Counts& more, const Extent& times);
/// The larger of each count; exact where both have the same flops.
Counts larger(const Counts& a, const Counts& b);

}  // namespace thx::loop
