// SPDX-License-Identifier: Apache-2.0
// Elementwise operators whose instructions depend on the dtype.
#pragma once

#include <span>

#include "ops/instruction.h"

namespace thx::lane {

/// Unsigned integers are their own magnitude.
Lane abs(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// -1, 0 or 1; NaN for NaN.
Lane sign(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// math::pow for floats, repeated squaring for integers.
Lane pow(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// Python's // and %; integers give 0 where the divisor is 0; floats are exact as C's fmod is.
Lane floor_divide(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane remainder(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane cast(LaneBuilder& b, std::span<const Lane> operands, DType result);

}  // namespace thx::lane
