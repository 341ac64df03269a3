// SPDX-License-Identifier: Apache-2.0
// Derivatives inside of blocks: a region sees values of the bodies around it as captures, which
// depend on nothing; what leads from a target to such a capture is computed again in the region.
#pragma once

#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "frontend/lowering.h"

namespace thx {

/// Takes values of the current scope to values that depend on the targets within its own graph.
/// Targets are values of the current or an enclosing scope. Nothing is followed through
/// `constants`.
class DerivativePaths {
 public:
  DerivativePaths(Lowering& l, std::vector<Value> targets, std::vector<Value> constants);

  /// The value in the current graph, the same one where no capture on its way depends on a target.
  Value operator()(Value value);
  /// A target, which may be a value of an enclosing scope, in the current graph.
  Value target(Value value) { return (*this)(l_.scope->bring(value)); }

 private:
  // A node, by how many scopes out it stands.
  using Place = std::pair<size_t, const Node*>;

  void find_dependents();
  bool depends(size_t level, const Node* node) const;
  std::vector<Place> sources(const Place& place) const;
  Value inner(const Place& place);
  Value copy(const Place& place);

  Lowering& l_;
  std::vector<Value> targets_, constants_;
  std::vector<Scope*> scopes_;                                 // innermost first
  std::vector<std::vector<bool>> depends_;                     // by scope, by id
  std::vector<std::unordered_map<const Node*, Value>> outer_;  // of captures, by scope
  std::map<Place, Value> copies_;
  std::unordered_multimap<const Node*, Requirement> requirements_;
};

/// Whether some of the outputs depend on a value of their graph, other than through the constants.
bool depends_on(std::span<const Value> outputs, Value value, std::span<const Value> constants);

}  // namespace thx
