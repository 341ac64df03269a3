// SPDX-License-Identifier: Apache-2.0
// Spelling of extents as C constant expressions.
#include "codegen/c_text.h"

#include "support/check.h"
#include "support/text.h"

namespace thx::codegen {

namespace {

using Names = std::map<std::string, std::string>;

std::string function_text(const Extent::Factor& factor, const Names& names) {
  const std::string a = c_expression(*factor.a, names);
  const std::string b = c_expression(*factor.b, names);
  switch (factor.function) {
    case ExtentFunction::floordiv: return format("({0} / {1} - ({0} % {1} < 0))", a, b);
    case ExtentFunction::mod: return format("({0} % {1} + ({0} % {1} < 0 ? {1} : 0))", a, b);
    case ExtentFunction::min: return format("({0} < {1} ? {0} : {1})", a, b);
    case ExtentFunction::max: return format("({0} < {1} ? {1} : {0})", a, b);
  }
  THX_UNREACHABLE("an extent function without a C form");
}

std::string factor_text(const Extent::Factor& factor, const Names& names) {
  if (factor.symbol.empty()) return function_text(factor, names);
  const auto renamed = names.find(factor.symbol);
  return format("(int64_t)({})", renamed == names.end() ? factor.symbol : renamed->second);
}

}  // namespace

std::string c_expression(const Extent& extent, const Names& names) {
  std::string sum;
  for (const Extent::Term& term : extent.terms()) {
    std::vector<std::string> factors;
    if (term.coefficient != 1 || term.factors.empty())
      factors.push_back(format("INT64_C({})", term.coefficient));
    for (const Extent::Factor& factor : term.factors) factors.push_back(factor_text(factor, names));
    sum += (sum.empty() ? "" : " + ") + join(factors, " * ");
  }
  return sum.empty() ? "INT64_C(0)" : "(" + sum + ")";
}

}  // namespace thx::codegen
