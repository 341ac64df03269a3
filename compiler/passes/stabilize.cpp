// SPDX-License-Identifier: Apache-2.0
// Applies the stability rules; the rules stand in stability_rules.cpp.
#include "passes/stabilize.h"

#include "passes/canonicalize.h"

namespace thx {

void stabilize(Program& program, bool strict, std::vector<Firing>* log) {
  static const RuleSet strict_rules({stability_rules(), canonical_rules()}, true);
  static const RuleSet rules({stability_rules(), canonical_rules()}, false);
  Rewriter(strict ? strict_rules : rules, admitted({canonical_steps()}, strict), log).run(program);
}

}  // namespace thx
