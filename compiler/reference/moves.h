// SPDX-License-Identifier: Apache-2.0
// How the oracle computes views, placements and running combinations: from their rows alone.
#pragma once

#include "reference/array_rules.h"

namespace thx::reference {

/// Each element of the result by the row's index map.
Array evaluate_view(const Site& site);
/// Each element of each operand where the row's placement puts it.
Array evaluate_placement(const Site& site);
/// The combinations of the row along the axis, one element after the other.
Array evaluate_cumulative(const Site& site);

}  // namespace thx::reference
