// SPDX-License-Identifier: Apache-2.0
// How much memory data may take: sizes come from files and command lines.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/diagnostic.h"

namespace thx {

/// Whether this machine has so much memory. More would end the process while it is filled.
bool fits_memory(uint64_t bytes);
/// "WHAT of N bytes: more than this machine's memory".
Diagnostic too_large(uint64_t bytes, std::string_view what);

}  // namespace thx
