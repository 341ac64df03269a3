// SPDX-License-Identifier: Apache-2.0
// Replaces composites by the primitive operators they stand for.
#pragma once

#include "ir/function.h"

namespace thx {

/// Expands every composite by its row, in every function and region.
void expand(Program& program);

}  // namespace thx
