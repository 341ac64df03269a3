// SPDX-License-Identifier: Apache-2.0
// The forward sweep: every node makes the tangent of its result of those of its operands, by its
// row.
#include "passes/differentiate_forward.h"

#include <algorithm>
#include <unordered_map>

#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate_norm.h"

namespace thx::forward {
namespace {

using Values = std::vector<Value>;

Values moved_values(std::span<const Motion> motions) {
  Values values;
  for (const Motion& motion : motions) values.push_back(motion.value);
  return values;
}

class Sweep {
 public:
  Sweep(Graph& graph, std::span<const Motion> motions, Session& session)
      : graph_(graph),
        session_(session),
        active_(reverse::dependents(graph, moved_values(motions))),
        tangents_(active_.size()),
        directions_(active_.size()) {
    for (const Motion& motion : motions) {
      Value& direction = directions_[index(motion.value)];
      direction = sum(direction, motion.direction);
    }
  }

  void run(std::span<const Value> outputs) {
    for (Value node : needed(graph_, outputs)) {
      if (!active_[index(node)]) continue;
      const int before = graph_.size();
      if (node->regions.empty()) {
        const Value moved = is_float(node->dtype()) ? tangent_of(node) : Value{};
        tangents_[index(node)] = sum(moved, directions_[index(node)]);
      } else {
        results_[node.node] = control_tangents(graph_, node, operand_tangents(node), session_);
      }
      SpanSet spans = graph_.spans(node);
      spans.insert(session_.spans);
      for (int id = before; id < graph_.size(); ++id) graph_.add_spans(graph_.at(id), spans);
    }
  }

  Value tangent(Value value) const { return tangents_[index(value)]; }

 private:
  static size_t index(Value value) { return static_cast<size_t>(value->id); }

  Value sum(Value a, Value b) {
    if (!a || !b) return a ? a : b;
    return node::add(graph_, a, b);
  }
  Value zero_like(Value value) { return constant_like(graph_, value, 0); }

  Values operand_tangents(Value node) const {
    Values tangents;
    for (Value operand : node->operands) tangents.push_back(tangents_[index(operand)]);
    return tangents;
  }

  Value tangent_of(Value node) {
    if (is_result(node)) {
      const auto found = results_.find(node->operands[0].node);
      return found == results_.end() ? Value{} : found->second[result_index(node)];
    }
    const Values tangents = operand_tangents(node);
    if (std::ranges::none_of(tangents, [](Value tangent) { return bool(tangent); })) return {};
    const Tangent tangent{graph_, node, tangents};
    switch (node->family()) {
      case Family::elementwise: return of_elementwise(node, tangents);
      case Family::reduction: return reduction(node->op).tangent(tangent);
      case Family::view: return view(node->op).tangent(tangent);
      case Family::placement: return placement(node->op).tangent(tangent);
      case Family::cumulative: return cumulative(node->op).tangent(tangent);
      case Family::indexing:
      case Family::contraction:
      case Family::composite: return array(node->op).tangent(tangent);
      case Family::control: return tangents[0];  // a mark
      case Family::source: return {};
    }
    return {};
  }

  Value of_elementwise(Value node, const Values& tangents) {
    const ElementwiseDef& row = elementwise(node->op);
    if (row.grad.kind == Gradient::Kind::piecewise_constant) return {};
    if (row.grad.kind == Gradient::Kind::refused) {
      reverse::report_refused(node, row.grad.why, session_);
      return {};
    }
    if (is_choice(node)) {
      const auto or_zero = [&](Value tangent) { return tangent ? tangent : zero_like(node); };
      return node::where(graph_, node->operands[0], or_zero(tangents[1]), or_zero(tangents[2]));
    }
    Value variables[4] = {};
    std::ranges::copy(node->operands, variables);
    variables[3] = node;
    Value total;
    for (size_t i = 0; i < tangents.size(); ++i) {
      if (!tangents[i]) continue;
      Value part = scale(graph_, tangents[i], row.grad.partial[i], variables);
      if (reverse::is_norm(node))
        part = node::where(graph_, node::not_equal(graph_, node, zero_like(node)), part,
                           zero_like(part));
      total = sum(total, cast(graph_, part, node->dtype()));
    }
    return total;
  }

  Graph& graph_;
  Session& session_;
  std::vector<bool> active_;  // by id: needs a moved value
  Values tangents_, directions_;
  std::unordered_map<const Node*, Values> results_;  // of nodes with several
};

}  // namespace

std::vector<Value> sweep(Graph& graph, std::span<const Value> outputs,
                         std::span<const Motion> motions, Session& session) {
  Sweep forward(graph, motions, session);
  forward.run(outputs);
  Values tangents;
  for (Value output : outputs) tangents.push_back(forward.tangent(output));
  return tangents;
}

}  // namespace thx::forward
