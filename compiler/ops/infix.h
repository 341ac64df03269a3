// SPDX-License-Identifier: Apache-2.0
// Operators that are written as signs, with the precedences of the grammar.
#pragma once

#include <string>
#include <string_view>

#include "ir/op.h"

namespace thx::source {

/// How tightly an expression holds together.
enum Level : int { kCompare = 1, kOr, kXor, kAnd, kSum, kProduct, kPrefix, kPower, kAtom };

struct Expression {
  std::string text;
  int level = kAtom;
};

/// `a + b`: the levels that the sides have to have, or they stand in brackets.
struct Sign {
  Op op;
  std::string_view sign;
  int level, left, right;
};

/// The sign of an operator of two operands; null where it has none.
const Sign* find_sign(Op op);

std::string in_brackets(const Expression& expression, int level);
Expression infix(const Sign& sign, const Expression& left, const Expression& right);
/// `-x`, `~x`, `x**2`: operators of one operand that are signs; false where it is none.
bool unary(Op op, const Expression& operand, Expression& out);

}  // namespace thx::source
