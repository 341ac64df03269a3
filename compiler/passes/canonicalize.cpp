// SPDX-License-Identifier: Apache-2.0
// The pass, and the order of its steps.
#include "passes/canonicalize.h"

#include "passes/fold_constants.h"
#include "passes/require_elements.h"

namespace thx {
namespace {

constexpr NamedStep kSteps[] = {
    {"fold-exact", fold_exact, RuleClass::exact,
     "operators on constants, where one operation rounds once"},
    {"drop-neutral", drop_neutral, RuleClass::exact, "`x + -0.0`, `x * 1` and their like are x"},
    {"merge-commuted", merge_commuted, RuleClass::exact,
     "`y + x` is `x + y` where that is there already"},
    {"merge-casts", merge_casts, RuleClass::exact,
     "a cast of a cast that loses nothing is one cast"},
    {"subtract-views", subtract_views, RuleClass::exact,
     "`x + broadcast(-y)` is `x - broadcast(y)`"},
    {"decide-choices", decide_choices, RuleClass::exact,
     "below `where(c, …)` a choice by c is decided"},
    {"merge-choices", merge_choices, RuleClass::exact,
     "`where(c, x, 1) + where(c, y, 2)` is `where(c, x + y, 1 + 2)`"},
    {"merge-views", merge_views, RuleClass::exact, "a view of a view is one view"},
    {"merge-slices", merge_slices, RuleClass::exact, "a slice of a slice is one slice"},
    {"merge-placements", merge_placements, RuleClass::exact,
     "placements that no element is left of vanish"},
    {"lift-views", lift_views, RuleClass::exact,
     "an elementwise operator of views is a view of it"},
    {"cancel-transposes", cancel_transposes, RuleClass::exact,
     "an elementwise operator of transposed operands, transposed back, is one of the operands"},
    {"contract-through-transpose", contract_through_transpose, RuleClass::exact,
     "a product reads transposed operands in place"},
    {"turn-contraction", turn_contraction, RuleClass::exact,
     "a transposed product is the product of transposed operands"},
};

}  // namespace

std::span<const NamedStep> canonical_steps() { return kSteps; }

void canonicalize(Program& program, RewriteLog* log) {
  // Before any rule may do without a largest element: softmax(x - max(x)) is one of x.
  for (Function& function : program.functions) require_elements(function);
  if (program.init) require_elements(*program.init);
  static const RuleSet rules({canonical_rules()}, FpMode::strict);
  Rewriter(rules, {std::begin(kSteps), std::end(kSteps)}, log).run(program);
}

}  // namespace thx
