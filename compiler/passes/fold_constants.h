// SPDX-License-Identifier: Apache-2.0
// Computes what depends on constants alone.
#pragma once

#include "passes/rewriter.h"

namespace thx {

/// Folds elementwise operators on constants, also on repeated ones, and extents that are known, by
/// the host semantics of the rows.
void fold_constants(Program& program);

/// Steps for other passes: arithmetic that is rounded once, on any target the same; everything.
Value fold_exact(Graph& graph, Value node, const Uses& uses);
Value fold_any(Graph& graph, Value node, const Uses& uses);

}  // namespace thx
