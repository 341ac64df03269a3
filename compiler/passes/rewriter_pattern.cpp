// SPDX-License-Identifier: Apache-2.0
// Prepares rules for matching.
#include "passes/rewriter_pattern.h"

#include <algorithm>
#include <optional>

#include "ops/op_def.h"
#include "support/check.h"

namespace thx {
namespace {

/// Turns the steps of one formula into parts.
class PatternBuilder {
 public:
  PatternBuilder(const Formula& formula, bool literal, Pattern& pattern)
      : formula_(formula), literal_(literal), pattern_(pattern) {}

  int build(int step_index) {
    const Formula::Step& step = formula_.steps[static_cast<size_t>(step_index)];
    Pattern::Part part;
    switch (step.kind) {
      case Formula::Kind::variable:
        part.kind = Pattern::Kind::variable;
        part.index = step.index;
        break;
      case Formula::Kind::constant:
        part.kind = Pattern::Kind::constant;
        part.number = step.value;
        break;
      case Formula::Kind::keep:
        part.kind = Pattern::Kind::keep;
        part.operands.push_back(build(step.args[0]));
        break;
      case Formula::Kind::apply: part = application(step_index); break;
    }
    pattern_.parts.push_back(std::move(part));
    return static_cast<int>(pattern_.parts.size()) - 1;
  }

 private:
  Traits traits(int step_index) const {
    const Formula::Step& step = formula_.steps[static_cast<size_t>(step_index)];
    if (literal_ || step.kind != Formula::Kind::apply) return kNone;
    return family_of(step.op) == Family::elementwise ? traits_of(step.op) : kNone;
  }

  Pattern::Part application(int step_index) {
    const Formula::Step& step = formula_.steps[static_cast<size_t>(step_index)];
    Pattern::Part part;
    if ((traits(step_index) & kSum) != 0) {
      part.kind = Pattern::Kind::sum;
      flatten(kSum, step_index, 1, part);
    } else if ((traits(step_index) & kProduct) != 0 && !is_square(step_index)) {
      part.kind = Pattern::Kind::product;
      part.number = 1;
      flatten(kProduct, step_index, 1, part);
    } else {
      part.kind = Pattern::Kind::apply;
      part.op = step.op;
      for (int8_t arg : step.args)
        if (arg >= 0) part.operands.push_back(build(arg));
      return part;
    }
    sort_operands(part);
    return part;
  }

  bool is_square(int step_index) const {
    return formula_.arity(step_index) == 1 && (traits(step_index) & kNegated) == 0;
  }

  void flatten(Traits kind, int step_index, int sign, Pattern::Part& into) {
    const Formula::Step& step = formula_.steps[static_cast<size_t>(step_index)];
    const bool inner = (traits(step_index) & kind) != 0 && !is_square(step_index);
    if (!inner) return leaf(kind, step_index, sign, into);
    const bool inverts = (traits(step_index) & kNegated) != 0;
    const int count = formula_.arity(step_index);
    for (int i = 0; i < count; ++i)
      flatten(kind, step.args[static_cast<size_t>(i)], inverts && i + 1 == count ? -sign : sign,
              into);
  }

  void leaf(Traits kind, int step_index, int sign, Pattern::Part& into) {
    const Formula::Step& step = formula_.steps[static_cast<size_t>(step_index)];
    if (step.kind == Formula::Kind::constant) {
      if (kind == kSum) into.number += sign * step.value;
      if (kind == kProduct)
        into.number = sign > 0 ? into.number * step.value : into.number / step.value;
      return;
    }
    into.operands.push_back(build(step_index));
    into.signs.push_back(static_cast<int8_t>(sign));
  }

