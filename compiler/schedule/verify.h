// SPDX-License-Identifier: Apache-2.0
// What every pass over loop IR and the code generator may rely on.
#pragma once

#include <string>
#include <vector>

#include "schedule/loop_ir.h"

namespace thx::loop {

/// What is wrong, one sentence each; nothing for a program that may be run. What cannot be proved
/// (a position inside its extent, iterations that do not meet) and has no guard is wrong.
std::vector<std::string> verify(const Kernel& kernel);
std::vector<std::string> verify(const Function& function);
std::vector<std::string> verify(const Program& program);

}  // namespace thx::loop
