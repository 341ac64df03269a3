// SPDX-License-Identifier: Apache-2.0
// The text form of loop IR; parse.h reads it back to the same program.
#pragma once

#include <string>

#include "schedule/loop_ir.h"

namespace thx::loop {

std::string print(const Program& program);
std::string print(const Function& function);
std::string print(const Kernel& kernel);

/// One line, for messages: a statement without its blocks, `store u[$i : 16] = %4`.
std::string print_line(const Kernel& kernel, const Statement& statement);
/// `f32x16`
std::string text(const RegisterType& type);
std::string_view text(LoopKind kind);
std::string_view text(FailStatus status);

}  // namespace thx::loop
