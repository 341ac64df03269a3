// SPDX-License-Identifier: Apache-2.0
// Interning of nodes, and what is alive in a graph.
#include "ir/graph.h"

#include <algorithm>

#include "ir/hash.h"
#include "support/check.h"

namespace thx {
namespace {

bool is_interned(Op op) { return op != Op::parameter && op != Op::mark; }

}  // namespace

size_t Graph::hash_attached(const Region& region) {
  size_t h = region->attached_hash_.load(std::memory_order_relaxed);
  if (h != 0) return h;
  h = std::max<size_t>(hash_of(*region), 1);
  region->attached_hash_.store(h, std::memory_order_relaxed);
  return h;
}

// The node that `spec` asks for, as if it were the next one, and of no graph yet.
Node Graph::described(NodeSpec spec) const {
  THX_CHECK(spec.op != Op::parameter, "parameters are made by Graph::parameter");
  size_t h = mix(static_cast<size_t>(spec.op), spec.operands.size());
  for (const Type& type : spec.types) h = mix(h, hash_of(type));
  for (const Value operand : spec.operands) {
    THX_CHECK(operand && operand->graph == this, "an operand of {} belongs to another graph",
              name_of(spec.op));
    h = mix(h, static_cast<size_t>(operand->id));
  }
  h = mix(h, spec.attrs.hash());
  for (const Region& region : spec.regions) h = mix(h, hash_attached(region));
  return {spec.op,
          std::move(spec.types),
          std::move(spec.operands),
          std::move(spec.attrs),
          std::move(spec.regions),
          size(),
          nullptr,
          h};
}

Value Graph::find(NodeSpec spec) const {
  const Node node = described(std::move(spec));
  const auto found = interned_.find(&node);
  return found == interned_.end() ? Value{} : Value{*found};
}

Value Graph::intern(NodeSpec spec, const SpanSet& spans, std::string_view name) {
  Node node = described(std::move(spec));
  node.graph = this;
  if (!is_interned(node.op)) return append(std::move(node), spans, name);
  if (const auto found = interned_.find(&node); found != interned_.end()) {
    const Value value{*found};
    add_spans(value, spans);
    if (names_[static_cast<size_t>(value->id)].empty()) set_name(value, name);
    return value;
  }
  const Value value = append(std::move(node), spans, name);
  interned_.insert(value.node);
  return value;
}

Value Graph::parameter(Type type, std::string_view name, const SpanSet& spans) {
  return append(Node{Op::parameter, {std::move(type)}, {}, {}, {}, size(), this, 0}, spans, name);
}

Value Graph::append(Node node, const SpanSet& spans, std::string_view name) {
  nodes_.push_back(std::move(node));
  spans_.push_back(spans);
  names_.emplace_back(name);
  return {&nodes_.back()};
}

bool Graph::Equal::operator()(const Node* a, const Node* b) const {
  if (a->hash != b->hash || a->op != b->op || a->operands != b->operands || a->types != b->types ||
      a->attrs != b->attrs || a->regions.size() != b->regions.size())
    return false;
  for (size_t i = 0; i < a->regions.size(); ++i) {
    if (a->regions[i] == b->regions[i]) continue;
    if (hash_attached(a->regions[i]) != hash_attached(b->regions[i])) return false;
    if (!equal(*a->regions[i], *b->regions[i])) return false;
  }
  return true;
}

const SpanSet& Graph::spans(Value value) const { return spans_[static_cast<size_t>(value->id)]; }

void Graph::add_spans(Value value, const SpanSet& spans) {
  spans_[static_cast<size_t>(value->id)].insert(spans);
}

void Graph::set_spans(Value value, SpanSet spans) {
  spans_[static_cast<size_t>(value->id)] = std::move(spans);
}

const std::string& Graph::name(Value value) const { return names_[static_cast<size_t>(value->id)]; }

void Graph::set_name(Value value, std::string_view name) {
  names_[static_cast<size_t>(value->id)] = name;
}

std::vector<int> use_counts(const Graph& graph, std::span<const Value> roots) {
  std::vector<int> counts(static_cast<size_t>(graph.size()));
  int last = -1;
  for (const Value root : roots) {
    ++counts[static_cast<size_t>(root->id)];
    last = std::max(last, root->id);
  }
  for (int id = last; id >= 0; --id) {
    if (counts[static_cast<size_t>(id)] == 0) continue;  // users come later: none is needed
    for (const Value operand : graph.at(id)->operands) ++counts[static_cast<size_t>(operand->id)];
  }
  return counts;
}

}  // namespace thx
