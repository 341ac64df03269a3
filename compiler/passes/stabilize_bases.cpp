// SPDX-License-Identifier: Apache-2.0
// Logarithms to base 2 and 10 of what there is a form for to base e: rules and steps know that one.
#include <cmath>
#include <numbers>

#include "ops/build.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

/// What 1 / log(base) is for the logarithms that are multiples of the natural one; 0 for others.
double factor_of_base(Op op) {
  if (op == node::log2.op) return std::numbers::log2e;
  if (op == node::log10.op) return std::numbers::log10e;
  return 0;
}

Value by_rules(Graph& graph, Value value, std::span<const Pattern> patterns) {
  const TermView none;
  for (const Pattern& pattern : patterns)
    if (const std::optional<Match> match = Matcher(graph, pattern).at(value, none))
      return build_right_side(graph, *pattern.rule, *match, value->type());
  return {};
}

/// What replaces a natural logarithm, now or after differentiation.
struct Replacement {
  Value value;  // null: nothing
  bool by_rule = false;
};
Replacement replacement_of(Graph& graph, Value value, const Uses& uses) {
  static const RuleSet rules({stability_rules()}, FpMode::standard);
  static const RuleSet late({value_rules()}, FpMode::standard);
  for (const Step step : {log_of_exponentials, log_of_product})
    if (const Value next = step(graph, value, uses)) return {next};
  if (const Value next = by_rules(graph, value, rules.at(value->op))) return {next, true};
  if (by_rules(graph, value, late.at(value->op))) return {value};
  return {};
}

}  // namespace

// A multiple of another logarithm stays one to this base, which is exact for powers of it.
Value log_in_other_base(Graph& graph, Value node, const Uses& uses) {
  const double factor = factor_of_base(node->op);
  if (factor == 0 || node->operands[0]->op == node::exp2.op) return {};
  Replacement form = replacement_of(graph, node::log(graph, node->operands[0]), uses);
  // log1p alone would round the logarithms of powers.
  if (form.value && form.value->op == node::log1p.op)
    form = replacement_of(graph, form.value, uses);
  if (!form.value) return {};
  const Scaled parts = without_factor(form.value);
  if (form.by_rule && parts.base->op == node::log.op)
    return scaled(graph, make(graph, node->op, {parts.base->operands[0]}), parts.factor);
  return scaled(graph, form.value, factor);
}

}  // namespace thx
