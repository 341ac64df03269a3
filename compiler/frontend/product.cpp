// SPDX-License-Identifier: Apache-2.0
// `@` of vectors, matrices and stacks of matrices, and transposes.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

constexpr size_t kShortText = 24;  // longer operands are not repeated in a help

std::string words(const Lowering& l, const Operand& operand, std::string_view otherwise) {
  const std::string_view text = l.sources.text(operand.span);
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
  return std::string(plain && text.size() <= kShortText ? text : otherwise);
}

void report_mismatch(Lowering& l, const Operand& a, const Operand& b, const Extent& inner,
                     const Extent& other, const Place& place) {
  const Shape left = shape_of(a), right = shape_of(b);
  Diagnostic& error = l.report(Err::shape_mismatch, place.mark,
                               format("cannot multiply {} by {}", spell(a), spell(b)));
  error.label(a.span, spell(a)).label(b.span, spell(b));
  const std::string differ = format("inner extents {} and {} differ", inner.text(), other.text());
  const std::string x = words(l, a, "x"), y = words(l, b, "y");
  if (right.size() == 2 && right[1] == inner) {
    error.help(format("{}; did you mean `{} @ {}.T`?", differ, x, y));
  } else if (left.size() == 2 && left[0] == other) {
    error.help(format("{}; did you mean `{}.T @ {}`?", differ, x, y));
  } else {
    error.help(differ);
  }
}

bool check_arrays(Lowering& l, const Operand& a, const Operand& b, const Place& place) {
  if (!is_scalar(a) && !is_scalar(b)) return true;
  l.report(Err::shape_mismatch, place.mark,
           format("cannot multiply {} by {}: {} needs arrays on both sides", spell(a), spell(b),
                  place.spelled))
      .label(a.span, spell(a))
      .label(b.span, spell(b))
      .help("use `*`");
  return false;
}

// Two values of one dtype that are multiplied, and what must hold for that.
struct Sides {
  Value lhs, rhs;
  std::vector<Requirement> checks;
};

std::optional<Sides> read_sides(Lowering& l, const Operand& a, const Operand& b,
                                const Place& place) {
  const Operand both[] = {a, b};
  const std::optional<DType> dtype = meet(l, both, place);
  if (!dtype) return std::nullopt;
  if (is_bool(*dtype)) {
    l.report(Err::dtype_mismatch, place.mark, format("{} is not defined for bool", place.spelled))
        .label(a.span, spell(a))
        .label(b.span, spell(b))
        .help("convert first: `i64(x)` or `f32(x)`");
    return std::nullopt;
  }
  Sides sides{to_value(l, a, *dtype), to_value(l, b, *dtype), {}};
  if (!sides.lhs || !sides.rhs) return std::nullopt;
  return sides;
}

// Gives the right side the left one's extent along a pair of axes that are summed over.
bool agree_along(Lowering& l, Sides& sides, size_t left, size_t right, const Operand& a,
                 const Operand& b, const Place& place) {
  const Extent inner = sides.lhs->shape()[left], other = sides.rhs->shape()[right];
  const Agreement agreement = compare_extents(inner, other);
  if (agreement == Agreement::equal) return true;
  if (agreement == Agreement::different) {
    report_mismatch(l, a, b, inner, other, place);
    return false;
  }
  sides.checks.push_back({Requirement::Kind::equal, inner, other, place.whole});
  Shape renamed = sides.rhs->shape();
  renamed[right] = inner;
  sides.rhs = reshape(l.graph(), sides.rhs, renamed, place.whole);
  return true;
}

// The axes before the last two, which broadcast.
std::optional<Shape> common_stack(Lowering& l, const Shape& left, const Shape& right,
                                  const Operand& a, const Operand& b, const Place& place,
                                  std::vector<Requirement>& checks) {
  Shape common(left.begin(), left.end() - 2);
  Shape other(right.begin(), right.end() - 2);
  if (common.size() < other.size()) std::swap(common, other);
  const size_t offset = common.size() - other.size();
  for (size_t i = 0; i < other.size(); ++i) {
    Extent& meeting = common[offset + i];
    if (other[i].is(1) || meeting == other[i]) continue;
    if (meeting.is(1)) {
      meeting = other[i];
      continue;
    }
    if (compare_extents(meeting, other[i]) == Agreement::different) {
      l.report(Err::shape_mismatch, place.mark,
               format("cannot multiply {} by {}", spell(a), spell(b)))
          .label(a.span, spell(a))
          .label(b.span, spell(b))
          .help(format("they are stacks of matrices whose extents {} and {} differ", meeting.text(),
                       other[i].text()));
      return std::nullopt;
    }
    checks.push_back({Requirement::Kind::equal, meeting, other[i], place.whole});
  }
  return common;
}

