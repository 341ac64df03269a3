// SPDX-License-Identifier: Apache-2.0
// Formulas over operands, for functions that stand for an expression; and what must hold of
// extents.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {

Operand Composer::add(const Operand& a, const Operand& b) const {
  return lower_operator(l_, ast::Operator::add, a, b, place_);
}
Operand Composer::sub(const Operand& a, const Operand& b) const {
  return lower_operator(l_, ast::Operator::subtract, a, b, place_);
}
Operand Composer::mul(const Operand& a, const Operand& b) const {
  return lower_operator(l_, ast::Operator::multiply, a, b, place_);
}
Operand Composer::div(const Operand& a, const Operand& b) const {
  return lower_operator(l_, ast::Operator::divide, a, b, place_);
}

Operand Composer::apply(Op op, std::vector<Operand> operands, bool real) const {
  return thx::apply(l_, op, std::move(operands), place_, real);
}

Operand Composer::reduce(Op op, const Operand& x, const AxisList& axes, bool keep_dims) const {
  if (!all_numbers(l_, {&x, 1}, place_)) return {};
  const Value value = to_value(l_, x);
  if (!value) return {};
  const Value reduced = thx::reduce(l_.graph(), op, value, axes, place_.whole);
  return of(keep_dims ? keep_axes(l_, reduced, value->shape(), axes, place_.whole) : reduced);
}

Value keep_axes(Lowering& l, Value reduced, const Shape& shape, const AxisList& axes, Span at) {
  if (axes.empty()) return reduced;
  Shape kept = shape;
  for (const int64_t axis : axes) kept[static_cast<size_t>(axis)] = Extent(1);
  return broadcast(l.graph(), reduced, kept, kept_axes(static_cast<int>(shape.size()), axes), at);
}

Value count_value(Lowering& l, const Extent& count, DType dtype, Span at) {
  if (count.is_known() && is_float(dtype)) {
    return constant(l.graph(), {dtype, {}}, static_cast<double>(count.known()), at);
  }
  count.collect_symbols(l.extent_symbols);
  return cast(l.graph(), extent_value(l.graph(), count, at), dtype, at);
}

Value positions(Lowering& l, const Shape& shape, int64_t axis, Span at) {
  return make(l.graph(), Op::iota, {}, {{"axis", axis}, {"shape", shape}}, at);
}

Value filled(Lowering& l, const Operand& with, DType dtype, const Shape& shape, Span at) {
  const Value value = to_value(l, with, dtype);
  return value ? broadcast_trailing(l.graph(), value, shape, at) : value;
}

bool never_negative(const Lowering& l, const Extent& extent) {
  if (extent.is_known()) return extent.known() >= 0;
  const auto factor_is = [&](const Extent::Factor& factor) {
    if (!factor.symbol.empty()) {  // dims are never negative, constants may be
      const Symbol* symbol = l.symbols().find(factor.symbol);
      return symbol && symbol->kind == SymbolKind::dim;
    }
    const bool a = never_negative(l, *factor.a), b = never_negative(l, *factor.b);
    switch (factor.function) {
      case ExtentFunction::mod: return true;  // of the divisor's sign, which is positive
      case ExtentFunction::floordiv: return a;
      case ExtentFunction::min: return a && b;
      default: return a || b;
    }
  };
  const std::vector<Extent::Term> terms = extent.terms();
  return std::all_of(terms.begin(), terms.end(), [&](const Extent::Term& term) {
    return term.coefficient >= 0 &&
           std::all_of(term.factors.begin(), term.factors.end(), factor_is);
  });
}

bool need_at_least(Lowering& l, const Extent& left, const Extent& right, Span at,
                   std::vector<Requirement>& checks, const std::function<void()>& fail) {
  const Extent difference = left - right;
  if (never_negative(l, difference)) return true;
  if (difference.is_known() || never_negative(l, Extent(-1) - difference)) {
    fail();
    return false;
  }
  left.collect_symbols(l.extent_symbols);
  right.collect_symbols(l.extent_symbols);
  checks.push_back({Requirement::Kind::at_least, left, right, at});
  return true;
}

}  // namespace thx
