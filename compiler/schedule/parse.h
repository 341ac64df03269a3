// SPDX-License-Identifier: Apache-2.0
// Reads the text form of loop IR that print.h writes.
#pragma once

#include <string_view>

#include "schedule/loop_ir.h"
#include "support/result.h"

namespace thx::loop {

/// Functions, or kernels alone: those are then the kernels of one function without a name.
/// `file` is the number that the places of errors carry. What the text says is read as it stands;
/// whether it makes sense is the verifier's business.
Result<Program> parse_loop(std::string_view text, uint32_t file = 0);

/// Whether `text` looks like loop IR: its first word is `kernel` or `function`.
bool is_loop_text(std::string_view text);

}  // namespace thx::loop
