// SPDX-License-Identifier: Apache-2.0
// Functions of single elements: one per elementwise row by the row's name, operators by NumPy's
// names, and formulas of them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::Operator;

// Rows whose functions have other names than theirs, or named parameters, or take integers as they
// are. The rest is called by the row's name, with parameters x, y, z.
struct RowNames {
  Op op;
  std::string_view names;
  std::string_view parameters = {};
};
constexpr RowNames kRowNames[] = {
    {Op::abs, "abs absolute fabs"},  {Op::sigmoid, "sigmoid expit"},
    {Op::arcsin, "arcsin asin"},     {Op::arccos, "arccos acos"},
    {Op::arctan, "arctan atan"},     {Op::round, "round around rint", "x, decimals=0"},
    {Op::trunc, "trunc fix"},        {Op::arctan2, "arctan2 atan2", "y, x"},
    {Op::arcsinh, "arcsinh asinh"},  {Op::arccosh, "arccosh acosh"},
    {Op::arctanh, "arctanh atanh"},  {Op::bit_not, "invert bitwise_not"},
    {Op::gammaln, "gammaln lgamma"}, {Op::digamma, "digamma psi"},
    {Op::neg, "negative"},           {Op::where, "where", "condition, x, y"},
};

// Operators of the language by name; of extents they make extents.
constexpr std::pair<std::string_view, Operator> kOperators[] = {
    {"add", Operator::add},
    {"subtract", Operator::subtract},
    {"multiply", Operator::multiply},
    {"divide", Operator::divide},
    {"floor_divide", Operator::floor_divide},
    {"remainder", Operator::remainder},
    {"power", Operator::power},
    {"logical_and", Operator::logical_and},
    {"logical_or", Operator::logical_or},
    {"bitwise_and", Operator::bit_and},
    {"bitwise_or", Operator::bit_or},
    {"bitwise_xor", Operator::bit_xor},
};

Operand call_row(Lowering& l, const Arguments& a) { return apply(l, a.op(), a.all(), a.place); }

// Integers are whole numbers already.
Operand call_rounding(Lowering& l, const Arguments& a) {
  if (!all_numbers(l, {&a["x"], 1}, a.place)) return {};
  if (is_integer(default_dtype(l, a["x"]))) return a["x"];
  return apply(l, a.op(), {a["x"]}, a.place);
}

// With decimals: of the number times a power of ten, as NumPy does.
Operand call_round(Lowering& l, const Arguments& a) {
  constexpr int64_t kMostDecimals = 300;
  const std::optional<int64_t> decimals = integer_argument(l, a, "decimals");
  if (!decimals) return {};
  if (*decimals == 0) return call_rounding(l, a);
  const bool whole = a["x"].is_number() && is_integer(default_dtype(l, a["x"]));
  if (whole && *decimals > 0) return a["x"];
  if (std::abs(*decimals) > kMostDecimals) {
    l.report(Err::bad_argument, a["decimals"].span,
             format("`decimals` is in [-{0}, {0}]", kMostDecimals));
    return {};
  }
  const Composer c(l, a.place);
  const Operand scale = c.number(std::pow(10.0, static_cast<double>(std::abs(*decimals))));
  if (*decimals > 0) return c.div(c.apply(a.op(), {c.mul(a["x"], scale)}), scale);
  return c.mul(c.apply(a.op(), {c.div(a["x"], scale)}), scale);
}

Operand call_negative(Lowering& l, const Arguments& a) {
  return lower_prefix(l, Operator::negative, a["x"], a.place);
}

Operand call_extreme(Lowering& l, const Arguments& a) {
  const auto function = a.op() == Op::minimum ? ExtentFunction::min : ExtentFunction::max;
  if (!all_numbers(l, a.all(), a.place)) return {};
  if (auto extent = extent_extreme(l, function, a["x"], a["y"], a.place)) return *extent;
  return call_row(l, a);
}

Operand call_operator(Lowering& l, const Arguments& a) {
  const std::string_view name = split(a.builtin().names, ' ')[0];
  for (const auto& [spelled, op] : kOperators) {
    if (spelled == name) return lower_operator(l, op, a["x"], a["y"], a.place);
  }
  THX_UNREACHABLE("{} is no operator", name);
}

Operand call_logical_not(Lowering& l, const Arguments& a) {
  return lower_prefix(l, Operator::logical_not, a["x"], a.place);
}

