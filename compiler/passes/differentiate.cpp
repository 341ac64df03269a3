// SPDX-License-Identifier: Apache-2.0
// Finds the derivatives that can be computed now, has them computed, and clears up.
#include "passes/differentiate.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "ir/count.h"
#include "ir/needed.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/batch.h"
#include "passes/differentiate_inline.h"
#include "passes/differentiate_resolve.h"

namespace thx {
namespace {

// A function and a region are bodies alike.
std::vector<Value> roots(const Function& function) { return function.roots(); }
std::vector<Value> roots(const Region& region) { return region->results; }
const Graph& graph_of(const Function& function) { return function.graph(); }
const Graph& graph_of(const Region& region) { return region->graph; }
void map_nodes(Function& function, const NodeMap& map) { rebuild(function, map); }
void map_nodes(Region& region, const NodeMap& map) { region = rebuild(region, map); }

/// Derivatives, maps, calls and marks are all that this pass changes.
bool concerns(const Body& body) {
  for (Value value : needed(body.graph, body.results)) {
    if (is_replaced_by_differentiation(value) || is_mark(value)) return true;
    for (const Region& region : value->regions)
      if (concerns(*region)) return true;
  }
  return false;
}

/// Whether derivatives or maps stand in the body or in regions within: what a sweep cannot read.
bool has_unresolved(const Body& body) {
  for (Value value : needed(body.graph, body.results)) {
    if (is_derivative(value) || as_vmap(value)) return true;
    for (const Region& region : value->regions)
      if (has_unresolved(*region)) return true;
  }
  return false;
}

bool is_unresolved(Value value) {
  return is_derivative(value) || as_vmap(value) ||
         std::ranges::any_of(value->regions,
                             [](const Region& region) { return has_unresolved(*region); });
}

/// Resolves the derivatives of one body whose operands need no other one.
class Level {
 public:
  Level(const Graph& graph, std::span<const Value> roots, reverse::Session& session)
      : session_(session), copies_(static_cast<size_t>(graph.size())) {
    std::vector<bool> waits(static_cast<size_t>(graph.size()));  // by id: needs what is unresolved
    for (Value value : needed(graph, roots)) {
      const bool waiting = std::ranges::any_of(
          value->operands, [&](Value operand) { return waits[static_cast<size_t>(operand->id)]; });
      waits[static_cast<size_t>(value->id)] = waiting || is_unresolved(value);
      if (waiting || !is_derivative(value)) continue;
      resolved_.emplace(value.node, std::vector<Value>{});
      if (is_grad(value)) groups_[key_of(*as_grad(value))].push_back(value);
    }
  }

  Value operator()(Graph& graph, Value old, std::span<const Value> operands) {
    for (size_t i = 0; i < operands.size(); ++i)
      copies_[static_cast<size_t>(old->operands[i]->id)] = operands[i];
    if (!old->regions.empty()) return with_resolved_regions(graph, old, operands);
    if (is_result(old)) {
      const auto found = resolved_.find(old->operands[0].node);
      return found == resolved_.end() ? Value{} : found->second[result_index(old)];
    }
    if (!is_derivative(old)) return {};
    if (!resolved_.contains(old.node)) return waiting(graph, old, operands);
    resolve(graph, old);
    return {};
  }

 private:
  // A cost and the constants of a gradient, by their ids: gradients that agree share a sweep.
  using Key = std::vector<int>;

  static Key key_of(const Grad& grad) {
    Key key;
    for (Value constant : grad.constants()) key.push_back(constant->id);
    std::ranges::sort(key);
    key.erase(std::ranges::unique(key).begin(), key.end());
    key.push_back(grad.cost()->id);
    return key;
  }

  Value with_resolved_regions(Graph& graph, Value old, std::span<const Value> operands);

  void resolve(Graph& graph, Value old) {
    const reverse::Copies copy_of = [this](Value value) {
      return copies_[static_cast<size_t>(value->id)];
    };
    session_.spans = old->graph->spans(old);
    if (as_jvp(old)) return reverse::resolve_tangents(graph, old, copy_of, session_, resolved_);
    if (as_jacobian(old))
      return reverse::resolve_jacobian(graph, old, copy_of, session_, resolved_);
    const auto group = groups_.find(key_of(*as_grad(old)));
    if (group == groups_.end()) return;  // done with another one
    session_.spans = {};
    for (Value grad : group->second) session_.spans.insert(grad->graph->spans(grad));
    reverse::resolve_gradients(graph, group->second, copy_of, session_, resolved_);
    groups_.erase(group);
  }

