// SPDX-License-Identifier: Apache-2.0
// Extents as people read them.
#pragma once

#include <string>

#include "ir/extent.h"

namespace thx {

/// As Extent::text, but with `ceil(N/256)` for `(N+255)//256`.
std::string readable(const Extent& extent);

/// `4*F*N`, or, where the values are known, `4*F*N = 48000`.
std::string text_with_number(const Extent& extent, const Extent::Values& values);

}  // namespace thx
