// SPDX-License-Identifier: Apache-2.0
// One loop nest per kernel node, as built: scalar loops for maps, lanes for sums in lanes.
#pragma once

#include <optional>
#include <vector>

#include "schedule/element_builder.h"
#include "schedule/kernel_buffers.h"

namespace thx::loop {

/// The kernel for a `kernel` node of the tensor IR.
Nest build_nest(const NestRequest& request);

/// Indices and starts of a kernel's region whose values nothing proves to be in [low, end).
struct IndexCheck {
  Value index;  // in the region
  Extent low, end;
  Span span;  // of what reads or writes with it
};
std::vector<IndexCheck> unproved_indices(const Body& region);
/// A kernel that fails where an element of the index is not in its range.
Nest build_index_check(const NestRequest& request, const IndexCheck& check, std::string name);

// ---- By kind ----

/// `map` and `rows`: loops over `rows`, inside them loops over the rest of each value.
void build_rows(ElementBuilder& elements, const Shape& rows);
/// `columns`: blocks of outer axes into partial sums, their tree, a map of what is kept.
void build_columns(ElementBuilder& elements);
/// `contract`: tiles of a product, accumulated upwards, then a map of the tile.
void build_contract(ElementBuilder& elements);
/// `place`: each operand's elements to their places, one operand after the other.
void build_place(ElementBuilder& elements);
/// `cumulative`: a register carried along the axis, lanes along the last axis where that is
/// another.
void build_cumulative(ElementBuilder& elements);
/// `scatter`: a copy of the base, then the updates in index order.
void build_scatter(ElementBuilder& elements);
/// `call`: a runtime function.
void build_call(ElementBuilder& elements);

/// The nodes of a region that its results need, operands first.
std::vector<Value> region_nodes(const Body& region);
/// Whether the node is a reduction or a product.
bool is_sum(const Node& node);

}  // namespace thx::loop
