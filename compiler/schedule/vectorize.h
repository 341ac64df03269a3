// SPDX-License-Identifier: Apache-2.0
// Gives innermost loops over consecutive elements lanes.
#pragma once

#include "schedule/loop_ir.h"

namespace thx::loop {

/// An innermost serial loop with a scalar body becomes a loop of the machine's lanes with a masked
/// tail where that changes no bit: every place moves by 1 or not at all along its variable, stores
/// are consecutive, nothing is carried from one iteration to the next. Other loops stay as they
/// are; running it again changes nothing.
void vectorize(Kernel& kernel, const Machine& machine);
void vectorize(Program& program, const Machine& machine);

}  // namespace thx::loop
