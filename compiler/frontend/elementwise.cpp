// SPDX-License-Identifier: Apache-2.0
// Elementwise operators: operands meet in one dtype and one shape, every cast and broadcast a node.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

std::optional<DType> operation_dtype(Lowering& l, Op op, std::span<const Operand> operands,
                                     const Place& place, bool real) {
  const ElementwiseDef& row = elementwise(op);
  const std::optional<DType> met = meet(l, operands, place);
  if (!met) return std::nullopt;
  DType dtype = *met;
  if ((real || row.types == DTypes::floats) && !is_float(dtype)) dtype = l.float_x;
  // Of two bool, false is below true.
  const bool orders = row.result == ResultDType::boolean && !(row.traits & kCommutative);
  if (orders && is_bool(dtype)) return DType::u8;
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

bool is_weak(const Operand& operand) { return operand.weak; }

// Literals alone, of which some are arrays: element by element, trailing axes meeting.
Operand fold_arrays(Lowering& l, Op op, const std::vector<Operand>& operands, const Place& place,
                    bool real) {
  size_t rank = 0, length = 1;
  for (const Operand& operand : operands) rank = std::max(rank, shape_of(operand).size());
  if (rank == 0) return fold(l, op, operands, place, real);
  const auto splits = [&](const Operand& operand) { return shape_of(operand).size() == rank; };
  for (const Operand& operand : operands) {
    if (splits(operand)) length = std::max(length, operand.parts.size());
  }
  std::vector<Operand> results;
  for (size_t i = 0; i < length; ++i) {
    std::vector<Operand> row;
    for (const Operand& operand : operands) {
      const bool one = splits(operand) && operand.parts.size() == 1;
      row.push_back(splits(operand) ? operand.parts[one ? 0 : i] : operand);
    }
    results.push_back(fold_arrays(l, op, row, place, real));
    if (results.back().poisoned()) return {};
  }
  Operand list = Operand::of_sequence(std::move(results), place.whole);
  list.listed = list.weak = true;
  return list;
}

// u64 against a signed integer, exactly: a negative one is below all of the other, and what is not
// negative compares in u64.
Operand compare_signs(Lowering& l, Op op, const std::vector<Operand>& operands,
                      const Place& place) {
  const bool first_is_signed = is_signed(default_dtype(l, operands[0]));
  const Operand& number = operands[first_is_signed ? 0 : 1];
  const bool ascending = op == Op::less || op == Op::less_equal;
  const bool holds_below_zero =
      op == Op::not_equal || (op != Op::equal && ascending == first_is_signed);
  const Operand wrapped = convert(l, number, DType::u64, place.whole);
  const Operand compared = apply(
      l, op, {first_is_signed ? wrapped : operands[0], first_is_signed ? operands[1] : wrapped},
      place);
  const Operand zero = Operand::of_integer(0, place.whole);
  const Operand side =
      apply(l, holds_below_zero ? Op::less : Op::greater_equal, {number, zero}, place);
  return apply(l, holds_below_zero ? Op::bit_or : Op::bit_and, {side, compared}, place);
}

// A constant that a run-time integer meets in the arithmetic of positions, as in `i * B`, keeps its
// name: a slice from there to `(i + 1) * B` then has the extent B.
bool keeps_name(const Operand& operand, const ElementwiseDef& row, DType dtype,
                const Shape& shape) {
  return operand.weak && operand.is(Operand::Kind::integer) && !operand.extent.is_known() &&
         (row.traits & (kSum | kProduct)) && dtype == DType::i64 && shape.empty();
}

// The larger and the smaller of two bool.
Op logical_form(Op op) {
  if (op == Op::maximum) return Op::bit_or;
  if (op == Op::minimum) return Op::bit_and;
  return op;
}

}  // namespace

Operand apply(Lowering& l, Op op, std::vector<Operand> operands, const Place& place, bool real) {
  if (!all_numbers(l, operands, place)) return {};
  if (is_bool(meet(l, operands))) op = logical_form(op);
  const ElementwiseDef& row = elementwise(op);
  const bool chooses = row.result == ResultDType::chosen;
  if (chooses && !check_condition(l, operands[0], place)) return {};
  if (std::all_of(operands.begin(), operands.end(), is_weak)) {
    std::vector<Requirement> checks;
    if (!common_shape(l, operands, place, checks)) return {};
    return fold_arrays(l, op, operands, place, real);
  }
  if (row.result == ResultDType::boolean && operands.size() == 2 && meets_unsigned(l, operands)) {
    return compare_signs(l, op, operands, place);
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
    if (keeps_name(operands[i], row, *dtype, *shape)) {
      operands[i].extent.collect_symbols(l.extent_symbols);
      operands[i].weak = false;
    }
    const Value value = to_value(l, operands[i], condition ? DType::boolean : *dtype);
    if (!value) return {};
    values.push_back(stretch(l, value, *shape, operands[i].span));
  }
  const Value result = make(l.graph(), op, values, {}, place.whole);
  require(l, result, checks);
  return Operand::of(result, place.whole);
}

}  // namespace thx
