// SPDX-License-Identifier: Apache-2.0
// Elementwise operators and sums as register instructions, by their rows.
#pragma once

#include <span>

#include "ir/graph.h"
#include "ops/instruction.h"

namespace thx::loop {

/// The instructions of an elementwise operator, by its row's `emit`.
Lane emit_row(LaneBuilder& builder, Op op, std::span<const Lane> operands, DType result);

/// What a reduction or a dot adds up: by the reduction's row, or by that of the sum.
struct SumRow {
  Instruction combine;
  DType dtype;
  double identity;
  double empty;
};
SumRow sum_row(const Node& node);

}  // namespace thx::loop
