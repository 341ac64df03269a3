// SPDX-License-Identifier: Apache-2.0
// Gives every workspace buffer its place.
#pragma once

#include "schedule/loop_ir.h"

namespace thx::loop {

/// Offsets of workspace buffers, multiples of 64 bytes; buffers that are never needed at the same
/// time share room where their formulas are equal. Then a slot for each output, for calls that do
/// not want it.
void plan_memory(Program& program);
void plan_memory(Function& function);

}  // namespace thx::loop
