// SPDX-License-Identifier: Apache-2.0
// The calls that thxc verify makes: values of dims, inputs and states, from a seed.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "driver/loaded.h"
#include "ir/function.h"

namespace thx {

/// One call of a function.
struct Trial {
  DimValues dims;
  Arguments inputs;
  Arguments states;       // by name; empty: initial values
  uint64_t seed = 0;      // of initial values
  std::string words;      // "N = 3, edge values"
  bool moderate = false;  // numbers around 1: what differences of gradients can do with
};

/// Draws trials for one function: small primes, ones and zeros for all dims first, then one dim
/// after the other at and beside multiples of vectors and blocks; numbers of moderate and of widely
/// different sizes, with zeros, denormals, infinities and NaN among them; integers that are indices
/// within their extents, counted from the end, and now and then outside.
class TrialMaker {
 public:
  /// `largest_work`: of a call, in operations on elements, where dims leave a choice. `lanes`: of a
  /// vector of f32.
  TrialMaker(const Program& program, const Function& function, uint64_t seed, double largest_work,
             int lanes);

  /// Nothing where no values of dims are found that the function takes, or those that it takes make
  /// it hold more numbers than the interpreters do.
  std::optional<Trial> next();
  /// Why there was nothing.
  const std::string& refusal() const { return refusal_; }
  /// Whether it was for the size of the call.
  bool too_large() const { return too_large_; }
  /// Operations on elements that a call with `dims` makes, roughly, and the elements it is given.
  double work(const DimValues& dims) const;

 private:
  struct Range {
    Extent low, high;  // both included
  };
  enum class Profile : uint8_t { moderate, scales, positive, finite_edges, edges };

  std::optional<DimValues> choose_dims();
  std::optional<DimValues> searched_dims();
  int64_t boundary(size_t step) const;
  bool fits(const DimValues& dims) const;
  bool holds(const DimValues& dims) const;
  double numbers(const DimValues& dims) const;
  HostArray array(const Type& type, const std::string& name, Profile profile,
                  const DimValues& dims);
  double real(DType dtype, Profile profile);
  int64_t plain_integer(DType dtype, Profile profile);
  int64_t index(const std::vector<Range>& ranges, int kind, const DimValues& dims);
  uint64_t below(uint64_t count) { return count == 0 ? 0 : random_() % count; }
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  void find_indices();

  const Program& program_;
  const Function& function_;
  double largest_work_;
  int lanes_;
  std::mt19937_64 random_;
  size_t made_ = 0, steps_ = 0, special_ = 0;
  std::string refusal_;
  bool too_large_ = false;
  std::vector<std::string> free_dims_;
  std::map<std::string, std::vector<Range>> indices_;  // by input or state
};

}  // namespace thx
