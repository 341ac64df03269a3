// SPDX-License-Identifier: Apache-2.0
// Refuses dims whose values make arrays that no address can count.
#pragma once

#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

// Reports the first value that is too large with the dims that have a value; from here on extents
// can be bound without leaving 64 bits.
void check_sizes(const Program& program, Diagnostics& diagnostics);

}  // namespace thx
