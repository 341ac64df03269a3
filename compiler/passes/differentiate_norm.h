// SPDX-License-Identifier: Apache-2.0
// Norms: the root of a sum of squares, whose derivative at 0 is 0 and not 0 * inf.
#pragma once

#include "ir/graph.h"

namespace thx::reverse {

/// Whether `node` is a root (f(0) = 0 with an infinite derivative there, as sqrt and `** 0.5`) of a
/// sum of squares in one of its spellings: sum(x**2), x @ x, x**2 + y**2, means and other positive
/// multiples of these. Where the sum is 0, so are all its terms, and the derivative of each.
bool is_norm(Value node);

}  // namespace thx::reverse
