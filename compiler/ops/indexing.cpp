// SPDX-License-Identifier: Apache-2.0
// THE ROWS of indexing by values: reading at indices, and its transpose.
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

Result<Type> scatter_add_type(std::span<const Type> operands, const Attrs& attrs) {
  if (operands.size() < 2) return refuse(Err::wrong_count, "scatter_add needs a base and updates");
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

Value scatter_add_tangent(const Tangent& t) {
  if (!t.tangents[0] && !t.tangents[1]) return {};
  const auto or_zeros = [&](size_t operand) {
    const Value tangent = t.tangents[operand];
    return tangent ? tangent : constant_like(t.graph, t.node->operands[operand], 0);
  };
  return make(t.graph, Op::scatter_add, with_indices({or_zeros(0), or_zeros(1)}, t.node, 2),
              t.node->attrs);
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
     .type = scatter_add_type,
     .traits = kFallible,
     .adjoint = scatter_add_adjoint, .tangent = scatter_add_tangent, .batch = indexing_batch,
     .expansion = nullptr},
};
// clang-format on
static_assert(covers(kIndexing, Family::indexing),
              "one row for each indexing line of ops.def, in the same order");

}  // namespace

std::span<const ArrayDef> indexing_rows() { return kIndexing; }

}  // namespace thx
