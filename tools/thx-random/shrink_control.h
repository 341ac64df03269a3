// SPDX-License-Identifier: Apache-2.0
// Simpler nodes of control, for programs that are made small.
#pragma once

#include "ir/function.h"

namespace thx::random {

inline constexpr int kControlChoices = 3;

/// How many nodes of control the program has, in regions too.
int control_nodes(const Program& program);
/// Makes node `at` of control simpler: a call or a choice becomes (one of) its regions, a node of
/// several results, targets or directions loses one of them. False where it cannot be.
bool simplify_control_node(Program& program, int at, int choice);

}  // namespace thx::random
