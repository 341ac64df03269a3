// SPDX-License-Identifier: Apache-2.0
// Between which numbers an extent lies, from the bounds of dims.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "ir/function.h"

namespace thx {

/// Both included; nothing where it is not known, or beyond int64.
struct ExtentBounds {
  std::optional<int64_t> low, high;
};
using BoundsOfSymbols = std::map<std::string, ExtentBounds, std::less<>>;

/// Of every dim: from 0 to its declared bound, or the number that it has.
BoundsOfSymbols bounds_of_dims(const Program& program);
/// By interval arithmetic over the canonical form; never too narrow.
ExtentBounds bounds_of(const Extent& extent, const BoundsOfSymbols& symbols);

}  // namespace thx
