// SPDX-License-Identifier: Apache-2.0
// Makes a failing case small: Zeller, Hildebrandt, "Simplifying and isolating failure-inducing
// input", IEEE TSE 2002, on programs instead of texts.
#pragma once

#include <functional>

#include "generate.h"

namespace thx::random {

/// The smallest case found by leaving out functions, outputs, updates, states, inputs and
/// requirements, by putting operands and constants in place of values, also in regions, and by
/// lowering dims, as long as `fails` holds; at most `trials` times asked.
Case shrunk(const Case& source, const std::function<bool(const Case&)>& fails, int trials = 2000);

}  // namespace thx::random
