// SPDX-License-Identifier: Apache-2.0
// The pass, and the order of its steps.
#include "passes/canonicalize.h"

#include "passes/fold_constants.h"

namespace thx {
namespace {

constexpr NamedStep kSteps[] = {
    {"fold-exact", fold_exact, RuleClass::exact},
    {"drop-neutral", drop_neutral, RuleClass::exact},
    {"merge-casts", merge_casts, RuleClass::exact},
    {"merge-views", merge_views, RuleClass::exact},
    {"merge-slices", merge_slices, RuleClass::exact},
    {"merge-placements", merge_placements, RuleClass::exact},
    {"lift-views", lift_views, RuleClass::exact},
    {"contract-through-transpose", contract_through_transpose, RuleClass::exact},
    {"turn-contraction", turn_contraction, RuleClass::exact},
};

}  // namespace

std::span<const NamedStep> canonical_steps() { return kSteps; }

void canonicalize(Program& program, RewriteLog* log) {
  static const RuleSet rules({canonical_rules()}, FpMode::strict);
  Rewriter(rules, {std::begin(kSteps), std::end(kSteps)}, log).run(program);
}

}  // namespace thx
