// SPDX-License-Identifier: Apache-2.0
// Tells of a failing case: made small, with arguments and the command that shows it.
#pragma once

#include <string>

#include "check.h"

namespace thx::random {

/// The first failure of the case up to the stage; for `object` in an object of its own.
std::optional<Failure> check_levels(const Case& source, Stage stage, Tally& tally);

/// Shrinks the case, or the program before the step that failed where that fails alone, writes it
/// to `folder` and prints what was found.
void report(const Case& source, const Failure& failure, Stage stage, const std::string& folder);

}  // namespace thx::random
