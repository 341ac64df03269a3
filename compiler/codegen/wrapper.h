// SPDX-License-Identifier: Apache-2.0
// The generated C++17 wrapper.
#pragma once

#include <string>

#include "codegen/interface.h"

namespace thx::codegen {

/// Header only, over the C header: owns state and workspace, checks shapes, names arguments.
std::string emit_wrapper(const Interface& interface, const Program& program);

}  // namespace thx::codegen
