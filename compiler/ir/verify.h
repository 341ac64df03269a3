// SPDX-License-Identifier: Apache-2.0
// What every pass may rely on: the structure of tensor IR. Whether types agree with the operators'
// rows is for ops/verify.h, which calls this first.
#pragma once

#include <string>
#include <vector>

#include "ir/function.h"

namespace thx {

/// The rules of structure that `program` breaks, one sentence each; empty for a good program.
std::vector<std::string> verify_structure(const Program& program);

}  // namespace thx
