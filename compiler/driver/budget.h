// SPDX-License-Identifier: Apache-2.0
// Whether the workspaces of a program stay within --max-workspace.
#pragma once

#include <cstdint>

#include "codegen/interface.h"
#include "support/diagnostic.h"

namespace thx {

/// Reports error[over_budget] for every function, and for the initial values, that may need more
/// than `limit` bytes of workspace; and for those where a dim without a bound leaves it open.
void check_budget(const codegen::Interface& interface, const Program& program,
                  const loop::Program& loops, int64_t limit, Diagnostics& diagnostics);

}  // namespace thx
