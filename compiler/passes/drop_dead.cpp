// SPDX-License-Identifier: Apache-2.0
// Leaves out what no result needs, inside and around regions.
#include "passes/drop_dead.h"

#include <algorithm>
#include <map>

#include "ops/build.h"
#include "ops/control.h"

namespace thx {

namespace {

using Flags = std::vector<bool>;

template <class T>
std::vector<T> kept(std::span<const T> items, const Flags& keep) {
  std::vector<T> result;
  for (size_t i = 0; i < items.size(); ++i)
    if (keep[i]) result.push_back(items[i]);
  return result;
}

// Which parameters of a region the results in `keep` need.
Flags live_parameters(const Body& region, const Flags& keep) {
  std::vector<bool> live(static_cast<size_t>(region.graph.size()));
  for (const Value value : needed(region.graph, kept<Value>(region.results, keep)))
    live[static_cast<size_t>(value->id)] = true;
  Flags parameters;
  for (const Value parameter : region.parameters)
    parameters.push_back(live[static_cast<size_t>(parameter->id)]);
  return parameters;
}

// The region with fewer parameters and results.
Region narrowed(const Body& region, const Flags& parameters, const Flags& results) {
  auto body = std::make_shared<Body>();
  std::vector<Value> copies(static_cast<size_t>(region.graph.size()));
  for (size_t i = 0; i < region.parameters.size(); ++i) {
    if (!parameters[i]) continue;
    const Value old = region.parameters[i];
    const Value copy =
        body->graph.parameter(old->type(), region.graph.name(old), region.graph.spans(old));
    body->parameters.push_back(copy);
    copies[static_cast<size_t>(old->id)] = copy;
  }
  const std::vector<Value> roots = kept<Value>(region.results, results);
  for (const Value old : needed(region.graph, roots)) {
    Value& copy = copies[static_cast<size_t>(old->id)];
    if (copy) continue;
    std::vector<Value> operands;
    for (const Value operand : old->operands)
      operands.push_back(copies[static_cast<size_t>(operand->id)]);
    copy = body->graph.intern({old->op, old->types, std::move(operands), old->attrs, old->regions},
                              region.graph.spans(old), region.graph.name(old));
  }
  for (const Value root : roots) body->results.push_back(copies[static_cast<size_t>(root->id)]);
  return body;
}

// Drops the dead around the regions of one body.
class Dropper {
 public:
  explicit Dropper(std::span<const Value> nodes) {
    for (const Value value : nodes) {
      if (!value->regions.empty()) used_[value.node].assign(value->types.size(), false);
      if (!is_result(value)) continue;
      const auto found = used_.find(value->operands[0].node);
      if (found != used_.end()) found->second[result_index(value)] = true;
    }
  }

  Value map(Graph& graph, Value old, std::span<const Value> operands) {
    if (as_cond(old)) return cond(graph, old, operands);
    if (const std::optional<Scan> parts = as_scan(old)) return scan(graph, *parts, operands);
    if (is_result(old)) return renumbered(graph, old, operands[0]);
    return {};
  }

 private:
  Value cond(Graph& graph, Value old, std::span<const Value> operands) {
    const Flags& results = used_.at(old.node);
    std::vector<Region> regions;
    for (const Region& region : old->regions) regions.push_back(drop(region));
    Flags captures = live_parameters(*regions[0], results);
    const Flags others = live_parameters(*regions[1], results);
    for (size_t i = 0; i < captures.size(); ++i) captures[i] = captures[i] || others[i];
    for (Region& region : regions) region = narrowed(*region, captures, results);
    const std::vector<Value> captured = kept<Value>(operands.subspan(1), captures);
    return make_cond(graph, operands[0], captured, regions[0], regions[1]);
  }

  Value scan(Graph& graph, const Scan& old, std::span<const Value> operands) {
    const Region region = drop(old.region());
    Flags& results = used_.at(old.node.node);
    Flags parameters = live_parameters(*region, results);
    for (bool grew = true; grew;) {  // a carry that a live result reads lives on
      grew = false;
      for (size_t i = 0; i < old.carries; ++i) {
        if (!parameters[i] || results[i]) continue;
        results[i] = grew = true;
      }
      if (grew) parameters = live_parameters(*region, results);
    }
    for (size_t i = 0; i < old.carries; ++i) parameters[i] = parameters[i] || results[i];
    const auto part = [&](size_t begin, size_t count) {
      std::vector<Value> live;
      for (size_t i = begin; i < begin + count; ++i)
        if (parameters[i]) live.push_back(operands[i]);
      return live;
    };
    const std::vector<Value> initial = part(0, old.carries);
    const std::vector<Value> sequences = part(old.carries, old.sequences);
    const std::vector<Value> captures = part(old.carries + old.sequences, old.captures);
    return make_scan(graph, {.initial = initial,
                             .sequences = sequences,
                             .captures = captures,
                             .body = narrowed(*region, parameters, results),
                             .length = old.length,
                             .reverse = old.reverse});
  }

  Value renumbered(Graph& graph, Value old, Value operand) {
    const auto found = used_.find(old->operands[0].node);
    if (found == used_.end()) return {};
    const auto index = static_cast<int64_t>(result_index(old));
    return result(graph, operand,
                  std::count(found->second.begin(), found->second.begin() + index, true));
  }

  static Region drop(const Region& region) {
    Dropper inner(needed(region->graph, region->results));
    return rebuild(region, [&](Graph& graph, Value old, std::span<const Value> operands) {
      return inner.map(graph, old, operands);
    });
  }

  std::map<const Node*, Flags> used_;  // by node with regions: which results are read
};

void drop(Function& function) {
  const std::vector<Value> roots = function.roots();
  Dropper dropper(needed(function.graph(), roots));
  rebuild(function, [&](Graph& graph, Value old, std::span<const Value> operands) {
    return dropper.map(graph, old, operands);
  });
}

}  // namespace

void drop_dead(Program& program) {
  for (Function& function : program.functions) drop(function);
  if (program.init) drop(*program.init);
}

}  // namespace thx
