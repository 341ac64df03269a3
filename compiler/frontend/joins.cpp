// SPDX-License-Identifier: Apache-2.0
// Functions that put arrays side by side, and take them apart again.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {

Value concatenated(Lowering& l, const std::vector<Value>& values, int64_t axis, Span at) {
  if (values.size() == 1) return values[0];
  return make(l.graph(), Op::concat, values, {{"axis", axis}}, at);
}

Value part_along(Lowering& l, Value value, int64_t axis, const Extent& start, const Extent& length,
                 Span at) {
  Shape starts(value->shape().size(), Extent(0)), shape = value->shape();
  starts[static_cast<size_t>(axis)] = start;
  shape[static_cast<size_t>(axis)] = length;
  return slice(l.graph(), value, starts, AxisList(starts.size(), 1), shape, at);
}

namespace {

// The arrays of a call, in the dtype in which they meet.
std::optional<std::vector<Value>> read_arrays(Lowering& l, const Arguments& a) {
  const Operand& list = a["arrays"];
  std::vector<Operand> parts = parts_of(list);
  if (!list.is(Operand::Kind::sequence) || parts.empty()) {
    l.report(Err::bad_argument, list.span,
             format("{} takes a list of arrays, not {}", a.place.spelled, spell(list)))
        .help(format("write `{}([a, b])`", a.place.spelled.substr(1, a.place.spelled.size() - 2)));
    return std::nullopt;
  }
  if (!all_numbers(l, parts, a.place)) return std::nullopt;
  const std::optional<DType> dtype = meet(l, parts, a.place);
  if (!dtype) return std::nullopt;
  std::vector<Value> values;
  for (const Operand& part : parts) {
    const Value value = to_value(l, part, *dtype);
    if (!value) return std::nullopt;
    values.push_back(value);
  }
  return values;
}

void refuse_join(Lowering& l, const Arguments& a, const std::vector<Operand>& parts, size_t odd,
                 std::string help) {
  l.report(Err::shape_mismatch, a.place.mark,
           format("{} cannot join {} and {}", a.place.spelled, spell(parts[0]), spell(parts[odd])))
      .label(parts[0].span, spell(parts[0]))
      .label(parts[odd].span, spell(parts[odd]))
      .help(std::move(help));
}

// Gives all values the first one's extents, except along `axis` (none: -1). False after a report.
bool agree(Lowering& l, const Arguments& a, std::vector<Value>& values, int64_t axis,
           std::vector<Requirement>& checks) {
  const std::vector<Operand> parts = parts_of(a["arrays"]);
  const Shape first = values[0]->shape();
  for (size_t i = 1; i < values.size(); ++i) {
    Shape shape = values[i]->shape();
    if (shape.size() != first.size()) {
      refuse_join(l, a, parts, i, "they have different numbers of axes");
      return false;
    }
    for (size_t k = 0; k < shape.size(); ++k) {
      if (static_cast<int64_t>(k) == axis) continue;
      const Agreement agreement = compare_extents(first[k], shape[k]);
      if (agreement == Agreement::different) {
        refuse_join(l, a, parts, i,
                    format("along axis {} the extents {} and {} differ", k, first[k].text(),
                           shape[k].text()));
        return false;
      }
      if (agreement == Agreement::undecided) {
        checks.push_back({Requirement::Kind::equal, first[k], shape[k], a.at()});
      }
      shape[k] = first[k];
    }
    values[i] = reshape(l.graph(), values[i], shape, a.at());
  }
  return true;
}

Operand join_along(Lowering& l, const Arguments& a, std::vector<Value> values, int64_t axis) {
  std::vector<Requirement> checks;
  if (!agree(l, a, values, axis, checks)) return {};
  const Value result = concatenated(l, values, axis, a.at());
  require(l, result, checks);
  return Operand::of(result, a.at());
}

Operand call_concatenate(Lowering& l, const Arguments& a) {
  const std::optional<std::vector<Value>> values = read_arrays(l, a);
  if (!values) return {};
  const Operand first = parts_of(a["arrays"])[0];
  const std::optional<int64_t> axis = axis_argument(l, a, "axis", first, 0);
  return axis ? join_along(l, a, *values, *axis) : Operand{};
}

// A new axis, along which the arrays follow each other.
Operand stacked(Lowering& l, const Arguments& a, std::vector<Value> values, int64_t axis) {
  std::vector<Requirement> checks;
  if (!agree(l, a, values, -1, checks)) return {};
  for (Value& value : values) {
    Shape shape = value->shape();
    shape.insert(shape.begin() + axis, Extent(1));
    value = reshape(l.graph(), value, shape, a.at());
  }
  const Value result = concatenated(l, values, axis, a.at());
  require(l, result, checks);
  return Operand::of(result, a.at());
}

Operand call_stack(Lowering& l, const Arguments& a) {
  std::optional<std::vector<Value>> values = read_arrays(l, a);
  if (!values) return {};
  const int rank = (*values)[0]->type().rank() + 1;
  int64_t axis = 0;
  if (a.has("axis")) {
    const std::optional<int64_t> found =
        one_axis(l, a["axis"], rank, Operand::of((*values)[0], a["arrays"].span));
    if (!found) return {};
    axis = *found;
  }
  return stacked(l, a, *values, axis);
}

// Values of fewer axes become rows of `rank` axes.
void as_rows(Lowering& l, std::vector<Value>& values, size_t rank, Span at) {
  for (Value& value : values) {
    Shape shape = value->shape();
    while (shape.size() < rank) shape.insert(shape.begin(), Extent(1));
    value = reshape(l.graph(), value, shape, at);
  }
}

Operand call_vstack(Lowering& l, const Arguments& a) {
  std::optional<std::vector<Value>> values = read_arrays(l, a);
  if (!values) return {};
  as_rows(l, *values, 2, a.at());
  return join_along(l, a, *values, 0);
}

Operand call_hstack(Lowering& l, const Arguments& a) {
  std::optional<std::vector<Value>> values = read_arrays(l, a);
  if (!values) return {};
  as_rows(l, *values, 1, a.at());
  return join_along(l, a, *values, (*values)[0]->type().rank() == 1 ? 0 : 1);
}

// Vectors become columns.
Operand call_column_stack(Lowering& l, const Arguments& a) {
  std::optional<std::vector<Value>> values = read_arrays(l, a);
  if (!values) return {};
  for (Value& value : *values) {
    Shape shape = value->shape();
    while (shape.size() < 2) shape.push_back(Extent(1));
    value = reshape(l.graph(), value, shape, a.at());
  }
  return join_along(l, a, *values, 1);
}

// Parts of equal extent, or those between given positions.
Operand call_split(Lowering& l, const Arguments& a) {
  constexpr int64_t kMostParts = 1000;
  const Value x = value_argument(l, a, "x");
  if (!x) return {};
  const std::optional<int64_t> axis = axis_argument(l, a, "axis", a["x"], 0);
  if (!axis) return {};
  const Extent whole = x->shape()[static_cast<size_t>(*axis)];
  std::vector<Extent> bounds = {0};
  std::vector<Requirement> checks;
  if (a["parts"].is(Operand::Kind::sequence)) {
    for (const Operand& part : a["parts"].parts) {
      const std::optional<Extent> bound = to_extent(l, part);
      if (!bound) return {};
      bounds.push_back(*bound);
    }
    bounds.push_back(whole);
  } else {
    const std::optional<int64_t> count = known_integer(l, a["parts"], "the number of parts");
    if (!count) return {};
    if (*count < 1 || *count > kMostParts) {
      l.report(Err::bad_argument, a["parts"].span,
               format("the number of parts is in [1, {}]", kMostParts));
      return {};
    }
    const Extent each = floordiv(whole, *count);
    if (each * *count != whole) {
      if (whole.is_known()) {
        l.report(Err::shape_mismatch, a["parts"].span,
                 format("{} elements do not split into {} equal parts", whole.text(), *count));
        return {};
      }
      checks.push_back({Requirement::Kind::equal, each * *count, whole, a.at()});
    }
    for (int64_t i = 1; i <= *count; ++i) bounds.push_back(each * i);
  }
  std::vector<Operand> parts;
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    const auto refuse = [&] {
      l.report(Err::bad_index, a["parts"].span,
               format("the parts are ascending positions, up to {}", whole.text()));
    };
    if (!need_at_least(l, bounds[i + 1], bounds[i], a.at(), checks, refuse)) return {};
    const Value part = part_along(l, x, *axis, bounds[i], bounds[i + 1] - bounds[i], a.at());
    require(l, part, checks);
    parts.push_back(Operand::of(part, a.at()));
  }
  Operand sequence = Operand::of_sequence(std::move(parts), a.at());
  sequence.computed = true;
  return sequence;
}

constexpr std::string_view kArrays = "arrays";
constexpr std::string_view kAlong = "arrays, axis=0";

constexpr Builtin kJoins[] = {
    {"concatenate concat", kAlong, call_concatenate, "arrays one behind the other along an axis"},
    {"stack", kAlong, call_stack, "arrays of one shape along a new axis"},
    {"vstack row_stack", kArrays, call_vstack, "arrays below each other; vectors are rows"},
    {"hstack", kArrays, call_hstack, "arrays beside each other"},
    {"column_stack", kArrays, call_column_stack, "arrays beside each other; vectors are columns"},
    {"split", "x, parts, axis=0", call_split,
     "several arrays: equal parts, or those between positions"},
};

}  // namespace

std::span<const Builtin> joining_functions() { return kJoins; }

}  // namespace thx
