// SPDX-License-Identifier: Apache-2.0
// Elementwise operators and sums as register instructions, by their rows.
#pragma once

#include <span>

#include "ir/graph.h"
#include "schedule/loop_builder.h"

namespace thx::loop {

/// The instructions of an elementwise operator, by its row's `emit`. Those of a function of floats
/// that is costly (exp, pow, …) say which one they compute, for counts.
Lane emit_row(KernelBuilder& builder, Op op, std::span<const Lane> operands, DType result);

/// What a reduction or a dot adds up: by the reduction's row, or by that of the sum.
struct SumRow {
  Instruction combine;
  DType dtype;
  double identity;
  double empty;
};
SumRow sum_row(const Node& node);

}  // namespace thx::loop
