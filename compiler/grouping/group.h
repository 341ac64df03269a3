// SPDX-License-Identifier: Apache-2.0
// Decides which values share a kernel.
#pragma once

#include <vector>

#include "grouping/reasons.h"
#include "ir/function.h"

namespace thx {

/// The largest number of operations in one kernel, so that no later level sees unbounded blocks.
inline constexpr int kMaxKernelOperations = 256;

/// Puts every computation into `kernel` nodes, in functions and regions: afterwards a body consists
/// of parameters, kernels, cond, scan and the `result`s of these. A kernel's operands are values in
/// memory; its region holds what it computes, views and constants included. Kinds:
///   map       pointwise over one shape
///   rows      a loop over leading axes; inside, loops over the rest with sums over it
///   columns   sums over outer axes in `blocks` order, then a map of what they keep
///   contract  a product in `upward` order, then a map of its result
///   scatter   additions at places that values say
///   call      a runtime function
/// Why two neighbours do not share a kernel is added to `refusals`, where there is one.
void group(Program& program, std::vector<Refusal>* refusals = nullptr);

}  // namespace thx
