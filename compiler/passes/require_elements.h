// SPDX-License-Identifier: Apache-2.0
// What has no value for no elements needs one where the function is entered.
#pragma once

#include "ir/function.h"

namespace thx {

/// Adds to the function's requirements that the reductions that refuse to reduce nothing, in
/// regions too, have something to reduce. What is required stays so when a rewrite needs them no
/// more.
void require_elements(Function& function);

}  // namespace thx
