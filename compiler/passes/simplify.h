// SPDX-License-Identifier: Apache-2.0
// Saves work: what adjoint code multiplies by one and adds to zero, and what users write long.
#pragma once

#include "passes/rewriter.h"

namespace thx {

/// With FpMode::fast also what changes special values.
void simplify(Program& program, FpMode mode, RewriteLog* log = nullptr);

/// The steps of it that no formula expresses, beside those of canonicalize.
std::span<const NamedStep> simplify_steps();

// By file: simplify_arithmetic.cpp, simplify_factors.cpp, simplify_reductions.cpp.
Value choose_known(Graph& graph, Value node, const Uses& uses);
Value drop_even_sign(Graph& graph, Value node, const Uses& uses);
Value merge_numbers(Graph& graph, Value node, const Uses& uses);
Value expand_powers(Graph& graph, Value node, const Uses& uses);
Value part_equal_factors(Graph& graph, Value node, const Uses& uses);
Value reduce_repeated(Graph& graph, Value node, const Uses& uses);

}  // namespace thx
