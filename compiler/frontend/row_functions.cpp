// SPDX-License-Identifier: Apache-2.0
// Functions along one axis: softmax and its kin, positions of extremes, running sums.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

// Some axes of a value as one, the last; and the way back.
struct OneAxis {
  Lowering& l;
  Span at;
  Shape shape;  // of the value as it was
  AxisList axes;
  AxisList order;  // the kept axes, then `axes`
  Value value;     // the kept axes, then one

  OneAxis(Lowering& lowering, Value x, AxisList chosen, Span span)
      : l(lowering), at(span), shape(x->shape()), axes(std::move(chosen)) {
    const int rank = x->type().rank();
    if (axes.size() == 1) {
      value = x;
      return;
    }
    order = kept_axes(rank, axes);
    Shape joined = select(shape, order);
    joined.push_back(element_count(select(shape, axes)));
    order.insert(order.end(), axes.begin(), axes.end());
    value = reshape(l.graph(), transpose(l.graph(), x, order, at), joined, at);
  }

  int64_t axis() const { return axes.size() == 1 ? axes[0] : value->type().rank() - 1; }

  // A result of the joined value's shape, in the shape as it was.
  Value restore(Value result) const {
    if (axes.size() == 1) return result;
    const Value split = reshape(l.graph(), result, select(shape, order), at);
    return transpose(l.graph(), split, inverse(order), at);
  }
};

// `axis=`, sorted, of a function that needs an array.
std::optional<AxisList> row_axes(Lowering& l, const Arguments& a, bool last_alone) {
  const Operand& x = a["x"];
  const auto rank = static_cast<int>(shape_of(x).size());
  std::optional<AxisList> axes;
  if (rank == 0 || (last_alone && !a.has("axis"))) {
    const std::optional<int64_t> axis = rank > 0 && a.has("axis")
                                            ? one_axis(l, a["axis"], rank, x)
                                            : axis_argument(l, a, "axis", x, -1);
    if (axis) axes = AxisList{*axis};
  } else {
    axes = axes_argument(l, a, "axis", x);
  }
  if (axes) std::sort(axes->begin(), axes->end());
  return axes;
}

Operand call_softmax(Lowering& l, const Arguments& a) {
  const Value x = float_argument(l, a, "x");
  if (!x) return {};
  const std::optional<AxisList> axes = row_axes(l, a, true);
  if (!axes) return {};
  if (axes->empty()) return Operand::of(x, a.at());
  const OneAxis one(l, x, *axes, a.at());
  const Value result = make(l.graph(), a.op(), {one.value}, {{"axis", one.axis()}}, a.at());
  return Operand::of(one.restore(result), a.at());
}

Operand call_logsumexp(Lowering& l, const Arguments& a) {
  const std::optional<bool> keep = flag_argument(l, a, "keepdims");
  const Value x = float_argument(l, a, "x");
  if (!x || !keep) return {};
  const std::optional<AxisList> axes = row_axes(l, a, false);
  if (!axes) return {};
  const OneAxis one(l, x, *axes, a.at());
  const Value result = make(l.graph(), a.op(), {one.value}, {{"axis", one.axis()}}, a.at());
  return Operand::of(*keep ? keep_axes(l, result, x->shape(), *axes, a.at()) : result, a.at());
}

// Without `axis`, the position in the flattened array.
Operand call_position(Lowering& l, const Arguments& a) {
  const std::optional<bool> keep = flag_argument(l, a, "keepdims");
  Value x = value_argument(l, a, "x");
  if (!x || !keep) return {};
  if (is_bool(x->dtype())) x = cast(l.graph(), x, DType::u8, a.at());
  const int rank = x->type().rank();
  AxisList axes = axis_run(0, rank);
  if (a.has("axis") || rank == 0) {
    const std::optional<int64_t> axis = axis_argument(l, a, "axis", a["x"], 0);
    if (!axis) return {};
    axes = {*axis};
  }
  const OneAxis one(l, x, axes, a.at());
  const Value result = make(l.graph(), a.op(), {one.value}, {{"axis", one.axis()}}, a.at());
  return Operand::of(*keep ? keep_axes(l, result, x->shape(), axes, a.at()) : result, a.at());
}

