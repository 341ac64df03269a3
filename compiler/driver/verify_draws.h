// SPDX-License-Identifier: Apache-2.0
// The draws of initial values for the interpreters, by the runtime's generator.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "reference/evaluate.h"
#include "schedule/loop_ir.h"

namespace thx {

std::vector<Scalar> draw_for_reference(const reference::DrawRequest& request);
/// False where `call` is no draw that is known.
bool draw_for_loops(const loop::Call& call, DType dtype, const Extent::Values& dims, uint64_t seed,
                    std::span<std::byte> bytes);

}  // namespace thx
