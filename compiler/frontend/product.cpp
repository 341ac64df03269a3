// SPDX-License-Identifier: Apache-2.0
// Matrix products of vectors and matrices, and transposes.
#include <algorithm>

#include "frontend/lowering.h"
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

void report_mismatch(Lowering& l, const Operand& a, const Operand& b, const Place& place) {
  const Shape left = shape_of(a), right = shape_of(b);
  const Extent& inner = left.back();
  Diagnostic& error = l.report(Err::shape_mismatch, place.mark,
                               format("cannot multiply {} by {}", spell(a), spell(b)));
  error.label(a.span, spell(a)).label(b.span, spell(b));
  const std::string differ =
      format("inner extents {} and {} differ", inner.text(), right[0].text());
  const std::string x = words(l, a, "x"), y = words(l, b, "y");
  if (right.size() == 2 && right[1] == inner) {
    error.help(format("{}; did you mean `{} @ {}.T`?", differ, x, y));
  } else if (left.size() == 2 && left[0] == right[0]) {
    error.help(format("{}; did you mean `{}.T @ {}`?", differ, x, y));
  } else {
    error.help(differ);
  }
}

bool check_ranks(Lowering& l, const Operand& a, const Operand& b, const Place& place) {
  const size_t left = shape_of(a).size(), right = shape_of(b).size();
  if (left == 0 || right == 0) {
    l.report(Err::shape_mismatch, place.mark,
             format("cannot multiply {} by {}: `@` needs arrays on both sides", spell(a), spell(b)))
        .label(a.span, spell(a))
        .label(b.span, spell(b))
        .help("use `*`");
    return false;
  }
  if (left <= 2 && right <= 2) return true;
  l.unsupported(place.mark, "`@` of more than two axes is part",
                "multiply matrices, or write the sum of products with `*` and `sum(axis=...)`");
  return false;
}

}  // namespace

Operand product(Lowering& l, const Operand& a, const Operand& b, const Place& place) {
  if (!check_ranks(l, a, b, place)) return {};
  const Operand sides[] = {a, b};
  const DType dtype = meet(l, sides);
  if (is_bool(dtype)) {
    l.report(Err::dtype_mismatch, place.mark, format("{} is not defined for bool", place.spelled))
        .label(a.span, spell(a))
        .label(b.span, spell(b))
        .help("convert first: `i64(x)` or `f32(x)`");
    return {};
  }
  const Shape left = shape_of(a), right = shape_of(b);
  const Agreement agreement = compare_extents(left.back(), right[0]);
  if (agreement == Agreement::different) {
    report_mismatch(l, a, b, place);
    return {};
  }
  const Value lhs = to_value(l, a, dtype);
  Value rhs = to_value(l, b, dtype);
  if (!lhs || !rhs) return {};
  std::vector<Requirement> checks;
  if (agreement == Agreement::undecided) {
    checks.push_back({Requirement::Kind::equal, left.back(), right[0], place.whole});
    Shape renamed = right;
    renamed[0] = left.back();
    rhs = reshape(l.graph(), rhs, renamed, place.whole);
  }
  const int64_t lhs_axis = static_cast<int64_t>(left.size()) - 1;
  const int64_t rhs_axis = 0;
  const Value result = dot(l.graph(), lhs, rhs, {&lhs_axis, 1}, {&rhs_axis, 1}, place.whole);
  require(l, result, checks);
  return Operand::of(result, place.whole);
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
