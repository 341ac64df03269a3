// SPDX-License-Identifier: Apache-2.0
// Expressions: names, literals, operators and fields. Long chains are followed in a loop; recursion
// is as deep as brackets nest.
#include <algorithm>
#include <cmath>
#include <limits>

#include "frontend/builtins.h"
#include "frontend/lowering.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;
using ast::Operator;

std::string without_underscores(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

Operand lower_number(Lowering& l, const ast::Node& node) {
  const std::string digits = without_underscores(node.text);
  if (node.kind == NodeKind::floating) {
    const std::optional<double> value = parse_double(digits);
    THX_CHECK(value, "the lexer took `{}` for a number", node.text);
    if (std::isfinite(*value)) return Operand::of_real(*value, node.span);
    l.report(Err::bad_number, node.span, format("`{}` is too large for f64", node.text))
        .help("infinity is written `inf`");
    return {};
  }
  const bool hex = digits.size() > 2 && (digits[1] == 'x' || digits[1] == 'X');
  errno = 0;
  const unsigned long long value =
      std::strtoull(digits.c_str() + (hex ? 2 : 0), nullptr, hex ? 16 : 10);
  if (errno == 0 && value <= static_cast<unsigned long long>(INT64_MAX)) {
    return Operand::of_integer(static_cast<int64_t>(value), node.span);
  }
  if (errno == 0) return Operand::of_unsigned(value, node.span);
  Diagnostic& error =
      l.report(Err::bad_number, node.span, format("`{}` is too large for u64", node.text));
  if (!hex) error.help(format("write `{}.0` for a float", node.text));
  return {};
}

bool check_boolean(Lowering& l, const Operand& operand, const Place& place) {
  if (operand.poisoned()) return false;
  if (operand.is_number() && is_bool(default_dtype(l, operand))) return true;
  l.report(Err::dtype_mismatch, place.mark,
           format("{} needs bool, not {}", place.spelled, spell(operand)))
      .label(operand.span, spell(operand))
      .help("compare, as in `x > 0`; `&`, `|` and `~` work on the bits of integers");
  return false;
}

std::optional<Op> elementwise_op(Operator op) {
  switch (op) {
    case Operator::power: return Op::pow;
    case Operator::multiply: return Op::mul;
    case Operator::divide: return Op::div;
    case Operator::floor_divide: return Op::floor_divide;
    case Operator::remainder: return Op::remainder;
    case Operator::add: return Op::add;
    case Operator::subtract: return Op::sub;
    case Operator::bit_and:
    case Operator::logical_and: return Op::bit_and;
    case Operator::bit_or:
    case Operator::logical_or: return Op::bit_or;
    case Operator::bit_xor: return Op::bit_xor;
    case Operator::equal: return Op::equal;
    case Operator::not_equal: return Op::not_equal;
    case Operator::less: return Op::less;
    case Operator::less_equal: return Op::less_equal;
    case Operator::greater: return Op::greater;
    case Operator::greater_equal: return Op::greater_equal;
    default: return std::nullopt;
  }
}

// Integers have no negative powers; of literals alone, `2**-1` is 0.5.
bool check_power(Lowering& l, const Operand& base, const Operand& exponent) {
  const bool integers = !is_float(default_dtype(l, base)) && exponent.is(Operand::Kind::integer);
  if (!integers || !exponent.weak || exponent.integer >= 0 || base.weak) return true;
  l.report(Err::dtype_mismatch, exponent.span, "integers have no negative powers")
      .label(base.span, spell(base))
      .help(format("convert first: `f64(x) ** {}`", exponent.integer));
  return false;
}

Operand lower_sequence(Lowering& l, NodeId id) {
  std::vector<Operand> parts;
  for (const NodeId child : l.module().children(id)) parts.push_back(lower(l, child));
  Operand sequence = Operand::of_sequence(std::move(parts), l.module()[id].span);
  sequence.listed = l.module()[id].kind == NodeKind::list;
  sequence.weak = sequence.listed && std::all_of(sequence.parts.begin(), sequence.parts.end(),
                                                 [](const Operand& part) { return part.weak; });
  return sequence;
}

// `T shape ndim dtype size` of a value.
Operand value_field(Lowering& l, const ast::Node& node, const Operand& base) {
  const Shape shape = shape_of(base);
  if (node.text == "T") return transposed(l, base, node.span);
  if (node.text == "ndim")
    return Operand::of_integer(static_cast<int64_t>(shape.size()), node.span);
  if (node.text == "size") return Operand::of_extent(element_count(shape), node.span);
  if (node.text == "shape") {
    std::vector<Operand> parts;
    for (const Extent& extent : shape) parts.push_back(Operand::of_extent(extent, node.span));
    return Operand::of_sequence(std::move(parts), node.span);
  }
  if (node.text == "dtype") {
    Operand operand;
    operand.kind = Operand::Kind::dtype;
    operand.dtype = default_dtype(l, base);
    operand.span = node.span;
    return operand;
  }
  Diagnostic& error =
      l.report(Err::undefined_name, node.mark, format("a value has no field `{}`", node.text));
  error.help(node.text == "at"       ? "write `x.at[i].set(v)` or `x.at[i].add(v)`"
             : node.text == "grad"   ? "write `grad(J, w)`: the cost, then the value"
             : is_builtin(node.text) ? format("call it: `.{}()`", node.text)
                                     : "fields are `T`, `shape`, `ndim`, `dtype` and `size`");
  return {};
}

Operand lower_field(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  if (const std::optional<Operand> member = lower_member(l, id)) return *member;
  const Operand base = lower(l, l.module().child(id, 0));
  if (base.poisoned()) return {};
  if (!all_numbers(l, {&base, 1}, {node.mark, node.span, format("`.{}`", node.text)})) return {};
  return value_field(l, node, base);
}

// Everything but binary operators.
Operand lower_tight(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  switch (node.kind) {
    case NodeKind::integer:
    case NodeKind::floating: return lower_number(l, node);
    case NodeKind::boolean: return Operand::of_boolean(node.text == "true", node.span);
    case NodeKind::text: {
      Operand operand;
      operand.kind = Operand::Kind::text;
      operand.text = node.text;
      operand.span = node.span;
      return operand;
    }
    case NodeKind::name: return lower_name(l, node.text, node.span);
    case NodeKind::tuple:
    case NodeKind::list: return lower_sequence(l, id);
    case NodeKind::call: return lower_call(l, id);
    case NodeKind::index: return lower_index(l, id);
    case NodeKind::field: return lower_field(l, id);
    case NodeKind::unary:
      return lower_prefix(l, node.op, lower(l, l.module().child(id, 0)), place_of(l, id));
    case NodeKind::choose: return lower_choose(l, id);
    case NodeKind::scan: return lower_scan(l, id);
    case NodeKind::broken: return {};
    default: THX_UNREACHABLE("an expression of kind {}", static_cast<int>(node.kind));
  }
}

}  // namespace

