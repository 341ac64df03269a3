// SPDX-License-Identifier: Apache-2.0
// Builds what a matched rule leads to.
#include <algorithm>
#include <cmath>

#include "ops/axes.h"
#include "ops/build.h"
#include "passes/fold_constants.h"
#include "passes/rewriter.h"

namespace thx {
namespace {

/// A step of the right side: a value, or a number that takes its type from where it stands.
struct Built {
  Value value;
  double number = 0;
  bool uniform = false;  // a value that is one number: it takes the shape of where it stands
};

/// The one number of `value` in another shape. What it is made of, the guard has looked through.
Value in_shape(Graph& graph, Value value, const Shape& shape) {
  if (value->shape() == shape) return value;
  if (value->type().is_scalar()) return broadcast(graph, value, shape, {});
  if (const Scalar* constant = constant_of(value))
    return broadcast(graph, make(graph, node::constant.op, {}, {{"value", *constant}}), shape, {});
  if (value->family() == Family::view) return in_shape(graph, value->operands[0], shape);
  std::vector<Value> operands;
  for (const Value operand : value->operands) operands.push_back(in_shape(graph, operand, shape));
  return graph.intern(
      {value->op, {value->type().with(shape)}, std::move(operands), value->attrs, {}});
}

class RightSide {
 public:
  RightSide(Graph& graph, const Rule& rule, const Match& match)
      : graph_(graph), rule_(rule), match_(match) {}

  Built variable(int8_t index) const {
    const bool is_number = rule_.guard == Guard::y_is_number || rule_.guard == Guard::y_is_positive;
    const bool uniform = is_number && index == 1;
    return {match_.bound[static_cast<size_t>(index)], 0, uniform};
  }
  Built constant(double value) const { return {{}, value}; }
  Built keep(const Built& reduced) const {
    return {broadcast_reduced(graph_, reduced.value, match_.reduced_from, match_.axes)};
  }
  Built apply(Op op, const std::vector<Built>& args) const {
    switch (family_of(op)) {
      case Family::reduction: return {reduced(op, args[0].value)};
      case Family::composite: return {composite(op, args)};
      default: return {elementwise_value(op, args), 0, std::ranges::all_of(args, &Built::uniform)};
    }
  }

 private:
  // Where the left side has an answer over nothing, the right side must not fail.
  Value reduced(Op op, Value value) const {
    if (!reduction(op).refuses_empty) return reduce(graph_, op, value, match_.axes);
    return make(graph_, op, {value}, {{"axes", match_.axes}, {"order", std::string("upward")}});
  }

  // Composites are over one axis: several become the last one, and one again.
  Value composite(Op op, const std::vector<Built>& args) const {
    std::vector<Value> operands;
    for (const Built& arg : args)
      operands.push_back(arg.value ? arg.value
                                   : constant_like(graph_, args.front().value, arg.number));
    if (match_.axes.size() == 1) return over_axis(op, operands, match_.axes.front());
    const int rank = static_cast<int>(match_.reduced_from.size());
    AxisList order = kept_axes(rank, match_.axes);
    Shape flat = select(match_.reduced_from, order);
    flat.push_back(element_count(select(match_.reduced_from, match_.axes)));
    order.insert(order.end(), match_.axes.begin(), match_.axes.end());
    for (Value& operand : operands)
      operand = reshape(graph_, transpose(graph_, operand, order), flat);
    const Value value = over_axis(op, operands, static_cast<int64_t>(flat.size()) - 1);
    if (value->type().rank() < static_cast<int>(flat.size())) return value;
    const Value whole = reshape(graph_, value, select(match_.reduced_from, order));
    return transpose(graph_, whole, inverse(order));
  }
  Value over_axis(Op op, std::span<const Value> operands, int64_t axis) const {
    return make(graph_, op, operands, {{"axis", axis}});
  }

  Value elementwise_value(Op op, const std::vector<Built>& args) const {
    // Numbers stand beside the last value: the condition of a choice comes first.
    Value like;
    for (const bool uniform : {true, false})
      for (const Built& arg : args)
        if (arg.value && arg.uniform == uniform) like = arg.value;
    std::vector<Value> operands;
    for (const Built& arg : args)
      operands.push_back(arg.uniform ? in_shape(graph_, arg.value, like->shape())
                         : arg.value ? arg.value
                                     : constant_like(graph_, like, arg.number));
    const Traits traits = traits_of(op);
    const bool negates = operands.size() == 1 && (traits & kSum) != 0 && (traits & kNegated) != 0;
    if (negates && rule_.cls != RuleClass::exact) return negated(graph_, operands[0]);
    const Value value = make(graph_, op, operands);
    if (!is_float(value->dtype())) return value;
    const Value folded = fold_any(graph_, value, Uses());
    return folded ? folded : value;
  }

  Graph& graph_;
  const Rule& rule_;
  const Match& match_;
};

/// What the match takes becomes `value`; a number that scales it meets the numbers of the product.
Value edited(Graph& graph, const TermView& view, const Match& match, Value value) {
  std::vector<LeafEdit> edits(view.items().size());
  double number = match.scale;
  const bool merges = view.kind() == ViewKind::product && std::fabs(number) != 1;
  if (merges) number *= view.constant();
  for (size_t i = 0; i < edits.size(); ++i) {
    const TermView::Item& item = view.items()[i];
    // Writing back turns the sign once more for every negation inside.
    if (merges && item.flips) number = -number;
    if (item.constant != nullptr && (match.takes_constant || merges))
      edits[i].kind = LeafEdit::Kind::remove;
  }
  for (const int taken : match.taken)
    edits[static_cast<size_t>(taken)].kind = LeafEdit::Kind::remove;
  edits[static_cast<size_t>(match.taken.front())] = {LeafEdit::Kind::replace,
                                                     scaled(graph, value, std::fabs(number)),
                                                     static_cast<int8_t>(number < 0 ? -1 : 1)};
  return write_back(graph, view, edits);
}

}  // namespace

Value build_right_side(Graph& graph, const Rule& rule, const Match& match, const Type& type) {
  const Built built = fold<Built>(rule.to, RightSide(graph, rule, match));
  return built.value ? built.value : constant(graph, type, built.number);
}

Value replacement(Graph& graph, const Pattern& pattern, Value value, const TermView& view,
                  const Match& match) {
  const int before = graph.size();
  SpanSet spans = graph.spans(value);
  for (const Value node : match.nodes) spans.insert(graph.spans(node));
  const Value right = build_right_side(graph, *pattern.rule, match, value->type());
  const bool is_tree = pattern.root_part().kind != Pattern::Kind::apply;
  const Value result = is_tree ? edited(graph, view, match, right) : right;
  THX_CHECK(result->type() == value->type(), "{} made {} of {}", pattern.rule->name,
            text(result->type()), text(value->type()));
  for (int id = before; id < graph.size(); ++id) graph.add_spans(graph.at(id), spans);
  graph.add_spans(result, spans);
  return result;
}

}  // namespace thx
