// SPDX-License-Identifier: Apache-2.0
// Interning of nodes, and what is alive in a graph.
#include "ir/graph.h"

#include <algorithm>

#include "ir/hash.h"
#include "support/check.h"

namespace thx {
namespace {

bool is_interned(Op op) { return op != Op::parameter && op != Op::mark; }

bool are_equal(const Region& a, const Region& b) {
  if (a == b) return true;
  return Graph::hash_attached(a) == Graph::hash_attached(b) && equal(*a, *b);
}

bool is_node_of(const NodeSpec& spec, const Node& node) {
  return spec.op == node.op && spec.types == node.types &&
         std::ranges::equal(spec.operands, node.operands) && spec.attrs == node.attrs &&
         std::ranges::equal(spec.regions, node.regions, are_equal);
}

}  // namespace

size_t Graph::hash_attached(const Region& region) {
  size_t h = region->attached_hash_.load(std::memory_order_relaxed);
  if (h != 0) return h;
  h = std::max<size_t>(hash_of(*region), 1);
  region->attached_hash_.store(h, std::memory_order_relaxed);
  return h;
}

bool operator==(const Operands& a, const Operands& b) { return std::ranges::equal(a, b); }

size_t Graph::hash_for(const NodeSpec& spec) const {
  size_t h = mix(static_cast<size_t>(spec.op), spec.operands.size());
  for (const Type& type : spec.types) h = mix(h, hash_of(type));
  for (const Value operand : spec.operands) {
    THX_CHECK(operand && operand->graph == this, "an operand of {} belongs to another graph",
              name_of(spec.op));
    h = mix(h, static_cast<size_t>(operand->id));
  }
  h = mix(h, spec.attrs.hash());
  for (const Region& region : spec.regions) h = mix(h, hash_attached(region));
  return h;
}

size_t Graph::slot_of(const NodeSpec& spec, size_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot].id >= 0; slot = (slot + 1) & mask) {
    if (slots_[slot].tag != static_cast<uint32_t>(hash)) continue;
    const Node& node = nodes_[static_cast<size_t>(slots_[slot].id)];
    if (node.hash == hash && is_node_of(spec, node)) return slot;
  }
  return slot;
}

void Graph::grow() {
  std::vector<Slot> slots(std::max<size_t>(32, 2 * slots_.size()));
  const size_t mask = slots.size() - 1;
  for (const Slot& taken : slots_) {
    if (taken.id < 0) continue;
    size_t slot = taken.tag & mask;
    while (slots[slot].id >= 0) slot = (slot + 1) & mask;
    slots[slot] = taken;
  }
  slots_ = std::move(slots);
}

Value Graph::find(const NodeSpec& spec) const {
  if (slots_.empty()) return {};
  const Slot& found = slots_[slot_of(spec, hash_for(spec))];
  return found.id < 0 ? Value{} : at(found.id);
}

Value Graph::intern(NodeSpec spec, const SpanSet& spans, std::string_view name) {
  THX_CHECK(spec.op != Op::parameter, "parameters are made by Graph::parameter");
  const size_t hash = hash_for(spec);
  if (!is_interned(spec.op) || (regions_apart_ && !spec.regions.empty()))
    return append(std::move(spec), hash, spans, name);
  if (4 * interned_ >= 3 * slots_.size()) grow();
  Slot& slot = slots_[slot_of(spec, hash)];
  if (slot.id >= 0) {
    const Value value = at(slot.id);
    add_spans(value, spans);
    if (!name.empty() && this->name(value).empty()) set_name(value, name);
    return value;
  }
  slot = {static_cast<uint32_t>(hash), size()};
  ++interned_;
  return append(std::move(spec), hash, spans, name);
}

Value Graph::parameter(Type type, std::string_view name, const SpanSet& spans) {
  return append({Op::parameter, std::move(type)}, 0, spans, name);
}

Value Graph::append(NodeSpec spec, size_t hash, const SpanSet& spans, std::string_view name) {
  const Node& node =
      nodes_.emplace_back(spec.op, std::move(spec.types), hold(spec.operands),
                          std::move(spec.attrs), std::move(spec.regions), size(), this, hash);
  spans_.emplace_back(spans);
  names_.emplace_back(name);
  return {&node};
}

Operands Graph::hold(std::span<const Value> operands) {
  if (operands.size() > free_operands_.size()) {
    // As long as all blocks together are, about.
    const size_t length = std::max(operands.size(), 2 * nodes_.size() + 8);
    operands_.push_back(std::make_unique_for_overwrite<Value[]>(length));
    free_operands_ = {operands_.back().get(), length};
  }
  const std::span<Value> held = free_operands_.first(operands.size());
  free_operands_ = free_operands_.subspan(operands.size());
  std::ranges::copy(operands, held.begin());
  return {held.begin(), held.end()};
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

std::vector<Type> types_of(std::span<const Value> values) {
  std::vector<Type> types;
  types.reserve(values.size());
  for (const Value value : values) types.push_back(value->type());
  return types;
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
