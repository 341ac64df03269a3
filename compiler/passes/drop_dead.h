// SPDX-License-Identifier: Apache-2.0
// Leaves out what no result needs.
#pragma once

#include "ir/function.h"

namespace thx {

/// Drops dead nodes, and of cond and scan the results, carries, sequences and captures that nothing
/// reads, in every function and region.
void drop_dead(Program& program);

}  // namespace thx