Operand call_logical_xor(Lowering& l, const Arguments& a) {
  const Operand x = lower_prefix(l, Operator::logical_not, a["x"], a.place);
  const Operand y = lower_prefix(l, Operator::logical_not, a["y"], a.place);
  return x.poisoned() || y.poisoned() ? Operand{} : apply(l, Op::bit_xor, {x, y}, a.place);
}

// With one bound left out, the larger or smaller of two.
Operand call_clip(Lowering& l, const Arguments& a) {
  const Composer c(l, a.place);
  if (a.has("min") && a.has("max")) return c.apply(Op::clip, {a["x"], a["min"], a["max"]});
  if (a.has("min")) return c.apply(Op::maximum, {a["x"], a["min"]});
  if (a.has("max")) return c.apply(Op::minimum, {a["x"], a["max"]});
  l.report(Err::missing_argument, a.place.mark,
           format("{} needs a bound, `min` or `max`", a.place.spelled));
  return {};
}

Operand call_cast(Lowering& l, const Arguments& a) {
  const Operand& dtype = a["dtype"];
  if (dtype.is(Operand::Kind::dtype)) return convert(l, a["x"], dtype.dtype, a.at());
  l.report(Err::bad_argument, dtype.span,
           format("{} needs a dtype, not {}", a.place.spelled, spell(dtype)))
      .help("write `cast(x, f64)`");
  return {};
}

// ---- Formulas

Operand call_deg2rad(Lowering& l, const Arguments& a) {
  const Composer c(l, a.place);
  return c.mul(a["x"], c.number(std::numbers::pi / 180));
}

Operand call_rad2deg(Lowering& l, const Arguments& a) {
  const Composer c(l, a.place);
  return c.mul(a["x"], c.number(180 / std::numbers::pi));
}

// The norm of the pairs, so that its derivative at 0 is the norm's.
Operand call_hypot(Lowering& l, const Arguments& a) {
  const Composer c(l, a.place);
  std::vector<Requirement> checks;
  const Operand sides[] = {a["x"], a["y"]};
  if (!all_numbers(l, sides, a.place)) return {};
  const DType met = meet(l, sides);
  const std::optional<Shape> shape = common_shape(l, sides, a.place, checks);
  if (!shape) return {};
  Shape column = *shape;
  column.emplace_back(1);
  std::vector<Value> columns;
  for (const Operand& side : sides) {
    const Value value = to_value(l, side, is_float(met) ? met : l.float_x);
    if (!value) return {};
    columns.push_back(reshape(l.graph(), stretch(l, value, *shape, side.span), column, a.at()));
  }
  const auto last = static_cast<int64_t>(shape->size());
  const Value pairs = concatenated(l, columns, last, a.at());
  const Operand root =
      c.apply(Op::sqrt, {c.reduce(Op::sum, c.apply(Op::square, {c.of(pairs)}), {last}, false)});
  if (!root.poisoned()) require(l, root.value, checks);
  return root;
}

Operand call_log_sigmoid(Lowering& l, const Arguments& a) {
  const Composer c(l, a.place);
  return lower_prefix(l, Operator::negative,
                      c.apply(Op::softplus, {lower_prefix(l, Operator::negative, a["x"], a.place)}),
                      a.place);
}

// x at infinity is close to itself alone.
Operand isclose(Lowering& l, const Arguments& a) {
  const Composer c(l, a.place);
  const std::optional<bool> equal_nan = flag_argument(l, a, "equal_nan");
  const Operand sides[] = {a["a"], a["b"]};
  if (!all_numbers(l, sides, a.place) || !equal_nan) return {};
  const auto given = [&](std::string_view name, double otherwise) {
    return a.has(name) ? a[name] : c.number(otherwise);
  };
  const Operand x = c.mul(a["a"], c.number(1)), y = c.mul(a["b"], c.number(1));
  const Operand distance = c.apply(Op::abs, {c.sub(x, y)});
  const Operand bound =
      c.add(given("atol", 1e-8), c.mul(given("rtol", 1e-5), c.apply(Op::abs, {y})));
  const Operand near = c.apply(
      Op::bit_and, {c.apply(Op::isfinite, {y}), c.apply(Op::less_equal, {distance, bound})});
  const Operand close = c.apply(Op::bit_or, {near, c.apply(Op::equal, {x, y})});
  if (!*equal_nan) return close;
  const Operand both = c.apply(Op::bit_and, {c.apply(Op::isnan, {x}), c.apply(Op::isnan, {y})});
  return c.apply(Op::bit_or, {close, both});
}

