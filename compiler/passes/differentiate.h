// SPDX-License-Identifier: Apache-2.0
// Replaces every gradient by the code that computes it.
#pragma once

#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

/// Replaces the gradients whose costs need no other gradient, in every function, and drops the
/// marks that no gradient needs any more. Gradients of one cost share one reverse sweep. Whether
/// gradients are left: run passes that stabilise in between, then this again.
///
/// Errors are a cost that is not a float scalar, a target that the cost does not depend on, and an
/// operation without a derivative on the way; such a gradient is zero in what is returned.
bool differentiate_innermost(Program& program, Diagnostics& diagnostics);

/// The same until no gradient is left.
void differentiate(Program& program, Diagnostics& diagnostics);

}  // namespace thx
