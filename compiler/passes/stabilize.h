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

/// Whether a reduction is free to combine its elements in any order, as rules need it.
inline bool is_in_any_order(const Node& reduction) {
  return !reduction.attrs.has("order") || reduction.attrs.word("order") == "any";
}

/// Whether `value` is a sum of positive multiples of exponentials and positive numbers, along axes
/// or as it stands: its logarithm is one of those that log_of_exponentials and rules have forms
/// for.
bool is_sum_of_exponentials(Graph& graph, Value value);

// The steps that no formula expresses, by file: stabilize_exponentials.cpp, stabilize_products.cpp,
// stabilize_bases.cpp, stabilize_powers.cpp, stabilize_variance.cpp, stabilize_norms.cpp,
// stabilize_slopes.cpp, stabilize_shares.cpp.
Value log_in_other_base(Graph& graph, Value node, const Uses& uses);
Value share_of_two_exponentials(Graph& graph, Value node, const Uses& uses);
Value log_of_mean_with_one(Graph& graph, Value node, const Uses& uses);
Value log_of_exponentials(Graph& graph, Value node, const Uses& uses);
Value log_of_product(Graph& graph, Value node, const Uses& uses);
Value log_of_power(Graph& graph, Value node, const Uses& uses);
Value divide_by_norm(Graph& graph, Value node, const Uses& uses);
Value slope_of_share(Graph& graph, Value node, const Uses& uses);
Value split_root(Graph& graph, Value node, const Uses& uses);
Value two_pass_variance(Graph& graph, Value node, const Uses& uses);
Value scale_norms(Graph& graph, Value node, const Uses& uses);
Value scale_slopes(Graph& graph, Value node, const Uses& uses);

}  // namespace thx
