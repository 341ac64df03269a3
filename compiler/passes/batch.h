// SPDX-License-Identifier: Apache-2.0
// Code for one element becomes code for all elements along a new leading axis, by the rows' batch.
#pragma once

#include <span>
#include <vector>

#include "ir/graph.h"

namespace thx {

/// A value that is the same for all elements, or one for each along a leading axis.
struct Batched {
  Value value;
  bool has_axis = false;
};

/// The value with the leading axis `extent`: repeated along it where it has none.
Value with_axis(Graph& graph, const Batched& batched, const Extent& extent);

/// The results of `body` for each element of the arguments that have the leading axis `extent`, as
/// values of `graph`. What does not depend on these is computed once. No derivative and no vmap may
/// be left in the body; marks are left out.
///
/// A cond whose condition is shared stays a cond; one whose condition differs becomes a loop over
/// the elements, because only the branch taken may fail. A loop steps all elements at once. A call
/// stays a call, whose gradient sums over the elements for operands that they share.
std::vector<Batched> instantiate_batched(Graph& graph, const Body& body,
                                         std::span<const Batched> arguments, const Extent& extent);

/// The values of `roots`, of the same graph, with `replacement` of shape [extent, shape of
/// `replaced`] in the place of `replaced`.
std::vector<Batched> batch_in_place(Graph& graph, std::span<const Value> roots, Value replaced,
                                    Value replacement, const Extent& extent);

/// The results of a node with regions for operands of which some have the axis.
std::vector<Batched> batched_control(Graph& graph, Value node, std::span<const Batched> operands,
                                     const Extent& extent);

}  // namespace thx
