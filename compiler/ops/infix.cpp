// SPDX-License-Identifier: Apache-2.0
// The table of signs.
#include "ops/infix.h"

#include <algorithm>

#include "support/text.h"

namespace thx::source {
namespace {

constexpr Sign kSigns[] = {
    {Op::add, "+", kSum, kSum, kProduct},
    {Op::sub, "-", kSum, kSum, kProduct},
    {Op::mul, "*", kProduct, kProduct, kPrefix},
    {Op::div, "/", kProduct, kProduct, kPrefix},
    {Op::floor_divide, "//", kProduct, kProduct, kPrefix},
    {Op::remainder, "%", kProduct, kProduct, kPrefix},
    {Op::pow, "**", kPower, kAtom, kPrefix},
    {Op::equal, "==", kCompare, kOr, kOr},
    {Op::not_equal, "!=", kCompare, kOr, kOr},
    {Op::less, "<", kCompare, kOr, kOr},
    {Op::less_equal, "<=", kCompare, kOr, kOr},
    {Op::greater, ">", kCompare, kOr, kOr},
    {Op::greater_equal, ">=", kCompare, kOr, kOr},
    {Op::bit_and, "&", kAnd, kAnd, kSum},
    {Op::bit_xor, "^", kXor, kXor, kAnd},
    {Op::bit_or, "|", kOr, kOr, kXor},
};

}  // namespace

const Sign* find_sign(Op op) {
  const auto* found = std::ranges::find(kSigns, op, &Sign::op);
  return found == std::end(kSigns) ? nullptr : found;
}

std::string in_brackets(const Expression& expression, int level) {
  return expression.level < level ? "(" + expression.text + ")" : expression.text;
}

Expression infix(const Sign& sign, const Expression& left, const Expression& right) {
  const std::string_view blank = sign.level == kPower ? "" : " ";
  return {format("{}{}{}{}{}", in_brackets(left, sign.left), blank, sign.sign, blank,
                 in_brackets(right, sign.right)),
          sign.level};
}

bool unary(Op op, const Expression& operand, Expression& out) {
  switch (op) {
    case Op::neg: out = {"-" + in_brackets(operand, kPrefix), kPrefix}; return true;
    case Op::bit_not: out = {"~" + in_brackets(operand, kPrefix), kPrefix}; return true;
    case Op::square: out = {in_brackets(operand, kAtom) + "**2", kPower}; return true;
    default: return false;
  }
}

}  // namespace thx::source
