// SPDX-License-Identifier: Apache-2.0
// Batches bodies node by node.
#include "passes/batch.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate_sweep.h"

namespace thx {
namespace {

BatchFn rule_of(Op op) {
  switch (family_of(op)) {
    case Family::reduction: return reduction(op).batch;
    case Family::view: return view(op).batch;
    case Family::placement: return placement(op).batch;
    case Family::cumulative: return cumulative(op).batch;
    case Family::indexing:
    case Family::contraction:
    case Family::composite: return array(op).batch;
    default: return nullptr;
  }
}

bool may_fail(const Node& node) {
  if ((traits_of(node.op) & kFallible) != 0) return true;
  return std::ranges::any_of(node.regions, [](const Region& region) {
    return std::ranges::any_of(needed(region->graph, region->results),
                               [](Value value) { return may_fail(*value); });
  });
}

/// Makes what the nodes of one graph are for all elements, in the same graph or in another.
class Batching {
 public:
  Batching(Graph& graph, const Extent& extent, size_t nodes)
      : graph_(graph), extent_(extent), made_(nodes) {}

  void give(Value old, const Batched& batched) { made_[index(old)] = batched; }
  const Batched& of(Value old) const { return made_[index(old)]; }

  void visit(Value old) {
    Batched& made = made_[index(old)];
    if (made.value) return;
    const int before = graph_.size();
    if (is_result(old)) {
      const auto found = results_.find(old->operands[0].node);
      made = found != results_.end() ? found->second[result_index(old)] : copy(old);
    } else if (is_mark(old)) {
      made = of(old->operands[0]);
    } else if (!any_axis(old)) {
      const bool some = extent_.is_known() && extent_.known() > 0;
      if (some || !may_fail(*old)) {
        made = copy(old);
      } else {
        made = only_for_some(old);
      }
    } else if (!old->regions.empty()) {
      results_[old.node] = batched_control(graph_, old, operands_of(old), extent_);
    } else {
      made = {batched(old), true};
    }
    inherit(old, made.value, before);
  }

 private:
  static size_t index(Value value) { return static_cast<size_t>(value->id); }

  bool any_axis(Value old) const {
    return std::ranges::any_of(old->operands,
                               [this](Value operand) { return of(operand).has_axis; });
  }

  std::vector<Batched> operands_of(Value old) const {
    std::vector<Batched> operands;
    for (Value operand : old->operands) operands.push_back(of(operand));
    return operands;
  }

  Batched copy(Value old) {
    std::vector<Value> operands;
    for (Value operand : old->operands) operands.push_back(of(operand).value);
    return {graph_.intern({old->op, old->types, std::move(operands), old->attrs, old->regions}),
            false};
  }

  /// What all elements share and what may fail is computed where there are elements: it must not
  /// fail for none.
  Batched only_for_some(Value old) {
    auto then = std::make_shared<Body>(), otherwise = std::make_shared<Body>();
    std::vector<Value> operands;
    for (Value operand : old->operands) {
      operands.push_back(of(operand).value);
      for (Body* body : {then.get(), otherwise.get()})
        body->parameters.push_back(body->graph.parameter(operand->type(), ""));
    }
    const Value node =
        then->graph.intern({old->op, old->types, then->parameters, old->attrs, old->regions});
    for (size_t i = 0; i < old->types.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      then->results.push_back(has_result_list(old->op) ? result(then->graph, node, at) : node);
      otherwise->results.push_back(constant(otherwise->graph, old->types[i], 0));
    }
    const Value count = extent_value(graph_, extent_);
    const Value condition = node::greater(graph_, count, constant_like(graph_, count, 0));
    const Value cond = make_cond(graph_, condition, operands, then, otherwise);
    std::vector<Batched> results;
    for (size_t i = 0; i < old->types.size(); ++i)
      results.push_back({result(graph_, cond, static_cast<int64_t>(i)), false});
    if (!has_result_list(old->op)) return results[0];
    results_[old.node] = std::move(results);
    return {};
  }

  Value batched(Value old) {
    const std::vector<Batched> operands = operands_of(old);
    std::vector<Value> values;
    const bool alike = old->family() == Family::elementwise;  // all operands have the axis, or none
    for (const Batched& operand : operands)
      values.push_back(alike ? with_axis(graph_, operand, extent_) : operand.value);
    if (alike) return make(graph_, old->op, values, old->attrs);
    const BatchFn rule = rule_of(old->op);
    THX_CHECK(rule != nullptr, "{} has no batch", name_of(old->op));
    const auto flags = std::make_unique<bool[]>(operands.size());
    for (size_t i = 0; i < operands.size(); ++i) flags[i] = operands[i].has_axis;
    return rule({graph_, old, values, std::span(flags.get(), operands.size()), extent_});
  }

  /// What is made for a node comes from where the node comes from, and has its name.
  void inherit(Value old, Value made, int before) {
    const SpanSet& spans = old->graph->spans(old);
    for (int id = before; id < graph_.size(); ++id) graph_.add_spans(graph_.at(id), spans);
    const std::string& name = old->graph->name(old);
    if (made && !name.empty() && graph_.name(made).empty()) graph_.set_name(made, name);
  }

  Graph& graph_;
  const Extent& extent_;
  std::vector<Batched> made_;  // by id of the old graph
  std::unordered_map<const Node*, std::vector<Batched>> results_;
};

}  // namespace

Value with_axis(Graph& graph, const Batched& batched, const Extent& extent) {
  if (batched.has_axis) return batched.value;
  const Type& type = batched.value->type();
  return broadcast(graph, batched.value, with_leading(extent, type.shape),
                   axis_run(1, type.rank()));
}

std::vector<Batched> instantiate_batched(Graph& graph, const Body& body,
                                         std::span<const Batched> arguments, const Extent& extent) {
  Batching batching(graph, extent, static_cast<size_t>(body.graph.size()));
  for (size_t i = 0; i < arguments.size(); ++i) batching.give(body.parameters[i], arguments[i]);
  for (Value value : needed(body.graph, body.results)) batching.visit(value);
  std::vector<Batched> results;
  for (Value result : body.results) results.push_back(batching.of(result));
  return results;
}

std::vector<Batched> batch_in_place(Graph& graph, std::span<const Value> roots, Value replaced,
                                    Value replacement, const Extent& extent) {
  const std::vector<bool> depends = reverse::dependents(graph, std::span(&replaced, 1));
  const std::vector<Value> nodes = needed(graph, roots);
  Batching batching(graph, extent, static_cast<size_t>(graph.size()));
  batching.give(replaced, {replacement, true});
  for (Value value : nodes)
    if (!depends[static_cast<size_t>(value->id)]) batching.give(value, {value, false});
  for (Value value : nodes) batching.visit(value);
  std::vector<Batched> results;
  for (Value root : roots) results.push_back(batching.of(root));
  return results;
}

}  // namespace thx
