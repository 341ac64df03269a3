// SPDX-License-Identifier: Apache-2.0
// What derivative nodes become: the values of their results, from sweeps of a graph.
#pragma once

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"
#include "passes/differentiate_sweep.h"

namespace thx::reverse {

/// The values that the results of derivative nodes became.
using Resolved = std::unordered_map<const Node*, std::vector<Value>>;
/// The value of the graph that is being made for one of the old graph; null where there is none.
using Copies = std::function<Value(Value old)>;

/// Whether one of the nodes, or of those in their regions, calls a definition with its own
/// gradient.
bool has_own_gradients(std::span<const Value> nodes);

/// Resolves gradients of one cost with the same constants in one sweep. A cost that is not a float
/// scalar, a target that is not float, and one that the cost does not depend on are reported; these
/// gradients are 0.
void resolve_gradients(Graph& graph, std::span<const Value> grads, const Copies& copy_of,
                       Session& session, Resolved& resolved);

/// Resolves a jvp in one forward sweep. Targets that are not float are reported; outputs that do
/// not depend on the targets have the tangent 0.
void resolve_tangents(Graph& graph, Value jvp, const Copies& copy_of, Session& session,
                      Resolved& resolved);

/// Resolves a jacobian: one reverse sweep for a cotangent that is not known yet, then batched over
/// all that are 1 at one element and 0 elsewhere. Outputs and targets that are not float are
/// reported; a target that the output does not depend on has the derivative 0.
void resolve_jacobian(Graph& graph, Value jacobian, const Copies& copy_of, Session& session,
                      Resolved& resolved);

}  // namespace thx::reverse
