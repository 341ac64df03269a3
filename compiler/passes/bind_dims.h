// SPDX-License-Identifier: Apache-2.0
// Puts the numbers that are known for dims in their places.
#pragma once

#include "ir/function.h"

namespace thx {

/// Substitutes every dim that has a value in types, attributes, regions, states and requirements.
/// A requirement that then holds is dropped; one that does not is kept, for the entry to refuse.
void bind_dims(Program& program);

}  // namespace thx
