// SPDX-License-Identifier: Apache-2.0
// Calls of loop IR and of objects on the reference interpreter's arrays.
#pragma once

#include <string>

#include "driver/host_array.h"
#include "reference/evaluate.h"
#include "schedule/loop_ir.h"

namespace thx::random {

/// Interprets `function`, which was built from `source`. `error`: what its program did that none
/// may do. States are those after the call, also where it failed. `reverse`: what may run in any
/// order runs backwards.
reference::Outcome run_loops(const loop::Function& function, const Function& source,
                             const reference::Arguments& arguments, bool reverse,
                             std::string& error);

HostArray to_host(const reference::Array& array);
reference::Array from_host(const HostArray& array);

}  // namespace thx::random