  /// A gradient for a later level. Whether its cost depends on its targets is decided now, on what
  /// was written: the gradient of a linear cost is a constant, whose own gradient is 0.
  Value waiting(Graph& graph, Value old, std::span<const Value> operands) const {
    const auto grad = as_grad(old);
    if (!grad || grad->disconnected_is_zero) return {};
    const Value cost = grad->cost();
    const NeededNodes reached(*old->graph, {&cost, 1}, grad->constants());
    for (Value target : grad->targets())
      if (!reached.has(target)) return {};
    Attrs attrs = old->attrs;
    attrs.set("disconnected", true);
    return graph.intern(
        {old->op, old->types, {operands.begin(), operands.end()}, std::move(attrs)});
  }

  reverse::Session& session_;
  std::map<Key, std::vector<Value>> groups_;  // gradients to resolve, by cost and constants
  reverse::Resolved resolved_;
  std::vector<Value> copies_;  // by id of the old graph: operands met so far, in the new graph
};

/// The results of a map.
std::vector<Value> mapped(Graph& graph, const Vmap& vmap, const Body& region,
                          std::span<const Value> operands) {
  std::vector<Batched> arguments;
  for (size_t i = 0; i < operands.size(); ++i) arguments.push_back({operands[i], i < vmap.mapped});
  const int before = graph.size();
  std::vector<Value> results;
  for (const Batched& made : instantiate_batched(graph, region, arguments, vmap.extent))
    results.push_back(with_axis(graph, made, vmap.extent));
  const SpanSet& spans = vmap.node->graph->spans(vmap.node);
  for (int id = before; id < graph.size(); ++id) graph.add_spans(graph.at(id), spans);
  return results;
}

/// What is left of marks when a level is done: those that derivatives still to come name.
class Clearing {
 public:
  Clearing(const Graph& graph, std::span<const Value> roots, const reverse::Session& session)
      : session_(session) {
    for (Value value : needed(graph, roots)) {
      if (!is_derivative(value)) continue;
      const std::span<const Value> named = named_by(value);
      kept_.insert(kept_.end(), named.begin(), named.end());
    }
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

/// One level of a function or region.
template <class Code>
void resolve_level(Code& code, Diagnostics& diagnostics) {
  reverse::Session session{diagnostics};
  Level level(graph_of(code), roots(code), session);
  map_nodes(code, std::ref(level));
  map_nodes(code, Clearing(graph_of(code), roots(code), session));
}

Value Level::with_resolved_regions(Graph& graph, Value old, std::span<const Value> operands) {
  std::vector<Region> regions = old->regions;
  bool changed = false;
  for (Region& region : regions) {
    if (!concerns(*region)) continue;
    resolve_level(region, session_.diagnostics);
    changed = true;
  }
  const auto vmap = as_vmap(old);
  if (vmap && !has_unresolved(*regions[0])) {
    resolved_[old.node] = mapped(graph, *vmap, *regions[0], operands);
    return {};  // read through its results alone
  }
  if (!changed) return {};
  return graph.intern(
      {old->op, old->types, {operands.begin(), operands.end()}, old->attrs, std::move(regions)});
}

/// A derivative that needs others, and how many stand in a row there.
struct Nest {
  Value derivative;
  int depth = 0;
};

/// The deepest one in the body or in regions within.
Nest deepest(const Body& body) {
  Nest most;
  std::vector<int> depths(static_cast<size_t>(body.graph.size()));
  for (Value value : needed(body.graph, body.results)) {
    int& depth = depths[static_cast<size_t>(value->id)];
    for (Value operand : value->operands)
      depth = std::max(depth, depths[static_cast<size_t>(operand->id)]);
    int within = as_vmap(value) ? 1 : 0;
    for (const Region& region : value->regions) {
      const Nest inner = deepest(*region);
      within = std::max(within, inner.depth);
      if (inner.depth > most.depth) most = inner;
    }
    depth += within + (is_derivative(value) ? 1 : 0);
    if (is_derivative(value) && depth > most.depth) most = {value, depth};
  }
  return most;
}

/// Of what is differentiated as often as that. A hessian adds one order and no more; of what will
/// be differentiated often only little may be there yet.
size_t most_operations(int depth) {
  constexpr size_t kOfHessian = 1'000'000, kOfThird = 20'000, kLeast = 1'000;
  if (depth == 2) return kOfHessian;
  return std::max(depth < 16 ? kOfThird >> (depth - 3) : 0, kLeast);
}

/// Each order of derivatives multiplies the operations. True after a report.
bool is_too_large(const Function& function, Diagnostics& diagnostics) {
  constexpr int kMostDepth = 64;
  const Nest nest = deepest(*function.body);
  if (nest.depth < 2) return false;
  const size_t most = most_operations(nest.depth);
  const bool is_deep = nest.depth > kMostDepth;
  const Graph& graph = *nest.derivative->graph;
  if (!is_deep && count_operations(graph, differentiated(nest.derivative), most + 1) <= most)
    return false;
  const Span at = graph.spans(nest.derivative).first();
  if (is_deep) {
    diagnostics.report({Err::unsupported, at,
                        format("derivatives of derivatives are more than {} deep", kMostDepth)});
    return true;
  }
  diagnostics
      .report(
          {Err::unsupported, at,
           format("the derivative that this one differentiates has more than {} operations", most)})
      .help(
          "each order multiplies the operations: take a lower one, or derivatives by one number, "
          "which share most of them");
  return true;
}

/// What stands before derivatives of the body and of regions within, counted once where gradients
/// share a sweep, up to `limit`; the last derivative that counts is `last`.
size_t count_swept(const Body& body, size_t limit, Value& last) {
  size_t count = 0;
  std::set<std::vector<int>> counted;
  for (Value value : needed(body.graph, body.results)) {
    if (count >= limit) break;
    for (const Region& region : value->regions)
      count += count_swept(*region, limit - std::min(count, limit), last);
    if (!is_derivative(value) || count >= limit) continue;
    std::vector<int> key;
    for (Value each : differentiated(value)) key.push_back(each->id);
    if (const auto grad = as_grad(value)) {
      for (Value constant : grad->constants()) key.push_back(-1 - constant->id);
      if (!counted.insert(key).second) continue;
    }
    count += count_operations(body.graph, differentiated(value), limit - count);
    last = value;
  }
  return count;
}

/// Derivatives of many costs that share what they need take a sweep each. True after a report.
bool sweeps_too_much(const Program& program, Diagnostics& diagnostics) {
  constexpr size_t kMost = 65'536;  // beside as many as the program has
  constexpr size_t kAll = std::numeric_limits<size_t>::max();
  size_t most = kMost, count = 0;
  for (const Function& function : program.functions)
    most += count_operations(function.graph(), function.roots(), kAll);
  for (const Function& function : program.functions) {
    Value last;
    count += count_swept(*function.body, most + 1 - count, last);
    if (count <= most) continue;
    diagnostics
        .report({Err::unsupported, last->graph->spans(last).first(),
                 format("the derivatives up to here go through more than {} operations together",
                        most)})
        .help(
            "each cost is gone through by itself: take the derivatives of one cost, or of fewer, "
            "or put some of them into another file");
    return true;
  }
  return false;
}

/// One level of a function. Whether more is left.
bool resolve_function(Function& function, Diagnostics& diagnostics) {
  if (!concerns(*function.body) || is_too_large(function, diagnostics)) return false;
  resolve_level(function, diagnostics);
  return inline_calls(function);
}

}  // namespace

bool differentiate_innermost(Program& program, Diagnostics& diagnostics) {
  if (sweeps_too_much(program, diagnostics)) return false;
  bool left = false;
  for (Function& function : program.functions) left |= resolve_function(function, diagnostics);
  if (program.init) left |= resolve_function(*program.init, diagnostics);
  return left;
}

void differentiate(Program& program, Diagnostics& diagnostics) {
  while (differentiate_innermost(program, diagnostics)) {
  }
}

}  // namespace thx
