// SPDX-License-Identifier: Apache-2.0
// Tensor IR as text of the language: what a user would have written for it.
#pragma once

#include <string>

#include "ir/function.h"
#include "support/result.h"
#include "support/source.h"

namespace thx {

/// A file that declares what `function` reads and computes it: values that are used once stand
/// where they are used, others are bound by `let`, under their names where they have one. The
/// function has no derivatives any more, and updates nothing. An error names an operation without a
/// spelling.
Result<std::string> source_text(const Program& program, const Function& function);

/// The program that such a text spells; its places are those of a further file of `sources`. An
/// error is its first message, warnings among them, as it is shown.
Result<Program> read_source_text(const std::string& text, Sources& sources);

}  // namespace thx
