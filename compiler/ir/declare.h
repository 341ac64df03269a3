// SPDX-License-Identifier: Apache-2.0
// Declarations for functions that stand alone in a text.
#pragma once

#include "ir/function.h"

namespace thx {

/// Declares the states that the program's functions use and the dims that they mention, as far as
/// they are not declared, in the order in which they are met.
void declare_mentioned(Program& program);

}  // namespace thx
