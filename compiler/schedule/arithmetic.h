// SPDX-License-Identifier: Apache-2.0
// One lane of one register instruction, computed on the host: what ops/instructions.def means.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ir/attrs.h"
#include "ops/instruction.h"

namespace thx::loop {

/// The value of one lane: a float's bits, an integer extended to 64 bits by its sign or by zeros,
/// a bool as 0 or 1.
using LaneBits = uint64_t;

LaneBits bits_of(const Scalar& value);
Scalar scalar_of(LaneBits bits, DType dtype);
/// From and to the bytes of a buffer. Any nonzero byte is a true bool.
LaneBits load_lane(const void* bytes, DType dtype);
void store_lane(void* bytes, DType dtype, LaneBits bits);
/// An integer wrapped to `dtype`.
LaneBits wrap(uint64_t value, DType dtype);

LaneBits convert_lane(LaneBits bits, DType from, DType to);
/// `from` is the dtype of the operands (of the values, for select); nothing where the instruction
/// has no result: an integer quotient by 0 or beyond the range, a shift by the width or more.
/// splat, iota and shuffle move lanes and are not computed here.
std::optional<LaneBits> compute_lane(Instruction instruction, DType from, DType to,
                                     const std::array<LaneBits, 3>& operands);

}  // namespace thx::loop
