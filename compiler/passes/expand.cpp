// SPDX-License-Identifier: Apache-2.0
// Replaces composites by the primitive operators they stand for.
#include "passes/expand.h"

#include "ops/build.h"

namespace thx {
namespace {

bool has_composites(const Body& body) {
  for (Value value : needed(body.graph, body.results)) {
    if (value->family() == Family::composite) return true;
    for (const Region& region : value->regions)
      if (has_composites(*region)) return true;
  }
  return false;
}

/// An expansion reads the node's operands and attributes, which have to be of the new graph.
Value expanded(Graph& graph, Value old, std::span<const Value> operands) {
  if (old->family() == Family::composite) {
    const int before = graph.size();
    const Value value = array(old->op).expansion(graph, make(graph, old->op, operands, old->attrs));
    for (int id = before; id < graph.size(); ++id)
      graph.add_spans(graph.at(id), old->graph->spans(old));
    return value;
  }
  std::vector<Region> regions = old->regions;
  bool changed = false;
  for (Region& region : regions) {
    if (!has_composites(*region)) continue;
    region = rebuild(region, expanded);
    changed = true;
  }
  if (!changed) return {};
  return graph.intern(
      {old->op, old->types, {operands.begin(), operands.end()}, old->attrs, std::move(regions)});
}

}  // namespace

void expand(Program& program) {
  const auto expand_function = [](Function& function) {
    if (has_composites(*function.body)) rebuild(function, expanded);
  };
  for (Function& function : program.functions) expand_function(function);
  if (program.init) expand_function(*program.init);
}

}  // namespace thx
