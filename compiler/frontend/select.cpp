// SPDX-License-Identifier: Apache-2.0
// Reading what an index expression selects: a slice, then windows, then index arrays, then the
// order of axes that NumPy gives the result.
#include <algorithm>
#include <map>

#include "frontend/selection.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

using Kind = AxisSelection::Kind;

// Everything whose place is known when compiling, in one view of the value's rank.
Value take_slices(Lowering& l, const Selection& s, Value value) {
  Shape starts, shape;
  AxisList steps;
  for (size_t i = 0; i < s.axes.size(); ++i) {
    const AxisSelection& axis = s.axes[i];
    const bool slice = axis.kind == Kind::slice, element = axis.kind == Kind::element;
    starts.push_back(slice || element ? axis.start : Extent(0));
    steps.push_back(slice ? axis.step : 1);
    shape.push_back(element ? Extent(1) : slice ? axis.extent : value->shape()[i]);
  }
  return slice(l.graph(), value, starts, steps, shape, s.place.whole);
}

Value take_windows(Lowering& l, const Selection& s, Value value) {
  std::vector<Value> operands = {value};
  AxisList axes, steps(s.axes.size(), 1);
  Shape windows = value->shape(), shape = value->shape();
  for (size_t i = 0; i < s.axes.size(); ++i) {
    const AxisSelection& axis = s.axes[i];
    if (axis.kind != Kind::window) continue;
    axes.push_back(static_cast<int64_t>(i));
    operands.push_back(l.scope->bring(axis.run_time_start));
    windows[i] = axis.window;
    shape[i] = axis.extent;
    steps[i] = axis.step;
  }
  if (axes.empty()) return value;
  const Value taken = make(l.graph(), Op::dynamic_slice, operands,
                           {{"axes", axes}, {"shape", windows}}, s.place.whole);
  return slice(l.graph(), taken, Shape(s.axes.size(), Extent(0)), steps, shape, s.place.whole);
}

// A value as a sum of extents times other values.
struct Linear {
  std::map<const Node*, Extent> terms;
  Extent constant = 0;
};

std::optional<Extent> extent_of(Value value) {
  if (value->op == Op::extent) return value->attrs.get<Extent>("extent");
  const Scalar* scalar = value->op == Op::constant ? constant_of(value) : nullptr;
  if (!scalar || !is_integer(scalar->dtype)) return std::nullopt;
  return Extent(scalar->integer);
}

// Nothing where the value has too many parts to be looked at.
std::optional<Linear> linear_form(Value value) {
  constexpr int kMostParts = 200;
  constexpr double kSafe = 1e9;  // coefficients stay far inside of 64 bits
  Linear sum;
  std::vector<std::pair<Value, Extent>> parts = {{value, 1}};
  for (int step = 0; !parts.empty(); ++step) {
    if (step == kMostParts) return std::nullopt;
    const auto [part, factor] = parts.back();
    parts.pop_back();
    if (magnitude(factor) > kSafe || weight(factor) > 32) return std::nullopt;
    const std::vector<Value>& operands = part->operands;
    if (const std::optional<Extent> extent = extent_of(part)) {
      if (magnitude(*extent) > kSafe) return std::nullopt;
      sum.constant += factor * *extent;
    } else if (part->op == Op::add || part->op == Op::sub) {
      parts.emplace_back(operands[0], factor);
      parts.emplace_back(operands[1], part->op == Op::add ? factor : Extent(0) - factor);
    } else if (part->op == Op::neg) {
      parts.emplace_back(operands[0], Extent(0) - factor);
    } else if (part->op == Op::cast && is_integer(operands[0]->dtype())) {
      parts.emplace_back(operands[0], factor);
    } else if (part->op == Op::mul && (extent_of(operands[0]) || extent_of(operands[1]))) {
      const int known = extent_of(operands[0]) ? 0 : 1;
      const Extent by = *extent_of(operands[static_cast<size_t>(known)]);
      if (magnitude(by) > kSafe) return std::nullopt;
      parts.emplace_back(operands[static_cast<size_t>(1 - known)], factor * by);
    } else {
      sum.terms[part.node] += factor;
    }
  }
  return sum;
}

}  // namespace

