// SPDX-License-Identifier: Apache-2.0
// Random dims and data at which derivatives are looked at.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/function.h"
#include "reference/evaluate.h"

namespace thx {

/// Draws points from a seed. `attempt` counts them for one function: numbers are by turns spread,
/// small and positive, and dims 2 to 5 at first, then 1 to 5. A function may have more kinds of
/// numbers.
class RandomPoints {
 public:
  explicit RandomPoints(uint64_t seed) : state_(seed) {}

  /// From now on numbers are also of other magnitudes by turns, and above and below each of
  /// `centers`; integers are up to 7 then.
  void look_around(std::vector<double> centers) {
    centers_ = std::move(centers);
    wide_ = true;
  }
  /// After how many attempts the numbers are of the first kind again.
  int kinds() const;

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
  double number(int kind);

  uint64_t state_;
  bool wide_ = false;
  std::vector<double> centers_;
};

/// How many numbers the inputs of a function hold together.
double input_numbers(const Function& function, const Extent::Values& dims);

}  // namespace thx
