// SPDX-License-Identifier: Apache-2.0
// How the oracle computes views, placements and running combinations: from their rows alone.
#pragma once

#include "reference/array_rules.h"

namespace thx::reference {

/// For each element of a view, in order, where it lies in the operand.
void for_each_viewed(const Site& site, const std::function<void(size_t from)>& visit);
/// Each element of the result by the row's index map.
Array evaluate_view(const Site& site);
/// Each element of each operand where the row's placement puts it.
Array evaluate_placement(const Site& site);
/// The combinations of the row along the axis, one element after the other.
Array evaluate_cumulative(const Site& site);

}  // namespace thx::reference
