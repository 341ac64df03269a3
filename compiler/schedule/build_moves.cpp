// SPDX-License-Identifier: Apache-2.0
// Kernels that move elements: placements, running combinations, scatters.
#include <algorithm>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/op_def.h"
#include "schedule/nests.h"
#include "support/check.h"

namespace thx::loop {
namespace {

Position joined(const Position& a, const Position& b) {
  Position all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

/// Where an update of `node` goes: the batch, the indices, the rest, each at its axis.
Position scattered_position(ElementBuilder& elements, const Node& node, const Position& places,
                            const Position& rest) {
  const auto axes = axes_of(node.attrs, "axes");
  const int batch = indexing_shape(node).batch;
  Position target;
  size_t next = 0;
  for (int axis = 0; axis < node.type().rank(); ++axis) {
    const auto found = std::ranges::find(axes, static_cast<int64_t>(axis));
    if (axis < batch) {
      target.push_back(places[static_cast<size_t>(axis)]);
    } else if (found == axes.end()) {
      target.push_back(rest[next++]);
    } else {
      const Value index = index_operands(node)[static_cast<size_t>(found - axes.begin())];
      target.push_back(
          elements.normalized_index(index, places, node.shape()[static_cast<size_t>(axis)]));
    }
  }
  return target;
}

/// A loop for each axis that has more than one element; the position's other axes are 0.
Position open_needed(ElementBuilder& elements, const Shape& shape, size_t& opened) {
  Position position;
  for (const Extent& extent : shape) {
    position.push_back(extent.is(1) ? Extent(0) : elements.open_loop("i", 0, extent));
    opened += extent.is(1) ? 0 : 1;
  }
  return position;
}

/// The identity of what `combine` folds.
Scalar identity_of(Op combine, DType dtype) {
  for (const ReductionDef& row : reduction_rows())
    if (row.combine == combine) return Scalar::of(dtype, row.identity);
  THX_UNREACHABLE("{} folds nothing", name_of(combine));
}

}  // namespace

void build_place(ElementBuilder& elements) {
  const Body& region = elements.buffers().region();
  THX_CHECK(region.results.size() == 1, "a placement of {} results", region.results.size());
  const Node& node = *region.results[0];
  const ElementBuilder::Room room = elements.room_of_result(0);
  for (size_t i = 0; i < node.operands.size(); ++i) {
    const Value operand = node.operands[i];
    const Shape& shape = operand->shape();
    if (std::ranges::any_of(shape, [](const Extent& extent) { return extent.is(0); })) continue;
    if (elements.buffers().is_result_memory(operand, 0)) continue;  // it is where it goes
    size_t opened = 0;
    const Position from = open_needed(elements, shape, opened);
    const Lane lane = elements.element(operand, from);
    elements.store(room, placement(node.op).place(node, static_cast<int>(i), from), lane);
    elements.close_all(opened);
  }
}

void build_cumulative(ElementBuilder& elements) {
  KernelBuilder& b = elements.builder();
  const Node& node = *elements.buffers().region().results[0];
  const Shape& shape = node.shape();
  const auto axis = static_cast<size_t>(node.attrs.integer("axis"));
  const bool in_lanes = axis + 1 < shape.size();
  Position at(shape.size());
  size_t opened = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i == axis || (in_lanes && i + 1 == shape.size())) continue;
    at[i] = elements.open_loop("i", 0, shape[i]);
    ++opened;
  }
  if (in_lanes) {
    const int lanes = std::max(1, b.machine().vector_bytes / bytes_of(node.dtype()));
    at.back() = elements.open_lanes("j", 0, shape.back(), lanes);
    ++opened;
  }
  const Op combine = cumulative(node.op).combine;
  const Scalar identity = identity_of(combine, node.dtype());
  const Lane first = is_float(node.dtype()) ? b.constant_real(node.dtype(), identity.real)
                                            : b.constant_integer(node.dtype(), identity.integer);
  at[axis] = elements.open_loop("k", 0, shape[axis], {.reverse = node.attrs.flag("reverse")});
  const Lane before = b.carry(first);
  const std::array<Lane, 2> operands = {before, elements.element(node.operands[0], at)};
  const Lane now = emit_row(b, combine, operands, node.dtype());
  elements.store(elements.room_of_result(0), at, now);
  b.next(before, now);
  elements.close_all(opened);
}

void build_scatter(ElementBuilder& elements) {
  const Value result = elements.buffers().region().results[0];
  const Node& node = *result;
  const ElementBuilder::Room room = elements.room_of_result(0);
  if (!elements.buffers().is_result_memory(node.operands[0], 0)) {
    const Position all = elements.open_all(node.shape());
    elements.store(room, all, elements.element(node.operands[0], all));
    elements.close_all(all.size());
  }
  const Shape& places = index_operands(node)[0]->shape();
  const Shape& updates = node.operands[1]->shape();
  const Position place = elements.open_all(places, "p");
  const Position rest = elements.open_all(
      Shape(updates.begin() + static_cast<ptrdiff_t>(places.size()), updates.end()), "k");
  const Position target = scattered_position(elements, node, place, rest);
  Lane update = elements.element(node.operands[1], joined(place, rest));
  if (adds(node)) update = elements.builder().add(elements.load(room, target), update);
  elements.store(room, target, update);
  elements.close_all(updates.size());
}

}  // namespace thx::loop
