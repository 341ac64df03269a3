// SPDX-License-Identifier: Apache-2.0
// Prints the canonical form of extents.
#include "driver/explain_formula.h"

#include "support/text.h"

namespace thx {

namespace {

// In parentheses where it is more than one number or name.
std::string operand(const Extent& extent) {
  const std::vector<Extent::Term> terms = extent.terms();
  const bool simple = extent.is_known() || (terms.size() == 1 && terms[0].coefficient == 1 &&
                                            terms[0].factors.size() == 1);
  return simple ? readable(extent) : "(" + readable(extent) + ")";
}

std::string of(const Extent::Factor& factor) {
  if (!factor.symbol.empty()) return factor.symbol;
  const Extent &a = *factor.a, &b = *factor.b;
  switch (factor.function) {
    case ExtentFunction::floordiv: {
      const std::vector<Extent::Term> terms = a.terms();
      const bool rounds_up = b.is_known() && terms.size() > 1 && terms.back().factors.empty() &&
                             terms.back().coefficient == b.known() - 1;
      if (rounds_up) return format("ceil({}/{})", operand(a - (b.known() - 1)), b.known());
      return format("floor({}/{})", operand(a), operand(b));
    }
    case ExtentFunction::mod: return format("mod({}, {})", readable(a), readable(b));
    case ExtentFunction::min: return format("min({}, {})", readable(a), readable(b));
    case ExtentFunction::max: return format("max({}, {})", readable(a), readable(b));
  }
  return {};
}

}  // namespace

std::string readable(const Extent& extent) {
  if (extent.is_known()) return extent.text();
  std::string out;
  for (const Extent::Term& term : extent.terms()) {
    const bool negative = term.coefficient < 0;
    if (!out.empty() || negative) out += out.empty() ? "-" : negative ? " - " : " + ";
    const auto size = negative ? 0 - static_cast<uint64_t>(term.coefficient)
                               : static_cast<uint64_t>(term.coefficient);
    if (term.factors.empty() || size != 1) out += std::to_string(size);
    if (!term.factors.empty() && size != 1) out += '*';
    out += join(term.factors, "*", of);
  }
  return out;
}

std::string text_with_number(const Extent& extent, const Extent::Values& values) {
  if (extent.is_known()) return extent.text();
  const std::optional<int64_t> number = extent.evaluate(values);
  return number ? format("{} = {}", readable(extent), *number) : readable(extent);
}

}  // namespace thx