std::optional<Extent> run_time_distance(Value start, Value stop) {
  const std::optional<Linear> from = linear_form(start), to = linear_form(stop);
  if (!from || !to) return std::nullopt;
  std::map<const Node*, Extent> terms = to->terms;
  for (const auto& [node, factor] : from->terms) terms[node] = terms[node] - factor;
  for (const auto& [node, factor] : terms) {
    if (!factor.is(0)) return std::nullopt;
  }
  return to->constant - from->constant;
}

std::optional<Indices> read_indices(Lowering& l, Selection& s) {
  Indices indices;
  std::vector<Operand> operands;
  for (size_t i = 0; i < s.axes.size(); ++i) {
    if (s.axes[i].kind != Kind::indexed) continue;
    indices.axes.push_back(static_cast<int64_t>(i));
    operands.push_back(s.axes[i].index);
  }
  const std::optional<Shape> shape = common_shape(l, operands, s.place, s.checks);
  if (!shape) return std::nullopt;
  indices.shape = *shape;
  for (const Operand& operand : operands) {
    const Value index = to_value(l, operand, DType::i64);
    if (!index) return std::nullopt;
    indices.values.push_back(stretch(l, index, *shape, operand.span));
  }
  return indices;
}

Operand select_part(Lowering& l, Selection& s) {
  const Span at = s.place.whole;
  Value value = to_value(l, s.base);
  if (!value) return {};
  value = take_windows(l, s, take_slices(l, s, value));
  Shape fixed;                                  // without the axes of single elements
  std::vector<int64_t> now(s.axes.size(), -1);  // where each axis of base is after that
  for (size_t i = 0; i < s.axes.size(); ++i) {
    if (s.axes[i].kind == Kind::element) continue;
    now[i] = static_cast<int64_t>(fixed.size());
    fixed.push_back(value->shape()[i]);
  }
  value = reshape(l.graph(), value, fixed, at);
  size_t leading = 0;  // axes of the indices, which a gather puts first
  if (s.is_indexed()) {
    const std::optional<Indices> indices = read_indices(l, s);
    if (!indices) return {};
    AxisList axes;
    for (const int64_t axis : indices->axes) axes.push_back(now[static_cast<size_t>(axis)]);
    std::vector<Value> operands = {value};
    operands.insert(operands.end(), indices->values.begin(), indices->values.end());
    value = make(l.graph(), Op::gather, operands, {{"axes", axes}}, at);
    leading = indices->shape.size();
    for (int64_t& place : now) {
      if (place < 0) continue;
      const auto before =
          std::count_if(axes.begin(), axes.end(), [&](int64_t axis) { return axis < place; });
      place = contains(axes, place) ? -1 : place - before + static_cast<int64_t>(leading);
    }
  }
  AxisList order;
  Shape shape;
  const auto take_indices = [&] {
    for (size_t i = 0; i < leading; ++i) {
      order.push_back(static_cast<int64_t>(i));
      shape.push_back(value->shape()[i]);
    }
  };
  for (size_t i = 0; i <= s.layout.size(); ++i) {
    if (i == s.indices_at) take_indices();
    if (i == s.layout.size()) break;
    if (s.layout[i] < 0) {
      shape.emplace_back(1);
      continue;
    }
    const int64_t axis = now[static_cast<size_t>(s.layout[i])];
    order.push_back(axis);
    shape.push_back(value->shape()[static_cast<size_t>(axis)]);
  }
  if (!check_shape(l, shape, at)) return {};
  value = reshape(l.graph(), transpose(l.graph(), value, order, at), shape, at);
  require(l, value, s.checks);
  return Operand::of(value, at);
}

}  // namespace thx
