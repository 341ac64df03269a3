// SPDX-License-Identifier: Apache-2.0
// Applies the stability rules; the rules stand in stability_rules.cpp.
#include "passes/stabilize.h"

#include "ops/build.h"
#include "passes/canonicalize.h"

namespace thx {

namespace {

constexpr Op kExponentials[] = {node::exp.op, node::exp2.op};
constexpr Op kRoots[] = {node::sqrt.op};
constexpr Op kDivisions[] = {node::div.op, node::reciprocal.op};

constexpr NamedStep kSteps[] = {
    {"log-of-exponentials", log_of_exponentials, RuleClass::more_accurate,
     "`log` and `log1p` of a sum of exponentials with positive factors are nested `logaddexp`; of "
     "a difference of two, `log1mexp`; of a product, a sum"},
    {"log-of-product", log_of_product, RuleClass::more_accurate,
     "`log` of a product with powers of exponentials, `sigmoid`, `softmax`, `cosh` or sums of "
     "exponentials is the sum of their logarithms and of that of the rest"},
    {"share-of-two-exponentials", share_of_two_exponentials, RuleClass::more_accurate,
     "`a * exp(x) / (a * exp(x) + b)`, and with `b * exp(y)`, is `sigmoid` of the logarithms' "
     "difference",
     kExponentials},
    {"log-in-other-base", log_in_other_base, RuleClass::more_accurate,
     "`log2` and `log10` of what another rule or step replaces under `log` are multiples of that"},
    {"log-of-power", log_of_power, RuleClass::more_accurate,
     "`log` of a product of powers of one value is a multiple of its logarithm"},
    {"divide-by-norm", divide_by_norm, RuleClass::more_accurate,
     "an element times 1 over its norm is a quotient, also in the derivative of the norm", kRoots},
    {"slope-of-share", slope_of_share, RuleClass::more_accurate,
     "`y / (a + x) - y * x / (a + x)**2` is `y / (a + x) * (a / (a + x))`", kDivisions},
    {"split-root", split_root, RuleClass::more_accurate,
     "the root of a product of sums of squares is the product of their roots", kRoots},
    {"two-pass-variance", two_pass_variance, RuleClass::more_accurate,
     "`mean(x**2) - mean(x)**2`, also scaled, is the mean of the squares of `x - mean(x)`"},
};
constexpr NamedStep kValueSteps[] = {
    {"log-of-mean-with-one", log_of_mean_with_one, RuleClass::more_accurate,
     "`softplus(x) - log(2)`, the logarithm of a mean of 1 and `exp(x)`, keeps its digits near 0"},
    {"scale-norms", scale_norms, RuleClass::more_accurate,
     "the root of a sum of squares, of which one of three scaled sums has all digits"},
    {"scale-slopes", scale_slopes, RuleClass::more_accurate,
     "an element over such a root, by the sum that has all digits"},
};

}  // namespace

std::span<const NamedStep> stability_steps() { return kSteps; }
std::span<const NamedStep> value_steps() { return kValueSteps; }

// In two turns: exp(log(x)) may be a part of a sigmoid that is written out.
void stabilize(Program& program, FpMode mode, RewriteLog* log) {
  static const RuleSets first({wrong_rules_in_force(), stability_rules(), canonical_rules()});
  static const RuleSets second({stability_rules(), inverse_rules(), canonical_rules()});
  for (const RuleSets* rules : {&first, &second})
    Rewriter((*rules)[mode], steps_for({canonical_steps(), kSteps}, mode), log).run(program);
}

void stabilize_values(Program& program, FpMode mode, RewriteLog* log) {
  static const RuleSets rules(
      {value_rules(), stability_rules(), inverse_rules(), canonical_rules()});
  Rewriter(rules[mode], steps_for({canonical_steps(), kSteps, kValueSteps}, mode), log)
      .run(program);
}

}  // namespace thx
