// SPDX-License-Identifier: Apache-2.0
// Builds what a matched rule leads to.
#include <cmath>

#include "ops/build.h"
#include "passes/rewriter.h"

namespace thx {
namespace {

/// A step of the right side: a value, or a number that takes its type from where it stands.
struct Built {
  Value value;
  double number = 0;
};

class RightSide {
 public:
  RightSide(Graph& graph, const Match& match) : graph_(graph), match_(match) {}

  Built variable(int8_t index) const { return {match_.bound[static_cast<size_t>(index)]}; }
  Built constant(double value) const { return {{}, value}; }
  Built keep(const Built& reduced) const {
    return {broadcast_reduced(graph_, reduced.value, match_.reduced_from, match_.axes)};
  }
  Built apply(Op op, const std::vector<Built>& args) const {
    switch (family_of(op)) {
      case Family::reduction: return {reduce(graph_, op, args[0].value, match_.axes)};
      case Family::composite:
        return {make(graph_, op, {args[0].value}, {{"axis", match_.axes.front()}})};
      default: return {elementwise_value(op, args)};
    }
  }

 private:
  Value elementwise_value(Op op, const std::vector<Built>& args) const {
    // Numbers stand beside the last value: the condition of a choice comes first.
    Value like;
    for (const Built& arg : args)
      if (arg.value) like = arg.value;
    std::vector<Value> operands;
    for (const Built& arg : args)
      operands.push_back(arg.value ? arg.value : constant_like(graph_, like, arg.number));
    const Traits traits = traits_of(op);
    if (operands.size() == 1 && (traits & kSum) != 0 && (traits & kNegated) != 0)
      return negated(graph_, operands[0]);
    return make(graph_, op, operands);
  }

  Graph& graph_;
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
  const Built built = fold<Built>(rule.to, RightSide(graph, match));
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
