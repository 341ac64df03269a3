// SPDX-License-Identifier: Apache-2.0
// The left side of a rule, prepared for matching: sums and products flattened once, when the table
// is loaded, so that no rule lists its commuted, negated or shifted spellings.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "passes/rewriter_view.h"
#include "passes/rule.h"

namespace thx {

struct Pattern {
  enum class Kind : uint8_t { variable, constant, apply, keep, sum, product };
  struct Part {
    Kind kind = Kind::variable;
    Op op = {};         // apply
    int index = 0;      // variable
    double number = 0;  // constant: its value; sum: its constant term; product: its coefficient
    std::vector<int> operands;  // parts; of a sum or product those that are no variables first
    std::vector<int8_t> signs;  // of terms, of exponents
  };

  const Rule* rule = nullptr;
  bool admitted = true;  // by the fp mode
  std::vector<Part> parts;
  int root = 0;
  OpSet needs;                      // operators that stand among the terms or factors of the root
  std::vector<OpSet> needs_one_of;  // operators of each of which sets one stands there too
  OpSet mentions;                   // operators without which nothing matches
  bool divides = false;             // something stands below a line
  bool needs_axes = false;          // the right side has a composite, which is over at least one
  bool needs_floats = false;        // the right side has an operator that integers lack

  const Part& part(int index) const { return parts[static_cast<size_t>(index)]; }
  const Part& root_part() const { return part(root); }
};

Pattern pattern_of(const Rule& rule);

/// The operators that put something below a line.
const OpSet& divisions();

/// The rules of some tables, by the kind of their root, each with whether the mode admits it. The
/// order in the tables is the order in which they are tried.
class RuleSet {
 public:
  RuleSet(std::initializer_list<std::span<const Rule>> tables, FpMode mode);

  /// Rules whose root is an application of `op`.
  std::span<const Pattern> at(Op op) const { return by_op_[static_cast<size_t>(op)]; }
  std::span<const Pattern> sums() const { return sums_; }
  std::span<const Pattern> products() const { return products_; }

 private:
  std::vector<Pattern> by_op_[kOpCount];
  std::vector<Pattern> sums_, products_;
};

/// The same tables for each mode.
class RuleSets {
 public:
  explicit RuleSets(std::initializer_list<std::span<const Rule>> tables)
      : standard_(tables, FpMode::standard),
        strict_(tables, FpMode::strict),
        fast_(tables, FpMode::fast) {}
  const RuleSet& operator[](FpMode mode) const {
    return mode == FpMode::standard ? standard_ : mode == FpMode::strict ? strict_ : fast_;
  }

 private:
  RuleSet standard_, strict_, fast_;
};

}  // namespace thx
