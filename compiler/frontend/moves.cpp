// SPDX-License-Identifier: Apache-2.0
// Functions that repeat elements, turn their order, and put something around them.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

Operand call_flip(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const std::optional<AxisList> axes = axes_argument(l, a, "axis", a["x"]);
  if (!axes) return {};
  return Operand::of(reversed(l.graph(), x, *axes, a.at()), a.at());
}

Operand flip_one(Lowering& l, const Arguments& a, int64_t axis) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  if (x->type().rank() > axis) {
    return Operand::of(reversed(l.graph(), x, std::span(&axis, 1), a.at()), a.at());
  }
  l.report(Err::bad_axis, a.place.mark,
           format("{} needs {} axes, and {} has {}", a.place.spelled, axis + 1, spell(a["x"]),
                  x->type().rank()));
  return {};
}
Operand call_flipud(Lowering& l, const Arguments& a) { return flip_one(l, a, 0); }
Operand call_fliplr(Lowering& l, const Arguments& a) { return flip_one(l, a, 1); }

// Each element or, with `whole`, the whole axis several times: both along a new axis of its own,
// which then becomes one with the old one. Null after a report.
Value repeated(Lowering& l, Value x, const Extent& times, int64_t axis, bool whole, Span at) {
  if (times.is(1)) return x;
  Shape apart = x->shape();
  const AxisList fresh = {whole ? axis : axis + 1};
  apart.insert(apart.begin() + fresh[0], times);
  if (!check_size(l, apart, at)) return {};
  Shape together = x->shape();
  together[static_cast<size_t>(axis)] *= times;
  x = broadcast(l.graph(), x, apart, kept_axes(static_cast<int>(apart.size()), fresh), at);
  return reshape(l.graph(), x, together, at);
}

Operand call_tile(Lowering& l, const Arguments& a) {
  Value x = value_argument(l, a, "x");
  if (!x) return {};
  std::vector<Extent> times;
  for (const Operand& part : parts_of(a["reps"])) {
    const std::optional<Extent> extent = to_extent(l, part);
    if (!extent) return {};
    times.push_back(*extent);
  }
  Shape shape = x->shape();
  while (shape.size() < times.size()) shape.insert(shape.begin(), Extent(1));
  while (times.size() < shape.size()) times.insert(times.begin(), Extent(1));
  if (!check_shape(l, shape, a["reps"].span)) return {};
  x = reshape(l.graph(), x, shape, a.at());
  for (size_t i = 0; x && i < times.size(); ++i) {
    x = repeated(l, x, times[i], static_cast<int64_t>(i), true, a.at());
  }
  return x ? Operand::of(x, a.at()) : Operand{};
}

// Each element n times, one after the other.
Operand call_repeat(Lowering& l, const Arguments& a) {
  Value x = value_argument(l, a, "x");
  const std::optional<Extent> times = to_extent(l, a["repeats"]);
  if (!x || !times) return {};
  const std::optional<int64_t> axis = axis_or_flat(l, a, x);
  if (!axis) return {};
  x = repeated(l, x, *times, *axis, false, a.at());
  return x ? Operand::of(x, a.at()) : Operand{};
}

Value rolled(Lowering& l, Value x, int64_t shift, int64_t axis, Span at) {
  const Extent whole = x->shape()[static_cast<size_t>(axis)];
  // Where the result's first element is now; an axis without elements has none to move.
  const Extent start = mod(Extent(-shift), max(whole, 1));
  if (start.is(0)) return x;
  return concatenated(
      l, {part_along(l, x, axis, start, whole - start, at), part_along(l, x, axis, 0, start, at)},
      axis, at);
}

Operand call_roll(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  std::vector<int64_t> shifts;
  for (const Operand& part : parts_of(a["shift"])) {
    const std::optional<int64_t> shift = known_integer(l, part, "`shift`");
    if (!shift) return {};
    shifts.push_back(*shift);
  }
  if (!a.has("axis")) {
    const Value flat = reshape(l.graph(), x, {element_count(x->shape())}, a.at());
    int64_t sum = 0;
    for (const int64_t shift : shifts) sum += shift;
    const Value moved = rolled(l, flat, sum, 0, a.at());
    return Operand::of(reshape(l.graph(), moved, x->shape(), a.at()), a.at());
  }
  const std::optional<AxisList> axes = axes_argument(l, a, "axis", a["x"]);
  if (!axes) return {};
  if (shifts.size() == 1) shifts.resize(axes->size(), shifts[0]);
  if (shifts.size() != axes->size()) {
    l.report(Err::bad_argument, a["shift"].span,
             format("{} shifts for {} axes", shifts.size(), axes->size()));
    return {};
  }
  Value moved = x;
  for (size_t i = 0; i < axes->size(); ++i) moved = rolled(l, moved, shifts[i], (*axes)[i], a.at());
  return Operand::of(moved, a.at());
}

