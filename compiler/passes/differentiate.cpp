// SPDX-License-Identifier: Apache-2.0
// Finds the gradients that can be computed now, has each cost swept once, and clears up.
#include "passes/differentiate.h"

#include <algorithm>
#include <unordered_map>

#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate_sweep.h"

namespace thx {
namespace {

// A function and a region are bodies alike.
std::vector<Value> roots(const Function& function) { return function.roots(); }
std::vector<Value> roots(const Region& region) { return region->results; }
const Graph& graph_of(const Function& function) { return function.graph(); }
const Graph& graph_of(const Region& region) { return region->graph; }
void map_nodes(Function& function, const NodeMap& map) { rebuild(function, map); }
void map_nodes(Region& region, const NodeMap& map) { region = rebuild(region, map); }

/// Gradients and marks are all that this pass changes.
bool concerns(const Body& body) {
  for (Value value : needed(body.graph, body.results)) {
    if (is_grad(value) || is_mark(value)) return true;
    for (const Region& region : value->regions)
      if (concerns(*region)) return true;
  }
  return false;
}

/// Resolves the gradients of one body whose costs need no other gradient.
class Level {
 public:
  Level(const Graph& graph, std::span<const Value> roots, reverse::Session& session)
      : session_(session), copies_(static_cast<size_t>(graph.size())) {
    std::vector<bool> waits(static_cast<size_t>(graph.size()));  // by id: needs a gradient
    for (Value value : needed(graph, roots)) {
      const bool waiting = std::ranges::any_of(
          value->operands, [&](Value operand) { return waits[static_cast<size_t>(operand->id)]; });
      waits[static_cast<size_t>(value->id)] = waiting || is_grad(value);
      if (!is_grad(value)) continue;
      if (!waiting) {
        by_cost_[value->operands[0].node].push_back(value);
        ready_.emplace(value.node, std::vector<Value>{});
      } else {
        left_ = true;
      }
    }
  }

  bool left() const { return left_; }

  Value operator()(Graph& graph, Value old, std::span<const Value> operands) {
    for (size_t i = 0; i < operands.size(); ++i)
      copies_[static_cast<size_t>(old->operands[i]->id)] = operands[i];
    if (!old->regions.empty()) return with_resolved_regions(graph, old, operands);
    if (is_grad(old)) {
      const auto group = by_cost_.find(old->operands[0].node);
      if (group != by_cost_.end()) {
        resolve(graph, group->second);
        by_cost_.erase(group);
      }
    } else if (is_result(old)) {
      const auto grad = ready_.find(old->operands[0].node);
      if (grad != ready_.end()) return grad->second[result_index(old)];
    }
    return {};
  }

 private:
  Value with_resolved_regions(Graph& graph, Value old, std::span<const Value> operands);

  Value copy_of(Value old) const { return copies_[static_cast<size_t>(old->id)]; }

  /// Computes all gradients of one cost.
  void resolve(Graph& graph, std::span<const Value> grads) {
    session_.spans = {};
    for (Value grad : grads) session_.spans.insert(grad->graph->spans(grad));
    const Value cost = copy_of(grads[0]->operands[0]);
    const bool is_cost = cost->type().is_scalar() && is_float(cost->dtype());
    std::vector<bool> reached(static_cast<size_t>(graph.size()));
    for (Value value : needed(graph, std::span(&cost, 1)))
      reached[static_cast<size_t>(value->id)] = true;

    std::vector<Value> targets;
    for (Value grad : grads) {
      if (!is_cost) report_not_scalar(grad, cost->type());
      for (size_t i = 1; is_cost && i < grad->operands.size(); ++i)
        if (const Value target = reachable(grad, i, reached)) targets.push_back(target);
    }
    const reverse::Seed seed{cost,
                             is_cost ? constant(graph, cost->type(), 1, session_.spans) : Value{}};
    std::vector<Value> cotangents;
    if (!targets.empty())
      cotangents = reverse::sweep(graph, std::span(&seed, 1), targets, session_);
    std::unordered_map<const Node*, Value> by_target;
    for (size_t i = 0; i < targets.size(); ++i) by_target[targets[i].node] = cotangents[i];
    for (Value grad : grads)
      for (size_t i = 1; i < grad->operands.size(); ++i) {
        const Value copy = copy_of(grad->operands[i]);
        Value cotangent = copy ? by_target[copy.node] : Value{};
        if (!cotangent) cotangent = constant(graph, grad->types[i - 1], 0, session_.spans);
        ready_[grad.node].push_back(cotangent);
      }
  }

