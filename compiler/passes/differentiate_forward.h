// SPDX-License-Identifier: Apache-2.0
// Forward mode: tangents of values where others move.
#pragma once

#include <span>
#include <vector>

#include "passes/differentiate_sweep.h"

namespace thx::forward {

using reverse::Session;

/// A value that moves along a direction of its type.
struct Motion {
  Value value;
  Value direction;
};

/// The tangents of `outputs`, each of its output's type: by the chain rule, the sum of what comes
/// of each motion, also where one moved value depends on another. Null where an output does not
/// depend on what moves, or only through steps that are constant piece by piece.
/// Where the rows' partials meet a choice, an exact 0 stands for what is not taken, and norms are
/// flat at 0, as in reverse mode.
std::vector<Value> sweep(Graph& graph, std::span<const Value> outputs,
                         std::span<const Motion> motions, Session& session);

/// The tangents of the results of a node with regions, from those of its operands (null: none). A
/// cond becomes one more cond, a loop one more loop that carries the values along with their
/// tangents. A call has a gradient alone, whose transpose with respect to the cotangents is the
/// tangent: exactly where the gradient is linear in them, and otherwise at the cotangent 0.
std::vector<Value> control_tangents(Graph& graph, Value node, std::span<const Value> tangents,
                                    Session& session);

}  // namespace thx::forward
