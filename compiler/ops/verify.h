// SPDX-License-Identifier: Apache-2.0
// The verifier of tensor IR: structure, and types against the operators' rows.
#pragma once

#include <string>
#include <vector>

#include "ir/function.h"

namespace thx {

/// The rules that `program` breaks, one sentence each; empty for a good program.
std::vector<std::string> verify_program(const Program& program);

}  // namespace thx
