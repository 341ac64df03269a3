// SPDX-License-Identifier: Apache-2.0
// Products by name, and functions of matrices: diagonals and triangles.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

Operand flat(Lowering& l, const Operand& operand, Span at) {
  const Value value = to_value(l, operand);
  if (!value) return {};
  return Operand::of(reshape(l.graph(), value, {element_count(value->shape())}, at), at);
}

std::optional<std::pair<Operand, Operand>> both(Lowering& l, const Arguments& a) {
  const Operand sides[] = {a["a"], a["b"]};
  if (!all_numbers(l, sides, a.place)) return std::nullopt;
  return std::pair(a["a"], a["b"]);
}

Operand call_matmul(Lowering& l, const Arguments& a) {
  const auto sides = both(l, a);
  return sides ? product(l, sides->first, sides->second, a.place) : Operand{};
}

// NumPy's: a scalar multiplies; otherwise the last axis of a with the last but one of b.
Operand call_dot(Lowering& l, const Arguments& a) {
  const auto sides = both(l, a);
  if (!sides) return {};
  const auto& [x, y] = *sides;
  if (is_scalar(x) || is_scalar(y)) {
    return lower_operator(l, ast::Operator::multiply, x, y, a.place);
  }
  const auto left = static_cast<int64_t>(shape_of(x).size());
  const auto right = static_cast<int64_t>(shape_of(y).size());
  return contract(l, x, y, {left - 1}, {std::max<int64_t>(right - 2, 0)}, a.place);
}

Operand call_vdot(Lowering& l, const Arguments& a) {
  const auto sides = both(l, a);
  if (!sides) return {};
  const Operand x = flat(l, sides->first, a.at()), y = flat(l, sides->second, a.at());
  return x.poisoned() || y.poisoned() ? Operand{} : contract(l, x, y, {0}, {0}, a.place);
}

Operand call_inner(Lowering& l, const Arguments& a) {
  const auto sides = both(l, a);
  if (!sides) return {};
  const auto& [x, y] = *sides;
  if (is_scalar(x) || is_scalar(y)) {
    return lower_operator(l, ast::Operator::multiply, x, y, a.place);
  }
  const auto last = [](const Operand& operand) {
    return static_cast<int64_t>(shape_of(operand).size()) - 1;
  };
  return contract(l, x, y, {last(x)}, {last(y)}, a.place);
}

Operand call_outer(Lowering& l, const Arguments& a) {
  const auto sides = both(l, a);
  if (!sides) return {};
  Operand x = flat(l, sides->first, a.at()), y = flat(l, sides->second, a.at());
  if (x.poisoned() || y.poisoned()) return {};
  const Shape column = {x.value->shape()[0], 1};
  x = Operand::of(reshape(l.graph(), x.value, column, a.at()), sides->first.span);
  return lower_operator(l, ast::Operator::multiply, x, y, a.place);
}

Operand call_tensordot(Lowering& l, const Arguments& a) {
  const auto sides = both(l, a);
  if (!sides) return {};
  const auto& [x, y] = *sides;
  const auto rank_of = [](const Operand& operand) {
    return static_cast<int>(shape_of(operand).size());
  };
  AxisList left, right;
  if (a["axes"].is(Operand::Kind::sequence)) {
    const std::vector<Operand> lists = a["axes"].parts;
    if (lists.size() != 2) {
      l.report(Err::bad_argument, a["axes"].span, "`axes` is a number, or two lists of axes");
      return {};
    }
    for (const Operand& part : parts_of(lists[0])) {
      const std::optional<int64_t> axis = one_axis(l, part, rank_of(x), x);
      if (!axis) return {};
      left.push_back(*axis);
    }
    for (const Operand& part : parts_of(lists[1])) {
      const std::optional<int64_t> axis = one_axis(l, part, rank_of(y), y);
      if (!axis) return {};
      right.push_back(*axis);
    }
  } else {
    const std::optional<int64_t> count = integer_argument(l, a, "axes", 2);
    if (!count) return {};
    if (*count < 0 || *count > rank_of(x) || *count > rank_of(y)) {
      l.report(Err::bad_axis, a.place.mark,
               format("{} and {} have no {} axes to sum over", spell(x), spell(y), *count));
      return {};
    }
    left = axis_run(rank_of(x) - *count, *count);
    right = axis_run(0, *count);
  }
  const AxisList distinct_left = kept_axes(rank_of(x), left);
  const bool twice =
      distinct_left.size() + left.size() != static_cast<size_t>(rank_of(x)) ||
      kept_axes(rank_of(y), right).size() + right.size() != static_cast<size_t>(rank_of(y));
  if (left.size() != right.size() || twice) {
    l.report(Err::bad_axis, a["axes"].span, "each axis is paired with one other");
    return {};
  }
  if (left.empty()) {
    const Value value = to_value(l, x);
    if (!value) return {};
    Shape column = value->shape();
    column.insert(column.end(), static_cast<size_t>(rank_of(y)), Extent(1));
    const Operand spread = Operand::of(reshape(l.graph(), value, column, a.at()), x.span);
    return lower_operator(l, ast::Operator::multiply, spread, y, a.place);
  }
  return contract(l, x, y, left, right, a.place);
}

