// SPDX-License-Identifier: Apache-2.0
// Random dims and data at which derivatives are looked at.
#pragma once

#include <cstdint>

#include "ir/function.h"
#include "reference/evaluate.h"

namespace thx {

/// Draws points from a seed. `attempt` counts them for one function: numbers are by turns spread,
/// small and positive, and dims 2 to 5 at first, then 1 to 5.
class RandomPoints {
 public:
  explicit RandomPoints(uint64_t seed) : state_(seed) {}

  /// A dim that has a value keeps it, or, every other time, is no more than 3: files fix large
  /// ones.
  Extent::Values dims(const Program& program, int attempt);
  /// Integers are 0 or 1: indices that small axes have.
  reference::Array array(const Type& type, const Extent::Values& dims, int attempt);
  /// Dims and inputs of a function.
  reference::Arguments arguments(const Program& program, const Function& function, int attempt);

  int64_t below(int64_t end) { return static_cast<int64_t>(bits() % static_cast<uint64_t>(end)); }
  double uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53; }
  double normal();

 private:
  uint64_t bits();

  uint64_t state_;
};

/// How many numbers the inputs of a function hold together.
double input_numbers(const Function& function, const Extent::Values& dims);

}  // namespace thx
