// SPDX-License-Identifier: Apache-2.0
// Calls that bring their own gradient become the code that they stand for.
#pragma once

#include "ir/function.h"

namespace thx {

/// Puts the first region of each call in its place, unless a derivative that is not resolved yet
/// goes through the call or is inside of it; in regions too. Whether derivatives, maps or calls are
/// left.
bool inline_calls(Function& function);

}  // namespace thx