Operand call_cumsum(Lowering& l, const Arguments& a) {
  Value x = value_argument(l, a, "x");
  const std::optional<bool> reverse = flag_argument(l, a, "reverse");
  if (!x || !reverse) return {};
  const DType given = x->dtype();
  const DType wide = is_float(given)                          ? given
                     : is_integer(given) && !is_signed(given) ? DType::u64
                                                              : DType::i64;
  const std::optional<DType> dtype = dtype_argument(l, a, wide);
  if (!dtype) return {};
  const std::optional<int64_t> axis = axis_or_flat(l, a, x);
  if (!axis) return {};
  x = cast(l.graph(), x, *dtype, a.at());
  Attrs attrs = {{"axis", *axis}};
  if (*reverse) attrs.set("reverse", true);
  return Operand::of(make(l.graph(), Op::cumsum, {x}, std::move(attrs), a.at()), a.at());
}

// x[1:] - x[:-1] along an axis, n times.
Operand call_diff(Lowering& l, const Arguments& a) {
  constexpr int64_t kMostTimes = 64;
  Value x = value_argument(l, a, "x");
  const std::optional<int64_t> times = integer_argument(l, a, "n", 1);
  if (!x || !times) return {};
  const std::optional<int64_t> axis = axis_argument(l, a, "axis", a["x"], -1);
  if (!axis) return {};
  if (*times < 0 || *times > kMostTimes) {
    l.report(Err::bad_argument, a["n"].span, format("`n` is in [0, {}]", kMostTimes));
    return {};
  }
  const Composer c(l, a.place);
  std::vector<Requirement> checks;
  const Extent whole = x->shape()[static_cast<size_t>(*axis)];
  const bool holds = need_at_least(l, whole, *times, a.at(), checks, [&] {
    l.report(Err::bad_extent, a.place.mark,
             format("{} has not enough elements along axis {}", spell(a["x"]), *axis))
        .label(a["x"].span, spell(a["x"]));
  });
  if (!holds) return {};
  for (int64_t i = 0; i < *times; ++i) {
    const Extent left = x->shape()[static_cast<size_t>(*axis)] - 1;
    const Operand later = c.of(part_along(l, x, *axis, 1, left, a.at()));
    const Operand earlier = c.of(part_along(l, x, *axis, 0, left, a.at()));
    const bool logical = is_bool(x->dtype());
    const Operand difference =
        logical ? c.apply(Op::not_equal, {later, earlier}) : c.sub(later, earlier);
    if (difference.poisoned()) return {};
    x = difference.value;
  }
  require(l, x, checks);
  return Operand::of(x, a.at());
}

constexpr Builtin kRows[] = {
    {"softmax", "x, axis=-1", call_softmax, "exp(x) / sum(exp(x)) over one axis or several",
     Op::softmax},
    {"log_softmax", "x, axis=-1", call_softmax, "log(softmax(x)), with all digits",
     Op::log_softmax},
    {"logsumexp", "x, axis=all, keepdims=false", call_logsumexp, "log(sum(exp(x)))", Op::logsumexp},
    {"argmax", "x, axis=flattened, keepdims=false", call_position,
     "the position of the first NaN, else of the first largest", Op::argmax},
    {"argmin", "x, axis=flattened, keepdims=false", call_position,
     "the position of the first NaN, else of the first smallest", Op::argmin},
    {"cumsum", "x, axis=flattened, dtype=wide, reverse=false", call_cumsum,
     "the sums up to each element", Op::cumsum},
    {"diff", "x, n=1, axis=-1", call_diff, "each element less the one before it, n times"},
};

}  // namespace

std::span<const Builtin> row_functions() { return kRows; }

}  // namespace thx
