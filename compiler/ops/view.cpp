// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the views: an index map each, and gradients.
#include <algorithm>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/rows.h"

namespace thx {
namespace {

Diagnostic refuse(Err id, std::string message) { return {id, Span{}, std::move(message)}; }

// broadcast {axes, shape}

Result<Type> broadcast_type(std::span<const Type> operands, const Attrs& attrs) {
  const Type& operand = operands[0];
  const Shape& shape = attrs.shape("shape");
  const std::span<const int64_t> axes = axes_of(attrs, "axes");
  const bool increasing = std::ranges::adjacent_find(axes, std::greater_equal<>{}) == axes.end();
  if (static_cast<int>(axes.size()) != operand.rank() || !increasing ||
      !valid_axes(axes, static_cast<int>(shape.size())))
    return refuse(Err::bad_axis, format("{} does not broadcast to {} along these axes",
                                        text(operand), text(shape)));
  for (size_t i = 0; i < axes.size(); ++i)
    if (!operand.shape[i].is(1) && operand.shape[i] != shape[static_cast<size_t>(axes[i])])
      return refuse(Err::shape_mismatch,
                    format("{} does not broadcast to {}", text(operand), text(shape)));
  return operand.with(shape);
}

bool stretches(const Node& node, size_t axis) {
  const auto to = static_cast<size_t>(node.attrs.ints("axes")[axis]);
  return node.operands[0]->shape()[axis].is(1) && !node.shape()[to].is(1);
}

std::vector<Extent> broadcast_map(const Node& node, std::span<const Extent> index) {
  const std::vector<int64_t>& axes = node.attrs.ints("axes");
  std::vector<Extent> source;
  for (size_t i = 0; i < axes.size(); ++i)
    source.push_back(stretches(node, i) ? Extent(0) : index[static_cast<size_t>(axes[i])]);
  return source;
}

Value broadcast_adjoint(const Adjoint& a) {
  const Value operand = a.node->operands[0];
  const std::vector<int64_t>& axes = a.node->attrs.ints("axes");
  AxisList kept, places;  // result axes that are not repeated; the operand's axes they are
  for (size_t i = 0; i < axes.size(); ++i) {
    if (stretches(*a.node, i)) continue;
    kept.push_back(axes[i]);
    places.push_back(static_cast<int64_t>(i));
  }
  // Along an axis of extent 1 nothing is repeated: it is left out without a sum.
  AxisList repeated = kept_axes(a.node->type().rank(), kept);
  std::erase_if(repeated,
                [&](int64_t axis) { return a.node->shape()[static_cast<size_t>(axis)].is(1); });
  const Value sum = reduce(a.graph, Op::sum, a.cotangent, repeated);
  return broadcast(a.graph, reshape(a.graph, sum, select(a.node->shape(), kept)), operand->shape(),
                   places);
}

Value broadcast_batch(const Batch& b) {
  AxisList axes = {0};
  for (int64_t axis : b.node->attrs.ints("axes")) axes.push_back(axis + 1);
  return broadcast(b.graph, batched_operand(b, 0), with_leading(b.extent, b.node->shape()), axes);
}

// transpose {permutation}

Result<Type> transpose_type(std::span<const Type> operands, const Attrs& attrs) {
  const std::span<const int64_t> permutation = axes_of(attrs, "permutation");
  if (static_cast<int>(permutation.size()) != operands[0].rank() ||
      !valid_axes(permutation, operands[0].rank()))
    return refuse(Err::bad_axis, format("no permutation of the axes of {}", text(operands[0])));
  return operands[0].with(select(operands[0].shape, permutation));
}

std::vector<Extent> transpose_map(const Node& node, std::span<const Extent> index) {
  const std::vector<int64_t>& permutation = node.attrs.ints("permutation");
  std::vector<Extent> source(index.size());
  for (size_t i = 0; i < index.size(); ++i) source[static_cast<size_t>(permutation[i])] = index[i];
  return source;
}

Value transpose_adjoint(const Adjoint& a) {
  return transpose(a.graph, a.cotangent, inverse(a.node->attrs.ints("permutation")));
}

Value transpose_batch(const Batch& b) {
  AxisList permutation = {0};
  for (int64_t axis : b.node->attrs.ints("permutation")) permutation.push_back(axis + 1);
  return transpose(b.graph, batched_operand(b, 0), permutation);
}

// reshape {shape}

Result<Type> reshape_type(std::span<const Type> operands, const Attrs& attrs) {
  const Shape& shape = attrs.shape("shape");
  // Extents that typing cannot compare are checked where the function is entered.
  const Extent difference = element_count(operands[0].shape) - element_count(shape);
  if (difference.is_known() && !difference.is(0))
    return refuse(Err::shape_mismatch, format("{} does not have as many elements as {}",
                                              text(operands[0]), text(shape)));
  return operands[0].with(shape);
}

/// The end of the shortest run of axes from `a` of `left` and `b` of `right` with equal counts of
/// elements; both shapes' ends where there is none before, or where axes of `left` alone would be
/// over: where those have no element, position 0 along them is none.
std::pair<size_t, size_t> matching_run(const Shape& left, size_t a, const Shape& right, size_t b) {
  std::vector<Extent> counts;  // of right[b .. b + i]
  Extent count = 1;
  for (size_t j = b; j < right.size(); ++j) counts.push_back(count *= right[j]);
  count = 1;
  for (size_t i = a; i < left.size(); ++i) {
    count *= left[i];
    const auto found = std::ranges::find(counts, count);
    if (found == counts.end()) continue;
    const auto rest = left.begin() + static_cast<ptrdiff_t>(i) + 1;
    if (found + 1 == counts.end() && !element_count(Shape(rest, left.end())).is(1)) break;
    return {i + 1, b + static_cast<size_t>(found - counts.begin()) + 1};
  }
  return {left.size(), right.size()};
}

/// Splits row-major position `linear` over `shape`, outermost first.
void append_split(const Extent& linear, std::span<const Extent> shape, std::vector<Extent>& out) {
  Extent inner = 1;
  std::vector<Extent> reversed;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i].is(1)) {
      reversed.emplace_back(0);
      continue;
    }
    const Extent quotient = inner.is(1) ? linear : floordiv(linear, inner);
    const bool outermost = std::all_of(shape.begin(), shape.begin() + static_cast<ptrdiff_t>(i),
                                       [](const Extent& extent) { return extent.is(1); });
    reversed.push_back(outermost ? quotient : mod(quotient, shape[i]));
    inner *= shape[i];
  }
  out.insert(out.end(), reversed.rbegin(), reversed.rend());
}