Operand call_allclose(Lowering& l, const Arguments& a) {
  const Operand close = isclose(l, a);
  if (close.poisoned()) return close;
  const auto rank = static_cast<int64_t>(shape_of(close).size());
  return Composer(l, a.place).reduce(Op::all, close, axis_run(0, rank), false);
}

constexpr std::string_view kClose = "a, b, rtol=1e-05, atol=1e-08, equal_nan=false";

constexpr Builtin kFormulas[] = {
    {"add", "x, y", call_operator, "x + y"},
    {"subtract", "x, y", call_operator, "x - y"},
    {"multiply", "x, y", call_operator, "x * y"},
    {"divide true_divide", "x, y", call_operator, "x / y; of integers in floatX"},
    {"floor_divide", "x, y", call_operator, "x // y, rounded towards -inf; integers: 0 for y = 0"},
    {"remainder mod", "x, y", call_operator, "x % y, with the sign of y; integers: 0 for y = 0"},
    {"power pow", "x, y", call_operator, "x ** y"},
    {"logical_and", "x, y", call_operator, "x and y"},
    {"logical_or", "x, y", call_operator, "x or y"},
    {"logical_not", "x", call_logical_not, "not x"},
    {"logical_xor", "x, y", call_logical_xor, "whether one of two is true"},
    {"bitwise_and", "x, y", call_operator, "x & y"},
    {"bitwise_or", "x, y", call_operator, "x | y"},
    {"bitwise_xor", "x, y", call_operator, "x ^ y"},
    {"clip", "x, min|a_min|lo=none, max|a_max|hi=none", call_clip,
     "x, at least min and at most max; the derivative is 1 on both edges"},
    {"cast astype", "x, dtype", call_cast,
     "x in another dtype; floats saturate to integers, integers wrap"},
    {"deg2rad radians", "x", call_deg2rad, "degrees in radians"},
    {"rad2deg degrees", "x", call_rad2deg, "radians in degrees"},
    {"hypot", "x, y", call_hypot, "sqrt(x**2 + y**2)"},
    {"log_sigmoid", "x", call_log_sigmoid, "log(sigmoid(x)), with all digits"},
    {"isclose", kClose, isclose, "whether abs(a - b) <= atol + rtol*abs(b), or a == b"},
    {"allclose", kClose, call_allclose, "whether all are close"},
};

// The rows that are no functions by their own name: operators, and those with a line above.
constexpr std::array kNoFunctions = {Op::add,    Op::sub,     Op::mul,          Op::div,
                                     Op::pow,    Op::clip,    Op::cast,         Op::bit_and,
                                     Op::bit_or, Op::bit_xor, Op::floor_divide, Op::remainder};
constexpr std::array kRounding = {Op::floor, Op::ceil, Op::trunc, Op::round};

template <class List>
bool has(const List& list, Op op) {
  return std::find(list.begin(), list.end(), op) != list.end();
}

Operand (*lowering_of(Op op))(Lowering&, const Arguments&) {
  if (op == Op::maximum || op == Op::minimum) return call_extreme;
  if (op == Op::neg) return call_negative;
  if (op == Op::round) return call_round;
  return has(kRounding, op) ? call_rounding : call_row;
}

std::vector<Builtin> builtins_of_rows() {
  constexpr std::string_view kParameters[] = {"", "x", "x, y", "x, y, z"};
  std::vector<Builtin> builtins;
  for (const ElementwiseDef& row : elementwise_rows()) {
    if (has(kNoFunctions, row.op)) continue;
    std::string_view names = name_of(row.op);
    std::string_view parameters = kParameters[info(row.op).operands];
    for (const RowNames& other : kRowNames) {
      if (other.op != row.op) continue;
      names = other.names;
      if (!other.parameters.empty()) parameters = other.parameters;
    }
    builtins.push_back({names, parameters, lowering_of(row.op), row.doc, row.op});
  }
  return builtins;
}

}  // namespace

std::span<const Builtin> elementwise_functions() {
  static const std::vector<Builtin> builtins = builtins_of_rows();
  return builtins;
}

std::span<const Builtin> formula_functions() { return kFormulas; }

}  // namespace thx
