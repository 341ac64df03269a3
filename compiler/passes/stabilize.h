// SPDX-License-Identifier: Apache-2.0
// Replaces formulas that overflow or lose their digits by forms that do not.
#pragma once

#include "passes/rewriter.h"

namespace thx {

/// Before differentiation, because the gradient of a stable form is stable, and after it, because
/// adjoints meet the forward code in new patterns. `log`: what was rewritten, in order.
void stabilize(Program& program, FpMode mode, RewriteLog* log = nullptr);

}  // namespace thx
