// SPDX-License-Identifier: Apache-2.0
// What the guards of a build promise, looked at in the values of a call.
#pragma once

#include <optional>

#include "driver/options.h"
#include "driver/verify_compare.h"
#include "driver/verify_runs.h"

namespace thx {

bool has_guards(const CompileOptions& options);

/// `loops`: how the guarded form of a call ended; `function`: the tensor IR that it was made of.
/// A difference where it was refused although no number of the call is one that a guard refuses,
/// and where it was not although an output or a new state is.
std::optional<Difference> guard_difference(const CompileOptions& options, const Function& function,
                                           const CallData& data, const RunResult& loops);

}  // namespace thx