  // A variable takes what the other terms leave, so it comes last.
  void sort_operands(Pattern::Part& part) const {
    Pattern::Part sorted = part;
    sorted.operands.clear();
    sorted.signs.clear();
    for (const bool variables : {false, true}) {
      for (size_t i = 0; i < part.operands.size(); ++i) {
        const bool is_variable = pattern_.part(part.operands[i]).kind == Pattern::Kind::variable;
        if (is_variable != variables) continue;
        sorted.operands.push_back(part.operands[i]);
        sorted.signs.push_back(part.signs[i]);
      }
    }
    part = std::move(sorted);
  }

  const Formula& formula_;
  bool literal_;
  Pattern& pattern_;
};

template <class Predicate>
OpSet ops_where(Predicate holds) {
  OpSet ops;
  for (const OpInfo& entry : kOps)
    if (holds(entry.op)) ops.set(static_cast<size_t>(entry.op));
  return ops;
}

/// The operators of which one stands at a part of a sum or product that names none.
std::optional<OpSet> roots_of(const Pattern::Part& part) {
  // A negation is a sum, and a factor of -1 as well.
  const auto has = [](Traits traits) {
    return ops_where([=](Op op) {
      return family_of(op) == Family::elementwise && (traits_of(op) & traits) != 0;
    });
  };
  const bool is_lone = part.operands.size() < 2;  // what a variable stands for may be a multiple
  if (part.kind == Pattern::Kind::sum && !is_lone) return has(kSum);
  if (part.kind == Pattern::Kind::product && !is_lone) return has(kSum | kProduct);
  if (part.kind == Pattern::Kind::keep)
    return ops_where([](Op op) { return family_of(op) == Family::view; });
  return std::nullopt;
}

}  // namespace

const OpSet& divisions() {
  static const OpSet ops = ops_where([](Op op) {
    const Traits traits = family_of(op) == Family::elementwise ? traits_of(op) : kNone;
    return (traits & kProduct) != 0 && (traits & kNegated) != 0;
  });
  return ops;
}

Pattern pattern_of(const Rule& rule) {
  Pattern pattern;
  pattern.rule = &rule;
  PatternBuilder builder(rule.from, rule.matching == Matching::literal, pattern);
  pattern.root = builder.build(rule.from.root());
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind == Pattern::Kind::apply) pattern.mentions.set(static_cast<size_t>(part.op));
    const bool is_product = part.kind == Pattern::Kind::product;
    pattern.divides |=
        is_product && std::ranges::any_of(part.signs, [](int sign) { return sign < 0; });
  }
  for (const int operand : pattern.root_part().operands) {
    const Pattern::Part& part = pattern.part(operand);
    if (part.kind == Pattern::Kind::apply) pattern.needs.set(static_cast<size_t>(part.op));
    if (const std::optional<OpSet> ops = roots_of(part)) pattern.needs_one_of.push_back(*ops);
  }
  for (int i = 0; i < rule.to.count; ++i) {
    const Formula::Step& step = rule.to.steps[static_cast<size_t>(i)];
    if (step.kind == Formula::Kind::apply && family_of(step.op) == Family::composite)
      pattern.needs_axes = true;
    if (step.kind == Formula::Kind::apply && family_of(step.op) == Family::elementwise &&
        elementwise(step.op).types == DTypes::floats)
      pattern.needs_floats = true;
  }
  return pattern;
}

RuleSet::RuleSet(std::initializer_list<std::span<const Rule>> tables, FpMode mode) {
  for (const std::span<const Rule> table : tables) {
    for (const Rule& rule : table) {
      Pattern pattern = pattern_of(rule);
      pattern.admitted = admits(rule.cls, mode);
      const Pattern::Part& root = pattern.root_part();
      switch (root.kind) {
        case Pattern::Kind::sum: sums_.push_back(std::move(pattern)); break;
        case Pattern::Kind::product: products_.push_back(std::move(pattern)); break;
        case Pattern::Kind::apply: by_op_[static_cast<size_t>(root.op)].push_back(pattern); break;
        default: THX_UNREACHABLE("the rule {} has no operator at its root", rule.name);
      }
    }
  }
}

}  // namespace thx
