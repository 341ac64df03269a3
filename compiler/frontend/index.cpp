// SPDX-License-Identifier: Apache-2.0
// Subscripts: what each of them selects, with bounds checked when compiling or where the function
// is entered. See Note [Bounds].
#include <algorithm>

#include "frontend/selection.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;
using Kind = AxisSelection::Kind;

// `x.shape[0]`
Operand pick(Lowering& l, const Operand& base, const std::vector<Operand>& subscripts, Span at) {
  const auto count = static_cast<int64_t>(base.parts.size());
  if (subscripts.size() != 1 || !subscripts[0].is(Operand::Kind::integer) || !subscripts[0].weak) {
    l.report(Err::bad_index, at, "a list is indexed by one integer literal");
    return {};
  }
  int64_t index = subscripts[0].integer;
  if (index < 0) index += count;
  if (index < 0 || index >= count) {
    l.report(Err::bad_index, at, format("index {} of a list of {}", subscripts[0].integer, count));
    return {};
  }
  Operand part = base.parts[static_cast<size_t>(index)];
  part.span = at;
  return part;
}

// Reads the subscripts of one index expression from left to right.
class Subscripts {
 public:
  Subscripts(Lowering& l, NodeId id, const Operand& base)
      : l_(l), node_(l.module()[id]), shape_(shape_of(base)) {
    selection_.base = base;
    selection_.place = {node_.mark, node_.span, "indexing"};
    for (size_t i = 1; i < node_.child_count; ++i) nodes_.push_back(l.module().child(id, i));
  }

  std::optional<Selection> run() {
    if (!count_axes()) return std::nullopt;
    for (const NodeId id : nodes_) read(id);
    while (next_ < shape_.size()) take_whole();
    if (!good_) return std::nullopt;
    place_indices();
    return std::move(selection_);
  }

 private:
  // `newaxis`, and `None` for those who are used to it.
  bool is_new_axis(const ast::Node& node) const {
    return node.kind == NodeKind::name && node.text == "newaxis" && !find_local(l_, node.text) &&
           !l_.symbols().find(node.text);
  }

  bool count_axes() {
    size_t named = 0, rest = 0;
    for (const NodeId id : nodes_) {
      const ast::Node& node = l_.module()[id];
      if (node.kind == NodeKind::ellipsis) {
        if (++rest == 2) {
          l_.report(Err::bad_index, node.span, "`...` stands once in an index");
          return false;
        }
      } else if (!is_new_axis(node)) {
        ++named;
      }
    }
    if (named <= shape_.size()) {
      skipped_ = shape_.size() - named;
      return true;
    }
    for (const NodeId id : nodes_) {
      const ast::Node& node = l_.module()[id];
      const bool plain = node.kind != NodeKind::slice && node.kind != NodeKind::ellipsis;
      if (plain && !is_new_axis(node) && lower(l_, id).poisoned()) return false;
    }
    l_.report(Err::bad_index, node_.mark,
              format("{} has {} {}, not {}", spell(selection_.base), shape_.size(),
                     shape_.size() == 1 ? "axis" : "axes", named))
        .label(selection_.base.span, spell(selection_.base));
    return false;
  }

  void read(NodeId id) {
    const ast::Node& node = l_.module()[id];
    if (node.kind == NodeKind::ellipsis) {
      for (size_t i = 0; i < skipped_; ++i) take_whole();
    } else if (is_new_axis(node)) {
      selection_.layout.push_back(-1);
    } else {
      AxisSelection axis;
      if (node.kind == NodeKind::slice) {
        good_ &= read_slice(id, axis);
      } else {
        good_ &= read_integer(id, axis);
      }
      take(axis);
    }
  }

  void take(const AxisSelection& axis) {
    const bool advanced = axis.kind == Kind::indexed || axis.kind == Kind::element;
    if (advanced) {
      places_.push_back(selection_.layout.size());
      arrays_ |= axis.kind == Kind::indexed && !is_scalar(axis.index);
    } else {
      selection_.layout.push_back(static_cast<int64_t>(next_));
    }
    selection_.axes.push_back(axis);
    ++next_;
  }

