// SPDX-License-Identifier: Apache-2.0
// Compiles extents to sums of products over slots.
#include "schedule/slots.h"

#include <algorithm>

namespace thx::loop {

int SlotTable::slot(const std::string& symbol) {
  return slots_.emplace(symbol, static_cast<int>(slots_.size())).first->second;
}

bool SlotTable::compile(const Extent& extent, Terms& into) const {
  if (extent.is_known()) {
    if (!extent.is(0)) into.push_back({extent.known(), {}, {}});
    return true;
  }
  for (const Extent::Term& term : extent.terms()) {
    Term compiled{term.coefficient, {}, {}};
    for (const Extent::Factor& factor : term.factors) {
      if (factor.symbol.empty()) {
        Function function{factor.function, {}, {}};
        if (!compile(*factor.a, function.a) || !compile(*factor.b, function.b)) return false;
        compiled.functions.push_back(std::move(function));
        continue;
      }
      const auto found = slots_.find(factor.symbol);
      if (found == slots_.end()) return false;
      compiled.symbols.push_back(found->second);
    }
    into.push_back(std::move(compiled));
  }
  return true;
}

bool SlotTable::apply(const Function& function, const std::vector<int64_t>& slots, int64_t& into) {
  int64_t a = 0;
  int64_t b = 0;
  if (!evaluate(function.a, slots, a) || !evaluate(function.b, slots, b)) return false;
  switch (function.function) {
    case ExtentFunction::min: into = std::min(a, b); return true;
    case ExtentFunction::max: into = std::max(a, b); return true;
    case ExtentFunction::floordiv:
      if (b <= 0) return false;
      into = a / b - (a % b < 0 ? 1 : 0);
      return true;
    case ExtentFunction::mod:
      if (b <= 0) return false;
      into = a % b + (a % b < 0 ? b : 0);
      return true;
  }
  return false;
}

bool SlotTable::evaluate(const Terms& terms, const std::vector<int64_t>& slots, int64_t& into) {
  into = 0;
  for (const Term& term : terms) {
    int64_t product = term.coefficient;
    for (const int symbol : term.symbols)
      if (__builtin_mul_overflow(product, slots[symbol], &product)) return false;
    for (const Function& function : term.functions) {
      int64_t value = 0;
      if (!apply(function, slots, value) || __builtin_mul_overflow(product, value, &product))
        return false;
    }
    if (__builtin_add_overflow(into, product, &into)) return false;
  }
  return true;
}

std::optional<int64_t> SlotTable::evaluate(const Extent& extent,
                                           const std::vector<int64_t>& slots) {
  if (extent.is_known()) return extent.known();
  auto found = compiled_.find(&extent);
  if (found == compiled_.end()) {
    Terms terms;
    if (!compile(extent, terms)) return std::nullopt;
    found = compiled_.emplace(&extent, std::move(terms)).first;
  }
  int64_t value = 0;
  if (!evaluate(found->second, slots, value)) return std::nullopt;
  return value;
}

}  // namespace thx::loop
