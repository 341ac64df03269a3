// SPDX-License-Identifier: Apache-2.0
// The pass, and the order of its steps.
#include "passes/simplify.h"

#include "passes/canonicalize.h"
#include "passes/fold_constants.h"

namespace thx {
namespace {

constexpr NamedStep kSteps[] = {
    {"fold", fold_any, RuleClass::more_accurate,
     "operators on constants, as the host computes them"},
    {"choose-known", choose_known, RuleClass::exact, "`where` and `if` of a known condition"},
    {"drop-even-sign", drop_even_sign, RuleClass::exact, "an even function of -x is that of x"},
    {"merge-numbers", merge_numbers, RuleClass::rounding,
     "numbers of one product become one number"},
    {"expand-powers", expand_powers, RuleClass::rounding,
     "x to a whole power up to 512 is a product of squares"},
    {"part-equal-factors", part_equal_factors, RuleClass::more_accurate,
     "of a quotient that is twice a factor, as in its own derivative, one comes behind all other "
     "factors: its square may leave the range where the product does not"},
    {"reduce-repeated", reduce_repeated, RuleClass::rounding,
     "the sum of n times the same is n times it"},
};

}  // namespace

std::span<const NamedStep> simplify_steps() { return kSteps; }

void simplify(Program& program, FpMode mode, RewriteLog* log) {
  static const RuleSets rules({canonical_rules(), simplify_rules(), special_value_rules()});
  Rewriter(rules[mode], steps_for({canonical_steps(), kSteps}, mode), log).run(program);
}

}  // namespace thx
