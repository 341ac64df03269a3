// SPDX-License-Identifier: Apache-2.0
// Gives every sum and product the order of its terms, by language section 6.
#pragma once

#include "ir/function.h"

namespace thx {

/// Every reduction and dot of order `any` gets lanes, blocks or upward; a reduction over several
/// runs of axes becomes one per run, the innermost first. Decided on types and on what the source
/// fixes of extents, never on -D or the target. Regions included. A maximum or minimum gets the
/// requirement that there is something to choose from.
void order_reductions(Program& program);

}  // namespace thx