/// Runs of axes with equal counts of elements map to each other, so that an index that a reshape
/// leaves alone stays as it is.
std::vector<Extent> reshape_map(const Node& node, std::span<const Extent> index) {
  const Shape& from = node.operands[0]->shape();
  const Shape& to = node.shape();
  std::vector<Extent> source;
  size_t a = 0, b = 0;
  while (a < from.size()) {
    const auto [end_a, end_b] = matching_run(from, a, to, b);
    Extent linear = 0;
    for (size_t j = b; j < end_b; ++j) linear = linear * to[j] + index[j];
    append_split(linear, std::span(from).subspan(a, end_a - a), source);
    a = end_a;
    b = end_b;
  }
  return source;
}

Value reshape_adjoint(const Adjoint& a) {
  return reshape(a.graph, a.cotangent, a.node->operands[0]->shape());
}

Value reshape_batch(const Batch& b) {
  return reshape(b.graph, batched_operand(b, 0), with_leading(b.extent, b.node->shape()));
}

// slice {starts, steps, shape}

Result<Type> slice_type(std::span<const Type> operands, const Attrs& attrs) {
  const Type& operand = operands[0];
  const Shape& shape = attrs.shape("shape");
  const std::vector<int64_t>& steps = attrs.ints("steps");
  const auto rank = static_cast<size_t>(operand.rank());
  if (attrs.shape("starts").size() != rank || steps.size() != rank || shape.size() != rank ||
      contains(steps, 0))
    return refuse(Err::bad_axis, format("a slice of {} needs a start, an extent and a step other "
                                        "than 0 for each of its axes",
                                        text(operand)));
  for (size_t i = 0; i < rank; ++i)
    if (!may_lie_on(attrs.shape("starts")[i], steps[i], shape[i], operand.shape[i]))
      return refuse(Err::bad_axis, format("a slice beyond axis {} of {}", i, text(operand)));
  return operand.with(shape);
}

std::vector<Extent> slice_map(const Node& node, std::span<const Extent> index) {
  const Shape& starts = node.attrs.shape("starts");
  const std::vector<int64_t>& steps = node.attrs.ints("steps");
  std::vector<Extent> source;
  for (size_t i = 0; i < index.size(); ++i) source.push_back(starts[i] + index[i] * steps[i]);
  return source;
}

