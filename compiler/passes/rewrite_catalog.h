// SPDX-License-Identifier: Apache-2.0
// What the names in a rewrite log mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "passes/rule.h"

namespace thx {

struct RewriteMeaning {
  RuleClass cls;
  std::string from, to;  // formulas; empty for a step that no formula expresses
};

/// Of a rule or step by its name in the tables; nothing where there is none.
std::optional<RewriteMeaning> meaning_of_rewrite(std::string_view name);

/// `more accurate`: the class as people read it.
std::string_view words(RuleClass cls);

}  // namespace thx
