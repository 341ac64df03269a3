// SPDX-License-Identifier: Apache-2.0
// Calls under no derivative are inlined.
#include "passes/differentiate_inline.h"

#include <algorithm>
#include <unordered_map>

#include "ops/build.h"
#include "ops/control.h"

namespace thx {
namespace {

struct Found {
  bool calls = false;   // in the body or in regions within
  bool others = false;  // derivatives and maps there
};

Found find(std::span<const Value> nodes) {
  Found found;
  for (Value value : nodes) {
    if (as_call(value)) {
      found.calls = true;
    } else if (is_replaced_by_differentiation(value)) {
      found.others = true;
    }
    for (const Region& region : value->regions) {
      const Found inner = find(needed(region->graph, region->results));
      found.calls |= inner.calls;
      found.others |= inner.others;
    }
  }
  return found;
}

Found find(const Body& body) { return find(needed(body.graph, body.results)); }

/// Inlines the calls of one body.
class Inlining {
 public:
  /// `differentiated`: a derivative outside goes through the whole body.
  Inlining(const Graph& graph, std::span<const Value> nodes, bool differentiated)
      : differentiated_(static_cast<size_t>(graph.size()), differentiated) {
    for (size_t i = nodes.size(); i-- > 0;) {
      const Value value = nodes[i];
      if (is_derivative(value))
        for (Value operand : thx::differentiated(value)) mark(operand);
      if (!is_differentiated(value)) continue;
      for (Value operand : value->operands) mark(operand);
    }
  }

  Value operator()(Graph& graph, Value old, std::span<const Value> operands) {
    if (is_result(old)) {
      const auto found = inlined_.find(old->operands[0].node);
      return found == inlined_.end() ? Value{} : found->second[result_index(old)];
    }
    if (old->regions.empty()) return {};
    const auto call = as_call(old);
    std::vector<Region> regions = old->regions;
    for (size_t i = 0; i < regions.size(); ++i) {
      // A derivative through a call reads its gradient alone.
      const bool body_of_call = call && i == 0;
      regions[i] = inlined(regions[i], is_differentiated(old) && !body_of_call);
    }
    if (call && !is_differentiated(old) && !find(*regions[0]).others) {
      inlined_[old.node] = instantiate(graph, *regions[0], operands);
      return {};  // a copy that nothing reads
    }
    if (regions == old->regions) return {};
    return graph.intern(
        {old->op, old->types, {operands.begin(), operands.end()}, old->attrs, std::move(regions)});
  }

 private:
  void mark(Value value) { differentiated_[static_cast<size_t>(value->id)] = true; }
  bool is_differentiated(Value value) const {
    return differentiated_[static_cast<size_t>(value->id)];
  }

  static Region inlined(const Region& region, bool differentiated) {
    const std::vector<Value> nodes = needed(region->graph, region->results);
    if (!find(nodes).calls) return region;
    Inlining inlining(region->graph, nodes, differentiated);
    return rebuild(region, std::ref(inlining));
  }

  std::vector<bool> differentiated_;  // by id: a derivative goes through
  std::unordered_map<const Node*, std::vector<Value>> inlined_;
};

}  // namespace

bool inline_calls(Function& function) {
  const std::vector<Value> nodes = needed(function.graph(), function.roots());
  const Found found = find(nodes);
  if (!found.calls) return found.others;
  Inlining inlining(function.graph(), nodes, false);
  rebuild(function, std::ref(inlining));
  const Found left = find(*function.body);
  return left.calls || left.others;
}

}  // namespace thx
