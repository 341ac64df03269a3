// SPDX-License-Identifier: Apache-2.0
// Exact steps on slices and placements: what is read of what was put there, what covers all.
#include <algorithm>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "passes/canonicalize.h"

namespace thx {
namespace {

/// Longer lists are left as they are, so that steps stay linear.
constexpr size_t kMaxParts = 64;
constexpr int kMaxPlacements = 256;  // below each other, that a slice is looked for in

bool is_slice(const Node& node) { return node.op == node::slice.op; }
bool is_place(const Node& node) { return node.op == node::place.op; }
bool is_concat(const Node& node) { return node.op == node::concat.op; }

bool is_known_not_negative(const Extent& extent) {
  return extent.is_known() && extent.known() >= 0;
}

/// A run of positions along one axis.
struct Run {
  Extent start;
  int64_t step;
  Extent count;

  Extent last() const { return start + step * (count - 1); }
  Extent low() const { return step > 0 ? start : last(); }
  Extent high() const { return step > 0 ? last() : start; }
};

/// The starts, steps and extents of a slice, or of a placed operand, axis by axis.
std::vector<Run> runs_of(const Node& node, const Shape& counts) {
  const Shape& starts = node.attrs.shape("starts");
  const std::vector<int64_t>& steps = node.attrs.ints("steps");
  std::vector<Run> runs;
  for (size_t i = 0; i < starts.size(); ++i) runs.push_back({starts[i], steps[i], counts[i]});
  return runs;
}

Value sliced(Graph& graph, Value value, std::span<const Run> runs) {
  Shape starts, shape;
  AxisList steps;
  for (const Run& run : runs) {
    starts.push_back(run.start);
    steps.push_back(run.step);
    shape.push_back(run.count);
  }
  return slice(graph, value, starts, steps, shape);
}

/// `run` within `outer`, in the latter's positions; nothing where it is not known to lie there.
std::optional<Run> within(const Run& run, const Run& outer) {
  const Extent distance = run.start - outer.start;
  if (run.step % outer.step != 0) return std::nullopt;
  Run inside{floordiv(distance, outer.step), run.step / outer.step, run.count};
  if (!(inside.start * outer.step == distance)) return std::nullopt;
  const bool same = inside.start.is(0) && inside.step == 1 && run.count == outer.count;
  const bool inner =
      is_known_not_negative(inside.low()) && is_known_not_negative(outer.count - 1 - inside.high());
  return same || inner ? std::optional(inside) : std::nullopt;
}

Value slice_of_slice(Graph& graph, std::vector<Run> runs, Value source) {
  const std::vector<Run> inner = runs_of(*source, source->shape());
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].start = inner[i].start + inner[i].step * runs[i].start;
    runs[i].step *= inner[i].step;
  }
  return sliced(graph, source->operands[0], runs);
}

/// What is repeated is sliced before; axes that only repeat have their new extent.
Value slice_of_broadcast(Graph& graph, Value node, std::span<const Run> runs, Value source) {
  const AxisList& axes = source->attrs.ints("axes");
  const Value operand = source->operands[0];
  std::vector<Run> kept;
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto to = static_cast<size_t>(axes[i]);
    const bool stretches = operand->shape()[i].is(1) && !source->shape()[to].is(1);
    kept.push_back(stretches ? Run{0, 1, 1} : runs[to]);
  }
  return broadcast(graph, sliced(graph, operand, kept), node->shape(), axes);
}

Value slice_of_transpose(Graph& graph, std::span<const Run> runs, Value source) {
  const AxisList& permutation = source->attrs.ints("permutation");
  std::vector<Run> turned(runs.begin(), runs.end());
  for (size_t i = 0; i < runs.size(); ++i) turned[static_cast<size_t>(permutation[i])] = runs[i];
  return transpose(graph, sliced(graph, source->operands[0], turned), permutation);
}

/// Where the slice lies in one operand.
Value slice_of_concat(Graph& graph, std::vector<Run> runs, Value source) {
  if (source->operands.size() > kMaxParts) return {};
  const auto along = static_cast<size_t>(source->attrs.integer("axis"));
  Extent start = 0;
  for (const Value operand : source->operands) {
    const Extent& extent = operand->shape()[along];
    if (const auto inside = within(runs[along], {start, 1, extent})) {
      runs[along] = *inside;
      return sliced(graph, operand, runs);
    }
    start += extent;
  }
  return {};
}

/// Where the slice lies in what was placed, or beside it: below all placements that it lies beside,
/// of which a sum of many elements' gradients is a long chain.
Value slice_of_place(Graph& graph, std::vector<Run> runs, Value source) {
  const auto is_beside = [&](std::span<const Run> placed) {
    for (size_t i = 0; i < runs.size(); ++i)
      if (is_known_not_negative(placed[i].low() - 1 - runs[i].high()) ||
          is_known_not_negative(runs[i].low() - 1 - placed[i].high()))
        return true;
    return false;
  };
  for (int i = 0; i < kMaxPlacements; ++i) {
    const Value part = source->operands[1];
    const std::vector<Run> placed = runs_of(*source, part->shape());
    if (!is_beside(placed)) {
      std::vector<Run> inner = runs;
      for (size_t axis = 0; axis < runs.size(); ++axis) {
        const auto inside = within(runs[axis], placed[axis]);
        if (!inside) return i > 0 ? sliced(graph, source, runs) : Value{};
        inner[axis] = *inside;
      }
      return sliced(graph, part, inner);
    }
    source = source->operands[0];
    if (!is_place(*source)) return sliced(graph, source, runs);
  }
  return {};
}

