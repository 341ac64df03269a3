// SPDX-License-Identifier: Apache-2.0
// Matches one rule at one value.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "ops/axes.h"
#include "passes/rewriter_pattern.h"
#include "passes/rewriter_view.h"

namespace thx {

/// What the variables and axes of a rule stand for, and what the match takes.
struct Match {
  std::array<Value, 4> bound = {};
  // Of a variable of which the square alone is known yet: the number by which what it stands for
  // exceeds what is squared. Its sign is open, and so is the last place of the number.
  std::array<double, 4> root_scale = {};
  AxisList axes;       // of k
  Shape reduced_from;  // the shape that the axes belong to
  bool has_axes = false;
  std::vector<Value> nodes;  // operators that the pattern names, below the root
  // Where the root is a sum or product: the items of its view that the pattern takes, and the
  // number by which what it takes exceeds the pattern.
  std::vector<int> taken;
  bool takes_constant = false;
  bool takes_all = false;  // but for numbers
  double scale = 1;
};

/// Matching allocates no nodes but for variables that stand for a part of a sum or product.
class Matcher {
 public:
  /// Steps of the search at one node: more than any real spelling needs.
  static constexpr int kMostSteps = 8192;

  Matcher(Graph& graph, const Pattern& pattern, int most_steps = kMostSteps)
      : graph_(graph), pattern_(pattern), most_steps_(most_steps) {}

  /// Matches the whole pattern; `view` is that of `value` where the pattern's root is a sum or
  /// product.
  std::optional<Match> at(Value value, const TermView& view);
  /// Matches the operand of the pattern's root alone.
  std::optional<Match> below_root(Value operand);
  /// Whether all fitted but the rule's condition.
  bool failed_guard() const { return failed_guard_; }
  /// How many steps the search took.
  int steps() const { return steps_; }

 private:
  // A sum or product being matched, with what is decided so far.
  struct Terms {
    const Pattern::Part& part;
    const TermView& view;
    bool partial;  // unmatched terms stay
    bool is_root;
    double scale = 0;       // sums: 0 while open
    double factor = 1;      // products: of scaled sums among the factors
    double constant = 0;    // sums: what bound variables take of the constant
    bool absorbed = false;  // a variable stands for all the rest
    std::vector<bool> taken = {};
  };

  bool part(int index, Value value);
  bool variable(const Pattern::Part& part, Value value);
  bool is_square(const Pattern::Part& part) const;
  bool scaled_square(const Pattern::Part& part, const Scaled& square);
  bool application(const Pattern::Part& part, Value value);
  bool operands(const Pattern::Part& part, Value value, bool swapped);
  bool bind_axes(Value value);
  bool kept(const Pattern::Part& part, Value value, const Scaled& reduced);

  bool sum(const Pattern::Part& part, Value value, bool free_scale, double& scale);
  bool sum_terms(Terms& terms, size_t next);
  bool sum_term(Terms& terms, size_t next, int leaf);
  bool sum_variable(Terms& terms, size_t next);
  bool take_bound(Terms& terms, Value bound, double sign);
  bool sum_is_complete(const Terms& terms) const;
  bool term(int part, Value value, double& factor);
  bool start_sum(Terms& terms, bool free_scale) const;

  bool product(const Pattern::Part& part, Value value, double& factor);
  bool is_multiple_of_bound(const Pattern::Part& part, Value value) const;
  bool factors(Terms& terms, size_t next);
  bool factor_variable(Terms& terms, size_t next);
  bool factor(int part, Value value, double& scale);
  bool take_bound_rest(Terms& terms, Value bound);

  bool absorb(Terms& terms, int variable, bool negate, bool with_constant);
  bool is_possible(const Pattern::Part& part, Value value) const;
  bool is_guarded() const;
  std::optional<Match> done();

  Graph& graph_;
  const Pattern& pattern_;
  Match match_;
  // What was found up to a point of the search, to return to.
  struct Mark {
    std::array<Value, 4> bound;
    std::array<double, 4> root_scale;
    bool has_axes;
    size_t nodes;
  };
  Mark mark() const {
    return {match_.bound, match_.root_scale, match_.has_axes, match_.nodes.size()};
  }
  void return_to(const Mark& mark) {
    match_.bound = mark.bound;
    match_.root_scale = mark.root_scale;
    match_.has_axes = mark.has_axes;
    match_.nodes.resize(mark.nodes);
  }

  static constexpr int kStepsOfTrial = 16;  // of matching what stands below a term
  /// False where the search has to end.
  bool may_go_on(int steps) {
    steps_ += steps;
    return steps_ <= most_steps_;
  }

  int most_steps_;
  int steps_ = 0;
  bool failed_guard_ = false;
};

}  // namespace thx
