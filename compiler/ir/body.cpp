// SPDX-License-Identifier: Apache-2.0
// Structural hash and equality of closed bodies.
#include <set>
#include <unordered_map>
#include <utility>

#include "ir/graph.h"
#include "ir/hash.h"

namespace thx {
namespace {

using Regions = std::pair<const Body*, const Body*>;

// Walks two bodies in step from their results, pairing each node of one with one of the other.
class Pairing {
 public:
  /// Whether the two are equal if all the pairs of regions that are added to `regions` are.
  bool holds(const Body& a, const Body& b, std::vector<Regions>& regions) {
    if (a.parameters.size() != b.parameters.size() || a.results.size() != b.results.size())
      return false;
    for (size_t i = 0; i < a.parameters.size(); ++i) {
      forth_[a.parameters[i].node] = b.parameters[i].node;
      back_[b.parameters[i].node] = a.parameters[i].node;
      if (a.parameters[i]->types != b.parameters[i]->types) return false;
    }
    for (size_t i = 0; i < a.results.size(); ++i) pair(a.results[i].node, b.results[i].node);
    while (same_ && !open_.empty()) {
      const auto [x, y] = open_.back();
      open_.pop_back();
      compare(*x, *y, regions);
    }
    return same_;
  }

 private:
  using Map = std::unordered_map<const Node*, const Node*>;

  // Notes that `a` must stand for `b`; compares them later if they are met for the first time.
  void pair(const Node* a, const Node* b) {
    const auto [forth, first] = forth_.emplace(a, b);
    const auto [back, first_back] = back_.emplace(b, a);
    if (forth->second != b || back->second != a) {
      same_ = false;
    } else if (first && first_back) {
      open_.emplace_back(a, b);
    }
  }

  void compare(const Node& a, const Node& b, std::vector<Regions>& regions) {
    // A parameter met here is not among its body's: such bodies are invalid and never equal.
    same_ = a.op == b.op && a.op != Op::parameter && a.types == b.types && a.attrs == b.attrs &&
            a.operands.size() == b.operands.size() && a.regions.size() == b.regions.size();
    if (!same_) return;
    for (size_t i = 0; i < a.operands.size(); ++i) pair(a.operands[i].node, b.operands[i].node);
    for (size_t i = 0; i < a.regions.size(); ++i)
      regions.emplace_back(a.regions[i].get(), b.regions[i].get());
  }

  bool same_ = true;
  std::vector<std::pair<const Node*, const Node*>> open_;
  Map forth_, back_;
};

}  // namespace

size_t hash_of(const Body& body) {
  std::unordered_map<const Node*, size_t> hashes;
  size_t result = mix(body.parameters.size(), body.results.size());
  for (size_t i = 0; i < body.parameters.size(); ++i) {
    hashes[body.parameters[i].node] = mix(i + 1, hash_of(body.parameters[i]->type()));
    result = mix(result, hashes[body.parameters[i].node]);
  }
  for (const Value value : needed(body.graph, body.results)) {
    if (value->op == Op::parameter) continue;
    size_t h = mix(static_cast<size_t>(value->op), value->operands.size());
    for (const Type& type : value->types) h = mix(h, hash_of(type));
    for (const Value operand : value->operands) h = mix(h, hashes[operand.node]);
    h = mix(h, value->attrs.hash());
    for (const Region& region : value->regions) h = mix(h, Graph::hash_attached(region));
    hashes[value.node] = h;
  }
  for (const Value value : body.results) result = mix(result, hashes[value.node]);
  return result;
}

bool equal(const Body& a, const Body& b) {
  std::set<Regions> met;
  std::vector<Regions> open = {{&a, &b}};
  while (!open.empty()) {
    const Regions pair = open.back();
    open.pop_back();
    if (pair.first == pair.second || !met.insert(pair).second) continue;
    if (!Pairing().holds(*pair.first, *pair.second, open)) return false;
  }
  return true;
}

}  // namespace thx
