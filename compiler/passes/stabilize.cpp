// SPDX-License-Identifier: Apache-2.0
// Applies the stability rules; the rules stand in stability_rules.cpp.
#include "passes/stabilize.h"

#include "passes/canonicalize.h"

namespace thx {

void stabilize(Program& program, FpMode mode, RewriteLog* log) {
  static const RuleSets rules({wrong_rules_in_force(), stability_rules(), canonical_rules()});
  Rewriter(rules[mode], steps_for({canonical_steps()}, mode), log).run(program);
}

}  // namespace thx
