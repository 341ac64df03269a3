// SPDX-License-Identifier: Apache-2.0
// Rows to instructions: one instruction, a formula, or a function of lanes.
#include "schedule/emit_row.h"

#include <algorithm>

#include "ops/op_def.h"

namespace thx::loop {
namespace {

/// Folds a row's formula into instructions; constants take the dtype of the operands.
struct Expansion {
  KernelBuilder& builder;
  std::span<const Lane> operands;

  Lane variable(int index) const { return operands[static_cast<size_t>(index)]; }
  Lane constant(double value) const { return builder.number(operands[0], value); }
  Lane apply(Op op, const std::vector<Lane>& args) const {
    const ElementwiseDef& row = elementwise(op);
    const DType result =
        row.result == ResultDType::boolean ? DType::boolean : builder.dtype(args.back());
    return emit_row(builder, op, args, result);
  }
  Lane keep(Lane arg) const { return arg; }
};

Instruction instruction_of(Op op) {
  const Emit& emit = elementwise(op).emit;
  THX_CHECK(emit.kind == Emit::Kind::instruction, "{} folds, but is no instruction", name_of(op));
  return emit.instruction;
}

/// The row of the reduction that adds.
const ReductionDef& row_of_sum() {
  for (const ReductionDef& row : reduction_rows())
    if (row.ordered && (traits_of(row.combine) & kSum) != 0) return row;
  THX_UNREACHABLE("no reduction adds");
}

}  // namespace

Lane emit_row(KernelBuilder& builder, Op op, std::span<const Lane> operands, DType result) {
  const Emit& emit = elementwise(op).emit;
  switch (emit.kind) {
    case Emit::Kind::instruction: return builder.emit(emit.instruction, operands, result);
    case Emit::Kind::expand: return fold<Lane>(emit.formula, Expansion{builder, operands});
    case Emit::Kind::lanes: {
      const Lane lane = emit.lanes(builder, operands, result);
      if (is_float(result) && (traits_of(op) & kCostly) != 0) builder.computes(op, lane);
      return lane;
    }
  }
  THX_UNREACHABLE("an emission of no kind");
}

SumRow sum_row(const Node& node) {
  const ReductionDef& row = node.family() == Family::reduction ? reduction(node.op) : row_of_sum();
  return {instruction_of(row.combine), node.dtype(), row.identity, row.empty};
}

}  // namespace thx::loop
