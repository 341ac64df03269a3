// SPDX-License-Identifier: Apache-2.0
// Proofs by substitution: a loop variable gives way to the end of its range that makes the extent
// least, min, max, // and % to their bounds, until only dims with positive coefficients are left.
#include "schedule/prove.h"

#include <algorithm>

#include "support/check.h"

namespace thx::loop {

namespace {

using Factor = Extent::Factor;
using Term = Extent::Term;

Extent extent_of(const Factor& factor) {
  return factor.symbol.empty() ? Extent::apply(factor.function, *factor.a, *factor.b)
                               : Extent::symbol(factor.symbol);
}

bool same(const Factor& a, const Factor& b) {
  if (a.symbol != b.symbol) return false;
  return !a.symbol.empty() || (a.function == b.function && *a.a == *b.a && *a.b == *b.b);
}

/// How deeply functions are nested in it.
int depth(const Factor& factor) {
  if (!factor.symbol.empty()) return 0;
  int inside = 0;
  for (const Extent* operand : {factor.a.get(), factor.b.get()})
    for (const Term& term : operand->terms())
      for (const Factor& each : term.factors) inside = std::max(inside, depth(each));
  return inside + 1;
}

/// extent = coefficient * factor + rest; nothing where the factor occurs with a power.
struct Split {
  Extent coefficient, rest;
};
std::optional<Split> split(const Extent& extent, const Factor& by) {
  Split out{0, 0};
  for (const Term& term : extent.terms()) {
    Extent product = term.coefficient;
    int count = 0;
    for (const Factor& factor : term.factors) {
      if (same(factor, by)) {
        ++count;
      } else {
        product *= extent_of(factor);
      }
    }
    if (count > 1) return std::nullopt;
    (count == 1 ? out.coefficient : out.rest) += product;
  }
  return out;
}

/// One proof: counts its steps, so that a hopeless one ends.
class Proof {
 public:
  explicit Proof(const Facts& facts) : facts_(facts) {}

  /// With exactly so many facts, which may be the same one.
  bool prove(const Extent& extent, int facts_to_use) {
    if (facts_to_use == 0) return by_substitution(extent);
    const std::set<std::string> symbols = symbols_within(extent);
    for (const Extent& fact : facts_.nonnegative) {
      if (steps_ > kMaxSteps) return false;
      if (!mentions_any(fact, symbols)) continue;
      if (prove(extent - fact, facts_to_use - 1)) return true;
    }
    return false;
  }

  /// A long sum of rounded sizes, such as a workspace: all but one of them are left out.
  bool prove_sum(const Extent& extent) {
    std::vector<const Term*> rounded;
    const std::vector<Term> terms = extent.terms();
    for (const Term& term : terms) {
      if (term.coefficient <= 0 || term.factors.size() != 1) continue;
      const Factor& factor = term.factors[0];
      if (factor.symbol.empty() && factor.function == ExtentFunction::floordiv &&
          factor.b->is_known() && factor.b->known() > 0)
        rounded.push_back(&term);
    }
    if (rounded.size() < kLongSum) return false;
    std::vector<Extent> parts;
    Extent rest = extent;
    for (const Term* term : rounded) {
      if (!holds(*term->factors[0].a)) continue;
      parts.push_back(term->coefficient * extent_of(term->factors[0]));
      rest = rest - parts.back();
    }
    return std::ranges::any_of(parts, [&](const Extent& part) {
      steps_ = 0;
      return by_substitution(rest + part);
    });
  }

  /// extent >= 0 where a multiple of it is: (N + 1) // 2 - 1 by N - 2.
  bool prove_multiple(const Extent& extent) {
    std::set<int64_t> divisors;
    for (const Term& term : extent.terms())
      for (const Factor& factor : term.factors)
        if (factor.symbol.empty() && factor.function == ExtentFunction::floordiv &&
            factor.b->is_known() && factor.b->known() > 1)
          divisors.insert(factor.b->known());
    return std::ranges::any_of(divisors, [&](int64_t divisor) {
      return prove(divisor * extent, 1) || prove(divisor * extent, 2) || prove(divisor * extent, 3);
    });
  }

 private:
  static constexpr int kMaxSteps = 4000;
  static constexpr size_t kLongSum = 4;

  /// The symbols of an extent and of the ranges of these.
  std::set<std::string> symbols_within(const Extent& extent) const {
    std::set<std::string> symbols;
    extent.collect_symbols(symbols);
    for (auto range = facts_.ranges.rbegin(); range != facts_.ranges.rend(); ++range) {
      if (!symbols.contains(range->symbol)) continue;
      range->low.collect_symbols(symbols);
      if (range->high) range->high->collect_symbols(symbols);
    }
    return symbols;
  }

