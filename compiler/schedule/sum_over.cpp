// SPDX-License-Identifier: Apache-2.0
// Functions of the variable are cut into parts whose sums are known; what is left is a polynomial.
#include "schedule/sum_over.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "support/text.h"

namespace thx::loop {
namespace {

Extent extent_of(const Extent::Factor& factor) {
  return factor.symbol.empty() ? Extent::apply(factor.function, *factor.a, *factor.b)
                               : Extent::symbol(factor.symbol);
}

bool mentions(const Extent::Factor& factor, const std::string& var) {
  return factor.symbol.empty() ? factor.a->mentions(var) || factor.b->mentions(var)
                               : factor.symbol == var;
}

class Summation {
 public:
  Summation(const Iterations& loop, const Facts& facts)
      : loop_(loop),
        facts_(facts),
        var_(Extent::symbol(loop.var)),
        trips_(trip_count(loop, facts)) {}

  ExtentSum run(const Extent& body) {
    if (!body.mentions(loop_.var)) return {body * trips_};
    if (const std::optional<Extent> sum = closed(body)) return {*sum};
    const Extent last = loop_.begin + (trips_ - 1) * loop_.step;
    return {trips_ * max(body.substitute({{loop_.var, loop_.begin}}),
                         body.substitute({{loop_.var, last}})),
            false};
  }

 private:
  // A quantity that differs between iterations: a symbol for it, and what it adds up to.
  struct Part {
    Extent symbol, sum;
    int64_t block;  // all of its values but the last are this number
  };

  std::optional<Extent> closed(const Extent& body) {
    const std::optional<Extent> cut = without_functions(body);
    if (!cut) return std::nullopt;
    Extent rest = *cut, sum = 0;
    for (const Part& part : parts_) {
      const std::string name = part.symbol.text();
      const std::optional<Extent> coefficient = rest.coefficient(name);
      if (!coefficient || coefficient->mentions(loop_.var)) return std::nullopt;
      sum += *coefficient * part.sum;
      rest = rest.substitute({{name, 0}});
      for (const Part& other : parts_)
        if (coefficient->mentions(other.symbol.text())) return std::nullopt;
    }
    const std::optional<Extent> powers = polynomial(rest);
    if (!powers) return std::nullopt;
    return sum + *powers;
  }

  std::optional<Extent> without_functions(const Extent& extent) {
    Extent result = 0;
    for (const Extent::Term& term : extent.terms()) {
      Extent product = term.coefficient;
      for (const Extent::Factor& factor : term.factors) {
        const bool is_function = factor.symbol.empty() && mentions(factor, loop_.var);
        const std::optional<Extent> value =
            is_function ? without_function(factor) : extent_of(factor);
        if (!value) return std::nullopt;
        product *= *value;
      }
      result += product;
    }
    return result;
  }

  std::optional<Extent> without_function(const Extent::Factor& factor) {
    switch (factor.function) {
      case ExtentFunction::min: return block_end(*factor.a, *factor.b);
      case ExtentFunction::max: return factor.b->is(0) ? length(*factor.a) : std::nullopt;
      case ExtentFunction::floordiv: return quotient(*factor.a, *factor.b);
      case ExtentFunction::mod: return std::nullopt;
    }
    return std::nullopt;
  }

  // The end or the length of a block, where blocks cover the range from 0, or that of the loop.
  std::optional<Extent> block_end(const Extent& a, const Extent& b) {
    std::vector<Extent> fixed, moving;
    for (const Extent* operand : {&a, &b})
      for (const Extent& each : operands_of_min(*operand))
        (each.mentions(loop_.var) ? moving : fixed).push_back(each);
    if (moving.size() != 1) return std::nullopt;
    const std::optional<Extent> slope = moving[0].coefficient(loop_.var);
    if (!slope || !slope->is_known() || slope->known() == 0) return std::nullopt;
    const Extent rest = moving[0] - *slope * var_;
    const int64_t stride = std::abs(slope->known()) * loop_.step;
    if (slope->known() < 0)  // min(E - c * v, T)
      return fixed.size() == 1 && fixed[0].is(stride) && is_covered(rest, stride)
                 ? std::optional(part(at_least_0(rest), stride))
                 : std::nullopt;
    if (!rest.is(stride)) return std::nullopt;  // min(c * v + T, E)
    std::ranges::sort(fixed);
    if (slope->is(1) && fixed == operands_of_min(loop_.end))
      return var_ + part(at_least_0(loop_.end - loop_.begin), stride);
    Extent end = fixed[0];
    for (const Extent& each : fixed) end = min(end, each);
    if (!is_covered(end, stride)) return std::nullopt;
    return *slope * var_ + part(at_least_0(end), stride);
  }

