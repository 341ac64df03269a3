// SPDX-License-Identifier: Apache-2.0
// Replaces every derivative, map and call by the code that computes it.
#pragma once

#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

/// Replaces the derivatives whose operands need no other one, in every function and region, drops
/// the marks that none needs any more, and inlines calls that none goes through any more. Gradients
/// of one cost with the same constants share one reverse sweep. Whether derivatives, maps or calls
/// are left: run passes that stabilise in between, then this again.
///
/// Errors are a cost that is not a float scalar, a target that the cost does not depend on, and an
/// operation without a derivative on the way; such a gradient is zero in what is returned. Whether
/// the cost of a gradient depends on a target is decided before the gradients that it needs are
/// resolved: the gradient of a linear cost is a constant, and its own gradient is 0. A derivative
/// of derivatives that have grown beyond all use is an error too, and stays.
bool differentiate_innermost(Program& program, Diagnostics& diagnostics);

/// The same until nothing is left.
void differentiate(Program& program, Diagnostics& diagnostics);

}  // namespace thx
