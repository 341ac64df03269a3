// SPDX-License-Identifier: Apache-2.0
// Polynomial arithmetic of extents in canonical form.
#include "ir/extent.h"

#include <algorithm>

#include "ir/hash.h"
#include "ir/polynomial.h"
#include "support/check.h"

namespace thx {
namespace {

using Term = Extent::Term;
using Factor = Extent::Factor;

size_t hash_terms(const std::vector<Term>& terms) {
  size_t h = terms.size();
  for (const Term& term : terms) {
    h = mix(h, static_cast<size_t>(term.coefficient));
    for (const Factor& factor : term.factors) {
      if (!factor.symbol.empty()) {
        h = mix(h, hash_of(factor.symbol));
      } else {
        h = mix(h, static_cast<size_t>(factor.function) + 1);
        h = mix(mix(h, factor.a->hash()), factor.b->hash());
      }
    }
  }
  return h;
}

// Orders terms: highest degree first, so that the constant is last; then by factors.
bool precedes(const Term& a, const Term& b) {
  if (a.factors.size() != b.factors.size()) return a.factors.size() > b.factors.size();
  return compare(a.factors, b.factors) < 0;
}

bool same_factors(const Term& a, const Term& b) {
  return a.factors.size() == b.factors.size() && compare(a.factors, b.factors) == 0;
}

Term product(const Term& a, const Term& b) {
  Term result{checked_mul(a.coefficient, b.coefficient), {}};
  result.factors.reserve(a.factors.size() + b.factors.size());
  std::merge(a.factors.begin(), a.factors.end(), b.factors.begin(), b.factors.end(),
             std::back_inserter(result.factors),
             [](const Factor& x, const Factor& y) { return compare(x, y) < 0; });
  return result;
}

}  // namespace

int64_t checked_add(int64_t a, int64_t b) {
  int64_t result = 0;
  THX_CHECK(!__builtin_add_overflow(a, b, &result), "extent {} + {} overflows", a, b);
  return result;
}

int64_t checked_mul(int64_t a, int64_t b) {
  int64_t result = 0;
  THX_CHECK(!__builtin_mul_overflow(a, b, &result), "extent {} * {} overflows", a, b);
  return result;
}

std::strong_ordering compare(const Factor& a, const Factor& b) {
  if (a.symbol.empty() != b.symbol.empty()) return a.symbol.empty() <=> b.symbol.empty();
  if (!a.symbol.empty()) return a.symbol.compare(b.symbol) <=> 0;
  if (a.function != b.function) return a.function <=> b.function;
  const std::strong_ordering order = *a.a <=> *b.a;
  return order != 0 ? order : *a.b <=> *b.b;
}

std::strong_ordering compare(const std::vector<Factor>& a, const std::vector<Factor>& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (const std::strong_ordering order = compare(a[i], b[i]); order != 0) return order;
  return a.size() <=> b.size();
}

const std::vector<Term>& ExtentBuilder::terms(const Extent& extent) {
  static const std::vector<Term> none;
  return extent.is_known() ? none : extent.polynomial_->terms;
}

Extent ExtentBuilder::of_sorted(std::vector<Term> terms) {
  if (terms.empty()) return 0;
  if (terms.size() == 1 && terms[0].factors.empty()) return terms[0].coefficient;
  auto polynomial = std::make_shared<Extent::Polynomial>();
  polynomial->hash = hash_terms(terms);
  polynomial->terms = std::move(terms);
  return Extent(std::move(polynomial));
}

Extent ExtentBuilder::sum(std::vector<Term> terms) {
  std::sort(terms.begin(), terms.end(), precedes);
  std::vector<Term> merged;
  merged.reserve(terms.size());
  for (Term& term : terms) {
    if (!merged.empty() && same_factors(merged.back(), term)) {
      merged.back().coefficient = checked_add(merged.back().coefficient, term.coefficient);
      continue;
    }
    if (!merged.empty() && merged.back().coefficient == 0) merged.pop_back();
    merged.push_back(std::move(term));
  }
  if (!merged.empty() && merged.back().coefficient == 0) merged.pop_back();
  return of_sorted(std::move(merged));
}

Extent ExtentBuilder::term(Term term) {
  if (term.coefficient == 0) return 0;
  std::vector<Term> terms;
  terms.push_back(std::move(term));
  return of_sorted(std::move(terms));
}

Extent ExtentBuilder::factor(Factor factor) { return term({1, {std::move(factor)}}); }

Extent ExtentBuilder::atom(ExtentFunction function, const Extent& a, const Extent& b) {
  return factor(
      {"", function, std::make_shared<const Extent>(a), std::make_shared<const Extent>(b)});
}

Extent::Extent(int64_t known) : known_(known) {}
Extent::Extent(std::shared_ptr<const Polynomial> polynomial) : polynomial_(std::move(polynomial)) {}

Extent Extent::symbol(std::string_view name) {
  return ExtentBuilder::factor({std::string(name), ExtentFunction::floordiv, nullptr, nullptr});
}

bool Extent::is_known() const { return polynomial_ == nullptr; }

int64_t Extent::known() const {
  THX_CHECK(is_known(), "the extent {} is not known", text());
  return known_;
}

std::vector<Term> Extent::terms() const {
  if (!is_known()) return polynomial_->terms;
  if (known_ == 0) return {};
  return {{known_, {}}};
}

size_t Extent::hash() const {
  return is_known() ? mix(0, static_cast<size_t>(known_)) : polynomial_->hash;
}

Extent operator+(const Extent& a, const Extent& b) {
  if (a.is_known() && b.is_known()) return checked_add(a.known_, b.known_);
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  std::vector<Term> terms = a.terms();
  const std::vector<Term> more = b.terms();
  terms.insert(terms.end(), more.begin(), more.end());
  return ExtentBuilder::sum(std::move(terms));
}

Extent operator-(const Extent& a, const Extent& b) {
  if (a.is_known() && b.is_known()) {
    int64_t result = 0;
    THX_CHECK(!__builtin_sub_overflow(a.known_, b.known_, &result), "extent {} - {} overflows",
              a.known_, b.known_);
    return result;
  }
  return a + b * -1;
}

Extent operator*(const Extent& a, const Extent& b) {
  if (a.is_known() && b.is_known()) return checked_mul(a.known_, b.known_);
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  std::vector<Term> terms;
  const std::vector<Term> factors = b.terms();
  for (const Term& x : a.terms())
    for (const Term& y : factors) terms.push_back(product(x, y));
  return ExtentBuilder::sum(std::move(terms));
}

bool operator==(const Extent& a, const Extent& b) {
  if (a.is_known() || b.is_known()) {
    return a.is_known() && b.is_known() && a.known_ == b.known_;
  }
  if (a.polynomial_ == b.polynomial_) return true;
  return a.polynomial_->hash == b.polynomial_->hash && (a <=> b) == 0;
}

std::strong_ordering operator<=>(const Extent& a, const Extent& b) {
  if (a.is_known() || b.is_known()) {
    if (!a.is_known() || !b.is_known()) return b.is_known() <=> a.is_known();
    return a.known_ <=> b.known_;
  }
  if (a.polynomial_ == b.polynomial_) return std::strong_ordering::equal;
  const std::vector<Term>& x = a.polynomial_->terms;
  const std::vector<Term>& y = b.polynomial_->terms;
  for (size_t i = 0; i < x.size() && i < y.size(); ++i) {
    if (const auto order = compare(x[i].factors, y[i].factors); order != 0) return order;
    if (const auto order = x[i].coefficient <=> y[i].coefficient; order != 0) return order;
  }
  return x.size() <=> y.size();
}

namespace {

// function(a, b); nothing for a divisor <= 0 or overflow.
std::optional<int64_t> apply_known(ExtentFunction function, int64_t a, int64_t b) {
  switch (function) {
    case ExtentFunction::floordiv:
      if (b <= 0) return std::nullopt;
      return floor_quotient(a, b);
    case ExtentFunction::mod:
      if (b <= 0) return std::nullopt;
      return floor_remainder(a, b);
    case ExtentFunction::min: return std::min(a, b);
    case ExtentFunction::max: return std::max(a, b);
  }
  THX_UNREACHABLE("a function of extents");
}

std::optional<int64_t> evaluate_factor(const Factor& factor, const Extent::Values& values) {
  if (!factor.symbol.empty()) {
    const auto found = values.find(factor.symbol);
    if (found == values.end()) return std::nullopt;
    return found->second;
  }
  const std::optional<int64_t> a = factor.a->evaluate(values);
  const std::optional<int64_t> b = factor.b->evaluate(values);
  if (!a || !b) return std::nullopt;
  return apply_known(factor.function, *a, *b);
}

}  // namespace

std::optional<int64_t> Extent::evaluate(const Values& values) const {
  if (is_known()) return known_;
  int64_t sum = 0;
  for (const Term& term : polynomial_->terms) {
    int64_t product = term.coefficient;
    for (const Factor& factor : term.factors) {
      const std::optional<int64_t> value = evaluate_factor(factor, values);
      if (!value || __builtin_mul_overflow(product, *value, &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return sum;
}

Extent Extent::substitute(const Bindings& bindings) const {
  if (is_known()) return *this;
  Extent sum = 0;
  for (const Term& term : polynomial_->terms) {
    Extent product = term.coefficient;
    for (const Factor& factor : term.factors) {
      if (factor.symbol.empty()) {
        product *=
            apply(factor.function, factor.a->substitute(bindings), factor.b->substitute(bindings));
      } else if (const auto found = bindings.find(factor.symbol); found != bindings.end()) {
        product *= found->second;
      } else {
        product *= ExtentBuilder::factor(factor);
      }
    }
    sum += product;
  }
  return sum;
}

void Extent::collect_symbols(std::set<std::string>& into) const {
  for (const Term& term : ExtentBuilder::terms(*this)) {
    for (const Factor& factor : term.factors) {
      if (!factor.symbol.empty()) {
        into.insert(factor.symbol);
      } else {
        factor.a->collect_symbols(into);
        factor.b->collect_symbols(into);
      }
    }
  }
}

bool Extent::mentions(std::string_view symbol) const {
  for (const Term& term : ExtentBuilder::terms(*this)) {
    for (const Factor& factor : term.factors) {
      if (factor.symbol.empty() ? factor.a->mentions(symbol) || factor.b->mentions(symbol)
                                : factor.symbol == symbol)
        return true;
    }
  }
  return false;
}

std::optional<Extent> Extent::coefficient(std::string_view symbol) const {
  std::vector<Term> found;
  for (const Term& term : ExtentBuilder::terms(*this)) {
    Term rest{term.coefficient, {}};
    int occurrences = 0;
    for (const Factor& factor : term.factors) {
      if (factor.symbol.empty()) {
        if (factor.a->mentions(symbol) || factor.b->mentions(symbol)) return std::nullopt;
        rest.factors.push_back(factor);
      } else if (factor.symbol == symbol) {
        ++occurrences;
      } else {
        rest.factors.push_back(factor);
      }
    }
    if (occurrences > 1) return std::nullopt;
    if (occurrences == 1) found.push_back(std::move(rest));
  }
  return ExtentBuilder::sum(std::move(found));
}

}  // namespace thx
