// SPDX-License-Identifier: Apache-2.0
// Copies what lies between targets and captures from the enclosing bodies into a region.
#include "frontend/derivative_paths.h"

#include <algorithm>
#include <set>

#include "ops/control.h"
#include "support/check.h"

namespace thx {
namespace {

bool holds(std::span<const Value> values, const Node* node) {
  return std::ranges::find(values, node, &Value::node) != values.end();
}

}  // namespace

DerivativePaths::DerivativePaths(Lowering& l, std::vector<Value> targets,
                                 std::vector<Value> constants)
    : l_(l), targets_(std::move(targets)), constants_(std::move(constants)) {
  if (!l.scope->parent) return;
  for (const Value target : targets_) l.scope->bring(target);
  for (Scope* scope = l.scope; scope; scope = scope->parent) {
    scopes_.push_back(scope);
    auto& outer = outer_.emplace_back();
    for (size_t i = 0; i < scope->captured.size(); ++i) {
      outer.emplace(scope->captured[i].node, scope->captures[i]);
    }
  }
  find_dependents();
  for (const auto& [value, requirement] : l.requirements) {
    requirements_.emplace(value.node, requirement);
  }
}

// From the outermost scope inwards: what depends on a target.
void DerivativePaths::find_dependents() {
  depends_.resize(scopes_.size());
  for (size_t level = scopes_.size(); level-- > 0;) {
    const Graph& graph = scopes_[level]->graph();
    std::vector<bool>& depends = depends_[level];
    depends.resize(static_cast<size_t>(graph.size()));
    for (int id = 0; id < graph.size(); ++id) {
      const Value value = graph.at(id);
      if (holds(constants_, value.node)) continue;
      const auto outer = outer_[level].find(value.node);
      const bool captured =
          outer != outer_[level].end() && this->depends(level + 1, outer->second.node);
      depends[static_cast<size_t>(id)] = captured || holds(targets_, value.node) ||
                                         std::ranges::any_of(value->operands, [&](Value operand) {
                                           return depends[static_cast<size_t>(operand->id)];
                                         });
    }
  }
}

bool DerivativePaths::depends(size_t level, const Node* node) const {
  const auto id = static_cast<size_t>(node->id);
  return level < depends_.size() && id < depends_[level].size() && depends_[level][id];
}

// What a place is made of, as far as that depends on targets.
std::vector<DerivativePaths::Place> DerivativePaths::sources(const Place& place) const {
  const auto [level, node] = place;
  std::vector<Place> found;
  const auto outer = outer_[level].find(node);
  if (outer != outer_[level].end()) {
    if (depends(level + 1, outer->second.node)) found.emplace_back(level + 1, outer->second.node);
    return found;
  }
  for (const Value operand : node->operands) {
    if (depends(level, operand.node)) found.emplace_back(level, operand.node);
  }
  return found;
}

// The node with what depends on targets replaced by what that is here.
Value DerivativePaths::copy(const Place& place) {
  const auto [level, node] = place;
  const auto outer = outer_[level].find(node);
  if (outer != outer_[level].end()) return inner({level + 1, outer->second.node});
  if (level > 0 && sources(place).empty()) return l_.scope->bring({node});  // a target by itself
  NodeSpec spec{node->op, node->types, {}, node->attrs, node->regions};
  bool changed = level > 0;
  for (const Value operand : node->operands) {
    const Value here = inner({level, operand.node});
    changed |= here != operand;
    spec.operands.push_back(here);
  }
  if (!changed) return {node};
  const Graph& from = *node->graph;
  const Value made = l_.graph().intern(std::move(spec), from.spans({node}), from.name({node}));
  const auto [first, last] = requirements_.equal_range(node);
  for (auto each = first; each != last; ++each) l_.requirements.emplace_back(made, each->second);
  return made;
}

Value DerivativePaths::inner(const Place& place) {
  const auto found = copies_.find(place);
  if (found != copies_.end()) return found->second;
  const Value value{place.second};
  return place.first == 0 ? value : l_.scope->bring(value);
}

Value DerivativePaths::operator()(Value value) {
  if (scopes_.empty() || !depends(0, value.node)) return value;
  // All places that lead from targets to the value; those of outer scopes first, then by id.
  const auto before = [](const Place& a, const Place& b) {
    return a.first != b.first ? a.first > b.first : a.second->id < b.second->id;
  };
  std::set<Place, decltype(before)> places(before);
  std::vector<Place> open = {{0, value.node}};
  while (!open.empty()) {
    const Place place = open.back();
    open.pop_back();
    if (copies_.contains(place) || !places.insert(place).second) continue;
    for (const Place& source : sources(place)) open.push_back(source);
  }
  for (const Place& place : places) {
    const Value made = copy(place);
    copies_.emplace(place, made);
  }
  return copies_.at({0, value.node});
}

bool depends_on(std::span<const Value> outputs, Value from, std::span<const Value> constants) {
  std::vector<bool> met(static_cast<size_t>(from->graph->size()));
  std::vector<Value> open(outputs.begin(), outputs.end());
  while (!open.empty()) {
    const Value value = open.back();
    open.pop_back();
    if (value == from) return true;
    if (met[static_cast<size_t>(value->id)] || holds(constants, value.node)) continue;
    met[static_cast<size_t>(value->id)] = true;
    open.insert(open.end(), value->operands.begin(), value->operands.end());
  }
  return false;
}

}  // namespace thx
