// SPDX-License-Identifier: Apache-2.0
// Lists of axes, as the rows of array operators reckon with them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "ops/op_def.h"

namespace thx {

using AxisList = std::vector<int64_t>;

/// The list under `key`, or an empty one where the attribute is absent.
std::span<const int64_t> axes_of(const Attrs& attrs, std::string_view key);
/// Whether every axis is in [0, rank) and none occurs twice.
bool valid_axes(std::span<const int64_t> axes, int rank);
bool contains(std::span<const int64_t> axes, int64_t axis);
/// The axes of [0, rank) that are not in `removed`, ascending.
AxisList kept_axes(int rank, std::span<const int64_t> removed);
/// `first`, `first + 1`, … : `count` axes.
AxisList axis_run(int64_t first, int64_t count);
AxisList shifted(std::span<const int64_t> axes, int64_t by);
/// The permutation that undoes `permutation`.
AxisList inverse(std::span<const int64_t> permutation);
/// Whether `count` positions from `start`, `step` apart, may lie on an axis of `extent`; false
/// where numbers known here say that they do not.
bool may_lie_on(const Extent& start, int64_t step, const Extent& count, const Extent& extent);
/// The extents of `shape` at `axes`.
Shape select(const Shape& shape, std::span<const int64_t> axes);
Shape with_leading(const Extent& extent, const Shape& shape);

/// The operand of a batch rule with the leading axis, repeated along it where it has none.
Value batched_operand(const Batch& batch, size_t operand);
/// `value` with axis `from` moved to the front.
Value move_to_front(Graph& graph, Value value, int64_t from);
/// `value`, whose axis i is axis `places[i]` of `shape`, repeated to `shape`.
Value spread(Graph& graph, Value value, std::span<const int64_t> places, const Shape& shape);

/// The tangent of an operator of one operand that is linear: itself.
Value linear_tangent(const Tangent& tangent);

}  // namespace thx