// ---- Diagonals

// The part of a matrix whose main diagonal is its k-th one; reports where it has none.
Value shifted_part(Lowering& l, const Arguments& a, Value x, int64_t k, const AxisList& axes,
                   std::vector<Requirement>& checks) {
  if (k == 0) return x;
  const int64_t axis = axes[k > 0 ? 1 : 0];
  const int64_t skipped = k > 0 ? k : -k;
  const Extent whole = x->shape()[static_cast<size_t>(axis)];
  const bool holds = need_at_least(l, whole, skipped, a.at(), checks, [&] {
    l.report(Err::bad_index, a.place.mark, format("{} has no diagonal {}", spell(a["x"]), k))
        .label(a["x"].span, spell(a["x"]));
  });
  return holds ? part_along(l, x, axis, skipped, whole - skipped, a.at()) : Value{};
}

Operand diagonal_of(Lowering& l, const Arguments& a, Value x, int64_t k, const AxisList& axes) {
  std::vector<Requirement> checks;
  x = shifted_part(l, a, x, k, axes, checks);
  if (!x) return {};
  const Value result = make(l.graph(), Op::diagonal, {x}, {{"axes", axes}}, a.at());
  require(l, result, checks);
  return Operand::of(result, a.at());
}

std::optional<AxisList> matrix_axes(Lowering& l, const Arguments& a) {
  const Operand& x = a["x"];
  const auto rank = static_cast<int>(shape_of(x).size());
  if (rank < 2) {
    l.report(Err::bad_axis, a.place.mark,
             format("{} needs two axes, and {} has {}", a.place.spelled, spell(x), rank))
        .label(x.span, spell(x));
    return std::nullopt;
  }
  const std::optional<int64_t> first = axis_argument(l, a, "axis1", x, 0);
  const std::optional<int64_t> second = axis_argument(l, a, "axis2", x, 1);
  if (!first || !second) return std::nullopt;
  if (*first != *second) return AxisList{*first, *second};
  l.report(Err::bad_axis, a.place.mark, "a diagonal is along two axes, not one");
  return std::nullopt;
}

Operand call_diagonal(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  const std::optional<int64_t> k = integer_argument(l, a, "offset");
  if (!x || !k) return {};
  const std::optional<AxisList> axes = matrix_axes(l, a);
  return axes ? diagonal_of(l, a, x, *k, *axes) : Operand{};
}

Operand call_trace(Lowering& l, const Arguments& a) {
  const Operand diagonal = call_diagonal(l, a);
  if (diagonal.poisoned()) return {};
  const DType given = diagonal.value->dtype();
  const DType wide = is_float(given)                          ? given
                     : is_integer(given) && !is_signed(given) ? DType::u64
                                                              : DType::i64;
  const std::optional<DType> dtype = dtype_argument(l, a, wide);
  if (!dtype) return {};
  const Operand numbers = convert(l, diagonal, *dtype, a.at());
  const int64_t last = diagonal.value->type().rank() - 1;
  return Composer(l, a.place).reduce(Op::sum, numbers, {last}, false);
}