Value merged_slice(Graph& graph, Value node) {
  const Value source = node->operands[0];
  const std::vector<Run> runs = runs_of(*node, node->shape());
  if (is_slice(*source)) return slice_of_slice(graph, runs, source);
  if (source->op == node::broadcast.op) return slice_of_broadcast(graph, node, runs, source);
  if (source->op == node::transpose.op) return slice_of_transpose(graph, runs, source);
  if (is_concat(*source)) return slice_of_concat(graph, runs, source);
  if (is_place(*source)) return slice_of_place(graph, runs, source);
  return sliced(graph, source, runs) == source ? source : Value{};
}

/// A run whose start is a number that lies on the axis is a slice.
Value fixed_slice(Graph& graph, Value node) {
  const std::span<const int64_t> axes = axes_of(node->attrs, "axes");
  const Value source = node->operands[0];
  std::vector<Run> runs;
  for (const Extent& extent : node->shape()) runs.push_back({0, 1, extent});
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    const Scalar* start = constant_of(node->operands[i + 1]);
    if (start == nullptr || start->integer < 0) return {};
    runs[axis].start = start->integer;
    if (!is_known_not_negative(source->shape()[axis] - runs[axis].count - start->integer))
      return {};
  }
  return sliced(graph, source, runs);
}

Value merged_place(Graph& graph, Value node) {
  const Value base = node->operands[0], part = node->operands[1];
  const std::vector<Run> runs = runs_of(*node, part->shape());
  if (std::ranges::any_of(part->shape(), [](const Extent& extent) { return extent.is(0); }))
    return base;
  const auto is_whole = [](const Run& run) { return run.start.is(0) && run.step == 1; };
  if (part->shape() == base->shape() && std::ranges::all_of(runs, is_whole)) return part;
  const Scalar *around = constant_of(base), *inside = constant_of(part);
  if (around != nullptr && inside != nullptr && *around == *inside) return base;
  if (is_place(*base) && base->attrs == node->attrs && base->operands[1]->shape() == part->shape())
    return make(graph, node->op, {base->operands[0], part}, node->attrs);
  return {};
}

/// Two neighbours of a concatenation as one: runs of one value that follow each other.
Value joined(Graph& graph, Value left, Value right, size_t along) {
  const auto source = [](Value value) { return is_slice(*value) ? value->operands[0] : value; };
  if (!(source(left) == source(right)) || !is_slice(*left) || !is_slice(*right)) return {};
  std::vector<Run> a = runs_of(*left, left->shape());
  const std::vector<Run> b = runs_of(*right, right->shape());
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].step != b[i].step) return {};
    const Extent next = i == along ? a[i].start + a[i].step * a[i].count : a[i].start;
    if (!(b[i].start == next)) return {};
  }
  a[along].count += b[along].count;
  return sliced(graph, source(left), a);
}

Value merged_concat(Graph& graph, Value node) {
  const auto along = static_cast<size_t>(node->attrs.integer("axis"));
  std::vector<Value> parts;
  const auto is_empty = [&](Value value) { return value->shape()[along].is(0); };
  const auto add = [&](Value part) {
    if (is_empty(part)) return;
    const Value both = parts.empty() ? Value{} : joined(graph, parts.back(), part, along);
    if (both) {
      parts.back() = both;
    } else {
      parts.push_back(part);
    }
  };
  for (const Value operand : node->operands) {
    const bool nested = is_concat(*operand) && operand->attrs == node->attrs &&
                        node->operands.size() + operand->operands.size() <= kMaxParts;
    if (!nested) add(operand);
    for (size_t i = 0; nested && i < operand->operands.size(); ++i) add(operand->operands[i]);
  }
  if (parts.empty()) return node->operands[0];
  if (parts.size() == 1) return parts[0];
  const Scalar* first = constant_of(parts[0]);
  if (first != nullptr && std::ranges::all_of(parts, [&](Value part) {
        const Scalar* other = constant_of(part);
        return other != nullptr && *other == *first;
      }))
    return broadcast(graph, make(graph, node::constant.op, {}, {{"value", *first}}), node->shape(),
                     {});
  if (parts == node->operands) return {};
  return make(graph, node->op, parts, node->attrs);
}

}  // namespace

Value merge_slices(Graph& graph, Value node, const Uses&) {
  if (is_slice(*node)) return merged_slice(graph, node);
  return is_dynamic_slice(*node) ? fixed_slice(graph, node) : Value{};
}

Value merge_placements(Graph& graph, Value node, const Uses&) {
  if (is_place(*node)) return merged_place(graph, node);
  return is_concat(*node) ? merged_concat(graph, node) : Value{};
}

}  // namespace thx
