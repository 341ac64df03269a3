// SPDX-License-Identifier: Apache-2.0
// Where one element of a value reads its operands: positions as extents over symbols.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace thx {

using Position = std::vector<Extent>;

/// One symbol per axis: `$0`, `$1`, … : the place of any one element.
Position any_position(int rank);

/// A value seen through views, and where its element is.
struct Access {
  Value value;
  Position at;
};
/// Follows views from `value` at `at` to what is not a view.
Access through_views(Value value, Position at);

/// The element of an i64 value as an extent, where it is one: iotas, extents, constants and views
/// of these.
std::optional<Extent> known_index(Value index, const Position& at);

/// Whether every element of the index array is in [-extent, extent) for reasons known here.
bool always_in_range(Value index, const Extent& extent);

/// Whether an index that is one number is in [0, end) for reasons known here.
bool always_below(Value index, const Extent& end);

/// Where a dot reads its operands for the result's element `at` and the contracted positions `k`.
Position dot_operand_position(const Node& dot, bool rhs, const Position& at, const Position& k);
/// The extents of the contracted axes.
Shape contracted_shape(const Node& dot);
/// Where a reduction reads its operand.
Position reduction_position(const Node& reduction, const Position& at, const Position& k);
Shape reduced_shape(const Node& reduction);
/// Whether the reduced axes are the operand's last ones.
bool reduces_last_axes(const Node& reduction);

/// How indexing splits its axes: batch axes, then those of the index arrays, then the rest.
struct IndexingShape {
  int batch;    // leading axes that all operands share
  int places;   // axes of the index arrays beyond the batch
  int indexed;  // axes of the indexed operand that indices stand for, after the batch
};
IndexingShape indexing_shape(const Node& node);
/// The index arrays of a gather or scatter, the starts of a slice.
std::span<const Value> index_operands(const Node& node);

/// A scatter of which each element receives at most one update, because all index arrays but some
/// are the positions themselves (`[arange(N), y]`): it can be computed element by element.
struct PointwiseScatter {
  std::vector<int> axis_of_place;  // the result's axis that gives each axis of the index arrays
  std::vector<int> compared;       // the index arrays whose values must meet the result's axis
};
std::optional<PointwiseScatter> pointwise_scatter(const Node& node);
/// Of a pointwise scatter: where the index arrays and the updates are read for element `at`.
Position scatter_index_position(const Node& node, const PointwiseScatter& how, const Position& at);
Position scatter_update_position(const Node& node, const PointwiseScatter& how, const Position& at);

}  // namespace thx
