// SPDX-License-Identifier: Apache-2.0
// Values as people read them: one expression of the language, cut to a readable depth.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ir/graph.h"

namespace thx {

/// What computes `value`, such as `log(1 / (1 + exp(-z)))`. A value that the source names stands by
/// its name, but for `value` itself and for those of `open`; what only spreads a value is left out,
/// and what lies too deep is `…`. It is for reading, and compiles only where nothing was left out.
///
/// With `other`, that stands for values without a name outside of `open`, and nothing but these is
/// written out. An expression is cut, down to one operator, until it has at most `most` bytes.
std::string expression_text(Value value, std::span<const Value> open = {},
                            std::string_view other = {}, size_t most = 80);

}  // namespace thx
