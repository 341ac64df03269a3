// SPDX-License-Identifier: Apache-2.0
// Identities of // % min max on extents, so that equal expressions have one form.
//
// A division by an unknown divisor is simplified as if the divisor were positive: where it is not,
// the extent that holds it has no value, and what uses it is refused where the function is entered.
#include <algorithm>
#include <numeric>

#include "ir/polynomial.h"
#include "support/check.h"

namespace thx {
namespace {

using Term = Extent::Term;
using Factor = Extent::Factor;
using Factors = std::vector<Factor>;

bool factor_precedes(const Factor& a, const Factor& b) { return compare(a, b) < 0; }

// The factors of `a` without those of `b`, all of which are among them.
Factors remaining(const Factors& a, const Factors& b) {
  Factors rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(rest),
                      factor_precedes);
  return rest;
}

// The factors of `a` without those of `b`; nothing where some are missing.
std::optional<Factors> without(const Factors& a, const Factors& b) {
  if (!std::includes(a.begin(), a.end(), b.begin(), b.end(), factor_precedes)) return std::nullopt;
  return remaining(a, b);
}

struct Division {
  Extent quotient = 0;
  Extent rest = 0;  // a == quotient * divisor + rest
};

// Takes out of `a` what the one term `divisor` divides.
Division divide(const Extent& a, const Term& divisor) {
  std::vector<Term> quotient, rest;
  const int64_t c = divisor.coefficient;
  for (const Term& term : a.terms()) {
    const std::optional<Factors> factors = without(term.factors, divisor.factors);
    // Constants are reduced to [0, c), so that (N-1)//2 and (N+1)//2-1 are one form; other
    // coefficients keep their sign, so that (N-K)//2 stays as it was written.
    const bool constant = term.factors.empty();
    const int64_t q = !factors   ? 0
                      : constant ? floor_quotient(term.coefficient, c)
                                 : term.coefficient / c;
    if (q != 0 && factors) quotient.push_back({q, *factors});
    const int64_t r = !factors   ? term.coefficient
                      : constant ? floor_remainder(term.coefficient, c)
                                 : term.coefficient % c;
    if (r != 0) rest.push_back({r, term.factors});
  }
  return {ExtentBuilder::sum(std::move(quotient)), ExtentBuilder::sum(std::move(rest))};
}

// What numerator and divisor share: rest == common * numerator + offset, 0 <= offset < number.
struct Reduction {
  Term common{1, {}};
  Extent numerator;
  Term divisor;
  int64_t offset = 0;
};

// The greatest number that divides both; a > 0. std::gcd does not take every int64.
int64_t shared_divisor(int64_t a, int64_t b) {
  const auto x = static_cast<uint64_t>(b);
  return static_cast<int64_t>(std::gcd(static_cast<uint64_t>(a), b < 0 ? 0 - x : x));
}

Reduction reduce(const Extent& rest, const Term& divisor) {
  const std::vector<Term> terms = rest.terms();
  Factors shared = divisor.factors;
  int64_t number = divisor.coefficient;
  for (const Term& term : terms) {
    Factors both;
    std::set_intersection(shared.begin(), shared.end(), term.factors.begin(), term.factors.end(),
                          std::back_inserter(both), factor_precedes);
    shared = std::move(both);
    if (!term.factors.empty()) number = shared_divisor(number, term.coefficient);
  }
  Reduction result;
  result.common = {number, shared};
  result.divisor = {divisor.coefficient / number, remaining(divisor.factors, shared)};
  std::vector<Term> numerator;
  for (const Term& term : terms) {
    const int64_t q = floor_quotient(term.coefficient, number);
    if (term.factors.empty()) result.offset = floor_remainder(term.coefficient, number);
    if (q != 0) numerator.push_back({q, remaining(term.factors, shared)});
  }
  result.numerator = ExtentBuilder::sum(std::move(numerator));
  return result;
}

bool is_one(const Term& term) { return term.coefficient == 1 && term.factors.empty(); }

// `extent` as function(x, p) + k with p known and positive.
struct Shifted {
  Extent x;
  int64_t p, k;
};
std::optional<Shifted> as_shifted(const Extent& extent, ExtentFunction function) {
  const std::vector<Term>& terms = ExtentBuilder::terms(extent);
  if (terms.empty() || terms.size() > 2) return std::nullopt;
  if (terms.size() == 2 && !terms[1].factors.empty()) return std::nullopt;
  if (terms[0].coefficient != 1 || terms[0].factors.size() != 1) return std::nullopt;
  const Factor& factor = terms[0].factors[0];
  if (!factor.symbol.empty() || factor.function != function) return std::nullopt;
  if (!factor.b->is_known() || factor.b->known() <= 0) return std::nullopt;
  return Shifted{*factor.a, factor.b->known(), terms.size() == 2 ? terms[1].coefficient : 0};
}

// Whether `extent` is (x mod p) + k and lies in [0, limit) for every x.
bool stays_below(const Extent& extent, const Extent& limit) {
  if (!limit.is_known()) return false;
  const std::optional<Shifted> m = as_shifted(extent, ExtentFunction::mod);
  return m && m->k >= 0 && m->p <= limit.known() && m->k <= limit.known() - m->p;
}

// a / b where b, of several terms, divides it; found by long division of leading terms.
std::optional<Extent> exact_quotient(const Extent& a, const Extent& b) {
  const Term& lead = ExtentBuilder::terms(b)[0];
  Extent quotient = 0;
  Extent rest = a;
  for (int step = 0; step < 64; ++step) {
    if (rest.is(0)) return quotient;
    const Term term = rest.terms()[0];
    const std::optional<Factors> factors = without(term.factors, lead.factors);
    const bool negates = lead.coefficient == -1;  // by product: INT64_MIN / -1 is no int64
    if (!factors || (!negates && term.coefficient % lead.coefficient != 0)) return std::nullopt;
    const Extent q = ExtentBuilder::term(
        {negates ? checked_mul(term.coefficient, -1) : term.coefficient / lead.coefficient,
         *factors});
    quotient += q;
    rest = rest - q * b;
  }
  return std::nullopt;
}

// The one positive term that `b` is, if it is one.
std::optional<Term> as_term(const Extent& b) {
  const std::vector<Term> terms = b.terms();
  if (terms.size() != 1 || terms[0].coefficient <= 0) return std::nullopt;
  return terms[0];
}

Extent floordiv_term(const Extent& a, const Extent& b, const Term& divisor) {
  const auto [quotient, rest] = divide(a, divisor);
  if (rest.is(0) || stays_below(rest, b)) return quotient;
  if (rest.is_known() && b.is_known()) return quotient;  // 0 <= rest < b
  const Reduction r = reduce(rest, divisor);
  if (!is_one(r.common)) {
    return quotient +
           Extent::apply(ExtentFunction::floordiv, r.numerator, ExtentBuilder::term(r.divisor));
  }
  if (const auto inner = as_shifted(rest, ExtentFunction::floordiv); inner && b.is_known()) {
    int64_t shift = 0, product = 0;
    if (!__builtin_mul_overflow(inner->p, b.known(), &product) &&
        !__builtin_mul_overflow(inner->p, inner->k, &shift))
      return quotient + Extent::apply(ExtentFunction::floordiv, inner->x + shift, product);
  }
  return quotient + ExtentBuilder::atom(ExtentFunction::floordiv, rest, b);
}

Extent mod_term(const Extent& a, const Extent& b, const Term& divisor) {
  Extent rest = divide(a, divisor).rest;
  if (rest.is(0) || stays_below(rest, b)) return rest;
  if (rest.is_known() && b.is_known()) return rest;
  const Reduction r = reduce(rest, divisor);
  if (!is_one(r.common)) {
    const Extent inner =
        Extent::apply(ExtentFunction::mod, r.numerator, ExtentBuilder::term(r.divisor));
    return ExtentBuilder::term(r.common) * inner + r.offset;
  }
  if (const auto inner = as_shifted(rest, ExtentFunction::mod);
      inner && b.is_known() && inner->p % b.known() == 0)
    return Extent::apply(ExtentFunction::mod, inner->x + inner->k, b);
  return ExtentBuilder::atom(ExtentFunction::mod, rest, b);
}

Extent make_floordiv(const Extent& a, const Extent& b) {
  if (b.is_known() && b.known() <= 0) return ExtentBuilder::atom(ExtentFunction::floordiv, a, b);
  if (const std::optional<Term> divisor = as_term(b)) return floordiv_term(a, b, *divisor);
  if (const std::optional<Extent> quotient = exact_quotient(a, b)) return *quotient;
  return ExtentBuilder::atom(ExtentFunction::floordiv, a, b);
}

Extent make_mod(const Extent& a, const Extent& b) {
  if (b.is_known() && b.known() <= 0) return ExtentBuilder::atom(ExtentFunction::mod, a, b);
  if (const std::optional<Term> divisor = as_term(b)) return mod_term(a, b, *divisor);
  if (exact_quotient(a, b)) return 0;
  return ExtentBuilder::atom(ExtentFunction::mod, a, b);
}

// The operands of nested mins (or maxes), `function` being associative.
void flatten(ExtentFunction function, const Extent& extent, std::vector<Extent>& into) {
  const std::vector<Term>& terms = ExtentBuilder::terms(extent);
  if (terms.size() == 1 && terms[0].coefficient == 1 && terms[0].factors.size() == 1) {
    const Factor& factor = terms[0].factors[0];
    if (factor.symbol.empty() && factor.function == function) {
      flatten(function, *factor.a, into);
      flatten(function, *factor.b, into);
      return;
    }
  }
  into.push_back(extent);
}

// Of operands that differ by a number, only the smallest (or largest) counts.
Extent make_extreme(ExtentFunction function, const Extent& a, const Extent& b) {
  std::vector<Extent> all, kept;
  flatten(function, a, all);
  flatten(function, b, all);
  for (const Extent& operand : all) {
    bool decided = false;
    for (Extent& other : kept) {
      const Extent difference = operand - other;
      if (!difference.is_known()) continue;
      if ((difference.known() < 0) == (function == ExtentFunction::min)) other = operand;
      decided = true;
      break;
    }
    if (!decided) kept.push_back(operand);
  }
  std::sort(kept.begin(), kept.end());
  if (kept[0].is_known()) std::rotate(kept.begin(), kept.begin() + 1, kept.end());  // min(K, 3)
  Extent result = kept.back();
  for (size_t i = kept.size() - 1; i-- > 0;)
    result = ExtentBuilder::atom(function, kept[i], result);
  return result;
}

}  // namespace

Extent Extent::apply(ExtentFunction function, const Extent& a, const Extent& b) {
  switch (function) {
    case ExtentFunction::floordiv: return make_floordiv(a, b);
    case ExtentFunction::mod: return make_mod(a, b);
    case ExtentFunction::min:
    case ExtentFunction::max: return make_extreme(function, a, b);
  }
  THX_UNREACHABLE("a function of extents");
}

Extent floordiv(const Extent& a, const Extent& b) {
  return Extent::apply(ExtentFunction::floordiv, a, b);
}
Extent mod(const Extent& a, const Extent& b) { return Extent::apply(ExtentFunction::mod, a, b); }
Extent min(const Extent& a, const Extent& b) { return Extent::apply(ExtentFunction::min, a, b); }
Extent max(const Extent& a, const Extent& b) { return Extent::apply(ExtentFunction::max, a, b); }
Extent ceildiv(const Extent& a, int64_t b) { return floordiv(a + (b - 1), b); }

}  // namespace thx
