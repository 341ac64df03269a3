// SPDX-License-Identifier: Apache-2.0
// `vmap(f, x, y, k=3)`: a definition applied to each element along leading axes.
#pragma once

#include "frontend/lowering.h"

namespace thx {

Operand lower_vmap(Lowering& l, ast::NodeId id);

}  // namespace thx
