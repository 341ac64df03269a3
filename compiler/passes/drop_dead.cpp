// SPDX-License-Identifier: Apache-2.0
// Leaves out what no result needs, inside and around regions.
#include "passes/drop_dead.h"

#include <algorithm>
#include <map>

#include "ops/build.h"

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

int64_t count(const Flags& flags, size_t begin, size_t end) {
  return std::count(flags.begin() + static_cast<int64_t>(begin),
                    flags.begin() + static_cast<int64_t>(end), true);
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
    const Value copy = body->graph.parameter(old->type(), region.graph.name(old), region.graph.spans(old));
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
      if (value->op != Op::result) continue;
      const auto found = used_.find(value->operands[0].node);
      if (found != used_.end()) found->second[static_cast<size_t>(value->attrs.integer("index"))] = true;
    }
  }

  Value map(Graph& graph, Value old, std::span<const Value> operands) {
    if (old->op == Op::cond) return cond(graph, old, operands);
    if (old->op == Op::scan) return scan(graph, old, operands);
    if (old->op == Op::result) return renumbered(graph, old, operands[0]);
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
    std::vector<Value> kept_operands{operands[0]};
    for (const Value capture : kept<Value>(operands.subspan(1), captures))
      kept_operands.push_back(capture);
    return graph.intern({old->op, kept<Type>(old->types, results), std::move(kept_operands),
                         old->attrs, std::move(regions)});
  }

  Value scan(Graph& graph, Value old, std::span<const Value> operands) {
    const auto carries = static_cast<size_t>(old->attrs.integer("carries"));
    const auto sequences = static_cast<size_t>(old->attrs.integer("sequences"));
    const Region region = drop(old->regions[0]);
    Flags& results = used_.at(old.node);
    Flags parameters = live_parameters(*region, results);
    for (bool grew = true; grew;) {  // a carry that a live result reads lives on
      grew = false;
      for (size_t i = 0; i < carries; ++i) {
        if (!parameters[i] || results[i]) continue;
        results[i] = grew = true;
      }
      if (grew) parameters = live_parameters(*region, results);
    }
    for (size_t i = 0; i < carries; ++i) parameters[i] = parameters[i] || results[i];
    Attrs attrs = old->attrs;
    attrs.set("carries", count(parameters, 0, carries));
    attrs.set("sequences", count(parameters, carries, carries + sequences));
    attrs.set("captures", count(parameters, carries + sequences, parameters.size()));
    return graph.intern({old->op, kept<Type>(old->types, results), kept<Value>(operands, parameters),
                         std::move(attrs), {narrowed(*region, parameters, results)}});
  }

  Value renumbered(Graph& graph, Value old, Value operand) {
    const auto found = used_.find(old->operands[0].node);
    if (found == used_.end()) return {};
    const auto index = static_cast<size_t>(old->attrs.integer("index"));
    return result(graph, operand, count(found->second, 0, index));
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
