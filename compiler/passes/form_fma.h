// SPDX-License-Identifier: Apache-2.0
// Makes fused multiply-adds explicit, so that every level computes the same bits.
#pragma once

#include "ir/function.h"

namespace thx {

/// Where `allowed` (the mode and the target): float dots accumulate fused, and a sum or difference
/// of a product that nothing else reads becomes one fused operation; of two such products the left
/// one. Regions included. Otherwise nothing changes.
void form_fma(Program& program, bool allowed);

}  // namespace thx
