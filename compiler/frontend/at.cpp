// SPDX-License-Identifier: Apache-2.0
// `x.at[...].set(v)` and `.add(v)`: x with what the index selects replaced, or added to.
#include <algorithm>

#include "frontend/selection.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;
using Kind = AxisSelection::Kind;

// The shape of `x[...]`, with the axes of the index arrays where NumPy puts them.
Shape selected_shape(const Selection& s, const Shape& indices) {
  Shape shape;
  for (size_t i = 0; i <= s.layout.size(); ++i) {
    if (i == s.indices_at) shape.insert(shape.end(), indices.begin(), indices.end());
    if (i == s.layout.size()) break;
    const int64_t axis = s.layout[i];
    shape.push_back(axis < 0 ? Extent(1) : s.axes[static_cast<size_t>(axis)].extent);
  }
  return shape;
}

// v in the dtype of x and the shape of x[...]; reports where it does not fit.
Value fit_updates(Lowering& l, Selection& s, const Operand& v, const Shape& shape) {
  if (!all_numbers(l, {&v, 1}, s.place)) return {};
  const DType dtype = default_dtype(l, s.base);
  const Operand both[] = {s.base, v};
  const std::optional<DType> met = meet(l, both, s.place);
  if (!met) return {};
  if (*met != dtype) {
    l.report(Err::type_mismatch, v.span,
             format("a part of {} cannot become {}", spell(s.base), spell(v)))
        .label(s.base.span, spell(s.base))
        .help(format("convert it: `{}(...)`", spelling(dtype)));
    return {};
  }
  const Value value = to_value(l, v, dtype);
  if (!value) return {};
  bool fits = value->shape().size() <= shape.size();
  for (size_t i = 0; fits && i < value->shape().size(); ++i) {
    const Extent& from = value->shape()[i];
    const Extent& to = shape[shape.size() - value->shape().size() + i];
    if (from.is(1)) continue;
    const Agreement agreement = compare_extents(from, to);
    fits = agreement != Agreement::different;
    if (agreement == Agreement::undecided) {
      s.checks.push_back({Requirement::Kind::equal, from, to, s.place.whole});
    }
  }
  if (fits) return stretch(l, value, shape, v.span);
  l.report(
       Err::shape_mismatch, v.span,
       format("{} does not fit the selected part, which is {}", spell(v), text(Type{dtype, shape})))
      .label(s.base.span, spell(s.base));
  return {};
}

// The places are known when compiling.
Value write_slices(Lowering& l, Selection& s, Value base, const Operand& v, bool adds) {
  const Span at = s.place.whole;
  Value part = fit_updates(l, s, v, selected_shape(s, {}));
  if (!part) return {};
  Shape starts, shape;
  AxisList steps, turned;
  for (size_t i = 0; i < s.axes.size(); ++i) {
    const AxisSelection& axis = s.axes[i];
    const bool backwards = axis.step < 0;
    shape.push_back(axis.kind == Kind::element ? Extent(1) : axis.extent);
    starts.push_back(backwards ? axis.start + (axis.extent - 1) * Extent(axis.step) : axis.start);
    steps.push_back(backwards ? -axis.step : axis.step);
    if (backwards) turned.push_back(static_cast<int64_t>(i));
  }
  part = reversed(l.graph(), reshape(l.graph(), part, shape, at), turned, at);
  if (!adds) return place(l.graph(), base, part, starts, steps, at);
  const Value zeros = constant(l.graph(), base->type(), 0, at);
  const Value placed = place(l.graph(), zeros, part, starts, steps, at);
  return make(l.graph(), Op::add, {base, placed}, {}, at);
}

// Every axis that is not taken whole is indexed: index arrays first, then the positions of slices
// and windows, each along an axis of its own.
class Scatter {
 public:
  Scatter(Lowering& l, Selection& s, Value base) : l_(l), s_(s), base_(base) {}

  Value write(const Operand& v, bool adds) {
    const std::optional<Indices> arrays = read_indices(l_, s_);
    if (!arrays) return {};
    const Shape result = selected_shape(s_, arrays->shape);
    Value updates = fit_updates(l_, s_, v, result);
    if (!updates) return {};
    updates = in_order(updates, arrays->shape);
    build_indices(*arrays);
    std::vector<Value> operands = {base_, updates};
    operands.insert(operands.end(), indices_.begin(), indices_.end());
    return make(l_.graph(), adds ? Op::scatter_add : Op::scatter_set, operands, {{"axes", axes_}},
                s_.place.whole);
  }

 private:
  static bool has_positions(const AxisSelection& axis) {
    return axis.kind == Kind::slice || axis.kind == Kind::window;
  }

  // The updates with the axes of index arrays first, then those of slices, then whole ones.
  Value in_order(Value updates, const Shape& arrays) {
    const Span at = s_.place.whole;
    Shape old;  // without new axes
    std::vector<int64_t> place_of(s_.axes.size(), -1);
    AxisList order;
    for (size_t i = 0; i <= s_.layout.size(); ++i) {
      if (i == s_.indices_at) {
        for (const Extent& extent : arrays) {
          order.push_back(static_cast<int64_t>(old.size()));
          old.push_back(extent);
        }
      }
      if (i == s_.layout.size()) break;
      if (s_.layout[i] < 0) continue;
      const auto axis = static_cast<size_t>(s_.layout[i]);
      place_of[axis] = static_cast<int64_t>(old.size());
      old.push_back(s_.axes[axis].extent);
    }
    for (const bool positions : {true, false}) {
      for (size_t i = 0; i < s_.axes.size(); ++i) {
        if (place_of[i] >= 0 && has_positions(s_.axes[i]) == positions)
          order.push_back(place_of[i]);
      }
    }
    updates = reshape(l_.graph(), updates, old, at);
    return transpose(l_.graph(), updates, order, at);
  }

