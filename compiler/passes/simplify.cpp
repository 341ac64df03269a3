// SPDX-License-Identifier: Apache-2.0
// The pass, and the order of its steps.
#include "passes/simplify.h"

#include "passes/canonicalize.h"
#include "passes/fold_constants.h"

namespace thx {
namespace {

constexpr NamedStep kSteps[] = {
    {"fold", fold_any, RuleClass::more_accurate},
    {"choose-known", choose_known, RuleClass::exact},
    {"drop-even-sign", drop_even_sign, RuleClass::exact},
    {"merge-numbers", merge_numbers, RuleClass::rounding},
    {"expand-powers", expand_powers, RuleClass::rounding},
    {"reduce-repeated", reduce_repeated, RuleClass::rounding},
};

}  // namespace

std::span<const NamedStep> simplify_steps() { return kSteps; }

void simplify(Program& program, FpMode mode, RewriteLog* log) {
  static const RuleSets rules({canonical_rules(), simplify_rules(), special_value_rules()});
  Rewriter(rules[mode], steps_for({canonical_steps(), kSteps}, mode), log).run(program);
}

}  // namespace thx