  static bool mentions_any(const Extent& fact, const std::set<std::string>& symbols) {
    return std::ranges::any_of(symbols,
                               [&](const std::string& symbol) { return fact.mentions(symbol); });
  }

  /// extent >= 0 with one fact at most: what a bound asks beside.
  bool holds(const Extent& extent) {
    return by_substitution(extent) ||
           std::ranges::any_of(facts_.nonnegative, [&](const Extent& fact) {
             return steps_ <= kMaxSteps && by_substitution(extent - fact);
           });
  }

  bool is_plain(const Factor& factor) const {
    if (factor.symbol.empty() || factor.symbol.front() == '%') return false;
    return std::none_of(facts_.ranges.begin(), facts_.ranges.end(),
                        [&](const Range& range) { return range.symbol == factor.symbol; });
  }

  /// A dim, or a function that takes numbers that are not negative to one.
  bool is_counted(const Factor& factor) const {
    if (!factor.symbol.empty()) return is_plain(factor);
    switch (factor.function) {
      case ExtentFunction::max: return is_obvious(*factor.a) || is_obvious(*factor.b);
      case ExtentFunction::min: return is_obvious(*factor.a) && is_obvious(*factor.b);
      case ExtentFunction::floordiv:
        return factor.b->is_known() && factor.b->known() > 0 && is_obvious(*factor.a);
      case ExtentFunction::mod: return factor.b->is_known() && factor.b->known() > 0;
    }
    return false;
  }

  /// Only dims, and none counted negatively.
  bool is_obvious(const Extent& extent) const {
    if (extent.is_known()) return extent.known() >= 0;
    const std::vector<Term> terms = extent.terms();
    return std::all_of(terms.begin(), terms.end(), [&](const Term& term) {
      return term.coefficient >= 0 &&
             std::all_of(term.factors.begin(), term.factors.end(),
                         [&](const Factor& factor) { return is_counted(factor); });
    });
  }

  bool by_substitution(const Extent& extent) {
    if (++steps_ > kMaxSteps) return false;
    if (is_obvious(extent)) return true;
    if (extent.is_known()) return false;
    for (auto range = facts_.ranges.rbegin(); range != facts_.ranges.rend(); ++range) {
      if (!extent.mentions(range->symbol)) continue;
      if (extent.coefficient(range->symbol)) return by_range(extent, *range);
      return by_function(extent, &range->symbol);
    }
    return by_function(extent, nullptr) || by_fact(extent);
  }

  /// A polynomial of dims: as many times a fact as takes one of its products of dims away.
  bool by_fact(const Extent& extent) const {
    const std::vector<Term> terms = extent.terms();
    return std::ranges::any_of(facts_.nonnegative, [&](const Extent& fact) {
      for (const Term& of_fact : fact.terms()) {
        if (of_fact.factors.empty() ||
            !std::ranges::all_of(of_fact.factors, [&](const Factor& f) { return is_plain(f); }))
          continue;
        for (const Term& term : terms) {
          const int64_t times = term.coefficient / of_fact.coefficient;
          if (times > 0 && std::ranges::equal(term.factors, of_fact.factors, same) &&
              is_obvious(extent - times * fact))
            return true;
        }
      }
      return false;
    });
  }

  bool by_range(const Extent& extent, const Range& range) {
    const Extent coefficient = *extent.coefficient(range.symbol);
    const bool rises = by_substitution(coefficient);
    if (!rises && (!range.high || !by_substitution(-1 * coefficient))) return false;
    return by_substitution(extent.substitute({{range.symbol, rises ? range.low : *range.high}}));
  }

  /// Replaces one function (that mentions `symbol`, where there is one) by its bounds; those that
  /// contain others go first, so that what is inside them can still cancel.
  bool by_function(const Extent& extent, const std::string* symbol) {
    std::vector<std::pair<int, Factor>> functions;  // the deepest first
    for (const Term& term : extent.terms()) {
      for (const Factor& factor : term.factors) {
        if (!factor.symbol.empty()) continue;
        if (symbol && !factor.a->mentions(*symbol) && !factor.b->mentions(*symbol)) continue;
        const int level = depth(factor);
        const auto shallower = [&](const auto& entry) { return entry.first < level; };
        functions.emplace(std::find_if(functions.begin(), functions.end(), shallower), level,
                          factor);
      }
    }
    return std::any_of(functions.begin(), functions.end(), [&](const auto& entry) {
      const std::optional<Split> parts = split(extent, entry.second);
      if (!parts) return false;
      if (by_substitution(parts->coefficient)) return lower(entry.second, *parts);
      return by_substitution(-1 * parts->coefficient) && upper(entry.second, *parts);
    });
  }

  bool with(const Split& parts, const Extent& bound) {
    return by_substitution(parts.coefficient * bound + parts.rest);
  }