// `pad_width`: one for all, one pair for all, or a pair for each axis.
struct Widths {
  std::vector<Extent> before, after;
};

std::optional<Widths> read_widths(Lowering& l, const Arguments& a, size_t rank) {
  const Operand& given = a["pad_width"];
  const auto pair_of = [&](const Operand& operand) -> std::optional<std::pair<Extent, Extent>> {
    const std::vector<Operand> parts = parts_of(operand);
    if (parts.empty() || parts.size() > 2) {
      l.report(Err::bad_argument, operand.span, "the width of an axis is one number or a pair")
          .help("write `pad(x, (1, 2))`, or `pad(x, ((1, 2), (0, 0)))` for each axis");
      return std::nullopt;
    }
    const std::optional<Extent> before = to_extent(l, parts.front());
    const std::optional<Extent> after = to_extent(l, parts.back());
    if (!before || !after) return std::nullopt;
    return std::pair(*before, *after);
  };
  const std::vector<Operand> parts = parts_of(given);
  const bool each =
      given.is(Operand::Kind::sequence) && !parts.empty() && parts[0].is(Operand::Kind::sequence);
  if (each && parts.size() != 1 && parts.size() != rank) {
    l.report(Err::bad_argument, given.span,
             format("{} pairs of widths for {} axes", parts.size(), rank));
    return std::nullopt;
  }
  Widths widths;
  for (size_t i = 0; i < rank; ++i) {
    const auto pair = pair_of(!each ? given : parts.size() == 1 ? parts[0] : parts[i]);
    if (!pair) return std::nullopt;
    widths.before.push_back(pair->first);
    widths.after.push_back(pair->second);
  }
  return widths;
}

Operand call_pad(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const Operand& mode = a["mode"];
  if (a.has("mode") && (!mode.is(Operand::Kind::text) || mode.text != "constant")) {
    if (mode.is(Operand::Kind::text)) {
      l.unsupported(mode.span, format("the padding \"{}\" is part", mode.text),
                    "pad with a constant, or put slices together with `concatenate`");
    } else {
      l.report(Err::bad_argument, mode.span, "`mode` is a text, as in `mode=\"constant\"`");
    }
    return {};
  }
  const std::optional<Widths> widths = read_widths(l, a, x->shape().size());
  if (!widths) return {};
  const Operand with =
      a.has("constant_values") ? a["constant_values"] : Operand::of_integer(0, a.at());
  if (!all_numbers(l, {&with, 1}, a.place)) return {};
  if (!is_scalar(with)) {
    l.report(Err::bad_argument, with.span,
             format("the value to pad with is {}, not a scalar", spell(with)));
    return {};
  }
  Shape shape = x->shape();
  for (size_t i = 0; i < shape.size(); ++i) shape[i] += widths->before[i] + widths->after[i];
  const Value base = filled(l, with, x->dtype(), shape, a.at());
  if (!base) return {};
  return Operand::of(place(l.graph(), base, x, widths->before, AxisList(shape.size(), 1), a.at()),
                     a.at());
}

constexpr Builtin kMoves[] = {
    {"flip", "x, axis=all", call_flip, "x with axes read backwards"},
    {"flipud", "x", call_flipud, "x with its first axis read backwards"},
    {"fliplr", "x", call_fliplr, "x with its second axis read backwards"},
    {"roll", "x, shift, axis=flattened", call_roll,
     "x with its elements moved on; the last come first"},
    {"tile", "x, reps", call_tile, "x again and again along its axes"},
    {"repeat", "x, repeats, axis=flattened", call_repeat, "each element of x several times"},
    {"pad", "x, pad_width, mode=\"constant\", constant_values|value=0", call_pad,
     "x with a constant around it: a width, a pair, or a pair for each axis"},
};

}  // namespace

std::span<const Builtin> moving_functions() { return kMoves; }

}  // namespace thx
