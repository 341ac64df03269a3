// SPDX-License-Identifier: Apache-2.0
// What a function checks before it computes anything.
#pragma once

#include "reference/evaluate.h"

namespace thx::reference {

/// Why `function` cannot be entered with `dims`, or an empty text: a requirement that does not
/// hold, an extent that has no value or is negative, a maximum of nothing.
std::string refusal_at_entry(const Function& function, const Extent::Values& dims);
std::string refusal_at_entry(const Body& body, const Extent::Values& dims);

}  // namespace thx::reference