  bool lower(const Factor& factor, const Split& parts) {
    const Extent& a = *factor.a;
    const Extent& b = *factor.b;
    switch (factor.function) {
      case ExtentFunction::min: return with(parts, a) && with(parts, b);
      case ExtentFunction::max: return with(parts, a) || with(parts, b);
      case ExtentFunction::mod: return with(parts, 0);
      case ExtentFunction::floordiv: break;
    }
    // b * (a // b) >= a - (b - 1), and b * e >= -(b - 1) is enough for e >= 0. Where nothing need
    // be multiplied, this closer bound goes first: rooms of many buffers make long sums.
    if (b.is_known() && b.known() > 0 && divides(b.known(), parts.coefficient) &&
        by_substitution(floordiv(parts.coefficient, b) * (a - b + 1) + parts.rest))
      return true;
    if (with(parts, 0) && holds(a)) return true;
    if (by_substitution(b) &&
        by_substitution(parts.coefficient * (a - b + 1) + b * parts.rest + (b - 1)))
      return true;
    const std::optional<Factor> closer = nested(factor, parts.rest);
    return closer && lower(*closer, parts);
  }

  /// (N + 3) // 4 is ((N + 1) // 2 + 1) // 2, which is closer where (N + 1) // 2 occurs beside it.
  static std::optional<Factor> nested(const Factor& factor, const Extent& beside) {
    if (!factor.b->is_known() || factor.b->known() <= 1) return std::nullopt;
    for (const Term& term : beside.terms())
      for (const Factor& other : term.factors)
        if (other.symbol.empty() && other.function == ExtentFunction::floordiv &&
            other.b->is_known() && other.b->known() > 1)
          if (std::optional<Factor> found = nested_in(factor, other)) return found;
    return std::nullopt;
  }

  /// a // b is (m * a + r) // (m * b) for 0 <= r < m, and that ((m * a + r) // d) // (m * b / d).
  static std::optional<Factor> nested_in(const Factor& factor, const Factor& other) {
    constexpr int64_t kMostTimes = 4;
    const int64_t inner = other.b->known();
    for (int64_t m = 1; m <= kMostTimes; ++m) {
      const int64_t whole = m * factor.b->known();
      if (whole % inner != 0 || whole == inner) continue;
      for (int64_t r = 0; r < m; ++r) {
        const Extent shift = m * *factor.a + r - *other.a;
        if (!divides(inner, shift)) continue;
        Factor out = factor;
        out.a = std::make_shared<const Extent>(extent_of(other) + floordiv(shift, inner));
        out.b = std::make_shared<const Extent>(whole / inner);
        return out;
      }
    }
    return std::nullopt;
  }

  bool upper(const Factor& factor, const Split& parts) {
    const Extent& a = *factor.a;
    const Extent& b = *factor.b;
    switch (factor.function) {
      case ExtentFunction::min: return with(parts, a) || with(parts, b);
      case ExtentFunction::max: return with(parts, a) && with(parts, b);
      case ExtentFunction::mod: return with(parts, b - 1);
      case ExtentFunction::floordiv: break;
    }
    if (by_substitution(b) && by_substitution(parts.coefficient * a + b * parts.rest + (b - 1)))
      return true;
    const std::optional<Factor> closer = nested(factor, parts.rest);
    return closer && upper(*closer, parts);
  }

  const Facts& facts_;
  int steps_ = 0;
};

}  // namespace

bool Facts::prove(const Extent& extent) const {
  try {
    if (says(extent)) return true;
    if (Proof(*this).prove_sum(extent)) return true;
    for (int facts = 0; facts <= 3; ++facts)  // few facts first: most proofs need one or none
      if (Proof(*this).prove(extent, facts)) return true;
    return Proof(*this).prove_multiple(extent);
  } catch (const InternalError&) {  // a bound beyond int64 proves nothing
  }
  return false;
}

/// Whether one fact says it as it stands: a guard on this very position, which no search among the
/// other facts may miss; or a guard that never holds.
bool Facts::says(const Extent& extent) const {
  return std::ranges::any_of(nonnegative, [&](const Extent& fact) {
    if (fact.is_known() && fact.known() < 0) return true;
    const Extent difference = extent - fact;
    return difference.is_known() && difference.known() >= 0;
  });
}

bool Facts::impossible() const {
  Facts ranges_alone;
  ranges_alone.ranges = ranges;
  return std::any_of(nonnegative.begin(), nonnegative.end(),
                     [&](const Extent& fact) { return Proof(ranges_alone).prove(-1 - fact, 0); });
}

bool divides(int64_t divisor, const Extent& extent) {
  if (extent.is_known()) return extent.known() % divisor == 0;
  const std::vector<Term> terms = extent.terms();
  return std::all_of(terms.begin(), terms.end(),
                     [&](const Term& term) { return term.coefficient % divisor == 0; });
}

}  // namespace thx::loop
