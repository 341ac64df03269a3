// SPDX-License-Identifier: Apache-2.0
// Groups of values that will be kernels: what a group is, and who may join it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "grouping/facts.h"
#include "grouping/reasons.h"
#include "ir/graph.h"

namespace thx {

enum class KernelKind : uint8_t { map, rows, columns, contract, place, cumulative, scatter, call };
std::string_view to_string(KernelKind kind);

/// A kernel in the making. Levels rise along every edge between groups, so they are acyclic, and
/// two groups of one level may always be merged.
struct Group {
  KernelKind kind;
  Shape domain;   // map: the shape; rows: the row axes; columns, contract: the kept axes
  Shape reduced;  // columns: the extents of the outer axes
  int level = 0;
  int operations = 0;
  bool costly = false;       // a member is
  bool sums = false;         // rows: has a sum
  std::vector<int> members;  // ids, ascending once complete
  std::vector<int> reads;    // ids of what it reads in memory, for sharing; the first few
};

/// The groups of one body.
struct Partition {
  std::vector<Group> groups;       // an emptied group was merged into another
  std::vector<int> group_of;       // by id; -1 where a value is in none
  std::vector<int> level_of_node;  // by id: of the latest that the node waits for
};

/// partition.cpp places values in order; sink.cpp then moves what only one later kernel reads.
class Grouper {
 public:
  Grouper(const Body& body, const std::vector<Value>& nodes, const std::vector<Fact>& facts,
          std::string_view function, std::vector<Refusal>* refusals);
  Partition run();

 private:
  void place(Value value);
  void sink();
  void sink_into_moves();
  bool takes_each_element_once(const Node& node, size_t operand, bool costly) const;
  void follow_readers();
  std::optional<int> pointwise_reader(const std::vector<Value>& readers) const;
  static bool runs_over(const Group& group, const Shape& shape);
  bool is_read_outside(Value value, int group, Value but, const std::vector<Value>& readers) const;
  void place_computation(Value value);
  /// The groups that `value` reads from and that are of the highest level it waits for.
  std::vector<int> latest_producers(Value value) const;
  bool try_join(int group, Value value);
  bool try_beside(Value value, const Group& wanted);
  std::optional<int> merged(const std::vector<int>& groups, Value value);
  bool can_merge(const Group& into, const Group& from) const;
  void merge(int into, int from);
  void add(int group, Value value);
  /// The group that `value` starts when it joins none.
  Group group_for(Value value) const;
  int cost(Value value) const;
  bool shares_read(const Group& group, Value value) const;
  void index_group(int group);
  void refuse(Reason reason, Value producer, Value consumer);
  void report_refusals() const;
  std::string name(Value value) const;
  Value producer_in(int group, Value value) const;

  const Body& body_;
  const std::vector<Value>& nodes_;
  const std::vector<Fact>& facts_;
  std::string function_;
  std::vector<Refusal>* refusals_;
  struct Refused {
    Reason reason;
    Value producer, consumer;
  };
  std::vector<Refused> refused_;  // on the way: the two may meet in a kernel later
  Partition partition_;
  std::vector<int> stored_level_;           // of views and free values that a kernel stores
  std::vector<std::vector<int>> by_level_;  // recent groups of each level, for joining beside
};

/// What a value would do to the group that it joins.
struct Joining {
  KernelKind kind;  // of the group afterwards
  Shape domain;
  Shape reduced;
  bool sums;
};

/// Which rule of the kinds lets `value` into `group`, or why none does.
class JoinRules {
 public:
  JoinRules(const std::vector<Fact>& facts, const std::vector<int>& group_of, const Group& group,
            int id)
      : facts_(facts), group_of_(group_of), group_(group), id_(id) {}

  std::optional<Joining> join(Value value);
  Reason reason() const { return reason_; }

 private:
  std::optional<Joining> no(Reason reason) {
    reason_ = reason;
    return std::nullopt;
  }
  Joining unchanged() const { return {group_.kind, group_.domain, group_.reduced, group_.sums}; }
  std::optional<Joining> pointwise(Value value);
  std::optional<Joining> into_rows(Value value);
  std::optional<Joining> reduction(Value value);
  std::optional<Joining> product(Value value);
  bool inside(Value value) const { return group_of_[static_cast<size_t>(value->id)] == id_; }
  /// Whether what `value` reads of the group at `at` lies in the row of `prefix` axes, at the same
  /// place of the row; where `whole`, with no row axes at all: at the same place.
  bool aligned(Value value, const std::vector<Extent>& at, size_t prefix,
               const std::vector<Extent>& place) const;
  bool operands_aligned(const Node& node, size_t prefix) const;
  bool gather_aligned(const Node& node, size_t prefix) const;
  bool cheap_to_repeat(Value value, size_t prefix) const;
  bool reads_inside(Value value) const;
  bool is_sum_inside(Value index) const;

  const std::vector<Fact>& facts_;
  const std::vector<int>& group_of_;
  const Group& group_;
  int id_;
  Reason reason_ = Reason::other_shape;
};

}  // namespace thx
