// SPDX-License-Identifier: Apache-2.0
// Walks the reductions of a function.
#include "passes/require_elements.h"

#include <algorithm>
#include <unordered_set>

#include "ops/op_def.h"

namespace thx {
namespace {

class Requirements {
 public:
  explicit Requirements(std::vector<Requirement>& made) : made_(made) {}

  void add(const Graph& graph, std::span<const Value> roots) {
    for (const Value value : needed(graph, roots)) {
      if (value->family() == Family::reduction) add(*value);
      for (const Region& region : value->regions)
        if (met_.insert(region.get()).second) add(region->graph, region->results);
    }
  }

 private:
  void add(const Node& node) {
    // With an order it stands in an expansion, where that of nothing is there.
    if (!reduction(node.op).refuses_empty || node.attrs.has("order")) return;
    for (const int64_t axis : node.attrs.ints("axes")) {
      const Extent& extent = node.operands[0]->shape()[static_cast<size_t>(axis)];
      const bool known = std::ranges::any_of(made_, [&](const Requirement& requirement) {
        return requirement.kind == Requirement::Kind::at_least && requirement.left == extent &&
               requirement.right.is_known() && requirement.right.known() >= 1;
      });
      if (known || (extent.is_known() && extent.known() >= 1)) continue;
      made_.push_back({Requirement::Kind::at_least, extent, 1, node.graph->spans({&node}).first()});
    }
  }

  std::vector<Requirement>& made_;
  std::unordered_set<const Body*> met_;
};

}  // namespace

void require_elements(Function& function) {
  Requirements(function.requirements).add(function.graph(), function.roots());
}

}  // namespace thx
