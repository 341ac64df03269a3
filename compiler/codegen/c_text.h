// SPDX-License-Identifier: Apache-2.0
// Spelling of extents as C constant expressions.
#pragma once

#include <map>
#include <string>

#include "ir/extent.h"

namespace thx::codegen {

/// `extent` as a C expression of type int64_t, every symbol in parentheses and renamed by `names`
/// where it stands there. A constant expression where the symbols are. Division is the floor.
std::string c_expression(const Extent& extent, const std::map<std::string, std::string>& names);

}  // namespace thx::codegen
