// SPDX-License-Identifier: Apache-2.0
// The reverse of a loop.
#pragma once

#include <span>
#include <vector>

#include "ops/control.h"
#include "passes/differentiate_sweep.h"

namespace thx::reverse {

/// The cotangents of the operands of a loop, from those of its results, by a loop that runs
/// backwards. The forward loop also yields the carries that this one reads.
std::vector<Cotangent> scan_adjoint(Graph& graph, const Scan& scan,
                                    std::span<const Cotangent> cotangents,
                                    const std::vector<bool>& wanted, Session& session);

}  // namespace thx::reverse