// A matrix from its diagonal, or the diagonal of a matrix.
Operand call_diag(Lowering& l, const Arguments& a) {
  const Value x = value_argument(l, a, "x");
  const std::optional<int64_t> k = integer_argument(l, a, "k");
  if (!x || !k) return {};
  if (x->type().rank() == 2) return diagonal_of(l, a, x, *k, {0, 1});
  if (x->type().rank() != 1) {
    l.report(Err::bad_axis, a.place.mark,
             format("{} takes a vector or a matrix, not {}", a.place.spelled, spell(a["x"])))
        .label(a["x"].span, spell(a["x"]))
        .help("`diagonal(x, axis1=-2, axis2=-1)` reads those of a stack of matrices");
    return {};
  }
  const Composer c(l, a.place);
  const Extent n = x->shape()[0];
  const Shape square = {n, n};
  const Operand on_it = c.apply(
      Op::equal, {c.of(positions(l, square, 0, a.at())), c.of(positions(l, square, 1, a.at()))});
  const bool logical = is_bool(x->dtype());
  const Operand zero = logical ? Operand::of_boolean(false, a.at()) : c.integer(0);
  const Operand matrix = c.apply(Op::where, {on_it, c.of(x), zero});
  if (*k == 0 || matrix.poisoned()) return matrix;
  const Extent size = n + Extent(*k > 0 ? *k : -*k);
  const Value base = constant(l.graph(), {x->dtype(), {size, size}}, 0, a.at());
  const Shape starts = {*k > 0 ? 0 : -*k, *k > 0 ? *k : 0};
  return c.of(place(l.graph(), base, matrix.value, starts, AxisList{1, 1}, a.at()));
}

// x where the column is at most (at least) the row and k, zeros elsewhere.
Operand triangle(Lowering& l, const Arguments& a, Op comparison) {
  const Value x = value_argument(l, a, "x");
  const std::optional<int64_t> k = integer_argument(l, a, "k");
  if (!x || !k) return {};
  const int64_t rank = x->type().rank();
  if (rank < 2) {
    l.report(Err::bad_axis, a.place.mark,
             format("{} needs a matrix, not {}", a.place.spelled, spell(a["x"])))
        .label(a["x"].span, spell(a["x"]));
    return {};
  }
  const Composer c(l, a.place);
  const Shape matrix(x->shape().end() - 2, x->shape().end());
  Operand row = c.of(positions(l, matrix, 0, a.at()));
  if (*k != 0) row = c.add(row, c.integer(*k));
  const Operand kept = c.apply(comparison, {c.of(positions(l, matrix, 1, a.at())), row});
  const Operand zero = is_bool(x->dtype()) ? Operand::of_boolean(false, a.at()) : c.integer(0);
  return c.apply(Op::where, {kept, c.of(x), zero});
}

Operand call_tril(Lowering& l, const Arguments& a) { return triangle(l, a, Op::less_equal); }
Operand call_triu(Lowering& l, const Arguments& a) { return triangle(l, a, Op::greater_equal); }

constexpr std::string_view kDiagonal = "x, offset=0, axis1=0, axis2=1";

constexpr Builtin kProducts[] = {
    {"matmul", "a, b", call_matmul, "a @ b: products of vectors, matrices and stacks of matrices"},
    {"dot", "a, b", call_dot, "the last axis of a with the last but one of b; of scalars a * b"},
    {"vdot", "a, b", call_vdot, "the sum of the products of all elements"},
    {"inner", "a, b", call_inner, "the sum of the products over the last axes"},
    {"outer", "a, b", call_outer, "each element of a times each of b"},
    {"tensordot", "a, b, axes=2", call_tensordot, "the sum of the products over pairs of axes"},
};

constexpr Builtin kMatrices[] = {
    {"diag", "x, k=0", call_diag,
     "the matrix with the vector x on a diagonal, or a diagonal of a matrix"},
    {"diagonal", kDiagonal, call_diagonal,
     "the elements at equal positions along two axes, as the last axis"},
    {"trace", "x, offset=0, axis1=0, axis2=1, dtype=wide", call_trace, "the sum of a diagonal"},
    {"tril", "x, k=0", call_tril, "x on and below a diagonal, 0 above"},
    {"triu", "x, k=0", call_triu, "x on and above a diagonal, 0 below"},
};

}  // namespace

std::span<const Builtin> product_functions() { return kProducts; }
std::span<const Builtin> matrix_functions() { return kMatrices; }

}  // namespace thx
