// SPDX-License-Identifier: Apache-2.0
// Reductions, views, placements, products and indexing in the spelling of the language.
#include <algorithm>
#include <numeric>

#include "driver/source_text_block.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx::source {
namespace {

std::string numbers(std::span<const int64_t> list) {
  std::vector<std::string> parts;
  for (const int64_t each : list) parts.push_back(format("{}", each));
  return tuple(parts);
}

bool is_identity(std::span<const int64_t> permutation) {
  for (size_t i = 0; i < permutation.size(); ++i) {
    if (permutation[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

std::string transposed(std::string text, std::span<const int64_t> permutation) {
  if (is_identity(permutation)) return text;
  return format("transpose({}, {})", text, numbers(permutation));
}

// `start : stop : step` of `count` elements, none among the counts.
std::string range_text(const Extent& start, const Extent& count, int64_t step,
                       const Extent& whole) {
  if (step == 1 && start.is(0) && count == whole) return ":";
  if (count.is(0)) return "0:0";
  const auto stop = [&] {
    if (step == 1) return start + count;
    if (count == ceildiv(whole - start, step)) return whole;
    const Extent behind = start + (count - 1) * step + 1;
    return count.is_known() ? behind : max(start, behind);
  }();
  std::string text =
      format("{}:{}", start.is(0) ? "" : start.text(), stop == whole ? "" : stop.text());
  return step == 1 ? text : format("{}:{}", text, step);
}

std::string subscripts(std::vector<std::string> parts) {
  while (parts.size() > 1 && parts.back() == ":") parts.pop_back();
  return join(parts, ", ");
}

}  // namespace

std::string tuple(std::span<const std::string> parts) {
  if (parts.size() == 1) return format("({},)", parts[0]);
  return format("({})", join(std::vector<std::string>(parts.begin(), parts.end()), ", "));
}

std::string shape_text(const Shape& shape) {
  std::vector<std::string> parts;
  for (const Extent& extent : shape) parts.push_back(extent.text());
  return tuple(parts);
}

// The language adds and multiplies narrow integers in 64 bits; they wrap alike.
Expression Block::narrowed(Value value, std::string text) {
  const bool adds = name_of(value->op) != "max" && name_of(value->op) != "min";
  const bool narrow = is_integer(value->dtype()) && bytes_of(value->dtype()) < 8;
  if (!adds || !narrow) return {std::move(text), kAtom};
  return {format("{}({})", spelling(value->dtype()), text), kAtom};
}

Expression Block::reduction(Value value) {
  const Value x = value->operands[0];
  const std::vector<int64_t>& axes = value->attrs.ints("axes");
  const std::string_view op = name_of(value->op);
  if (axes.size() == x->shape().size()) {
    return narrowed(value, format("{}({})", op, whole(x).text));
  }
  const std::string axis = axes.size() == 1 ? format("{}", axes[0]) : numbers(axes);
  return narrowed(value, format("{}({}, axis={})", op, whole(x).text, axis));
}

Expression Block::view(Value value) {
  const std::string_view op = name_of(value->op);
  const Value x = value->operands[0];
  if (op == "broadcast") {
    if (const Scalar* scalar = constant_of(x)) {
      return {format("full({}, {}, dtype={})", shape_text(value->shape()), constant(x, false).text,
                     spelling(scalar->dtype)),
              kAtom};
    }
    return {format("broadcast_to({}, {})", stretched(value).text, shape_text(value->shape())),
            kAtom};
  }
  if (op == "transpose") {
    const std::vector<int64_t>& permutation = value->attrs.ints("permutation");
    if (is_identity(permutation)) return whole(x);
    std::vector<int64_t> back(permutation.size());
    std::iota(back.rbegin(), back.rend(), 0);
    if (permutation == back) return {at(x, kAtom) + ".T", kAtom};
    return {transposed(whole(x).text, permutation), kAtom};
  }
  if (op == "reshape") {
    return {format("reshape({}, {})", whole(x).text, shape_text(value->shape())), kAtom};
  }
  if (op == "slice") return sliced(value);
  const std::vector<int64_t>& axes = value->attrs.ints("axes");
  return {format("diagonal({}, axis1={}, axis2={})", whole(x).text, axes[0], axes[1]), kAtom};
}

// A negative step reads the same elements upwards, and flips the axis.
Expression Block::sliced(Value value) {
  const Value x = value->operands[0];
  const Shape& starts = value->attrs.shape("starts");
  const std::vector<int64_t>& steps = value->attrs.ints("steps");
  std::vector<std::string> parts;
  std::vector<int64_t> flipped;
  for (size_t i = 0; i < starts.size(); ++i) {
    const Extent& count = value->shape()[i];
    Extent start = starts[i];
    const int64_t step = steps[i] < 0 ? -steps[i] : steps[i];
    if (steps[i] < 0) {
      start = start - (count - 1) * step;
      flipped.push_back(static_cast<int64_t>(i));
    }
    parts.push_back(range_text(start, count, step, x->shape()[i]));
  }
  const bool all = std::ranges::all_of(parts, [](const std::string& part) { return part == ":"; });
  Expression text = all ? whole(x) : Expression{format("{}[{}]", at(x, kAtom), subscripts(parts))};
  for (const int64_t axis : flipped) text = {format("flip({}, axis={})", text.text, axis)};
  return text;
}

Expression Block::placement(Value value) {
  if (name_of(value->op) == "concat") {
    std::vector<std::string> parts;
    for (const Value operand : value->operands) parts.push_back(whole(operand).text);
    return {format("concatenate([{}], axis={})", join(parts, ", "), value->attrs.integer("axis"))};
  }
  const Value base = value->operands[0], part = value->operands[1];
  const Shape& starts = value->attrs.shape("starts");
  const std::vector<int64_t>& steps = value->attrs.ints("steps");
  std::vector<std::string> parts;
  for (size_t i = 0; i < starts.size(); ++i) {
    parts.push_back(range_text(starts[i], part->shape()[i], steps[i], base->shape()[i]));
  }
  return {format("{}.at[{}].set({})", at(base, kAtom), subscripts(parts), whole(part).text)};
}

// The batch axes first, then those that stay as one, then the contracted ones as one: a product of
// stacks of matrices.
Expression Block::contraction(Value value) {
  const Value a = value->operands[0], b = value->operands[1];
  const auto list = [&](std::string_view key) {
    return value->attrs.has(key) ? value->attrs.ints(key) : std::vector<int64_t>();
  };
  const std::vector<int64_t> ac = list("lhs_contract"), bc = list("rhs_contract");
  const std::vector<int64_t> ab = list("lhs_batch"), bb = list("rhs_batch");
  const auto ar = static_cast<int64_t>(a->shape().size());
  const auto br = static_cast<int64_t>(b->shape().size());
  if (ab.empty() && ac.size() == 1 && ar <= 2 && br <= 2) {
    const std::string left = at(a, kProduct), right = at(b, kPrefix);
    const bool la = ac[0] == ar - 1, rb = bc[0] == 0;
    return {format("{} @ {}", la ? left : at(a, kAtom) + ".T", rb ? right : at(b, kAtom) + ".T"),
            kProduct};
  }
  if (ab.empty()) {
    return {format("tensordot({}, {}, axes=({}, {}))", whole(a).text, whole(b).text, numbers(ac),
                   numbers(bc))};
  }
  const auto arranged = [&](Value x, const std::vector<int64_t>& batch,
                            const std::vector<int64_t>& contract, bool left) {
    std::vector<int64_t> order = batch, free;
    for (int64_t axis = 0; axis < static_cast<int64_t>(x->shape().size()); ++axis) {
      const auto is = [&](const auto& axes) { return std::ranges::find(axes, axis) != axes.end(); };
      if (!is(batch) && !is(contract)) free.push_back(axis);
    }
    Extent kept(1), summed(1);
    for (const int64_t axis : free) kept *= x->shape()[static_cast<size_t>(axis)];
    for (const int64_t axis : contract) summed *= x->shape()[static_cast<size_t>(axis)];
    order.insert(order.end(), (left ? free : contract).begin(), (left ? free : contract).end());
    order.insert(order.end(), (left ? contract : free).begin(), (left ? contract : free).end());
    const int level = left ? kProduct : kPrefix;
    std::string text = is_identity(order) ? at(x, level) : transposed(whole(x).text, order);
    if (free.size() == 1 && contract.size() == 1) return text;
    Shape shape;
    for (const int64_t axis : batch) shape.push_back(x->shape()[static_cast<size_t>(axis)]);
    shape.push_back(left ? kept : summed);
    shape.push_back(left ? summed : kept);
    return format("reshape({}, {})", text, shape_text(shape));
  };
  const std::string product =
      format("{} @ {}", arranged(a, ab, ac, true), arranged(b, bb, bc, false));
  const bool plain = ac.size() == 1 && ar == static_cast<int64_t>(ab.size()) + 2 &&
                     br == static_cast<int64_t>(bb.size()) + 2;
  if (plain) return {product, kProduct};
  return {format("reshape({}, {})", product, shape_text(value->shape()))};
}

Expression Block::indexing(Value value) {
  const std::string_view op = name_of(value->op);
  const std::vector<int64_t>& axes = value->attrs.ints("axes");
  const Value base = value->operands[0];
  const size_t rank = base->shape().size();
  if (op == "dynamic_slice") {
    std::vector<std::string> parts(rank, ":");
    for (size_t i = 0; i < axes.size(); ++i) {
      const std::string start = at(value->operands[1 + i], kSum);
      const auto axis = static_cast<size_t>(axes[i]);
      parts[axis] = format("{} : {} + {}", start, start, value->shape()[axis].text());
    }
    return {format("{}[{}]", at(base, kAtom), subscripts(parts))};
  }
  // Axes that the arrays share are indexed by their own positions.
  const int64_t batch = value->attrs.has("batch") ? value->attrs.integer("batch") : 0;
  std::vector<int64_t> order;
  for (int64_t axis = 0; axis < batch; ++axis) order.push_back(axis);
  order.insert(order.end(), axes.begin(), axes.end());
  for (int64_t axis = batch; axis < static_cast<int64_t>(rank); ++axis) {
    if (std::ranges::find(axes, axis) == axes.end()) order.push_back(axis);
  }
  std::vector<std::string> indices;
  const size_t index_rank = value->operands.back()->shape().size();
  for (size_t axis = 0; axis < static_cast<size_t>(batch); ++axis) {
    std::vector<std::string> along(index_rank - axis, "newaxis");
    along[0] = ":";
    indices.push_back(format("arange({}){}", base->shape()[axis].text(),
                             along.size() == 1 ? "" : format("[{}]", join(along, ", "))));
  }
  for (size_t i = op == "gather" ? 1 : 2; i < value->operands.size(); ++i) {
    indices.push_back(whole(value->operands[i]).text);
  }
  const std::string source =
      is_identity(order) ? at(base, kAtom) : transposed(whole(base).text, order);
  if (op == "gather") return {format("{}[{}]", source, join(indices, ", "))};
  std::string text = format("{}.at[{}].{}({})", source, join(indices, ", "),
                            op == "scatter_add" ? "add" : "set", whole(value->operands[1]).text);
  return {transposed(std::move(text), inverse(order))};
}

// Functions of one axis: running sums, softmax and its like. What has weights is a formula that
// becomes the one operator again.
Expression Block::along_axis(Value value) {
  if (value->operands.size() > 1) {
    const std::string exponential = format("exp({})", whole(value->operands[0]).text);
    const std::string terms = format("{} * {}, axis={}", at(value->operands[1], kProduct),
                                     exponential, value->attrs.integer("axis"));
    if (value->operands.size() == 2) return {format("log(sum({}))", terms), kAtom};
    return {format("{} * {} / sum({}, keepdims=true)", at(value->operands[2], kProduct),
                   exponential, terms),
            kProduct};
  }
  const bool reverse = value->attrs.flag("reverse");
  return narrowed(value,
                  format("{}({}, axis={}{})", name_of(value->op), whole(value->operands[0]).text,
                         value->attrs.integer("axis"), reverse ? ", reverse=true" : ""));
}

}  // namespace thx::source
