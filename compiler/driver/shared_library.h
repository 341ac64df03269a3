// SPDX-License-Identifier: Apache-2.0
// Shared libraries, by the system's linker.
#pragma once

#include <optional>
#include <string>

#include "support/diagnostic.h"

namespace thx {

/// The bytes of a shared library of the object and the freestanding runtime, which shows the names
/// that start with the prefix alone. Reports error[cannot_link] where `cc` or the runtime is
/// missing, or the linker refuses.
std::optional<std::string> link_shared(const std::string& object, const std::string& prefix,
                                       const std::string& name, Diagnostics& diagnostics);

}  // namespace thx
