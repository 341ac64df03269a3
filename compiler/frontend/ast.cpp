// SPDX-License-Identifier: Apache-2.0
// The spelling of operators.
#include "frontend/ast.h"

#include <array>

namespace thx::ast {
namespace {

constexpr std::array<std::string_view, 24> kSpellings = {
    "",  "**", "+", "-",  "~",  "*", "/",  "//", "%",  "@",   "+",   "-",
    "&", "^",  "|", "==", "!=", "<", "<=", ">",  ">=", "not", "and", "or"};
static_assert(kSpellings.size() == static_cast<size_t>(Operator::logical_or) + 1);

}  // namespace

std::string_view spelling(Operator op) { return kSpellings[static_cast<size_t>(op)]; }

bool is_comparison(Operator op) { return op >= Operator::equal && op <= Operator::greater_equal; }

}  // namespace thx::ast
