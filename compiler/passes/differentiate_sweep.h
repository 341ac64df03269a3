// SPDX-License-Identifier: Apache-2.0
// One reverse sweep over a graph: cotangents from seeds to targets.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"
#include "support/diagnostic.h"

namespace thx::reverse {

/// What the sweeps of one pass over one program share.
struct Session {
  Diagnostics& diagnostics;
  /// Of the gradients being computed; every node made for them has these places too.
  SpanSet spans = {};
  bool failed = false;
  /// Loops whose reverse reads carries as they were before each step, and the loop that also
  /// yields these, which takes their place.
  std::unordered_map<const Node*, Value> augmented = {};
  /// Bodies that are copied and done: kept because the addresses of their nodes are keys above.
  std::vector<std::shared_ptr<Body>> finished = {};
};

/// A cotangent, and where it counts: it is exactly 0 where the mask, a bool array of its shape, is
/// false. No mask: everywhere. See Note [Masks].
struct Cotangent {
  Value value;
  Value mask = {};
  /// Where the slopes of the elementwise operators that it came through right before are not 0;
  /// null: everywhere.
  Value reach = {};

  explicit operator bool() const { return static_cast<bool>(value); }
};

/// A value whose cotangent is known.
struct Seed {
  Value value;
  Cotangent cotangent;
};

/// The cotangents of `targets`; null where there is none: the seeds do not depend on it, or only
/// through steps that are constant piece by piece. Nothing flows through `constants`.
std::vector<Value> sweep(Graph& graph, std::span<const Seed> seeds, std::span<const Value> targets,
                         Session& session, std::span<const Value> constants = {});

/// The same with masks.
std::vector<Cotangent> sweep_masked(Graph& graph, std::span<const Seed> seeds,
                                    std::span<const Value> targets, Session& session);

/// a + b. What is 0 but for a part, placed or scattered, is added to that part of the other alone.
Value sum_of(Graph& graph, Value a, Value b);

/// Where either mask counts.
Value either(Graph& graph, Value a, Value b);

/// By id: whether a node needs one of `sources`, other than through one of `constants`.
std::vector<bool> dependents(const Graph& graph, std::span<const Value> sources,
                             std::span<const Value> constants = {});

/// The cotangents of the operands of a node with regions, from those of its results (null: none).
/// Only operands that are `wanted` have one.
std::vector<Cotangent> control_adjoint(Graph& graph, Value node,
                                       std::span<const Cotangent> cotangents,
                                       const std::vector<bool>& wanted, Session& session);

/// Reports that `node`, whose row refuses, stands between an output and what it is differentiated
/// by.
void report_refused(Value node, std::string_view why, Session& session);

/// The node map that puts augmented loops into their places.
Value replacement(const Session& session, Graph& graph, Value old, std::span<const Value> operands);

}  // namespace thx::reverse
