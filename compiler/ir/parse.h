// SPDX-License-Identifier: Apache-2.0
// Reads the text form of tensor IR that ir/print.h writes.
#pragma once

#include <string_view>

#include "ir/function.h"
#include "support/result.h"

namespace thx {

/// The program that `text` spells: one `program`, or one or more `func` alone, for which a program
/// `main` with the dims and states that they mention is assumed. `file`: the number of the text
/// among the sources, for the places of values and errors; without it errors name the line.
/// What is read follows the grammar; whether it makes sense is for ir/verify.h and ops/verify.h.
Result<Program> parse_program(std::string_view text, uint32_t file = 0);

}  // namespace thx