  void take_whole() {
    AxisSelection axis;
    axis.extent = next_ < shape_.size() ? shape_[next_] : Extent(0);
    take(axis);
  }

  // NumPy's: index arrays, and integers beside them, give their axes to the place where they stand
  // together, or to the front where something stands between them.
  void place_indices() {
    if (!arrays_ || places_.empty()) return;
    const bool together =
        std::all_of(places_.begin(), places_.end(), [&](size_t p) { return p == places_[0]; });
    selection_.indices_at = together ? places_[0] : 0;
  }

  Diagnostic& fail(Span at, std::string message) {
    return l_.report(Err::bad_index, at, std::move(message))
        .label(selection_.base.span, spell(selection_.base));
  }

  bool need(const Extent& left, const Extent& right, Span at, const std::function<void()>& refuse) {
    return need_at_least(l_, left, right, at, selection_.checks, refuse);
  }

  bool read_integer(NodeId id, AxisSelection& axis) {
    const Operand subscript = lower(l_, id);
    if (subscript.poisoned() || next_ >= shape_.size()) return false;
    if (!all_numbers(l_, {&subscript, 1}, selection_.place)) return false;
    if (!is_integer(default_dtype(l_, subscript))) {
      Diagnostic& error = l_.report(Err::bad_index, subscript.span,
                                    format("an index is an integer, not {}", spell(subscript)));
      const bool mask = is_bool(default_dtype(l_, subscript));
      error.help(mask ? "a mask makes an extent that depends on data; use `where(mask, x, 0)`"
                      : "convert with `i64(i)`");
      return false;
    }
    if (!subscript.is(Operand::Kind::integer)) {
      axis.kind = Kind::indexed;
      axis.index = subscript;
      return true;
    }
    if (subscript.beyond) {
      fail(subscript.span, "this index is beyond any axis");
      return false;
    }
    const Extent& whole = shape_[next_];
    if (!check_bound(subscript)) return false;
    axis.kind = Kind::element;
    axis.start = position(subscript, whole);
    const auto refuse = [&] {
      fail(subscript.span,
           format("index {} of an axis of extent {}", spelled(subscript), whole.text()));
    };
    return need(axis.start, 0, subscript.span, refuse) &&
           need(whole - 1, axis.start, subscript.span, refuse);
  }

  bool check_bound(const Operand& bound) {
    constexpr double kMost = 5e17;
    if (magnitude(bound.extent) <= kMost) return true;
    fail(bound.span, "this index is beyond any axis");
    return false;
  }

  static std::string spelled(const Operand& integer) {
    return integer.weak ? std::to_string(integer.integer) : integer.extent.text();
  }

  // Constants below 0 count from the end, and so do extents that never are above it.
  bool counts_from_end(const Operand& bound) const {
    if (bound.weak) return bound.integer < 0;
    return !bound.extent.is(0) && never_negative(l_, Extent(0) - bound.extent);
  }
  Extent position(const Operand& bound, const Extent& whole) const {
    bound.extent.collect_symbols(l_.extent_symbols);
    return counts_from_end(bound) ? whole + bound.extent : bound.extent;
  }

  struct Bounds {
    std::optional<Operand> start, stop;
    int64_t step = 1;
  };

  bool read_bound(NodeId id, std::optional<Operand>& bound) {
    if (l_.module()[id].kind == NodeKind::absent) return true;
    const Operand operand = lower(l_, id);
    if (operand.poisoned()) return false;
    const bool integer = operand.is_number() && is_scalar(operand) && !operand.beyond &&
                         is_integer(default_dtype(l_, operand));
    if (!integer) {
      l_.report(Err::bad_index, operand.span,
                format("the bound of a slice is an integer, not {}", spell(operand)))
          .help("bounds are integers, dims and their arithmetic, or run-time i64 scalars");
      return false;
    }
    bound = operand;
    return !operand.is(Operand::Kind::integer) || check_bound(operand);
  }

