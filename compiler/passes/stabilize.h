// SPDX-License-Identifier: Apache-2.0
// Replaces formulas that overflow or lose their digits by forms that do not.
#pragma once

#include "passes/rewriter.h"

namespace thx {

/// Before differentiation, because the gradient of a stable form is stable, and after it, because
/// adjoints meet the forward code in new patterns. `log`: what was rewritten, in order.
void stabilize(Program& program, FpMode mode, RewriteLog* log = nullptr);

/// After the last differentiation: forms whose derivative would be worse than that of what they
/// replace, such as norms that neither overflow nor underflow.
void stabilize_values(Program& program, FpMode mode, RewriteLog* log = nullptr);

/// Their steps, for the page of rewrites.
std::span<const NamedStep> stability_steps();
std::span<const NamedStep> value_steps();

// The steps that no formula expresses, by file: stabilize_exponentials.cpp, stabilize_powers.cpp,
// stabilize_variance.cpp, stabilize_norms.cpp.
Value log_of_exponentials(Graph& graph, Value node, const Uses& uses);
Value log_of_power(Graph& graph, Value node, const Uses& uses);
Value divide_by_norm(Graph& graph, Value node, const Uses& uses);
Value two_pass_variance(Graph& graph, Value node, const Uses& uses);
Value scale_norms(Graph& graph, Value node, const Uses& uses);
Value scale_slopes(Graph& graph, Value node, const Uses& uses);

}  // namespace thx