  void build_indices(const Indices& arrays) {
    const Span at = s_.place.whole;
    Shape shape = arrays.shape;
    for (const AxisSelection& axis : s_.axes) {
      if (has_positions(axis)) shape.push_back(axis.extent);
    }
    auto along = static_cast<int64_t>(arrays.shape.size());
    size_t array = 0;
    for (size_t i = 0; i < s_.axes.size(); ++i) {
      const AxisSelection& axis = s_.axes[i];
      if (axis.kind == Kind::whole) continue;
      axes_.push_back(static_cast<int64_t>(i));
      const auto spread = [&](Value value, const AxisList& places) {
        return broadcast(l_.graph(), value, shape, places, at);
      };
      if (axis.kind == Kind::indexed) {
        const auto rank = static_cast<int64_t>(arrays.shape.size());
        indices_.push_back(spread(arrays.values[array++], axis_run(0, rank)));
      } else if (axis.kind == Kind::element) {
        indices_.push_back(spread(extent_value(l_.graph(), axis.start, at), {}));
      } else {
        indices_.push_back(spread(steps_from(axis), {along++}));
      }
    }
  }

  // A window that starts below 0 must fail, and not count from the end.
  Value first_of(const AxisSelection& axis, const Extent& whole) {
    const Span at = s_.place.whole;
    if (axis.kind == Kind::slice) return extent_value(l_.graph(), axis.start, at);
    const Composer c(l_, s_.place);
    const Operand start = c.of(l_.scope->bring(axis.run_time_start));
    const Operand outside = c.of(extent_value(l_.graph(), whole, at));
    const Operand below = c.apply(Op::less, {start, c.integer(0)});
    return c.apply(Op::where, {below, outside, start}).value;
  }

  Value steps_from(const AxisSelection& axis) {
    const Composer c(l_, s_.place);
    const auto i = static_cast<size_t>(&axis - s_.axes.data());
    Operand steps = c.of(positions(l_, {axis.extent}, 0, s_.place.whole));
    if (axis.step != 1) steps = c.mul(steps, c.integer(axis.step));
    return c.add(c.of(first_of(axis, base_->shape()[i])), steps).value;
  }

  Lowering& l_;
  Selection& s_;
  Value base_;
  AxisList axes_;
  std::vector<Value> indices_;
};

constexpr std::string_view kLater[] = {"mul", "multiply", "min", "max", "divide", "power", "apply"};

}  // namespace

bool is_at_call(const Lowering& l, NodeId callee) {
  if (l.module()[callee].kind != NodeKind::field) return false;
  const NodeId index = l.module().child(callee, 0);
  if (l.module()[index].kind != NodeKind::index) return false;
  const ast::Node& field = l.module()[l.module().child(index, 0)];
  return field.kind == NodeKind::field && field.text == "at";
}

Operand lower_at(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  const NodeId callee = l.module().child(id, 0);
  const ast::Node& method = l.module()[callee];
  const NodeId index = l.module().child(callee, 0);
  const NodeId field = l.module().child(index, 0);
  const Operand base = lower(l, l.module().child(field, 0));
  const bool adds = method.text == "add";
  if (!adds && method.text != "set") {
    const bool later =
        std::find(std::begin(kLater), std::end(kLater), method.text) != std::end(kLater);
    if (later) {
      l.unsupported(method.mark, format("`.at[...].{}` is part", method.text),
                    "read the part, compute, and write it back with `.set`");
    } else {
      l.report(Err::undefined_name, method.mark, format("`.at[...]` has no `{}`", method.text))
          .help("it has `set` and `add`");
    }
    return {};
  }
  if (node.child_count != 2 || l.module()[l.module().child(id, 1)].kind == NodeKind::keyword) {
    l.report(Err::bad_argument, method.mark, format("`.{}` takes one value", method.text))
        .help(format("write `x.at[...].{}(v)`", method.text));
    return {};
  }
  const Operand v = lower(l, l.module().child(id, 1));
  if (base.poisoned() || v.poisoned()) return {};
  const Place place = {method.mark, node.span, format("`.{}`", method.text)};
  if (!all_numbers(l, {&base, 1}, place)) return {};
  if (adds && is_bool(default_dtype(l, base))) {
    l.report(Err::dtype_mismatch, method.mark, "`.add` is not defined for bool")
        .label(base.span, spell(base))
        .help("write `.set(v)`");
    return {};
  }
  std::optional<Selection> selection = read_selection(l, index, base);
  if (!selection) return {};
  selection->place.whole = node.span;
  const Value value = to_value(l, base);
  if (!value) return {};
  const bool runs = selection->is_indexed() || selection->has_window();
  const Value result = runs ? Scatter(l, *selection, value).write(v, adds)
                            : write_slices(l, *selection, value, v, adds);
  if (!result) return {};
  require(l, result, selection->checks);
  return Operand::of(result, node.span);
}

}  // namespace thx