  bool read_slice(NodeId id, AxisSelection& axis) {
    Bounds bounds;
    std::optional<Operand> step;
    bool good = read_bound(l_.module().child(id, 0), bounds.start);
    good &= read_bound(l_.module().child(id, 1), bounds.stop);
    good &= read_bound(l_.module().child(id, 2), step);
    if (!good || next_ >= shape_.size()) return false;
    if (step) {
      const std::optional<int64_t> known = known_integer(l_, *step, "the step of a slice");
      if (!known) return false;
      if (*known == 0) {
        l_.report(Err::bad_index, step->span, "the step of a slice is not 0");
        return false;
      }
      bounds.step = *known;
    }
    const auto run_time = [](const std::optional<Operand>& bound) {
      return bound && !bound->is(Operand::Kind::integer);
    };
    axis.step = bounds.step;
    if (run_time(bounds.start) || run_time(bounds.stop)) {
      return read_window(bounds, axis, l_.module()[id].span);
    }
    axis.kind = Kind::slice;
    return bounds.step > 0 ? read_upward(bounds, axis, l_.module()[id].span)
                           : read_downward(bounds, axis, l_.module()[id].span);
  }

  bool read_upward(const Bounds& bounds, AxisSelection& axis, Span at) {
    const Extent& whole = shape_[next_];
    axis.start = bounds.start ? position(*bounds.start, whole) : Extent(0);
    const Extent stop = bounds.stop ? position(*bounds.stop, whole) : whole;
    const auto beyond = [&] {
      fail(at, format("this slice reaches beyond an axis of extent {}", whole.text()))
          .help("bounds are not clamped; write the extent that is meant");
    };
    const auto backwards = [&] {
      fail(at, format("this slice ends before it starts: from {} to {}", axis.start.text(),
                      stop.text()));
    };
    if (!need(axis.start, 0, at, beyond) || !need(whole, stop, at, beyond) ||
        !need(stop, axis.start, at, backwards)) {
      return false;
    }
    axis.extent = bounds.step == 1 ? stop - axis.start : ceildiv(stop - axis.start, bounds.step);
    if (bounds.step == 1 && axis.start.is(0) && axis.extent == whole) axis.kind = Kind::whole;
    return true;
  }

  bool read_downward(const Bounds& bounds, AxisSelection& axis, Span at) {
    const Extent& whole = shape_[next_];
    axis.start = bounds.start ? position(*bounds.start, whole) : whole - 1;
    const Extent before = bounds.stop ? position(*bounds.stop, whole) : Extent(-1);
    const auto beyond = [&] {
      fail(at, format("this slice reaches beyond an axis of extent {}", whole.text()))
          .help("bounds are not clamped; write the extent that is meant");
    };
    const auto backwards = [&] {
      fail(at, format("this slice ends before it starts: from {} down to {}", axis.start.text(),
                      before.text()));
    };
    if (!need(whole - 1, axis.start, at, beyond) || (bounds.stop && !need(before, 0, at, beyond)) ||
        !need(axis.start, before, at, backwards)) {
      return false;
    }
    axis.extent = ceildiv(axis.start - before, -bounds.step);
    return true;
  }

