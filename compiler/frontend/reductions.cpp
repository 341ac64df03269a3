// SPDX-License-Identifier: Apache-2.0
// Reductions, means, and composites along one axis: `axis=`, `keepdims=`, and the dtypes they take.
#include <algorithm>
#include <numeric>

#include "frontend/lowering.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

std::optional<int64_t> one_axis(Lowering& l, const Operand& operand, int rank, const Operand& of) {
  if (operand.poisoned()) return std::nullopt;
  if (!operand.is(Operand::Kind::integer) || !operand.weak) {
    l.report(Err::bad_axis, operand.span,
             format("an axis is an integer literal, not {}", spell(operand)));
    return std::nullopt;
  }
  const int64_t axis = operand.integer < 0 ? operand.integer + rank : operand.integer;
  if (axis >= 0 && axis < rank) return axis;
  l.report(Err::bad_axis, operand.span, format("{} has no axis {}", spell(of), operand.integer))
      .label(of.span, spell(of));
  return std::nullopt;
}

// All axes where none is named.
std::optional<std::vector<int64_t>> axes_named(Lowering& l, const Operand& operand,
                                               const Operand& of) {
  const auto rank = static_cast<int>(shape_of(of).size());
  std::vector<int64_t> axes;
  if (operand.is(Operand::Kind::nothing)) {
    axes.resize(static_cast<size_t>(rank));
    std::iota(axes.begin(), axes.end(), int64_t{0});
    return axes;
  }
  const std::vector<Operand> parts =
      operand.is(Operand::Kind::sequence) ? operand.parts : std::vector{operand};
  for (const Operand& part : parts) {
    const std::optional<int64_t> axis = one_axis(l, part, rank, of);
    if (!axis) return std::nullopt;
    if (std::find(axes.begin(), axes.end(), *axis) != axes.end()) {
      l.report(Err::bad_axis, part.span, format("axis {} is named twice", part.integer));
      return std::nullopt;
    }
    axes.push_back(*axis);
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

// The arguments of a reduction, checked.
struct Reduction {
  Operand operand;
  std::vector<int64_t> axes;
  bool keep_dims = false;
};

std::optional<Reduction> reduction_arguments(Lowering& l, Call& call) {
  const Operand operand = argument(call, 0, "x");
  const Operand axis = argument(call, 1, "axis");
  const std::optional<bool> keep = flag(l, argument(call, 2, "keepdims"));
  if (!check_arguments(l, call, 3, {"axis", "keepdims"}) || !keep) return std::nullopt;
  if (operand.is(Operand::Kind::nothing)) {
    l.report(Err::missing_argument, call.place.mark,
             format("{} takes a value to reduce", call.place.spelled));
    return std::nullopt;
  }
  if (!all_numbers(l, {&operand, 1}, call.place)) return std::nullopt;
  const auto axes = axes_named(l, axis, operand);
  if (!axes) return std::nullopt;
  return Reduction{operand, *axes, *keep};
}

Value keep_dims(Lowering& l, Value reduced, const Shape& shape, std::span<const int64_t> axes,
                Span at) {
  Shape kept = shape;
  for (const int64_t axis : axes) kept[static_cast<size_t>(axis)] = Extent(1);
  return broadcast(l.graph(), reduced, kept, kept_axes(static_cast<int>(shape.size()), axes), at);
}

// Sums of bool count, any and all need bool; the rest takes what the row accepts.
std::optional<DType> reduction_dtype(Lowering& l, Op op, const Operand& operand,
                                     const Place& place) {
  const ReductionDef& row = reduction(op);
  const DType dtype = default_dtype(l, operand);
  if (is_bool(dtype) && row.ordered) return DType::i64;
  if (accepts(row.types, dtype)) return dtype;
  l.report(Err::dtype_mismatch, place.mark,
           format("{} is not defined for {}", place.spelled, spelling(dtype)))
      .label(operand.span, spell(operand))
      .help(is_bool(dtype) ? "convert with `i64(x)`, or use `any` and `all`"
                           : "compare first, as in `x > 0`");
  return std::nullopt;
}

Value reduce_to(Lowering& l, Op op, const Reduction& reduction, DType dtype, Span at) {
  const Value value = to_value(l, reduction.operand, dtype);
  if (!value || reduction.axes.empty()) return value;
  const Value reduced = reduce(l.graph(), op, value, reduction.axes, at);
  return reduction.keep_dims ? keep_dims(l, reduced, value->shape(), reduction.axes, at) : reduced;
}

}  // namespace

Operand call_reduction(Lowering& l, Op op, Call& call) {
  const std::optional<Reduction> reduction = reduction_arguments(l, call);
  if (!reduction) return {};
  const std::optional<DType> dtype = reduction_dtype(l, op, reduction->operand, call.place);
  if (!dtype) return {};
  const Value value = reduce_to(l, op, *reduction, *dtype, call.place.whole);
  return value ? Operand::of(value, call.place.whole) : Operand{};
}

Operand call_mean(Lowering& l, Call& call) {
  const std::optional<Reduction> reduction = reduction_arguments(l, call);
  if (!reduction) return {};
  const DType given = default_dtype(l, reduction->operand);
  const DType dtype = is_float(given) ? given : l.float_x;
  const Span at = call.place.whole;
  const Value sum = reduce_to(l, Op::sum, *reduction, dtype, at);
  if (!sum) return {};
  Extent count = 1;
  for (const int64_t axis : reduction->axes) {
    count *= shape_of(reduction->operand)[static_cast<size_t>(axis)];
  }
  const Value divisor =
      count.is_known() ? constant(l.graph(), {dtype, {}}, static_cast<double>(count.known()), at)
                       : cast(l.graph(), extent_value(l.graph(), count, at), dtype, at);
  const Value whole = broadcast_trailing(l.graph(), divisor, sum->shape(), at);
  return Operand::of(make(l.graph(), Op::div, {sum, whole}, {}, at), at);
}

Operand call_composite(Lowering& l, Op op, Call& call) {
  const Operand operand = argument(call, 0, "x");
  const Operand named = argument(call, 1, "axis");
  const Operand keep = argument(call, 2, "keepdims");
  const std::optional<bool> keeps = flag(l, keep);
  if (!check_arguments(l, call, 3, {"axis", "keepdims"}) || !keeps) return {};
  if (!all_numbers(l, {&operand, 1}, call.place)) return {};
  const auto rank = static_cast<int>(shape_of(operand).size());
  if (rank == 0) {
    l.report(Err::bad_axis, call.place.mark,
             format("{} needs an array, not {}", call.place.spelled, spell(operand)))
        .label(operand.span, spell(operand));
    return {};
  }
  const DType given = default_dtype(l, operand);
  const Value value = to_value(l, operand, is_float(given) ? given : l.float_x);
  if (!value) return {};
  const auto type_along = [&](int64_t axis) {
    const Type type = value->type();
    return infer_type(op, {&type, 1}, {{"axis", axis}});
  };
  const Result<Type> last = type_along(rank - 1);
  const bool removes = last.ok() && (*last).rank() < rank;
  if (named.is(Operand::Kind::nothing) && removes && rank > 1) {
    l.unsupported(call.place.mark, format("{} over several axes is part", call.place.spelled),
                  "name one axis, as in `axis=-1`");
    return {};
  }
  int64_t axis = rank - 1;
  if (!named.is(Operand::Kind::nothing)) {
    const std::optional<int64_t> found = one_axis(l, named, rank, operand);
    if (!found) return {};
    axis = *found;
  }
  const Span at = call.place.whole;
  Value result = make(l.graph(), op, {value}, {{"axis", axis}}, at);
  if (removes && *keeps) result = keep_dims(l, result, value->shape(), {&axis, 1}, at);
  return Operand::of(result, at);
}

}  // namespace thx
