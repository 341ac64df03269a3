// SPDX-License-Identifier: Apache-2.0
// Which elements of a contraction's operands meet which elements of its result.
#pragma once

#include "ir/graph.h"

namespace thx {

/// For a contraction `node` and a bool array of its result's shape: by element of operand
/// `operand`, whether it is a factor of a result's element that is true.
Value factors_of(Graph& graph, Value node, Value of, int operand);

}  // namespace thx