Place place_of(const Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  return {node.mark, node.span, format("`{}`", spelling(node.op))};
}

Operand lower(Lowering& l, NodeId id) {
  std::vector<NodeId> spine;
  while (l.module()[id].kind == NodeKind::binary) {
    spine.push_back(id);
    id = l.module().child(id, 0);
  }
  Operand left = lower_tight(l, id);
  for (auto outer = spine.rbegin(); outer != spine.rend(); ++outer) {
    const Operand right = lower(l, l.module().child(*outer, 1));
    left = lower_operator(l, l.module()[*outer].op, left, right, place_of(l, *outer));
  }
  return left;
}

Operand lower_prefix(Lowering& l, Operator op, const Operand& operand, const Place& place) {
  if (!all_numbers(l, {&operand, 1}, place)) return {};
  switch (op) {
    case Operator::positive: return operand;
    case Operator::negative: {
      constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();
      if (operand.beyond && operand.integer == kSmallest) {
        return Operand::of_integer(kSmallest, place.whole);
      }
      const Operand zero = Operand::of_integer(0, place.whole);
      if (auto extent = extent_arithmetic(l, Operator::subtract, zero, operand, place)) {
        return *extent;
      }
      return apply(l, Op::neg, {operand}, place);
    }
    case Operator::logical_not:
      if (!check_boolean(l, operand, place)) return {};
      [[fallthrough]];
    default: return apply(l, Op::bit_not, {operand}, place);
  }
}

Operand lower_operator(Lowering& l, Operator op, const Operand& left, const Operand& right,
                       const Place& place) {
  const Operand sides[] = {left, right};
  if (!all_numbers(l, sides, place)) return {};
  if (op == Operator::product) return product(l, left, right, place);
  if (auto extent = extent_arithmetic(l, op, left, right, place)) return *extent;
  if (op == Operator::logical_and || op == Operator::logical_or) {
    const bool good = check_boolean(l, left, place);
    if (!check_boolean(l, right, place) || !good) return {};
  }
  if (op == Operator::power && !check_power(l, left, right)) return {};
  const bool real =
      op == Operator::divide || (op == Operator::power && right.weak && right.integer < 0);
  if (const std::optional<Op> row = elementwise_op(op)) {
    return apply(l, *row, {left, right}, place, real);
  }
  THX_UNREACHABLE("the operator {}", spelling(op));
}

Operand lower_name(Lowering& l, std::string_view name, Span at) {
  const auto written_here = [&](Operand operand) {
    operand.span = at;
    return operand;
  };
  if (const Operand* local = find_local(l, name)) return written_here(*local);
  if (is_bound_later(l, name, at)) return {};
  if (const Symbol* symbol = l.symbols().find(name)) return lower_symbol(l, *symbol, name, at);
  if (const auto constant = builtin_constant(name)) return Operand::of_real(*constant, at);
  if (is_dtype_name(name)) {
    Operand operand;
    const std::optional<DType> dtype = supported_dtype(name, l.float_x);
    if (!dtype) {
      l.unsupported(at, format("`{}` is a dtype", name), "write `f32`, `f64` or `floatX`");
      return operand;
    }
    operand.kind = Operand::Kind::dtype;
    operand.dtype = *dtype;
    return written_here(operand);
  }
  if (name == "newaxis") {
    l.report(Err::not_a_value, at, "`newaxis` is no value; it stands in an index")
        .help("write `x[:, newaxis]`");
  } else if (const auto instead = instead_of(name)) {
    l.no_function(at, format("`{}`", name), *instead);
  } else if (is_namespace(name)) {
    l.report(Err::not_a_value, at, format("`{}` is no value; it holds functions", name))
        .help(format("call one of them: `{}.normal(...)`", name));
  } else if (is_builtin(name)) {
    l.report(Err::not_a_value, at, format("`{}` is a function, not a value", name))
        .help(format("call it: `{}(...)`", name));
  } else {
    l.symbols().report_undefined(name, at);
  }
  return {};
}

}  // namespace thx
