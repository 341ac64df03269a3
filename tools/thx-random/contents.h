// SPDX-License-Identifier: Apache-2.0
// Which operators stand in programs.
#pragma once

#include <vector>

#include "ir/function.h"

namespace thx::random {

/// By operator: whether it stands in the program, in regions too.
std::vector<bool> operators_of(const Program& program);
/// Whether a derivative does: then the program has no values yet.
bool has_derivative(const Program& program);

}  // namespace thx::random
