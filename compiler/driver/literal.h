// SPDX-License-Identifier: Apache-2.0
// Arrays written on the command line.
#pragma once

#include <string_view>

#include "driver/host_array.h"
#include "support/result.h"

namespace thx {

/// Whether a text is meant as a literal: `3`, `-0.5`, `[1, 2.5, 3]`, `true`. Anything else is a
/// path.
bool looks_like_literal(std::string_view text);

/// A literal as an array of `dtype`: numbers as the language writes them, true and false, nested
/// lists. A number with a point or an exponent is no integer.
Result<HostArray> parse_literal(std::string_view text, DType dtype);

}  // namespace thx
