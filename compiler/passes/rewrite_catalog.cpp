// SPDX-License-Identifier: Apache-2.0
// Looks names up in the tables of rules and in the lists of steps.
#include "passes/rewrite_catalog.h"

#include "passes/canonicalize.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"

namespace thx {

std::optional<RewriteMeaning> meaning_of_rewrite(std::string_view name) {
  for (const auto rules : {canonical_rules(), stability_rules(), inverse_rules(), value_rules(),
                           simplify_rules(), special_value_rules(), wrong_rules()})
    for (const Rule& rule : rules)
      if (rule.name == name) return RewriteMeaning{rule.cls, text(rule.from), text(rule.to)};
  for (const auto steps : {canonical_steps(), stability_steps(), value_steps(), simplify_steps()})
    for (const NamedStep& step : steps)
      if (step.name == name) return RewriteMeaning{step.cls, {}, {}};
  return std::nullopt;
}

std::string_view words(RuleClass cls) {
  switch (cls) {
    case RuleClass::exact: return "exact";
    case RuleClass::more_accurate: return "more accurate";
    case RuleClass::rounding: return "rounding";
    case RuleClass::special_values: return "special values";
  }
  return {};
}

}  // namespace thx
