// SPDX-License-Identifier: Apache-2.0
// Functions that keep the elements and change the shape.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

bool is_minus_one(const Operand& part) {
  return part.is(Operand::Kind::integer) && part.weak && part.integer == -1;
}

// The shape of `reshape`: one extent may be -1, which is what the others leave.
struct Target {
  Shape shape;
  std::optional<size_t> open;
};

std::optional<Target> read_target(Lowering& l, const Operand& shape) {
  Target target;
  for (const Operand& part : parts_of(shape)) {
    if (is_minus_one(part)) {
      if (target.open) {
        l.report(Err::bad_extent, part.span, "only one extent of a shape can be -1");
        return std::nullopt;
      }
      target.open = target.shape.size();
      target.shape.emplace_back(1);
      continue;
    }
    const std::optional<Extent> extent = to_extent(l, part);
    if (!extent) return std::nullopt;
    target.shape.push_back(*extent);
  }
  return target;
}

Operand call_reshape(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  std::optional<Target> target = read_target(l, a["shape"]);
  if (!x || !target) return {};
  if (!check_shape(l, target->shape, a["shape"].span)) return {};
  const Extent count = element_count(x->shape());
  const Extent rest = element_count(target->shape);
  Shape& shape = target->shape;
  if (target->open) shape[*target->open] = rest.is(0) ? Extent(0) : floordiv(count, rest);
  if (!check_shape(l, shape, a["shape"].span)) return {};
  const Extent made = element_count(shape);
  const Extent difference = count - made;
  if (difference.is_known() && !difference.is(0)) {
    Diagnostic& error =
        l.report(Err::shape_mismatch, a.place.mark,
                 format("cannot reshape {} to {}", spell(a["x"]),
                        target->open ? format("rows of {}", rest.text()) : text(shape)));
    error.label(a["x"].span, spell(a["x"]))
        .help(target->open ? format("{} elements are no multiple of {}", count.text(), rest.text())
                           : format("{} elements are not {}", count.text(), made.text()));
    return {};
  }
  Value result = reshape(l.graph(), x, shape, a.at());
  if (!difference.is(0)) {
    require(l, result, {{Requirement::Kind::equal, count, made, a.at()}});
  }
  return Operand::of(result, a.at());
}

Operand permuted(Lowering& l, Value x, const AxisList& permutation, Span at) {
  return Operand::of(transpose(l.graph(), x, permutation, at), at);
}

Operand call_transpose(Lowering& l, const Arguments& a) {
  if (!a.has("axes")) {
    return all_numbers(l, {&a["x"], 1}, a.place) ? transposed(l, a["x"], a.at()) : Operand{};
  }
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const std::optional<AxisList> axes = axes_argument(l, a, "axes", a["x"]);
  if (!axes) return {};
  if (static_cast<int>(axes->size()) == x->type().rank()) return permuted(l, x, *axes, a.at());
  l.report(Err::bad_axis, a["axes"].span,
           format("{} of the {} axes of {}", axes->size(), x->type().rank(), spell(a["x"])))
      .help("name every axis once, in the new order");
  return {};
}

Operand call_matrix_transpose(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const int64_t rank = x->type().rank();
  if (rank < 2) {
    l.report(Err::bad_axis, a.place.mark,
             format("{} needs two axes, and {} has {}", a.place.spelled, spell(a["x"]), rank));
    return {};
  }
  AxisList order = axis_run(0, rank);
  std::swap(order[static_cast<size_t>(rank) - 1], order[static_cast<size_t>(rank) - 2]);
  return permuted(l, x, order, a.at());
}

Operand call_swapaxes(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const int rank = x->type().rank();
  const std::optional<int64_t> first = one_axis(l, a["axis1"], rank, a["x"]);
  const std::optional<int64_t> second = one_axis(l, a["axis2"], rank, a["x"]);
  if (!first || !second) return {};
  AxisList order = axis_run(0, rank);
  std::swap(order[static_cast<size_t>(*first)], order[static_cast<size_t>(*second)]);
  return permuted(l, x, order, a.at());
}

Operand call_moveaxis(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const std::optional<AxisList> from = axes_argument(l, a, "source", a["x"]);
  const std::optional<AxisList> to = axes_argument(l, a, "destination", a["x"]);
  if (!from || !to) return {};
  if (from->size() != to->size()) {
    l.report(Err::bad_argument, a.place.mark,
             format("{} axes cannot move to {} places", from->size(), to->size()));
    return {};
  }
  const int rank = x->type().rank();
  AxisList order(static_cast<size_t>(rank), -1);
  for (size_t i = 0; i < to->size(); ++i) order[static_cast<size_t>((*to)[i])] = (*from)[i];
  const AxisList others = kept_axes(rank, *from);
  auto next = others.begin();
  for (int64_t& axis : order) {
    if (axis < 0) axis = *next++;
  }
  return permuted(l, x, order, a.at());
}

