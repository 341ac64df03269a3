// SPDX-License-Identifier: Apache-2.0
// Elementwise operators: operands meet in one dtype and one shape, every cast and broadcast a node.
#include <algorithm>

#include "frontend/lowering.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

std::optional<DType> operation_dtype(Lowering& l, Op op, std::span<const Operand> operands,
                                     const Place& place, bool real) {
  const ElementwiseDef& row = elementwise(op);
  DType dtype = meet(l, operands);
  if ((real || row.types == DTypes::floats) && !is_float(dtype)) dtype = l.float_x;
  if (accepts(row.types, dtype)) return dtype;
  Diagnostic& error = l.report(Err::dtype_mismatch, place.mark,
                               format("{} is not defined for {}", place.spelled, spelling(dtype)));
  for (const Operand& operand : operands) error.label(operand.span, spell(operand));
  if (place.spelled == "`^`" && !is_bool(dtype)) {
    error.help("`^` is exclusive or; powers are written `**`");
  } else if (is_bool(dtype)) {
    error.help("combine conditions with `|` and `&`, or count with `i64(x)`");
  } else if (is_float(dtype)) {
    error.help("compare first, as in `x > 0`, or convert with `i64(x)`");
  }
  return std::nullopt;
}

bool check_condition(Lowering& l, const Operand& condition, const Place& place) {
  if (is_bool(default_dtype(l, condition))) return true;
  l.report(Err::dtype_mismatch, condition.span,
           format("the condition of {} is {}, not bool", place.spelled, spell(condition)))
      .help("compare, as in `x > 0`");
  return false;
}

}  // namespace

Operand apply(Lowering& l, Op op, std::vector<Operand> operands, const Place& place, bool real) {
  if (!all_numbers(l, operands, place)) return {};
  const ElementwiseDef& row = elementwise(op);
  const bool chooses = row.result == ResultDType::chosen;
  if (chooses && !check_condition(l, operands[0], place)) return {};
  if (std::all_of(operands.begin(), operands.end(), [](const Operand& o) { return o.weak; })) {
    return fold(l, op, operands, place, real);
  }
  const std::span<const Operand> numbers = std::span(operands).subspan(chooses ? 1 : 0);
  const std::optional<DType> dtype = operation_dtype(l, op, numbers, place, real);
  if (!dtype) return {};
  std::vector<Requirement> checks;
  const std::optional<Shape> shape = common_shape(l, operands, place, checks);
  if (!shape) return {};
  std::vector<Value> values;
  for (size_t i = 0; i < operands.size(); ++i) {
    const bool condition = chooses && i == 0;
    const Value value = to_value(l, operands[i], condition ? DType::boolean : *dtype);
    if (!value) return {};
    values.push_back(stretch(l, value, *shape, operands[i].span));
  }
  const Value result = make(l.graph(), op, values, {}, place.whole);
  require(l, result, checks);
  return Operand::of(result, place.whole);
}

}  // namespace thx
