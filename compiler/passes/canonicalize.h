// SPDX-License-Identifier: Apache-2.0
// Gives each computation one spelling, by exact rewrites.
#pragma once

#include "passes/rewriter.h"

namespace thx {

/// Views merge and move below elementwise operators towards the results, contractions read through
/// transposes, neutral operands and needless casts vanish.
void canonicalize(Program& program, RewriteLog* log = nullptr);

/// The steps of it that no formula expresses, for other passes that keep programs canonical.
std::span<const NamedStep> canonical_steps();

// The steps, by file: canonicalize_arithmetic.cpp, canonicalize_views.cpp, canonicalize_slices.cpp.
Value merge_commuted(Graph& graph, Value node, const Uses& uses);
Value drop_neutral(Graph& graph, Value node, const Uses& uses);
Value subtract_views(Graph& graph, Value node, const Uses& uses);
Value merge_casts(Graph& graph, Value node, const Uses& uses);
Value decide_choices(Graph& graph, Value node, const Uses& uses);
Value merge_choices(Graph& graph, Value node, const Uses& uses);
Value merge_views(Graph& graph, Value node, const Uses& uses);
Value merge_slices(Graph& graph, Value node, const Uses& uses);
Value merge_placements(Graph& graph, Value node, const Uses& uses);
Value lift_views(Graph& graph, Value node, const Uses& uses);
Value cancel_transposes(Graph& graph, Value node, const Uses& uses);
Value contract_through_transpose(Graph& graph, Value node, const Uses& uses);
Value turn_contraction(Graph& graph, Value node, const Uses& uses);

}  // namespace thx
