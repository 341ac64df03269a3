// SPDX-License-Identifier: Apache-2.0
// Passes that are wrong on purpose, by which tests see that a wrong pass is caught and named.
#pragma once

#include <string_view>

#include "ir/function.h"
#include "schedule/loop_ir.h"

namespace thx {

/// In builds with THX_VERIFY_EACH, where the environment says THX_WRONG_PASS=NAME, and `pass` is
/// that name: the first product of the program becomes a sum, or the first sum a difference.
/// Nothing otherwise. Places in the source are lost.
void spoil_on_demand(std::string_view pass, Program& program);
void spoil_on_demand(std::string_view pass, loop::Program& program);

}  // namespace thx