/// Zeros with the cotangent where the slice was, read backwards along axes of negative step.
Value slice_adjoint(const Adjoint& a) {
  Shape starts = a.node->attrs.shape("starts");
  AxisList steps = a.node->attrs.ints("steps");
  const Shape& shape = a.node->shape();
  AxisList turned;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] > 0) continue;
    turned.push_back(static_cast<int64_t>(i));
    starts[i] += (shape[i] - 1) * steps[i];
    steps[i] = -steps[i];
  }
  return place(a.graph, constant_like(a.graph, a.node->operands[0], 0),
               reversed(a.graph, a.cotangent, turned), starts, steps);
}

Value slice_batch(const Batch& b) {
  AxisList steps = b.node->attrs.ints("steps");
  steps.insert(steps.begin(), 1);
  return slice(b.graph, batched_operand(b, 0), with_leading(0, b.node->attrs.shape("starts")),
               steps, with_leading(b.extent, b.node->shape()));
}

// diagonal {axes}

Result<Type> diagonal_type(std::span<const Type> operands, const Attrs& attrs) {
  const Type& operand = operands[0];
  const std::span<const int64_t> axes = axes_of(attrs, "axes");
  if (axes.size() != 2 || !valid_axes(axes, operand.rank()))
    return refuse(Err::bad_axis,
                  format("the diagonal of {} is along two of its axes", text(operand)));
  const Shape sides = select(operand.shape, axes);
  Shape shape = select(operand.shape, kept_axes(operand.rank(), axes));
  shape.push_back(min(sides[0], sides[1]));
  return operand.with(shape);
}

std::vector<Extent> diagonal_map(const Node& node, std::span<const Extent> index) {
  const std::span<const int64_t> axes = axes_of(node.attrs, "axes");
  std::vector<Extent> source;
  size_t next = 0;
  for (int64_t axis = 0; axis < node.operands[0]->type().rank(); ++axis)
    source.push_back(contains(axes, axis) ? index.back() : index[next++]);
  return source;
}

/// The cotangent where both positions are equal, 0 elsewhere.
Value diagonal_adjoint(const Adjoint& a) {
  const Value operand = a.node->operands[0];
  const Shape& shape = operand->shape();
  const std::span<const int64_t> axes = axes_of(a.node->attrs, "axes");
  const auto first = static_cast<size_t>(axes[0]);
  Shape longer = a.node->shape();
  longer.back() = shape[first];
  Value along = a.cotangent;
  if (longer != a.node->shape()) {
    const Value zeros = constant(a.graph, a.node->type().with(longer), 0);
    along =
        place(a.graph, zeros, along, Shape(longer.size(), Extent(0)), AxisList(longer.size(), 1));
  }
  AxisList places = kept_axes(operand->type().rank(), axes);
  places.push_back(axes[0]);
  const Value meets = node::equal(a.graph, positions_along(a.graph, axes[0], shape),
                                  positions_along(a.graph, axes[1], shape));
  return node::where(a.graph, meets, spread(a.graph, along, places, shape),
                     constant_like(a.graph, operand, 0));
}

Value diagonal_batch(const Batch& b) {
  return make(b.graph, Op::diagonal, {batched_operand(b, 0)},
              {{"axes", shifted(b.node->attrs.ints("axes"), 1)}});
}

// clang-format off
constexpr ViewDef kViews[] = {
    {.op = Op::broadcast, .doc = "x repeated along new axes and along axes of extent 1",
     .type = broadcast_type, .index_map = broadcast_map,
     .adjoint = broadcast_adjoint, .tangent = linear_tangent, .batch = broadcast_batch},
    {.op = Op::transpose, .doc = "x with its axes in another order",
     .type = transpose_type, .index_map = transpose_map,
     .adjoint = transpose_adjoint, .tangent = linear_tangent, .batch = transpose_batch},
    {.op = Op::reshape, .doc = "the elements of x, row-major, in another shape",
     .type = reshape_type, .index_map = reshape_map,
     .adjoint = reshape_adjoint, .tangent = linear_tangent, .batch = reshape_batch},
    {.op = Op::slice, .doc = "the elements of x from `starts`, `steps` apart, along each axis",
     .type = slice_type, .index_map = slice_map,
     .adjoint = slice_adjoint, .tangent = linear_tangent, .batch = slice_batch},
    {.op = Op::diagonal, .doc = "the elements of x at equal positions along two axes, as the last axis",
     .type = diagonal_type, .index_map = diagonal_map,
     .adjoint = diagonal_adjoint, .tangent = linear_tangent, .batch = diagonal_batch},
};
// clang-format on
static_assert(covers(kViews, Family::view),
              "one row for each view line of ops.def, in the same order");

}  // namespace

std::span<const ViewDef> view_rows() { return kViews; }

}  // namespace thx
