// SPDX-License-Identifier: Apache-2.0
// Where functions are probed: every stride-th number of f32, samples and hard cases.
#pragma once

#include <vector>

#include "reference.h"

namespace thx::math_check {

/// Operands, of the same count; `y` is empty for one operand.
template <class T>
struct Operands {
  std::vector<T> x, y;
};

/// Known hard cases of all functions, then `count` samples: of the function's interval, of numbers
/// of every size, and of all bit patterns, a third each. The same ones at every call.
template <class T>
Operands<T> samples(const Reference& reference, size_t count);

}  // namespace thx::math_check
