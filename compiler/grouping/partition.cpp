// SPDX-License-Identifier: Apache-2.0
// Places every computation in a group, in topological order.
#include "grouping/partition.h"

#include <algorithm>

#include "grouping/access.h"
#include "grouping/group.h"
#include "ir/structure.h"
#include "support/text.h"

namespace thx {
namespace {

constexpr size_t kRememberedReads = 16;  // of a group, for what it shares with others
constexpr size_t kRememberedGroups = 8;  // of a level, that a value is tried beside
constexpr size_t kMergedAtOnce = 4;

size_t at(int i) { return static_cast<size_t>(i); }

/// Kernels of one operation, beside what only it reads.
bool stands_alone(KernelKind kind) {
  return kind != KernelKind::map && kind != KernelKind::rows && kind != KernelKind::columns;
}

}  // namespace

std::string_view to_string(KernelKind kind) {
  constexpr std::string_view kNames[] = {"map",   "rows",       "columns", "contract",
                                         "place", "cumulative", "scatter", "call"};
  return kNames[static_cast<size_t>(kind)];
}

Grouper::Grouper(const Body& body, const std::vector<Value>& nodes, const std::vector<Fact>& facts,
                 std::string_view function, std::vector<Refusal>* refusals)
    : body_(body), nodes_(nodes), facts_(facts), function_(function), refusals_(refusals) {
  partition_.group_of.assign(facts.size(), -1);
  partition_.level_of_node.assign(facts.size(), 0);
  stored_level_.assign(facts.size(), 0);
}

Partition Grouper::run() {
  for (Value value : nodes_) place(value);
  sink();
  sink_into_moves();
  follow_readers();
  for (size_t i = 0; i < partition_.groups.size(); ++i) {
    Group& group = partition_.groups[i];
    std::erase_if(group.members, [&](int member) {
      const int now = partition_.group_of[at(member)];  // -1: a view or free value that is stored
      return now >= 0 && now != static_cast<int>(i);
    });
    std::ranges::sort(group.members);
    group.members.erase(std::unique(group.members.begin(), group.members.end()),
                        group.members.end());
  }
  report_refusals();
  return std::move(partition_);
}

void Grouper::place(Value value) {
  int& level = partition_.level_of_node[at(value->id)];
  const Fact& fact = facts_[at(value->id)];
  for (Value operand : value->operands) {
    level = std::max(level, partition_.level_of_node[at(operand->id)]);
    if (fact.role == Role::control) level = std::max(level, stored_level_[at(operand->id)]);
  }
  switch (fact.role) {
    case Role::control: ++level; break;
    case Role::compute: place_computation(value); break;
    case Role::free:
    case Role::view:
      if (fact.stored) {  // its place among the nodes keeps the level that readers wait for
        const int before = level;
        place_computation(value);
        partition_.group_of[at(value->id)] = -1;  // readers see through it all the same
        stored_level_[at(value->id)] = std::exchange(level, before);
      }
      break;
    default: break;
  }
}

void Grouper::place_computation(Value value) {
  const std::vector<int> producers = latest_producers(value);
  if (producers.size() == 1 && try_join(producers[0], value)) return;
  if (producers.size() > 1) {
    const std::optional<int> group = merged(producers, value);
    if (group && try_join(*group, value)) return;
    if (!group) refuse(Reason::later_operand, producer_in(producers[0], value), value);
  }
  const Group wanted = group_for(value);
  if (try_beside(value, wanted)) return;
  partition_.groups.push_back(wanted);
  const int group = static_cast<int>(partition_.groups.size()) - 1;
  add(group, value);
  index_group(group);
}

std::vector<int> Grouper::latest_producers(Value value) const {
  const int level = partition_.level_of_node[at(value->id)];
  std::vector<int> groups;
  if (level == 0) return groups;
  bool others = false;
  for (Value operand : value->operands) {
    const Value source = seen(operand);
    if (partition_.level_of_node[at(source->id)] != level) continue;
    const int group = partition_.group_of[at(source->id)];
    if (group < 0) {
      others = true;  // a result of control
    } else if (std::ranges::find(groups, group) == groups.end()) {
      groups.push_back(group);
    }
  }
  if (others) groups.clear();
  return groups;
}

int Grouper::cost(Value value) const { return 1 + facts_[at(value->id)].attached; }

bool Grouper::try_join(int id, Value value) {
  Group& group = partition_.groups[at(id)];
  JoinRules rules(facts_, partition_.group_of, group, id);
  const std::optional<Joining> joining = rules.join(value);
  if (!joining) {
    refuse(rules.reason(), producer_in(id, value), value);
    return false;
  }
  if (group.operations + cost(value) > kMaxKernelOperations) {
    refuse(Reason::too_many_operations, producer_in(id, value), value);
    return false;
  }
  group.kind = joining->kind;
  group.domain = joining->domain;
  group.reduced = joining->reduced;
  group.sums = joining->sums;
  add(id, value);
  return true;
}

/// A group of the same kind, domain and level is joined where the two read something in common.
bool Grouper::try_beside(Value value, const Group& wanted) {
  if (stands_alone(wanted.kind) || at(wanted.level) >= by_level_.size()) return false;
  const std::vector<int>& recent = by_level_[at(wanted.level)];
  const size_t first = recent.size() - std::min(recent.size(), kRememberedGroups);
  for (size_t i = first; i < recent.size(); ++i) {
    const int id = recent[i];
    Group& group = partition_.groups[at(id)];
    if (group.members.empty() || group.kind != wanted.kind || group.domain != wanted.domain ||
        group.reduced != wanted.reduced || group.operations + cost(value) > kMaxKernelOperations)
      continue;
    if (!wanted.domain.empty() && !shares_read(group, value)) {
      refuse(Reason::nothing_shared, body_.graph.at(group.members.front()), value);
      continue;
    }
    group.sums = group.sums || wanted.sums;
    add(id, value);
    return true;
  }
  return false;
}

bool Grouper::shares_read(const Group& group, Value value) const {
  return std::ranges::any_of(value->operands, [&](Value operand) {
    const Value source = seen(operand);
    return facts_[at(source->id)].role != Role::free &&
           std::ranges::find(group.reads, source->id) != group.reads.end();
  });
}

std::optional<int> Grouper::merged(const std::vector<int>& groups, Value value) {
  if (groups.size() > kMergedAtOnce) return std::nullopt;
  // The kind with loops inside takes the plain ones in.
  int into = groups[0];
  for (int group : groups)
    if (partition_.groups[at(group)].kind != KernelKind::map) into = group;
  int operations = cost(value);
  for (int group : groups) {
    operations += partition_.groups[at(group)].operations;
    if (group != into && !can_merge(partition_.groups[at(into)], partition_.groups[at(group)]))
      return std::nullopt;
  }
  if (operations > kMaxKernelOperations) return std::nullopt;
  // Merging must serve this value; otherwise the two stay apart.
  JoinRules rules(facts_, partition_.group_of, partition_.groups[at(into)], into);
  if (!rules.join(value)) return std::nullopt;
  for (int group : groups)
    if (group != into) merge(into, group);
  return into;
}

bool Grouper::can_merge(const Group& into, const Group& from) const {
  if (from.kind == KernelKind::map && into.kind == KernelKind::map)
    return from.domain == into.domain;
  if (into.kind != KernelKind::rows) return false;
  if (from.kind == KernelKind::rows) return from.domain == into.domain;
  if (from.kind != KernelKind::map || from.domain.size() < into.domain.size()) return false;
  if (from.domain.size() == into.domain.size() && from.costly && !into.domain.empty()) return false;
  return std::equal(into.domain.begin(), into.domain.end(), from.domain.begin());
}

void Grouper::merge(int into, int from) {
  Group& target = partition_.groups[at(into)];
  Group& source = partition_.groups[at(from)];
  for (int member : source.members)
    if (partition_.group_of[at(member)] == from) partition_.group_of[at(member)] = into;
  target.members.insert(target.members.end(), source.members.begin(), source.members.end());
  target.operations += source.operations;
  target.costly = target.costly || source.costly;
  target.sums = target.sums || source.sums;
  for (int read : source.reads)
    if (target.reads.size() < kRememberedReads) target.reads.push_back(read);
  source = Group{source.kind, {}, {}, source.level, 0, false, false, {}, {}};
}

void Grouper::add(int id, Value value) {
  Group& group = partition_.groups[at(id)];
  group.members.push_back(value->id);
  group.operations += cost(value);
  group.costly = group.costly || facts_[at(value->id)].costly;
  partition_.group_of[at(value->id)] = id;
  partition_.level_of_node[at(value->id)] = group.level;
  for (Value operand : value->operands) {
    const Value source = seen(operand);
    if (group.reads.size() < kRememberedReads && partition_.group_of[at(source->id)] != id &&
        std::ranges::find(group.reads, source->id) == group.reads.end())
      group.reads.push_back(source->id);
  }
}

Group Grouper::group_for(Value value) const {
  const Node& node = *value;
  Group group{
      KernelKind::map, node.shape(), {}, 1 + partition_.level_of_node[at(node.id)], 0, false,
      false,           {},           {}};
  const auto is_order = [&](std::string_view order) {
    return node.attrs.has("order") && node.attrs.word("order") == order;
  };
  if (node.family() == Family::reduction) {
    group.sums = true;
    group.kind = reduces_last_axes(node) ? KernelKind::rows : KernelKind::columns;
    if (group.kind == KernelKind::columns) group.reduced = reduced_shape(node);
  } else if (node.family() == Family::contraction) {
    group.sums = true;
    group.kind = is_order("lanes")    ? KernelKind::rows
                 : is_order("blocks") ? KernelKind::columns
                                      : KernelKind::contract;
    if (group.kind == KernelKind::columns) group.reduced = contracted_shape(node);
  } else if (node.family() == Family::placement) {
    group.kind = KernelKind::place;
  } else if (node.family() == Family::cumulative) {
    group.kind = KernelKind::cumulative;
  } else if (is_draw(node)) {
    group.kind = KernelKind::call;
  } else if (is_scatter(node) && !pointwise_scatter(node)) {
    group.kind = KernelKind::scatter;
  }
  return group;
}

void Grouper::index_group(int group) {
  const size_t level = at(partition_.groups[at(group)].level);
  if (by_level_.size() <= level) by_level_.resize(level + 1);
  by_level_[level].push_back(group);
}

Value Grouper::producer_in(int group, Value value) const {
  for (Value operand : value->operands)
    if (partition_.group_of[at(seen(operand)->id)] == group) return seen(operand);
  return value->operands.empty() ? value : value->operands[0];
}

std::string Grouper::name(Value value) const {
  const std::string& given = body_.graph.name(value);
  return given.empty() ? format("{} %{}", name_of(value->op), value->id) : given;
}

void Grouper::refuse(Reason reason, Value producer, Value consumer) {
  if (refusals_ != nullptr) refused_.push_back({reason, producer, consumer});
}

void Grouper::report_refusals() const {
  if (refused_.empty()) return;
  // Views and free values that are stored are members of a group, though `group_of` has none.
  std::vector<int> kernel(facts_.size(), -1);
  for (size_t i = 0; i < partition_.groups.size(); ++i)
    for (const int member : partition_.groups[i].members) kernel[at(member)] = static_cast<int>(i);
  for (const auto& [reason, producer, consumer] : refused_) {
    const int own = kernel[at(producer->id)];
    if (own >= 0 && own == kernel[at(consumer->id)]) continue;
    refusals_->push_back({reason, function_, name(producer), name(consumer),
                          body_.graph.spans(producer), body_.graph.spans(consumer)});
  }
}

}  // namespace thx
