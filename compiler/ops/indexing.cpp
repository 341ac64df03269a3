// SPDX-License-Identifier: Apache-2.0
// THE ROWS of indexing by values: reading at indices, and its transpose.
#include <algorithm>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/rows.h"

namespace thx {
namespace {

Diagnostic refuse(Err id, std::string message) { return {id, Span{}, std::move(message)}; }

int64_t batch_of(const Attrs& attrs) { return attrs.has("batch") ? attrs.integer("batch") : 0; }

/// The type of what indices of types `indices` read from `x`: batch axes, the indices' own axes,
/// the axes of x that are not indexed.
Result<Type> gathered_type(const Type& x, std::span<const Type> indices, const Attrs& attrs) {
  const std::span<const int64_t> axes = axes_of(attrs, "axes");
  const int64_t batch = batch_of(attrs);
  const auto bad = [&](Err id, std::string_view why) {
    return refuse(id, format("{} cannot be indexed: {}", text(x), why));
  };
  if (axes.empty() || axes.size() != indices.size() || !valid_axes(axes, x.rank()))
    return bad(Err::bad_axis, "each index array has an axis of its own");
  for (int64_t axis : axes)
    if (axis < batch) return bad(Err::bad_axis, "a batch axis is not indexed");
  const Shape& shape = indices[0].shape;
  for (const Type& index : indices) {
    if (index.dtype != DType::i64) return bad(Err::dtype_mismatch, "indices are i64");
    if (index.shape != shape) return bad(Err::shape_mismatch, "index arrays have one shape");
  }
  const AxisList leading = axis_run(0, batch);
  if (static_cast<int64_t>(shape.size()) < batch ||
      select(shape, leading) != select(x.shape, leading))
    return bad(Err::shape_mismatch, "batch axes are shared");
  AxisList taken = leading;
  taken.insert(taken.end(), axes.begin(), axes.end());
  Type result{x.dtype, shape};
  for (const Extent& extent : select(x.shape, kept_axes(x.rank(), taken)))
    result.shape.push_back(extent);
  return result;
}

Result<Type> gather_type(std::span<const Type> operands, const Attrs& attrs) {
  if (operands.empty()) return refuse(Err::wrong_count, "gather reads from an array");
  return gathered_type(operands[0], operands.subspan(1), attrs);
}

Result<Type> scatter_type(std::span<const Type> operands, const Attrs& attrs) {
  if (operands.size() < 2) return refuse(Err::wrong_count, "a scatter needs a base and updates");
  const Result<Type> updates = gathered_type(operands[0], operands.subspan(2), attrs);
  if (!updates.ok()) return updates.error();
  if (operands[1] != *updates)
    return refuse(Err::shape_mismatch,
                  format("updates are {}, not {}", text(*updates), text(operands[1])));
  return operands[0];
}

/// `first`, then the indices of `node`.
std::vector<Value> with_indices(std::initializer_list<Value> first, Value node, size_t skipped) {
  std::vector<Value> operands = first;
  operands.insert(operands.end(), node->operands.begin() + static_cast<ptrdiff_t>(skipped),
                  node->operands.end());
  return operands;
}

Value gather_adjoint(const Adjoint& a) {
  if (a.operand != 0) return {};
  const Value zeros = constant_like(a.graph, a.node->operands[0], 0);
  return make(a.graph, Op::scatter_add, with_indices({zeros, a.cotangent}, a.node, 1),
              a.node->attrs);
}

Value gather_tangent(const Tangent& t) {
  if (!t.tangents[0]) return {};
  return make(t.graph, Op::gather, with_indices({t.tangents[0]}, t.node, 1), t.node->attrs);
}

Value scatter_add_adjoint(const Adjoint& a) {
  if (a.operand == 0) return a.cotangent;
  if (a.operand > 1) return {};
  return make(a.graph, Op::gather, with_indices({a.cotangent}, a.node, 2), a.node->attrs);
}

Value scatter_tangent(const Tangent& t) {
  if (!t.tangents[0] && !t.tangents[1]) return {};
  const auto or_zeros = [&](size_t operand) {
    const Value tangent = t.tangents[operand];
    return tangent ? tangent : constant_like(t.graph, t.node->operands[operand], 0);
  };
  return make(t.graph, t.node->op, with_indices({or_zeros(0), or_zeros(1)}, t.node, 2),
              t.node->attrs);
}

// scatter_set: of several updates of one place, the last one counts.

/// Whether each update is the one that its place keeps, in the updates' shape; null where the one
/// index always is. Every update writes its number; the one that reads its own number back wins.
Value winners(Graph& graph, Value node) {
  const std::vector<Value> indices(node->operands.begin() + 2, node->operands.end());
  const Shape& shape = indices[0]->shape();
  if (shape.empty()) return {};
  const Value base = node->operands[0];
  const std::span<const int64_t> axes = axes_of(node->attrs, "axes");
  AxisList kept = axis_run(0, batch_of(node->attrs));
  kept.insert(kept.end(), axes.begin(), axes.end());
  std::ranges::sort(kept);
  AxisList places;  // of the indexed axes among the kept ones
  for (const int64_t axis : axes) places.push_back(std::ranges::find(kept, axis) - kept.begin());
  Attrs attrs = node->attrs;
  attrs.set("axes", places);
  const Value counted = positions_along(graph, 0, {element_count(shape)});
  const Value numbers = reshape(graph, counted, shape);
  const Value none = constant(graph, Type{DType::i64, select(base->shape(), kept)}, -1);
  std::vector<Value> written = {none, numbers};
  written.insert(written.end(), indices.begin(), indices.end());
  std::vector<Value> read = {make(graph, node->op, written, attrs)};
  read.insert(read.end(), indices.begin(), indices.end());
  const Value wins = node::equal(graph, make(graph, Op::gather, read, attrs), numbers);
  const Shape& updates = node->operands[1]->shape();
  return broadcast(graph, wins, updates, axis_run(0, static_cast<int64_t>(shape.size())));
}

Value scatter_set_adjoint(const Adjoint& a) {
  if (a.operand > 1) return {};
  const Value zeros = constant_like(a.graph, a.node->operands[1], 0);
  if (a.operand == 0)
    return make(a.graph, Op::scatter_set, with_indices({a.cotangent, zeros}, a.node, 2),
                a.node->attrs);
  const Value read =
      make(a.graph, Op::gather, with_indices({a.cotangent}, a.node, 2), a.node->attrs);
  const Value wins = winners(a.graph, a.node);
  return wins ? node::where(a.graph, wins, read, zeros) : read;
}

// dynamic_slice {axes, shape}: x, then an i64 scalar start for each of the axes

Result<Type> dynamic_slice_type(std::span<const Type> operands, const Attrs& attrs) {
  if (operands.empty()) return refuse(Err::wrong_count, "dynamic_slice reads from an array");
  const Type& x = operands[0];
  const Shape& shape = attrs.shape("shape");
  const std::span<const int64_t> axes = axes_of(attrs, "axes");
  if (axes.empty() || axes.size() + 1 != operands.size() || !valid_axes(axes, x.rank()))
    return refuse(Err::bad_axis, format("each start is along an axis of {}", text(x)));
  for (const Type& start : operands.subspan(1))
    if (start != Type{DType::i64, {}})
      return refuse(Err::dtype_mismatch, "the starts of a slice are i64 scalars");
  bool fits = static_cast<int>(shape.size()) == x.rank();
  for (int64_t axis = 0; fits && axis < x.rank(); ++axis)
    fits = contains(axes, axis) ||
           shape[static_cast<size_t>(axis)] == x.shape[static_cast<size_t>(axis)];
  if (!fits)
    return refuse(Err::shape_mismatch, format("{} is no slice of {}", text(shape), text(x)));
  return x.with(shape);
}

/// The positions along the sliced axes as index arrays of the slice's extents, in their order;
/// `batch`: starts with a leading axis keep it.
std::vector<Value> slice_positions(Graph& graph, Value node, std::span<const Value> starts,
                                   const Shape& batch) {
  const std::span<const int64_t> axes = axes_of(node->attrs, "axes");
  Shape shape = batch;
  for (const Extent& extent : select(node->shape(), axes)) shape.push_back(extent);
  std::vector<Value> positions;
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto along = static_cast<int64_t>(batch.size() + i);
    const Value steps = positions_along(graph, along, shape);
    const Value start = broadcast(graph, starts[i], shape, axis_run(0, starts[i]->type().rank()));
    positions.push_back(node::add(graph, start, steps));
  }
  return positions;
}

/// The order of axes in which the sliced ones come first, after `leading` others.
AxisList sliced_first(Value node, int64_t leading) {
  const std::span<const int64_t> axes = axes_of(node->attrs, "axes");
  AxisList order = axis_run(0, leading);
  for (const int64_t axis : axes) order.push_back(axis + leading);
  for (const int64_t axis : kept_axes(node->type().rank(), axes)) order.push_back(axis + leading);
  return order;
}

Value dynamic_slice_adjoint(const Adjoint& a) {
  if (a.operand != 0) return {};
  const std::span<const Value> starts = std::span(a.node->operands).subspan(1);
  std::vector<Value> operands = {constant_like(a.graph, a.node->operands[0], 0),
                                 transpose(a.graph, a.cotangent, sliced_first(a.node, 0))};
  for (const Value position : slice_positions(a.graph, a.node, starts, {}))
    operands.push_back(position);
  return make(a.graph, Op::scatter_add, operands, {{"axes", a.node->attrs.ints("axes")}});
}

/// A start that all elements share, or 0 where there are none: it must not fail for no element.
Value start_for_some(const Batch& b, Value start) {
  if (b.extent.is_known() && b.extent.known() > 0) return start;
  const Value count = extent_value(b.graph, b.extent);
  return node::where(b.graph, node::greater(b.graph, count, constant_like(b.graph, count, 0)),
                     start, constant_like(b.graph, start, 0));
}

/// One slice where the starts are shared; otherwise a gather.
Value dynamic_slice_batch(const Batch& b) {
  const Value node = b.node;
  const AxisList axes = shifted(node->attrs.ints("axes"), 1);
  std::vector<Value> operands = {batched_operand(b, 0)};
  if (std::ranges::none_of(b.batched.subspan(1), [](bool batched) { return batched; })) {
    for (const Value start : b.operands.subspan(1)) operands.push_back(start_for_some(b, start));
    return make(b.graph, Op::dynamic_slice, operands,
                {{"axes", axes}, {"shape", with_leading(b.extent, node->shape())}});
  }
  std::vector<Value> starts;
  for (size_t i = 1; i < b.operands.size(); ++i) starts.push_back(batched_operand(b, i));
  for (const Value position : slice_positions(b.graph, node, starts, {b.extent}))
    operands.push_back(position);
  const Value read = make(b.graph, Op::gather, operands, {{"axes", axes}, {"batch", int64_t{1}}});
  return transpose(b.graph, read, inverse(sliced_first(node, 1)));
}

Value dynamic_slice_tangent(const Tangent& t) {
  if (!t.tangents[0]) return {};
  return make(t.graph, Op::dynamic_slice, with_indices({t.tangents[0]}, t.node, 1), t.node->attrs);
}

/// Every operand gains the axis, which all then share.
Value indexing_batch(const Batch& b) {
  std::vector<Value> operands;
  for (size_t i = 0; i < b.operands.size(); ++i) operands.push_back(batched_operand(b, i));
  Attrs attrs = b.node->attrs;
  attrs.set("axes", shifted(attrs.ints("axes"), 1));
  attrs.set("batch", batch_of(attrs) + 1);
  return make(b.graph, b.node->op, operands, std::move(attrs));
}

// clang-format off
constexpr ArrayDef kIndexing[] = {
    {.op = Op::gather, .doc = "the elements of x at indices along `axes`; negative ones count from the end",
     .types = DTypes::any,
     .type = gather_type,
     .traits = kFallible,
     .adjoint = gather_adjoint, .tangent = gather_tangent, .batch = indexing_batch,
     .expansion = nullptr},
    {.op = Op::scatter_add, .doc = "x with y added at indices along `axes`, in index order",
     .types = DTypes::numbers,
     .type = scatter_type,
     .traits = kFallible,
     .adjoint = scatter_add_adjoint, .tangent = scatter_tangent, .batch = indexing_batch,
     .expansion = nullptr},
    {.op = Op::scatter_set, .doc = "x with y at indices along `axes`; of several for one place the last one",
     .types = DTypes::any,
     .type = scatter_type,
     .traits = kFallible,
     .adjoint = scatter_set_adjoint, .tangent = scatter_tangent, .batch = indexing_batch,
     .expansion = nullptr},
    {.op = Op::dynamic_slice, .doc = "the part of x of the given shape from run-time starts along `axes`",
     .types = DTypes::any,
     .type = dynamic_slice_type,
     .traits = kFallible,
     .adjoint = dynamic_slice_adjoint, .tangent = dynamic_slice_tangent, .batch = dynamic_slice_batch,
     .expansion = nullptr},
};
// clang-format on
static_assert(covers(kIndexing, Family::indexing),
              "one row for each indexing line of ops.def, in the same order");

}  // namespace

std::span<const ArrayDef> indexing_rows() { return kIndexing; }

}  // namespace thx
