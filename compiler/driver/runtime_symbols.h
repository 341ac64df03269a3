// SPDX-License-Identifier: Apache-2.0
// What objects that are loaded into this process may call.
#pragma once

#include "codegen/loaded_object.h"

namespace thx {

/// The functions of thx/object.h and thx/thx.h, and the three of libc.
codegen::Symbols runtime_symbols();

}  // namespace thx
