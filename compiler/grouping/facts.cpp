// SPDX-License-Identifier: Apache-2.0
// Roles, and the properties that spread along uses.
#include "grouping/facts.h"

#include <algorithm>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/op_def.h"

namespace thx {
namespace {

/// How many operations on scalars may be repeated in every kernel that reads their result.
constexpr int kMaxFreeOperations = 16;
constexpr int kMaxAttached = 1000;
/// How many readers repeat a cheap operation on values in memory.
constexpr int kMaxRepeats = 2;

class Facts {
 public:
  Facts(const Body& body, const std::vector<Value>& nodes, std::span<const Value> roots)
      : facts_(static_cast<size_t>(body.graph.size())), readers_(facts_.size(), 0) {
    store(roots);
    for (Value value : nodes) count_reads(*value);
    for (Value value : nodes) classify(value);
  }

  void store(std::span<const Value> values) {
    for (Value value : values) fact(value).stored = true;
  }

  void spread_back(const std::vector<Value>& nodes) {
    for (auto i = nodes.rbegin(); i != nodes.rend(); ++i) {
      const Node& user = **i;
      if (fact(*i).role == Role::control) store(user.operands);
      for (Value operand : user.operands)
        if (repeats_along_last_axes(user, *operand) || passes_on(user, *operand))
          fact(operand).widens = true;
    }
  }

  std::vector<Fact> take() { return std::move(facts_); }

 private:
  Fact& fact(Value value) { return facts_[static_cast<size_t>(value->id)]; }

  /// Readers that compute each element where they read it; others count as too many.
  void count_reads(const Node& user) {
    const Family family = user.family();
    const bool pointwise = family == Family::elementwise || family == Family::reduction ||
                           family == Family::placement || family == Family::cumulative;
    for (Value operand : user.operands)
      readers_[static_cast<size_t>(operand->id)] += pointwise ? 1 : kMaxRepeats + 1;
  }

  void classify(Value value) {
    Fact& own = fact(value);
    own.role = role_of(*value);
    int attached = 0;
    for (Value operand : value->operands) {
      const Role role = fact(operand).role;
      if (role == Role::free || role == Role::view) attached += 1 + fact(operand).attached;
    }
    own.attached = static_cast<uint16_t>(std::min(attached, kMaxAttached));
    own.costly = own.role == Role::compute && (traits_of(value->op) & kCostly) != 0;
    if (own.role == Role::free && own.attached > kMaxFreeOperations &&
        value->family() == Family::elementwise)
      own.role = Role::compute;
  }

  Role role_of(const Node& node) {
    switch (node.family()) {
      case Family::view: return fact(node.operands[0]).role == Role::free ? Role::free : Role::view;
      case Family::source:
        if (is_parameter(node)) return Role::memory;
        return is_draw(node) ? Role::compute : Role::free;
      case Family::control: return has_result_list(node.op) ? Role::control : Role::memory;
      case Family::elementwise:
        return is_free_scalar(node) || is_cheap_to_repeat(node) ? Role::free : Role::compute;
      case Family::indexing: return is_run_of_memory(node) ? Role::free : Role::compute;
      default: return Role::compute;
    }
  }

  bool is_free_scalar(const Node& node) {
    return node.type().is_scalar() && std::ranges::all_of(node.operands, [&](Value operand) {
             const Role role = fact(operand).role;
             return role == Role::free || role == Role::memory;
           });
  }

  /// A plain operation on what is in memory costs less again than to be stored and loaded.
  bool is_cheap_to_repeat(const Node& node) {
    return (traits_of(node.op) & kCostly) == 0 && !facts_[static_cast<size_t>(node.id)].stored &&
           readers_[static_cast<size_t>(node.id)] <= kMaxRepeats &&
           std::ranges::all_of(node.operands, [&](Value operand) {
             const Role role = fact(operand).role;
             return role == Role::free || role == Role::memory;
           });
  }

  /// A run of something in memory is read there, as through a view.
  bool is_run_of_memory(const Node& node) {
    return is_dynamic_slice(node) && std::ranges::all_of(node.operands, [&](Value operand) {
             const Role role = fact(seen(operand)).role;
             return role == Role::free || role == Role::memory;
           });
  }

  static bool repeats_along_last_axes(const Node& user, const Node& operand) {
    if (user.family() != Family::view || user.type().rank() <= operand.type().rank()) return false;
    return std::equal(operand.shape().begin(), operand.shape().end(), user.shape().begin());
  }

  /// Whether what `user` is read for counts for `operand` too.
  bool passes_on(const Node& user, const Node& operand) {
    return user.family() == Family::elementwise && user.shape() == operand.shape() &&
           facts_[static_cast<size_t>(user.id)].widens;
  }

  std::vector<Fact> facts_;
  std::vector<int> readers_;  // by id
};

}  // namespace

std::vector<Fact> facts_of(const Body& body, const std::vector<Value>& nodes,
                           std::span<const Value> roots) {
  Facts facts(body, nodes, roots);
  facts.spread_back(nodes);
  return facts.take();
}

Value seen(Value value) {
  while (value->family() == Family::view) value = value->operands[0];
  return value;
}

}  // namespace thx