Operand call_ravel(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  return Operand::of(reshape(l.graph(), x, {element_count(x->shape())}, a.at()), a.at());
}

Operand call_squeeze(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  AxisList removed;
  if (a.has("axis")) {
    const std::optional<AxisList> axes = axes_argument(l, a, "axis", a["x"]);
    if (!axes) return {};
    removed = *axes;
  } else {
    for (int64_t i = 0; i < x->type().rank(); ++i) {
      if (x->shape()[static_cast<size_t>(i)].is(1)) removed.push_back(i);
    }
  }
  for (const int64_t axis : removed) {
    const Extent& extent = x->shape()[static_cast<size_t>(axis)];
    if (extent.is(1)) continue;
    l.report(Err::bad_axis, a["axis"].span,
             format("axis {} of {} has the extent {}, not 1", axis, spell(a["x"]), extent.text()))
        .label(a["x"].span, spell(a["x"]));
    return {};
  }
  const AxisList kept = kept_axes(x->type().rank(), removed);
  return Operand::of(reshape(l.graph(), x, select(x->shape(), kept), a.at()), a.at());
}

Operand call_expand_dims(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const std::vector<Operand> parts = parts_of(a["axis"]);
  const auto rank = static_cast<int>(x->shape().size() + parts.size());
  AxisList fresh;
  for (const Operand& part : parts) {
    const std::optional<int64_t> axis = one_axis(l, part, rank, a["x"]);
    if (!axis) return {};
    if (contains(fresh, *axis)) {
      l.report(Err::bad_axis, part.span, format("axis {} is named twice", part.integer));
      return {};
    }
    fresh.push_back(*axis);
  }
  Shape shape(static_cast<size_t>(rank), Extent(1));
  size_t next = 0;
  for (const int64_t axis : kept_axes(rank, fresh)) {
    shape[static_cast<size_t>(axis)] = x->shape()[next++];
  }
  if (!check_shape(l, shape, a.at())) return {};
  return Operand::of(reshape(l.graph(), x, shape, a.at()), a.at());
}

Operand call_broadcast_to(Lowering& l, const Arguments& a) {
  Value x = value_argument(l, a, "x");
  const std::optional<Shape> shape = to_shape(l, a["shape"]);
  if (!x || !shape) return {};
  const Shape& from = x->shape();
  bool fits = from.size() <= shape->size();
  std::vector<Requirement> checks;
  for (size_t i = 0; fits && i < from.size(); ++i) {
    const Extent& to = (*shape)[shape->size() - from.size() + i];
    if (from[i].is(1)) continue;
    const Agreement agreement = compare_extents(from[i], to);
    fits = agreement != Agreement::different;
    if (agreement == Agreement::undecided) {
      checks.push_back({Requirement::Kind::equal, from[i], to, a.at()});
    }
  }
  if (!fits) {
    l.report(Err::shape_mismatch, a.place.mark,
             format("{} does not broadcast to {}", spell(a["x"]), text(*shape)))
        .label(a["x"].span, spell(a["x"]))
        .help("axes meet from the last one on; an axis of extent 1 stretches");
    return {};
  }
  const Value result = stretch(l, x, *shape, a.at());
  require(l, result, checks);
  return Operand::of(result, a.at());
}

constexpr Builtin kShapes[] = {
    {"reshape", "x, *shape", call_reshape,
     "the elements of x, row-major, in another shape; -1 is what is left"},
    {"transpose permute_dims", "x, *axes=reversed", call_transpose,
     "x with its axes in another order"},
    {"matrix_transpose", "x", call_matrix_transpose, "x with its last two axes exchanged"},
    {"swapaxes", "x, axis1, axis2", call_swapaxes, "x with two axes exchanged"},
    {"moveaxis", "x, source, destination", call_moveaxis,
     "x with axes moved; the others keep their order"},
    {"ravel flatten", "x", call_ravel, "the elements of x, row-major, along one axis"},
    {"squeeze", "x, axis=(those of extent 1)", call_squeeze, "x without axes of extent 1"},
    {"expand_dims unsqueeze", "x, axis", call_expand_dims,
     "x with axes of extent 1 at these places of the result"},
    {"broadcast_to", "x, shape", call_broadcast_to, "x repeated to a shape"},
};

}  // namespace

std::span<const Builtin> shape_functions() { return kShapes; }

}  // namespace thx
