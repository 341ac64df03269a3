// SPDX-License-Identifier: Apache-2.0
// After all values have a group: what only one later kernel reads is computed there.
#include <algorithm>

#include "grouping/access.h"
#include "grouping/group.h"
#include "grouping/partition.h"
#include "ir/structure.h"
#include "ops/op_def.h"

namespace thx {
namespace {

size_t at(int i) { return static_cast<size_t>(i); }

/// Whether the last axis of the operand runs along consecutive elements of the result.
bool stores_in_lanes(const Node& node, int operand) {
  if (node.family() != Family::placement)
    return node.attrs.integer("axis") + 1 < node.type().rank();
  const int rank = node.operands[at(operand)]->type().rank();
  if (rank == 0) return true;
  const Position from = any_position(rank);
  const Position to = placement(node.op).place(node, operand, from);
  const std::optional<Extent> step = to.back().coefficient(from.back().text());
  return step && step->is(1);
}

}  // namespace

/// Sums and scalars that only one later kernel of the same kind reads are computed there.
void Grouper::sink() {
  constexpr int kNone = -1, kSeveral = -2;
  const size_t count = partition_.groups.size();
  std::vector<int> reader(count, kNone);
  std::vector<char> scalars(count, true);
  for (Value value : nodes_) {
    const Role role = facts_[at(value->id)].role;
    const int own = partition_.group_of[at(value->id)];
    for (Value operand : value->operands) {
      const Value source = seen(operand);
      const int from = partition_.group_of[at(source->id)];
      const bool repeated = role == Role::view || role == Role::free;
      if (from < 0 || from == own || (repeated && !facts_[at(value->id)].stored)) continue;
      if (!source->type().is_scalar()) scalars[at(from)] = false;
      if (own < 0 || (reader[at(from)] != kNone && reader[at(from)] != own)) {
        reader[at(from)] = kSeveral;
      } else {
        reader[at(from)] = own;
      }
    }
  }
  for (size_t i = count; i-- > 0;) {  // readers come later
    Group& group = partition_.groups[i];
    if (group.members.empty() || reader[i] < 0 || scalars[i] == 0) continue;
    // What it stores besides, a view or free value, may be read before that kernel runs.
    const auto is_stored = [&](int member) { return partition_.group_of[at(member)] < 0; };
    if (std::ranges::any_of(group.members, is_stored)) continue;
    int into = reader[i];
    while (into >= 0 && partition_.groups[at(into)].members.empty()) into = reader[at(into)];
    if (into < 0) continue;
    const Group& target = partition_.groups[at(into)];
    if (group.kind == KernelKind::rows && group.domain.empty() && target.kind == KernelKind::rows &&
        target.domain.empty() && group.operations + target.operations <= kMaxKernelOperations)
      merge(into, static_cast<int>(i));
  }
}

/// A cheap operation that only one later kernel reads is computed there, where that saves a value
/// in memory: all that it reads is in memory for others' sake already.
void Grouper::follow_readers() {
  std::vector<std::vector<Value>> readers(facts_.size());
  for (Value value : nodes_)
    for (Value operand : value->operands) readers[at(operand->id)].push_back(value);
  for (auto i = nodes_.rbegin(); i != nodes_.rend(); ++i) {
    const Value value = *i;
    const int own = partition_.group_of[at(value->id)];
    if (own < 0 || value->family() != Family::elementwise || facts_[at(value->id)].costly ||
        facts_[at(value->id)].stored)
      continue;
    const std::optional<int> reader = pointwise_reader(readers[at(value->id)]);
    if (!reader || *reader == own || !runs_over(partition_.groups[at(*reader)], value->shape()))
      continue;
    const bool in_memory = std::ranges::all_of(value->operands, [&](Value operand) {
      const Value source = seen(operand);
      if (partition_.group_of[at(source->id)] != own) return true;
      return source == operand && is_read_outside(source, own, value, readers[at(source->id)]);
    });
    if (in_memory &&
        partition_.groups[at(*reader)].operations + cost(value) <= kMaxKernelOperations)
      add(*reader, value);
  }
}

/// The one group whose members read a value where they compute their own, if there is just one.
std::optional<int> Grouper::pointwise_reader(const std::vector<Value>& readers) const {
  std::optional<int> group;
  for (Value reader : readers) {
    const int own = partition_.group_of[at(reader->id)];
    const bool pointwise =
        reader->family() == Family::elementwise || reader->family() == Family::reduction;
    if (own < 0 || !pointwise || (group && *group != own)) return std::nullopt;
    group = own;
  }
  return group;
}

bool Grouper::runs_over(const Group& group, const Shape& shape) {
  if (group.kind == KernelKind::map) return group.domain == shape;
  return group.kind == KernelKind::rows && shape.size() >= group.domain.size() &&
         std::equal(group.domain.begin(), group.domain.end(), shape.begin());
}

bool Grouper::is_read_outside(Value value, int group, Value but,
                              const std::vector<Value>& readers) const {
  return facts_[at(value->id)].stored || std::ranges::any_of(readers, [&](Value reader) {
           const int own = partition_.group_of[at(reader->id)];
           return !(reader == but) && own >= 0 && own != group;
         });
}

/// Whether a kernel that moves the operand computes each of its elements once, and on vectors where
/// they are costly.
bool Grouper::takes_each_element_once(const Node& node, size_t operand, bool costly) const {
  if (node.family() != Family::placement && node.family() != Family::cumulative) return false;
  const Value value = node.operands[operand];
  if (element_count(value->shape()) != element_count(seen(value)->shape())) return false;
  return !costly || stores_in_lanes(node, static_cast<int>(operand));
}

/// Maps that only one placement or running combination reads are computed where it takes them.
void Grouper::sink_into_moves() {
  constexpr int kNone = -1, kNever = -2;
  const size_t count = partition_.groups.size();
  std::vector<int> reader(count, kNone), reads(count, 0);
  for (Value value : nodes_) {
    const Fact& fact = facts_[at(value->id)];
    const int own = partition_.group_of[at(value->id)];
    if ((fact.role == Role::view || fact.role == Role::free) && !fact.stored) continue;
    for (size_t i = 0; i < value->operands.size(); ++i) {
      const int from = partition_.group_of[at(seen(value->operands[i])->id)];
      if (from < 0 || from == own) continue;
      const bool once =
          own >= 0 && takes_each_element_once(*value, i, partition_.groups[at(from)].costly);
      const bool other = reader[at(from)] != kNone && reader[at(from)] != own;
      reader[at(from)] = once && !other ? own : kNever;
      ++reads[at(from)];
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const Group& group = partition_.groups[i];
    if (reader[i] < 0 || group.kind != KernelKind::map || (group.costly && reads[i] > 1)) continue;
    const Group& target = partition_.groups[at(reader[i])];
    const bool stores = std::ranges::any_of(group.members, [&](int member) {
      return facts_[at(member)].stored || partition_.group_of[at(member)] < 0;
    });
    if (!stores && group.operations + target.operations <= kMaxKernelOperations)
      merge(reader[i], static_cast<int>(i));
  }
}

}  // namespace thx