  // Whether the loop's iterations are the blocks of `stride` from 0 to `end`.
  bool is_covered(const Extent& end, int64_t stride) const {
    if (!loop_.begin.is(0)) return false;
    return (loop_.step == 1 && loop_.end == ceildiv(end, stride)) ||
           (loop_.step == stride && loop_.end == end);
  }

  static std::vector<Extent> operands_of_min(const Extent& extent) {
    std::vector<Extent> left{extent}, result;
    while (!left.empty()) {
      const Extent next = left.back();
      left.pop_back();
      const std::vector<Extent::Term> terms = next.terms();
      const bool is_min = terms.size() == 1 && terms[0].coefficient == 1 &&
                          terms[0].factors.size() == 1 && terms[0].factors[0].symbol.empty() &&
                          terms[0].factors[0].function == ExtentFunction::min;
      if (is_min) {
        left.push_back(*terms[0].factors[0].a);
        left.push_back(*terms[0].factors[0].b);
      } else {
        result.push_back(next);
      }
    }
    std::ranges::sort(result);
    return result;
  }

  Extent at_least_0(const Extent& extent) const {
    return facts_.prove(extent) ? extent : max(extent, 0);
  }

  // What is a part as it stands: a length is not negative.
  std::optional<Extent> length(const Extent& extent) {
    const std::optional<Extent> cut = without_functions(extent);
    return cut && find(*cut) != nullptr ? cut : std::nullopt;
  }

  // (length + r) // d with r < d, where whole blocks are divided evenly.
  std::optional<Extent> quotient(const Extent& a, const Extent& b) {
    if (!b.is_known() || b.known() <= 0) return std::nullopt;
    const std::optional<Extent> cut = without_functions(a);
    if (!cut) return std::nullopt;
    for (const Part& lengths : parts_) {
      const Extent rest = *cut - lengths.symbol;
      if (!rest.is_known() || rest.known() < 0 || rest.known() >= b.known()) continue;
      if (lengths.block % b.known() != 0) return std::nullopt;
      return part(floordiv(lengths.sum + rest, b), lengths.block / b.known());
    }
    return std::nullopt;
  }

  const Part* find(const Extent& symbol) const {
    for (const Part& part : parts_)
      if (part.symbol == symbol) return &part;
    return nullptr;
  }
  Extent part(const Extent& sum, int64_t block) {
    for (const Part& part : parts_)
      if (part.sum == sum && part.block == block) return part.symbol;
    parts_.push_back({Extent::symbol(format("%{}", parts_.size())), sum, block});
    return parts_.back().symbol;
  }

  // By powers of the variable; Faulhaber's formulas.
  std::optional<Extent> polynomial(const Extent& extent) const {
    std::array<Extent, 3> coefficients = {0, 0, 0};
    for (const Extent::Term& term : extent.terms()) {
      Extent product = term.coefficient;
      size_t power = 0;
      for (const Extent::Factor& factor : term.factors) {
        if (factor.symbol == loop_.var)
          ++power;
        else
          product *= extent_of(factor);
      }
      if (power >= coefficients.size()) return std::nullopt;
      coefficients[power] += product;
    }
    const Extent& n = trips_;
    const Extent& first = loop_.begin;
    const Extent numbers = floordiv(n * (n - 1), 2);
    const Extent squares = floordiv(n * (n - 1) * (2 * n - 1), 6);
    const Extent step = loop_.step;
    return coefficients[0] * n + coefficients[1] * (first * n + step * numbers) +
           coefficients[2] *
               (first * first * n + 2 * first * step * numbers + step * step * squares);
  }

  const Iterations& loop_;
  const Facts& facts_;
  const Extent var_;
  const Extent trips_;
  std::vector<Part> parts_;
};

}  // namespace

Extent trip_count(const Iterations& loop, const Facts& facts) {
  const Extent rounded = loop.end - loop.begin + (loop.step - 1);
  const Extent trips = floordiv(rounded, loop.step);
  return facts.prove(rounded) ? trips : max(trips, 0);
}

ExtentSum sum_over(const Extent& body, const Iterations& loop, const Facts& facts) {
  return Summation(loop, facts).run(body);
}

}  // namespace thx::loop