// Stacks of matrices: the axes before the last two broadcast.
Operand stacked_product(Lowering& l, Sides sides, const Operand& a, const Operand& b,
                        const Place& place) {
  Shape left = sides.lhs->shape(), right = sides.rhs->shape();
  const bool row = left.size() == 1, column = right.size() == 1;
  if (row) left.insert(left.begin(), Extent(1));
  if (column) right.emplace_back(1);
  const std::optional<Shape> stack = common_stack(l, left, right, a, b, place, sides.checks);
  if (!stack) return {};
  const auto widened = [&](Value value, const Shape& own) {
    Shape whole = *stack;
    whole.insert(whole.end(), own.end() - 2, own.end());
    return stretch(l, reshape(l.graph(), value, own, place.whole), whole, place.whole);
  };
  const Value lhs = widened(sides.lhs, left), rhs = widened(sides.rhs, right);
  const auto depth = static_cast<int64_t>(stack->size());
  Value result = make(l.graph(), Op::dot, {lhs, rhs},
                      {{"lhs_contract", AxisList{depth + 1}},
                       {"rhs_contract", AxisList{depth}},
                       {"lhs_batch", axis_run(0, depth)},
                       {"rhs_batch", axis_run(0, depth)}},
                      place.whole);
  Shape shape = result->shape();
  if (!check_shape(l, shape, place.whole)) return {};
  if (column) shape.pop_back();
  if (row) shape.erase(shape.begin() + depth);
  result = reshape(l.graph(), result, shape, place.whole);
  require(l, result, sides.checks);
  return Operand::of(result, place.whole);
}

}  // namespace

Operand contract(Lowering& l, const Operand& a, const Operand& b, const AxisList& left,
                 const AxisList& right, const Place& place) {
  std::optional<Sides> sides = read_sides(l, a, b, place);
  if (!sides) return {};
  for (size_t i = 0; i < left.size(); ++i) {
    const auto x = static_cast<size_t>(left[i]), y = static_cast<size_t>(right[i]);
    if (!agree_along(l, *sides, x, y, a, b, place)) return {};
  }
  const Value result = dot(l.graph(), sides->lhs, sides->rhs, left, right, place.whole);
  if (!check_shape(l, result->shape(), place.whole)) return {};
  require(l, result, sides->checks);
  return Operand::of(result, place.whole);
}

Operand product(Lowering& l, const Operand& a, const Operand& b, const Place& place) {
  if (!check_arrays(l, a, b, place)) return {};
  const auto left = static_cast<int64_t>(shape_of(a).size());
  const auto right = static_cast<int64_t>(shape_of(b).size());
  const int64_t summed = std::max<int64_t>(right - 2, 0);  // of the right side
  if (left <= 2 && right <= 2) return contract(l, a, b, {left - 1}, {summed}, place);
  std::optional<Sides> sides = read_sides(l, a, b, place);
  if (!sides) return {};
  if (!agree_along(l, *sides, static_cast<size_t>(left) - 1, static_cast<size_t>(summed), a, b,
                   place)) {
    return {};
  }
  return stacked_product(l, *sides, a, b, place);
}

Operand transposed(Lowering& l, const Operand& operand, Span at) {
  if (shape_of(operand).size() < 2) return operand;
  const Value value = to_value(l, operand);
  if (!value) return {};
  std::vector<int64_t> permutation;
  for (int64_t axis = value->type().rank(); axis-- > 0;) permutation.push_back(axis);
  return Operand::of(transpose(l.graph(), value, permutation, at), at);
}

}  // namespace thx
