// SPDX-License-Identifier: Apache-2.0
// The rounds of rewriting, over functions and regions.
#include "passes/rewriter.h"

#include <algorithm>
#include <utility>

#include "ir/structure.h"
#include "ops/build.h"
#include "ops/expression_text.h"

namespace thx {
namespace {

constexpr int kMaxRounds = 32;
// Nodes that the rounds of one function go through. Large programs have fewer rounds, but at least
// a few, as long as they do not grow: formulas do not grow with the program.
constexpr size_t kMostVisits = 100'000;
constexpr size_t kLeastRounds = 2;
// Steps of matching in one function, beside so many for each node. After them a search at one node
// is short: what is found by trying sums and products of many terms against each other is not worth
// more.
constexpr size_t kMostSteps = size_t{1} << 19;
constexpr size_t kMostStepsPerNode = 64;
constexpr int kStepsOfShortSearch = 512;
// Rewrites at one node in one round: the longest chain of spellings in the tables is shorter. In a
// large graph the next round goes on after a few.
constexpr int kMaxRepeats = 16;
constexpr int kMaxRepeatsOfLarge = 4;
// Rewrites in one function, over all rounds; a large one has about one for each node.
constexpr size_t kMaxFiringsPerNode = 32;
constexpr size_t kMostFirings = size_t{1} << 14;
// Nodes that one round makes beside so many for each node it goes through: in a long chain of
// formulas that write themselves down in each other, nothing fires from there on.
constexpr int kMostMade = 1 << 14;
constexpr int kMostMadePerNode = 2;

OpSet ops_of(std::span<const Value> nodes) {
  OpSet ops;
  for (const Value node : nodes) ops.set(static_cast<size_t>(node->op));
  return ops;
}

int most_nodes_of(const Graph& graph) { return kMostMade + kMostMadePerNode * graph.size(); }

}  // namespace

std::vector<NamedStep> steps_for(std::initializer_list<std::span<const NamedStep>> lists,
                                 FpMode mode) {
  std::vector<NamedStep> steps;
  for (const std::span<const NamedStep> list : lists)
    for (const NamedStep& step : list)
      steps.push_back(
          {step.name, step.run, step.cls, step.doc, step.needs_one_of, admits(step.cls, mode)});
  return steps;
}

void Uses::add(Value value, int count) {
  const auto id = static_cast<size_t>(value->id);
  if (id >= counts_.size()) counts_.resize(id + 1);
  counts_[id] += count;
}

bool Uses::is_single(Value value) const {
  const auto id = static_cast<size_t>(value->id);
  return id < counts_.size() && counts_[id] == 1;
}

void Rewriter::run(Program& program) {
  for (Function& function : program.functions) run(function);
  if (program.init) run(*program.init);
}

void Rewriter::run(Function& function) {
  firings_ = 0;
  steps_left_ = kMostSteps + kMostStepsPerNode * static_cast<size_t>(function.graph().size());
  function_ = function.name;
  const auto size = static_cast<size_t>(function.graph().size());
  const size_t most_firings = std::min(kMaxFiringsPerNode * (size + 64), kMostFirings + size);
  const size_t most_visits = std::max(kMostVisits, kLeastRounds * size);
  size_t visits = 0;
  const auto is_spent = [&] {
    return firings_ >= most_firings || visits > most_visits ||
           (log_ != nullptr && log_->is_spent());
  };
  for (int i = 0; i < kMaxRounds && !is_spent(); ++i) {
    if (!may_fire(function) || !round(function)) break;
    visits += static_cast<size_t>(function.graph().size());
  }
  keep_refusals();
}

bool Rewriter::may_fire(Function& function) {
  refused_.clear();
  RewriteLog* const log = std::exchange(log_, nullptr);
  std::set<const Body*> met;
  const bool fires = may_fire(function.graph(), function.roots(), met);
  known_of_ = nullptr;
  log_ = log;
  return fires;
}

// Looks without rebuilding, which costs more than matching does. What the search leaves in the
// graph is dead, in those of regions too.
bool Rewriter::may_fire(Graph& graph, std::span<const Value> roots, std::set<const Body*>& met) {
  const std::vector<Value> nodes = needed(graph, roots);
  const std::vector<int> counts = use_counts(graph, roots);
  present_ = ops_of(nodes);
  most_nodes_ = most_nodes_of(graph);
  known_of_ = nullptr;
  Uses uses;
  for (const Value node : nodes) uses.add(node, counts[static_cast<size_t>(node->id)]);
  for (const Value node : nodes)
    if (node->family() != Family::control && once(graph, node, uses)) return true;
  for (const Value node : nodes)
    for (const Region& region : node->regions)
      // What a region computes does not change by nodes that it does not need.
      if (met.insert(region.get()).second &&
          may_fire(const_cast<Body&>(*region).graph, region->results, met))
        return true;
  return false;
}

bool Rewriter::round(Function& function) {
  fired_ = false;
  most_nodes_ = most_nodes_of(function.graph());
  refused_.clear();
  const std::vector<Value> roots = function.roots();
  const std::vector<int> old_uses = use_counts(function.graph(), roots);
  present_ = ops_of(needed(function.graph(), roots));
  Uses uses;
  known_of_ = nullptr;
  rebuild(function, [&](Graph& graph, Value old, std::span<const Value> operands) {
    return map(old, graph, operands, old_uses, uses);
  });
  return fired_;
}

Region Rewriter::rewritten(const Region& region) {
  const bool fired_outside = fired_;
  const OpSet present_outside = present_;
  const int most_nodes_outside = most_nodes_;
  fired_ = false;
  most_nodes_ = most_nodes_of(region->graph);
  const std::vector<int> old_uses = use_counts(region->graph, region->results);
  present_ = ops_of(needed(region->graph, region->results));
  Uses uses;
  known_of_ = nullptr;
  Region made = rebuild(region, [&](Graph& graph, Value old, std::span<const Value> operands) {
    return map(old, graph, operands, old_uses, uses);
  });
  known_of_ = nullptr;
  // A region in which nothing fired stays the one it is, shared by whoever holds it.
  if (!fired_) made = region;
  fired_ = fired_ || fired_outside;
  present_ = present_outside;
  most_nodes_ = most_nodes_outside;
  return made;
}

Value Rewriter::map(Value old, Graph& graph, std::span<const Value> operands,
                    const std::vector<int>& old_uses, Uses& uses) {
  Value value = copy(old, graph, operands);
  const int count = old_uses[static_cast<size_t>(old->id)];
  if (old->family() == Family::control) {
    uses.add(value, count);
    return value;
  }
  const int most = old->graph->size() < TermView::kLargeGraph ? kMaxRepeats : kMaxRepeatsOfLarge;
  for (int i = 0; i < most; ++i) {
    const Value next = once(graph, value, uses);
    if (!next) break;
    value = next;
  }
  uses.add(value, count);
  return value;
}

Value Rewriter::copy(Value old, Graph& graph, std::span<const Value> operands) {
  NodeSpec spec{old->op, old->types, {operands.begin(), operands.end()}, old->attrs, {}};
  for (const Region& region : old->regions) spec.regions.push_back(rewritten(region));
  return graph.intern(std::move(spec), old->graph->spans(old), old->graph->name(old));
}

void Rewriter::learn_operators(const Graph& graph) {
  if (known_of_ != &graph) {
    known_.reset();
    known_of_ = &graph;
    known_size_ = 0;
  }
  for (; known_size_ < graph.size(); ++known_size_)
    known_.set(static_cast<size_t>(graph.at(known_size_)->op));
}

Value Rewriter::once(Graph& graph, Value value, const Uses& uses) {
  if ((log_ != nullptr && log_->is_spent()) || graph.size() > most_nodes_) return {};
  learn_operators(graph);
  for (const NamedStep& step : steps_) {
    if (!step.admitted && !explains_) continue;
    const auto is_known = [&](Op op) { return known_.test(static_cast<size_t>(op)); };
    if (!step.needs_one_of.empty() && std::ranges::none_of(step.needs_one_of, is_known)) continue;
    const Value next = step.run(graph, value, uses);
    if (!next || next == value) continue;
    const SpanSet spans = graph.spans(value);
    if (!step.admitted) {
      refuse(step.name, RefusedRule::Reason::mode, value);
      continue;
    }
    graph.add_spans(next, spans);
    record(step.name, spans, value, next);
    return next;
  }
  if (const Value next = by_rules(graph, value, uses)) return next;
  if (const Value next = below_gather(graph, value)) return next;
  return below_choice(graph, value, uses);
}

Value Rewriter::by_rules(Graph& graph, Value value, const Uses& uses) {
  if (const Value next = first_match(graph, value, rules_.at(value->op), uses)) return next;
  if (value->types.size() != 1 || !is_float(value->dtype())) return {};
  for (const ViewKind kind : {ViewKind::sum, ViewKind::product}) {
    const auto patterns = kind == ViewKind::sum ? rules_.sums() : rules_.products();
    const auto is_possible = [&](const Pattern& pattern) { return is_present(pattern); };
    if (!part_of(*value, kind).inner || std::ranges::none_of(patterns, is_possible)) continue;
    view_.read(kind, value);
    if (const Value next = first_match(graph, value, patterns, uses)) return next;
  }
  return {};
}

// Operators that came up in this round have their turn in the next.
bool Rewriter::is_present(const Pattern& pattern) const {
  return (pattern.mentions & present_) == pattern.mentions;
}

Value Rewriter::first_match(Graph& graph, Value value, std::span<const Pattern> patterns,
                            const Uses& uses) {
  const bool of_integers = !value->operands.empty() && is_integer(value->operands[0]->dtype());
  for (const Pattern& pattern : patterns) {
    if (!pattern.admitted && !explains_) continue;
    if (of_integers && pattern.needs_floats) continue;
    if ((pattern.mentions & known_) != pattern.mentions) continue;
    if (pattern.divides && (known_ & divisions()).none()) continue;
    Matcher matcher(graph, pattern, steps_left_ > 0 ? Matcher::kMostSteps : kStepsOfShortSearch);
    const std::optional<Match> match = matcher.at(value, view_);
    steps_left_ -= std::min(steps_left_, static_cast<size_t>(matcher.steps()));
    if (!match) {
      if (matcher.failed_guard()) refuse(pattern.rule->name, RefusedRule::Reason::guard, value);
      continue;
    }
    if (!pattern.admitted) {
      refuse(pattern.rule->name, RefusedRule::Reason::mode, value, match->nodes);
      continue;
    }
    if (pattern.rule->saves_work && !std::ranges::all_of(match->nodes, [&](Value node) {
          return node == value || uses.is_single(node);
        })) {
      refuse(pattern.rule->name, RefusedRule::Reason::shared, value, match->nodes);
      continue;
    }
    const Value next = replacement(graph, pattern, value, view_, *match);
    if (next == value) continue;
    record(pattern.rule->name, graph.spans(next), value, next, match->nodes);
    return next;
  }
  return {};
}

// An elementwise operator commutes with reading elements: log(softmax(x)[i]) is log(softmax(x))[i].
// Worth it only where a rule fires for it.
Value Rewriter::below_gather(Graph& graph, Value value) {
  if (value->family() != Family::elementwise || value->operands.size() != 1) return {};
  const Value gather = value->operands[0];
  const bool reads = gather->family() == Family::view || is_gather(*gather);
  if (!reads && !is_dynamic_slice(*gather)) return {};
  for (const Pattern& pattern : rules_.at(value->op)) {
    if (!pattern.admitted || pattern.rule->matching == Matching::literal) continue;
    if ((pattern.mentions & known_) != pattern.mentions) continue;
    const Value data = gather->operands[0];
    const std::optional<Match> match = Matcher(graph, pattern).below_root(data);
    if (!match) continue;
    const SpanSet spans = graph.spans(value);
    std::vector<Value> operands = gather->operands;
    operands[0] = build_right_side(graph, *pattern.rule, *match, data->type());
    graph.add_spans(operands[0], spans);
    const Value next = graph.intern({gather->op, value->types, operands, gather->attrs, {}}, spans);
    record(pattern.rule->name, spans, value, next, match->nodes);
    return next;
  }
  return {};
}

// As with a choice: log(where(c, sigmoid(x), y)) is where(c, log(sigmoid(x)), log(y)).
Value Rewriter::below_choice(Graph& graph, Value value, const Uses& uses) {
  if (value->family() != Family::elementwise || value->operands.size() != 1) return {};
  const Value choice = value->operands[0];
  if (!is_choice(choice) || !is_float(choice->dtype()) || !uses.is_single(choice)) return {};
  for (const Pattern& pattern : rules_.at(value->op)) {
    if (!pattern.admitted || pattern.rule->matching == Matching::literal) continue;
    if ((pattern.mentions & known_) != pattern.mentions) continue;
    const Value branches[] = {choice->operands[1], choice->operands[2]};
    std::optional<Match> matches[2];
    std::vector<Value> matched;
    for (const int i : {0, 1}) {
      matches[i] = Matcher(graph, pattern).below_root(branches[i]);
      if (matches[i])
        matched.insert(matched.end(), matches[i]->nodes.begin(), matches[i]->nodes.end());
    }
    if (matched.empty()) continue;
    const auto moved = [&](int i) {
      return matches[i] ? build_right_side(graph, *pattern.rule, *matches[i], branches[i]->type())
                        : graph.intern({value->op, value->types, {branches[i]}, value->attrs, {}});
    };
    const SpanSet spans = graph.spans(value);
    const Value first = moved(0), second = moved(1);
    const Value next = node::where(graph, choice->operands[0], first, second);
    graph.add_spans(next, spans);
    record(pattern.rule->name, spans, value, next, matched);
    return next;
  }
  return {};
}

void Rewriter::record(std::string_view rule, const SpanSet& spans, Value before, Value after,
                      std::span<const Value> matched) {
  fired_ = true;
  ++firings_;
  if (log_ == nullptr) return;
  Firing firing{rule, spans, log_->pass, function_};
  if (explains_) {
    firing.before = expression_text(before, matched);
    firing.after = expression_text(after);
  }
  log_->firings.push_back(std::move(firing));
}

void Rewriter::refuse(std::string_view rule, RefusedRule::Reason reason, Value value,
                      std::span<const Value> matched) {
  if (explains_)
    refused_.push_back(
        {rule, reason, value->graph->spans(value), {}, function_, expression_text(value, matched)});
}

// A value may be tried more than once in a round.
void Rewriter::keep_refusals() {
  if (!explains_) return;
  std::vector<RefusedRule>& kept = log_->refusals;
  const auto first = static_cast<std::ptrdiff_t>(kept.size());
  for (RefusedRule& refused : refused_) {
    refused.pass = log_->pass;
    const bool is_known = std::any_of(kept.begin() + first, kept.end(), [&](const RefusedRule& r) {
      return r.rule == refused.rule && r.reason == refused.reason && r.spans == refused.spans &&
             r.before == refused.before;
    });
    if (!is_known) kept.push_back(std::move(refused));
  }
  refused_.clear();
}

std::string_view words(RefusedRule::Reason reason) {
  switch (reason) {
    case RefusedRule::Reason::mode: return "the fp mode does not admit its class";
    case RefusedRule::Reason::shared: return "an inner value is used elsewhere";
    case RefusedRule::Reason::guard: return "what it asks of its operands does not hold";
  }
  return {};
}

}  // namespace thx
