// SPDX-License-Identifier: Apache-2.0
// The inner loops over all numbers of f32. Plain memory alone: this file is compiled with -O2 and
// without sanitizers in every preset, so no container may cross its border.
#pragma once

#include <cstddef>
#include <cstdint>

namespace thx::math_check {

/// The numbers of f32 whose bits are first, first + stride, first + 2 stride, ...
void every_number(uint32_t first, uint32_t stride, float* xs, size_t count);

void widen(const float* xs, double* wide, size_t count);

/// f of each number, in f64.
void evaluate(double (*f)(double), const float* xs, double* results, size_t count);

/// The first place from `from` on where `got` may be off by more than `limit` units of the last
/// place, 0.5 at least, or differ in NaN, infinity or the sign of a zero; `count` where there is
/// none. `exact` is right to some of the last places of f64.
size_t first_over(const float* got, const double* exact, double limit, size_t from, size_t count);

}  // namespace thx::math_check
