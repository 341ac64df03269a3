// SPDX-License-Identifier: Apache-2.0
// Where index arrays and run-time starts lead: which elements are read and written.
#pragma once

#include <functional>

#include "reference/array_rules.h"

namespace thx::reference {

/// Places of elements, in row-major order of each array.
using VisitPlaces = std::function<void(size_t indexed, size_t other)>;

/// Of a gather or dynamic_slice: for each element of the result, in order, where it is read. False
/// where an index is outside its axis.
bool for_each_read(const Site& site, const VisitPlaces& visit);
/// Of a scatter: for each update, in order, where it is written. False where an index is outside.
bool for_each_written(const Site& site, const VisitPlaces& visit);

/// Their values. A scatter changes what it can have (Site::taken), so that it takes as long as it
/// has updates.
Array evaluate_read(const Site& site);
Array evaluate_scatter_add(const Site& site);
Array evaluate_scatter_set(const Site& site);

}  // namespace thx::reference
