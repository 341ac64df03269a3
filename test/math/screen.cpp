// SPDX-License-Identifier: Apache-2.0
// Loops without branches, which compilers vectorise.
#include "screen.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace thx::math_check {
namespace {

/// Whether one result has to be looked at with more digits. What is correctly rounded, as far as
/// `exact` can tell, has not.
bool may_be_over(float got, double exact, double limit) {
  const auto rounded = static_cast<float>(exact);
  const bool same = std::bit_cast<uint32_t>(got) == std::bit_cast<uint32_t>(rounded);
  const bool both_nan = (got != got) & (exact != exact);
  // 2^(23 - e) of the binade of `exact`, by its upper bits. One less of them: what lies just above
  // a power of two may belong below it, where units are half as large.
  const auto upper = static_cast<int32_t>((std::bit_cast<uint64_t>(exact) >> 32) & 0x7fffffff);
  const int32_t exponent = std::clamp(((upper - 1) >> 20) - 1023, -126, 127);
  const double unit = std::bit_cast<double>(static_cast<uint64_t>(1023 + 23 - exponent) << 52);
  const bool close = std::fabs(static_cast<double>(got) - exact) * unit <= limit;
  // Zeros have a sign that must be right: they are the same or to be looked at.
  return !(same | both_nan | (close & (got != 0)));
}

}  // namespace

void every_number(uint32_t first, uint32_t stride, float* xs, size_t count) {
  for (size_t i = 0; i < count; ++i)
    xs[i] = std::bit_cast<float>(first + static_cast<uint32_t>(i) * stride);
}

void widen(const float* xs, double* wide, size_t count) {
  for (size_t i = 0; i < count; ++i) wide[i] = static_cast<double>(xs[i]);
}

void evaluate(double (*f)(double), const float* xs, double* results, size_t count) {
  for (size_t i = 0; i < count; ++i) results[i] = f(static_cast<double>(xs[i]));
}

size_t first_over(const float* got, const double* exact, double limit, size_t from, size_t count) {
  constexpr size_t kGroup = 64;
  for (; from + kGroup <= count; from += kGroup) {
    unsigned any = 0;
    for (size_t i = from; i < from + kGroup; ++i) any |= may_be_over(got[i], exact[i], limit);
    if (any != 0) break;
  }
  while (from < count && !may_be_over(got[from], exact[from], limit)) ++from;
  return from;
}

}  // namespace thx::math_check
