// SPDX-License-Identifier: Apache-2.0
// Reads a file into the sources of a compilation.
#pragma once

#include <optional>
#include <string>

#include "support/diagnostic.h"

namespace thx {

/// The number of the file in `sources`, or nothing and error[cannot_read].
std::optional<uint32_t> read_source(const std::string& path, Sources& sources,
                                    Diagnostics& diagnostics);

}  // namespace thx
