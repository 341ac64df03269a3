// SPDX-License-Identifier: Apache-2.0
// What random programs are called with, and how their results are held against each other.
#pragma once

#include <string>
#include <string_view>

#include "generate.h"
#include "reference/evaluate.h"

namespace thx::random {

/// Inputs and states of `function`, each drawn by its own name: dropping one changes no other.
/// Some calls get plain numbers, some get infinities, NaN, zeros of both signs and denormals too.
reference::Arguments arguments_for(const Function& function, const Extent::Values& dims,
                                   uint64_t seed);

/// The first element in which two outcomes differ in its bits, NaNs alike; empty where none does.
/// A call that fails has no results; `after` may do without a failure of `before`, whose cause was
/// dead.
std::string exact_difference(const Function& function, const reference::Outcome& before,
                             const reference::Outcome& after);

/// The same for two programs that round differently. A difference counts where it is larger than
/// what rounding does to either: the spread of results under random errors of some units in the
/// last place in every operation (Monte Carlo arithmetic: Parker, "Monte Carlo Arithmetic",
/// UCLA CSD-970002, 1997). Where `before` has no finite result, a stable form may have one.
std::string rounded_difference(const Function& before, const Function& after,
                               const reference::Arguments& arguments,
                               const reference::Outcome& first, const reference::Outcome& second);

}  // namespace thx::random