  // `x[i*B : (i+1)*B]`: as many elements as the difference of the bounds, which is an extent.
  bool read_window(const Bounds& bounds, AxisSelection& axis, Span at) {
    const auto refuse = [&] {
      l_.report(Err::bad_extent, at, "the extent of this slice depends on data")
          .help(
              "take a number of elements that is an extent, as in `x[i : i + 4]`, or keep the axis "
              "and use `where`");
      return false;
    };
    if (!bounds.start || !bounds.stop) return refuse();
    const Value start = to_value(l_, *bounds.start, DType::i64);
    const Value stop = to_value(l_, *bounds.stop, DType::i64);
    if (!start || !stop) return false;
    const std::optional<Extent> distance = run_time_distance(start, stop);
    if (!distance) return refuse();
    if (bounds.step < 0) {
      l_.unsupported(at, "a run-time slice with a negative step is part",
                     "take the slice, and `flip` it");
      return false;
    }
    const auto backwards = [&] {
      fail(at, format("this slice has the extent {}", distance->text()));
    };
    const auto beyond = [&] {
      fail(at,
           format("{} elements of an axis of extent {}", distance->text(), shape_[next_].text()));
    };
    distance->collect_symbols(l_.extent_symbols);
    if (!need(*distance, 0, at, backwards)) return false;
    if (distance->is_known() && shape_[next_].is_known() &&
        !need(shape_[next_], *distance, at, beyond)) {
      return false;
    }
    axis.kind = Kind::window;
    axis.run_time_start = start;
    axis.window = *distance;
    axis.extent = bounds.step == 1 ? *distance : ceildiv(*distance, bounds.step);
    return true;
  }

  Lowering& l_;
  const ast::Node& node_;
  Shape shape_;
  Selection selection_;
  std::vector<NodeId> nodes_;
  std::vector<size_t> places_;  // of integers and index arrays, in the layout
  size_t next_ = 0;             // the axis of base that the next subscript is for
  size_t skipped_ = 0;          // what `...` stands for
  bool arrays_ = false;
  bool good_ = true;
};

}  // namespace

bool Selection::is_indexed() const {
  return std::any_of(axes.begin(), axes.end(),
                     [](const AxisSelection& axis) { return axis.kind == Kind::indexed; });
}

bool Selection::has_window() const {
  return std::any_of(axes.begin(), axes.end(),
                     [](const AxisSelection& axis) { return axis.kind == Kind::window; });
}

std::optional<Selection> read_selection(Lowering& l, NodeId index, const Operand& base) {
  return Subscripts(l, index, base).run();
}

Operand lower_index(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  const NodeId base_id = l.module().child(id, 0);
  const ast::Node& base_node = l.module()[base_id];
  if (base_node.kind == NodeKind::field && base_node.text == "at") {
    lower(l, l.module().child(base_id, 0));
    l.report(Err::not_a_value, base_node.mark, "`.at[...]` is no value by itself")
        .help("write `x.at[...].set(v)` or `x.at[...].add(v)`");
    return {};
  }
  const Operand base = lower(l, base_id);
  if (base.poisoned()) return {};
  if (base.is(Operand::Kind::sequence)) {
    std::vector<Operand> subscripts;
    bool plain = true;
    for (size_t i = 1; i < node.child_count; ++i) {
      const NodeKind kind = l.module()[l.module().child(id, i)].kind;
      plain &= kind != NodeKind::slice && kind != NodeKind::ellipsis;
    }
    for (size_t i = 1; plain && i < node.child_count; ++i) {
      subscripts.push_back(lower(l, l.module().child(id, i)));
    }
    const bool constant =
        subscripts.size() == 1 && subscripts[0].weak && subscripts[0].is(Operand::Kind::integer);
    if (!is_array_literal(base) || constant) return pick(l, base, subscripts, node.span);
  }
  const Place place = {node.mark, node.span, "indexing"};
  if (!all_numbers(l, {&base, 1}, place)) return {};
  std::optional<Selection> selection = read_selection(l, id, base);
  return selection ? select_part(l, *selection) : Operand{};
}

}  // namespace thx

// Note [Bounds]
// What is known when compiling is checked then; what only the dims decide is a requirement of the
// function (THX_E_DIM where it is entered); run-time integers are checked where they are used
// (THX_E_INDEX). Bounds are never clamped, so a slice that starts behind its end is an error and
// not empty, and an extent that the source spells `-M` counts from the end even where M is 0.
