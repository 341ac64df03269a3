// SPDX-License-Identifier: Apache-2.0
// Places of elements in arrays, as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace thx {

/// `[2, 0]` of the element that stands at `element` in row-major order; nothing of a scalar.
std::string element_place(const std::vector<int64_t>& extents, size_t element);

}  // namespace thx
