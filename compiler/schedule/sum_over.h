// SPDX-License-Identifier: Apache-2.0
// Sums of extents over the iterations of a loop, in closed form.
#pragma once

#include <string>

#include "schedule/prove.h"

namespace thx::loop {

/// begin, begin + step, … as long as it is below end.
struct Iterations {
  std::string var;  // with its `$`
  Extent begin, end;
  int64_t step = 1;
};

/// How many there are; `max(…, 0)` unless `facts` show that the range does not run backwards.
Extent trip_count(const Iterations& loop, const Facts& facts);

struct ExtentSum {
  Extent value;
  bool exact = true;  // false: `value` is an estimate from the first and the last iteration
};
/// The sum of `body`, which may mention the loop's variable. Closed are polynomials up to the
/// second power and the lengths of blocks, min(T * v + T, N) - T * v, which add up to N.
ExtentSum sum_over(const Extent& body, const Iterations& loop, const Facts& facts);

}  // namespace thx::loop
