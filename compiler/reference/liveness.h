// SPDX-License-Identifier: Apache-2.0
// In which order the values of a body are computed, which of them nobody needs any more, and how
// many numbers that holds at a time.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"

namespace thx::reference {

/// The interpreter refuses what needs more numbers than these at a time: each takes 24 bytes, with
/// a bound 32.
inline constexpr double kMostNumbers = 1 << 24;

/// A node with the values, by id, that are read by it for the last time.
struct Step {
  Value value;
  std::vector<size_t> last;
};
/// The nodes that the results of `body` need, in order. Results are never read for the last time.
std::vector<Step> steps_of(const Body& body);

/// The numbers in all arrays that are alive together at the worst moment of an evaluation, those of
/// regions included; infinite where there are too many to count.
double numbers_at_once(const Body& body, const Extent::Values& dims);
double elements_of(const Shape& shape, const Extent::Values& dims);
/// What is said where these are too many.
std::string too_many_numbers(double numbers);

}  // namespace thx::reference
