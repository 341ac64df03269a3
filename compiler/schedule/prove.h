// SPDX-License-Identifier: Apache-2.0
// Proves that extents are not negative, from the ranges of loop variables and from guards.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/extent.h"

namespace thx::loop {

/// A symbol between two extents, both included; `high` may be unknown.
struct Range {
  std::string symbol;
  Extent low;
  std::optional<Extent> high;
};

/// What holds at a place. Symbols without a range are dims, which are not negative, unless they
/// start with `%`: values of registers, of which nothing is known but the facts.
struct Facts {
  std::vector<Range> ranges;  // outer ones first: a bound may mention the symbols before it
  std::vector<Extent> nonnegative;

  /// True only if `extent` >= 0 wherever the ranges and facts hold; false where that is not known.
  bool prove(const Extent& extent) const;
  /// Whether the facts contradict each other, so that the place is never reached.
  bool impossible() const;

 private:
  bool says(const Extent& extent) const;
};

/// Whether every term of `extent` has a coefficient that `divisor` divides.
bool divides(int64_t divisor, const Extent& extent);

}  // namespace thx::loop
