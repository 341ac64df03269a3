// SPDX-License-Identifier: Apache-2.0
// Random choices that follow from a seed alone, on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace thx::random {

/// Mixes all bits of `x`: the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014).
constexpr uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// A stream of SplitMix64.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(mixed(seed)) {}
  /// A stream of its own for each name: what one draws does not move the others.
  Dice(uint64_t seed, std::string_view name) : state_(mixed(seed)) {
    for (const char c : name) state_ = mixed(state_ ^ static_cast<unsigned char>(c));
  }

  uint64_t bits() { return mixed(state_++); }
  /// In [0, count); count >= 1.
  int below(int count) { return static_cast<int>(bits() % static_cast<uint64_t>(count)); }
  size_t below(size_t count) { return static_cast<size_t>(bits() % count); }
  int from(int low, int high) { return low + below(high - low + 1); }  // both included
  bool chance(int percent) { return below(100) < percent; }
  bool flip() { return (bits() & 1) != 0; }
  /// In [0, 1).
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  template <class T>
  const T& one_of(std::span<const T> choices) {
    return choices[below(choices.size())];
  }
  template <class T, size_t N>
  const T& one_of(const T (&choices)[N]) {
    return choices[below(N)];
  }
  template <class List>
  void shuffle(List& list) {
    for (size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[below(i)]);
  }

 private:
  uint64_t state_;
};

}  // namespace thx::random
