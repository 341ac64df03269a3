// SPDX-License-Identifier: Apache-2.0
// Applies tables of rules, and steps that no formula expresses, to whole programs.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "ir/function.h"
#include "passes/rewrite_log.h"
#include "passes/rewriter_match.h"

namespace thx {

/// How often values of the graph being made are read, as far as it is known: the counts of the
/// graph it is made from. A value that no old node became counts as read more than once.
class Uses {
 public:
  void add(Value value, int count);
  bool is_single(Value value) const;

 private:
  std::vector<int> counts_;
};

/// A rewrite in code: the value that replaces `node`, or null. `node` belongs to `graph`, its
/// operands are already rewritten.
using Step = Value (*)(Graph& graph, Value node, const Uses& uses);
struct NamedStep {
  std::string_view name;
  Step run;
  RuleClass cls;
  std::string_view doc;                   // one line of docs/rewrites.md
  std::span<const Op> needs_one_of = {};  // operators without all of which it finds nothing
  bool admitted = true;  // by the fp mode; others are tried where refusals are recorded
};

/// Those of `lists`, in order, each with whether the mode admits it.
std::vector<NamedStep> steps_for(std::initializer_list<std::span<const NamedStep>> lists,
                                 FpMode mode);

/// Rewrites a program to a fixed point. Nodes are visited operands first; a rule that has fired is
/// followed by others at the same node, then the round goes on; rounds end when nothing fires or
/// the budget or the log's limit is spent, which is no error: what is reached by then is a right
/// program too.
class Rewriter {
 public:
  Rewriter(const RuleSet& rules, std::vector<NamedStep> steps, RewriteLog* log)
      : rules_(rules),
        steps_(std::move(steps)),
        log_(log),
        explains_(log != nullptr && log->explains) {}

  void run(Program& program);

 private:
  void run(Function& function);
  bool may_fire(Function& function);
  bool may_fire(Graph& graph, std::span<const Value> roots, std::set<const Body*>& met);
  bool round(Function& function);
  Region rewritten(const Region& region);
  Value map(Value old, Graph& graph, std::span<const Value> operands,
            const std::vector<int>& old_uses, Uses& uses);
  Value copy(Value old, Graph& graph, std::span<const Value> operands);
  Value once(Graph& graph, Value value, const Uses& uses);
  Value by_rules(Graph& graph, Value value, const Uses& uses);
  Value first_match(Graph& graph, Value value, std::span<const Pattern> patterns, const Uses& uses);
  bool is_present(const Pattern& pattern) const;
  void learn_operators(const Graph& graph);
  Value below_gather(Graph& graph, Value value);
  Value below_choice(Graph& graph, Value value, const Uses& uses);
  void record(std::string_view rule, const SpanSet& spans, Value before, Value after,
              std::span<const Value> matched = {});
  void refuse(std::string_view rule, RefusedRule::Reason reason, Value value,
              std::span<const Value> matched = {});
  void keep_refusals();

  const RuleSet& rules_;
  std::vector<NamedStep> steps_;
  RewriteLog* log_;
  bool explains_ = false;
  std::vector<RefusedRule> refused_;  // in this round
  std::string function_;              // the one that is being rewritten
  bool fired_ = false;                // in this round
  OpSet present_;  // operators of the body being rewritten, as far as it is older than the round
  // Operators of the graph that matching reads, those that came up in the round too.
  OpSet known_;
  const Graph* known_of_ = nullptr;
  int known_size_ = 0;
  int most_nodes_ = 0;     // of the graph that this round makes
  size_t firings_ = 0;     // in this function
  size_t steps_left_ = 0;  // of matching in this function
  TermView view_;          // kept, so that reading views allocates once
};

/// What `pattern`, matched at `value`, makes of it.
Value replacement(Graph& graph, const Pattern& pattern, Value value, const TermView& view,
                  const Match& match);
/// The right side of a rule over what its variables stand for.
Value build_right_side(Graph& graph, const Rule& rule, const Match& match, const Type& type);

}  // namespace thx