  /// The target as it stands in the new graph; null, after an error, where it has no gradient.
  Value reachable(Value grad, size_t operand, const std::vector<bool>& reached) {
    const Value old = grad->operands[operand];
    const Graph& graph = *old->graph;
    if (!is_float(old->dtype())) {
      session_.failed = true;
      session_.diagnostics
          .report({Err::grad_undefined, graph.spans(grad).first(),
                   format("{} has no gradient: it is {}, and only floats have one", named(old),
                          text(old->type()))})
          .label(graph.spans(old).first(), text(old->type()));
      return {};
    }
    const Value copy = copy_of(old);
    if (copy && static_cast<size_t>(copy->id) < reached.size() &&
        reached[static_cast<size_t>(copy->id)])
      return copy;
    session_.failed = true;
    session_.diagnostics
        .report({Err::grad_disconnected, graph.spans(grad).first(),
                 format("the cost does not depend on {}", named(old))})
        .label(graph.spans(old).first(), "not on the way to the cost");
    return {};
  }

  void report_not_scalar(Value grad, const Type& type) {
    session_.failed = true;
    const Graph& graph = *grad->graph;
    session_.diagnostics
        .report({Err::grad_not_scalar, graph.spans(grad).first(),
                 format("the cost of a gradient is a float scalar, not {}", text(type))})
        .label(graph.spans(grad->operands[0]).first(), text(type));
  }

  static std::string named(Value value) {
    const std::string& name = value->graph->name(value);
    return name.empty() ? "this value" : format("`{}`", name);
  }

  reverse::Session& session_;
  bool left_ = false;
  std::unordered_map<const Node*, std::vector<Value>>
      by_cost_;  // gradients to compute, by their cost
  std::unordered_map<const Node*, std::vector<Value>> ready_;  // what each of them became
  std::vector<Value> copies_;  // by id of the old graph: operands met so far, in the new graph
};

/// What is left of marks when a level is done: those that gradients still to come name.
class Clearing {
 public:
  Clearing(const Graph& graph, std::span<const Value> roots, const reverse::Session& session)
      : session_(session) {
    for (Value value : needed(graph, roots))
      if (is_grad(value))
        kept_.insert(kept_.end(), value->operands.begin() + 1, value->operands.end());
    std::ranges::sort(kept_, {}, [](Value value) { return value->id; });
  }

  Value operator()(Graph& graph, Value old, std::span<const Value> operands) const {
    if (is_mark(old) && !keeps(old)) return operands[0];
    return reverse::replacement(session_, graph, old, operands);
  }

 private:
  bool keeps(Value mark) const {
    return std::ranges::binary_search(kept_, mark->id, {}, [](Value value) { return value->id; });
  }

  const reverse::Session& session_;
  std::vector<Value> kept_;
};

/// One level of a function or region. Whether gradients are left.
template <class Code>
bool resolve_level(Code& code, Diagnostics& diagnostics) {
  reverse::Session session{diagnostics};
  Level level(graph_of(code), roots(code), session);
  map_nodes(code, std::ref(level));
  map_nodes(code, Clearing(graph_of(code), roots(code), session));
  return level.left();
}

Value Level::with_resolved_regions(Graph& graph, Value old, std::span<const Value> operands) {
  std::vector<Region> regions = old->regions;
  bool changed = false;
  for (Region& region : regions) {
    if (!concerns(*region)) continue;
    while (resolve_level(region, session_.diagnostics)) {
    }
    changed = true;
  }
  if (!changed) return {};
  return graph.intern(
      {old->op, old->types, {operands.begin(), operands.end()}, old->attrs, std::move(regions)});
}

}  // namespace

bool differentiate_innermost(Program& program, Diagnostics& diagnostics) {
  bool left = false;
  for (Function& function : program.functions)
    if (concerns(*function.body)) left |= resolve_level(function, diagnostics);
  if (program.init && concerns(*program.init->body))
    left |= resolve_level(*program.init, diagnostics);
  return left;
}

void differentiate(Program& program, Diagnostics& diagnostics) {
  while (differentiate_innermost(program, diagnostics)) {
  }
}

}  // namespace thx
