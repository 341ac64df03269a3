// SPDX-License-Identifier: Apache-2.0
// Rebuilds programs with one node of control changed.
#include "shrink_control.h"

#include <optional>
#include <unordered_map>

#include "ops/build.h"
#include "ops/control.h"

namespace thx::random {

namespace {

using Values = std::vector<Value>;

Values without(std::span<const Value> values, size_t at) {
  Values rest(values.begin(), values.end());
  rest.erase(rest.begin() + static_cast<ptrdiff_t>(at));
  return rest;
}

/// The region with all of its results but one.
Region without_result(const Region& region, size_t at) {
  auto body = std::make_shared<Body>();
  for (const Value parameter : region->parameters)
    body->parameters.push_back(
        body->graph.parameter(parameter->type(), region->graph.name(parameter)));
  body->results = without(instantiate(body->graph, *region, body->parameters), at);
  return body;
}

class Simplification {
 public:
  Simplification(int at, int choice) : at_(at), choice_(choice) {}

  bool apply(Program& program) {
    for (Function& function : program.functions)
      if (!done_) rebuild(function, map());
    return done_;
  }

 private:
  NodeMap map() {
    return [this](Graph& graph, Value old, std::span<const Value> operands) {
      return replace(graph, old, operands);
    };
  }

  Value replace(Graph& graph, Value old, std::span<const Value> operands) {
    if (is_result(old)) {
      const auto found = edited_.find(old->operands[0].node);
      return found == edited_.end() ? Value{} : found->second[result_index(old)];
    }
    if (!has_result_list(old->op)) return {};
    if (seen_++ == at_)
      if (std::optional<Values> made = simpler(graph, old, operands)) {
        done_ = true;
        edited_[old.node] = std::move(*made);
        return {};  // a copy that nothing reads
      }
    if (old->regions.empty()) return {};
    NodeSpec spec{old->op, old->types, {operands.begin(), operands.end()}, old->attrs, {}};
    for (const Region& region : old->regions) spec.regions.push_back(rebuild(region, map()));
    return graph.intern(std::move(spec));
  }

  /// The results of the node that takes the place of `old`.
  std::optional<Values> simpler(Graph& graph, Value old, std::span<const Value> operands) const {
    const auto choice = static_cast<size_t>(choice_);
    if (as_call(old) && choice == 0) return instantiate(graph, *old->regions[0], operands);
    if (as_cond(old) && choice < 2)
      return instantiate(graph, *old->regions[choice], operands.subspan(1));
    if (choice >= old->types.size() || old->types.size() == 1) return std::nullopt;
    const Value node = fewer_results(graph, old, operands, choice);
    if (!node) return std::nullopt;
    Values results;
    for (size_t i = 0; i < old->types.size(); ++i) {
      const auto index = static_cast<int64_t>(i < choice ? i : i - 1);
      results.push_back(i == choice ? constant(graph, old->types[i], 1)
                                    : result(graph, node, index));
    }
    return results;
  }

  /// The node without one of its results.
  static Value fewer_results(Graph& graph, Value old, std::span<const Value> operands, size_t at) {
    if (const auto vmap = as_vmap(old))
      return make_vmap(graph, operands.first(vmap->mapped), operands.subspan(vmap->mapped),
                       vmap->extent, without_result(old->regions[0], at));
    if (const auto scan = as_scan(old)) {
      if (at < scan->carries) return {};
      return make_scan(
          graph, {operands.first(scan->carries), operands.subspan(scan->carries, scan->sequences),
                  operands.last(scan->captures), without_result(old->regions[0], at), scan->length,
                  scan->reverse});
    }
    if (const auto jvp = as_jvp(old)) {
      const size_t outputs = jvp->output_count, targets = jvp->targets().size();
      return make_jvp(graph, without(operands.first(outputs), at),
                      operands.subspan(outputs, targets), operands.last(targets));
    }
    if (as_jacobian(old))
      return make_jacobian(graph, operands[0], without(operands.subspan(1), at));
    if (const auto grad = as_grad(old)) {
      const size_t targets = grad->targets().size();
      const Values rest = without(operands.subspan(1, targets), at);
      return make_grad(graph, {.cost = operands[0],
                               .targets = rest,
                               .constants = operands.last(grad->constant_count),
                               .disconnected_is_zero = grad->disconnected_is_zero});
    }
    return {};
  }

  int at_, choice_;
  int seen_ = 0;
  bool done_ = false;
  std::unordered_map<const Node*, Values> edited_;
};

}  // namespace

int control_nodes(const Program& program) {
  int count = 0;
  std::vector<const Body*> left;
  for (const Function& function : program.functions) left.push_back(function.body.get());
  while (!left.empty()) {
    const Body* body = left.back();
    left.pop_back();
    for (const Value value : needed(body->graph, body->results)) {
      count += has_result_list(value->op) ? 1 : 0;
      for (const Region& region : value->regions) left.push_back(region.get());
    }
  }
  return count;
}

bool simplify_control_node(Program& program, int at, int choice) {
  return Simplification(at, choice).apply(program);
}

}  // namespace thx::random
