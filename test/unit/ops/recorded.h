// SPDX-License-Identifier: Apache-2.0
// One function of lanes, recorded for a dtype, and how far its results are from exact ones.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "unit/ops/lane_tape.h"

namespace thx::testing {

using Function = Lane (*)(LaneBuilder&, std::span<const Lane>, DType);

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class T>
inline constexpr DType kDType = std::is_same_v<T, float> ? DType::f32 : DType::f64;
template <class T>
using Bits = std::conditional_t<std::is_same_v<T, float>, uint32_t, uint64_t>;
template <class T>
using Wider = std::conditional_t<std::is_same_v<T, float>, double, long double>;

/// One function, recorded for one dtype.
template <class T>
class Recorded {
 public:
  Recorded(Function function, int operands, bool fuses) : tape_(fuses) {
    std::vector<Lane> inputs;
    for (int i = 0; i < operands; ++i) inputs.push_back(tape_.input(kDType<T>));
    result_ = function(tape_, inputs, kDType<T>);
  }
  std::vector<T> operator()(std::vector<std::vector<T>> inputs) {
    std::vector<std::vector<uint64_t>> words;
    for (const auto& input : inputs) {
      words.emplace_back();
      for (T x : input) words.back().push_back(std::bit_cast<Bits<T>>(x));
    }
    const std::vector<uint64_t> bits = tape_.run(result_, {words.begin(), words.end()});
    std::vector<T> out;
    for (uint64_t word : bits) out.push_back(std::bit_cast<T>(static_cast<Bits<T>>(word)));
    return out;
  }
  T one(T x) { return (*this)({{x}})[0]; }
  T one(T x, T y) { return (*this)({{x}, {y}})[0]; }
  size_t instructions() const { return tape_.instructions(); }

 private:
  LaneTape tape_;
  Lane result_;
};

/// The distance from the exact value in units of the last place of the result's format.
template <class T>
double ulps(T got, Wider<T> exact) {
  const T nearest = static_cast<T>(exact);
  if (std::isnan(nearest) || std::isnan(got))
    return std::isnan(nearest) == std::isnan(got) ? 0 : kInf;
  if (got == nearest) return std::signbit(got) == std::signbit(nearest) ? 0.5 : kInf;
  if (std::isinf(got) && std::isinf(nearest)) return kInf;
  const Wider<T> top = std::numeric_limits<T>::max();
  const Wider<T> a =
      std::isinf(got) ? std::copysign(top, got) * (1 + std::numeric_limits<T>::epsilon() / 2) : got;
  int exponent;
  std::frexp(static_cast<Wider<T>>(nearest), &exponent);
  const int lowest = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
  exponent = std::isinf(nearest) ? std::numeric_limits<T>::max_exponent : exponent;
  const Wider<T> unit =
      std::ldexp(Wider<T>(1), std::max(exponent - std::numeric_limits<T>::digits, lowest));
  return static_cast<double>(std::fabs(a - exact) / unit);
}

}  // namespace thx::testing
