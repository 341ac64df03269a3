// SPDX-License-Identifier: Apache-2.0
// The text form of extents, both ways.
#include <algorithm>
#include <charconv>

#include "ir/polynomial.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

using Term = Extent::Term;
using Factor = Extent::Factor;

bool is_call(const Factor& factor) {
  return factor.symbol.empty() &&
         (factor.function == ExtentFunction::min || factor.function == ExtentFunction::max);
}

// An operand of // or %: in parentheses unless it is a number, a symbol or a call.
std::string operand_text(const Extent& extent) {
  const std::vector<Term>& terms = ExtentBuilder::terms(extent);
  const bool atomic =
      extent.is_known()
          ? extent.known() >= 0
          : terms.size() == 1 && terms[0].coefficient == 1 && terms[0].factors.size() == 1 &&
                (!terms[0].factors[0].symbol.empty() || is_call(terms[0].factors[0]));
  return atomic ? extent.text() : "(" + extent.text() + ")";
}

std::string factor_text(const Factor& factor) {
  if (!factor.symbol.empty()) return factor.symbol;
  switch (factor.function) {
    case ExtentFunction::floordiv: return operand_text(*factor.a) + "//" + operand_text(*factor.b);
    case ExtentFunction::mod: return operand_text(*factor.a) + "%" + operand_text(*factor.b);
    case ExtentFunction::min: return "min(" + factor.a->text() + ", " + factor.b->text() + ")";
    case ExtentFunction::max: return "max(" + factor.a->text() + ", " + factor.b->text() + ")";
  }
  return {};
}

void append_term(std::string& out, const Term& term) {
  // A leading minus would bind to the operand of // alone.
  const bool signed_first = out.empty() && term.coefficient < 0;
  if (term.coefficient < 0) {
    out += '-';
  } else if (!out.empty()) {
    out += '+';
  }
  const std::string digits = format("{}", term.coefficient);
  const std::string_view magnitude = std::string_view(digits).substr(term.coefficient < 0 ? 1 : 0);
  const bool counted = magnitude != "1" || term.factors.empty();
  if (counted) out += magnitude;
  const bool lone = !counted && term.factors.size() == 1 && !signed_first;
  bool first = !counted;
  for (const Factor& factor : term.factors) {
    if (!first) out += '*';
    first = false;
    const bool bare = lone || !factor.symbol.empty() || is_call(factor);
    out += bare ? factor_text(factor) : "(" + factor_text(factor) + ")";
  }
}

bool starts_symbol(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool continues_symbol(char c) { return starts_symbol(c) || is_digit(c) || c == '.'; }

// Recursive descent; arithmetic that overflows ends in a refusal like any other text.
class Reader {
 public:
  Reader(std::string_view text, size_t at) : text_(text), at_(at) {}

  size_t at() const { return at_; }

  std::optional<Extent> sum() {
    if (++depth_ > kMaxDepth) return std::nullopt;
    std::optional<Extent> result = product(take('-'));
    while (result) {
      const char op = peek();
      if (op != '+' && op != '-') break;
      ++at_;
      const std::optional<Extent> right = product(false);
      result = right ? combine(op, *result, *right) : std::nullopt;
    }
    --depth_;
    return result;
  }

 private:
  static constexpr int kMaxDepth = 128;       // an extent is short; texts that are not are refused
  static constexpr size_t kMostParts = 4096;  // terms and factors, in functions too

  static size_t weight(const Extent& extent) {
    if (extent.is_known()) return 1;
    size_t sum = 0;
    for (const Extent::Term& term : ExtentBuilder::terms(extent)) {
      ++sum;
      for (const Extent::Factor& factor : term.factors)
        sum += factor.symbol.empty() ? weight(*factor.a) + weight(*factor.b) : 1;
    }
    return sum;
  }

  // Moves over blanks only where something follows that belongs to the expression.
  char peek() {
    size_t next = at_;
    while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\t')) ++next;
    if (next == text_.size()) return 0;
    at_ = next;
    return text_[next];
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  std::optional<Extent> combine(char op, const Extent& a, const Extent& b) {
    const size_t left = weight(a), right = weight(b);
    if ((op == '*' ? left * right : left + right) > kMostParts) return std::nullopt;
    try {
      switch (op) {
        case '+': return a + b;
        case '-': return a - b;
        case '*': return a * b;
        case '/': return floordiv(a, b);
        case '%': return mod(a, b);
        case '<': return min(a, b);
        default: return max(a, b);
      }
    } catch (const InternalError&) {  // the numbers in the text are too large
      return std::nullopt;
    }
  }

  // A leading minus binds tighter than // and %, as in Python.
  std::optional<Extent> product(bool negative) {
    std::optional<Extent> result;
    if (negative && is_digit(peek())) {
      result = number(true);
    } else {
      result = primary();
      if (result && negative) result = combine('*', *result, -1);
    }
    while (result) {
      const char op = peek();
      if (op != '*' && op != '%' && !(op == '/' && text_.substr(at_, 2) == "//")) break;
      at_ += op == '/' ? 2 : 1;
      const std::optional<Extent> right = primary();
      result = right ? combine(op, *result, *right) : std::nullopt;
    }
    return result;
  }

  std::optional<Extent> primary() {
    const char c = peek();
    if (c == '(') {
      ++at_;
      std::optional<Extent> inner = sum();
      return inner && take(')') ? inner : std::nullopt;
    }
    if (is_digit(c)) return number(false);
    if (!starts_symbol(c)) return std::nullopt;
    const size_t begin = at_;
    while (at_ < text_.size() && continues_symbol(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    const bool call = at_ < text_.size() && text_[at_] == '(';
    return call ? arguments(name) : Extent::symbol(name);
  }

  std::optional<Extent> number(bool negative) {
    uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    const uint64_t limit = (uint64_t{1} << 63) - (negative ? 0 : 1);
    if (error != std::errc() || value > limit) return std::nullopt;
    at_ = static_cast<size_t>(end - text_.data());
    return static_cast<int64_t>(negative ? 0 - value : value);
  }

  std::optional<Extent> arguments(std::string_view name) {
    if ((name != "min" && name != "max") || !take('(')) return std::nullopt;
    const std::optional<Extent> a = sum();
    if (!a || !take(',')) return std::nullopt;
    const std::optional<Extent> b = sum();
    if (!b || !take(')')) return std::nullopt;
    return combine(name == "min" ? '<' : '>', *a, *b);
  }

  std::string_view text_;
  size_t at_;
  int depth_ = 0;
};

}  // namespace

std::string Extent::text() const {
  if (is_known()) return format("{}", known_);
  std::vector<Term> terms = polynomial_->terms;
  // `N-K` instead of `-K+N`: a positive term leads where there is one.
  const auto positive = std::find_if(terms.begin(), terms.end(),
                                     [](const Term& term) { return term.coefficient > 0; });
  if (positive != terms.end()) std::rotate(terms.begin(), positive, positive + 1);
  std::string out;
  for (const Term& term : terms) append_term(out, term);
  return out;
}

std::optional<Extent> Extent::parse_prefix(std::string_view text, size_t& at) {
  Reader reader(text, at);
  std::optional<Extent> result = reader.sum();
  if (result) at = reader.at();
  return result;
}

std::optional<Extent> Extent::parse(std::string_view text) {
  size_t at = 0;
  std::optional<Extent> result = parse_prefix(text, at);
  if (!result || !trim(text.substr(at)).empty()) return std::nullopt;
  return result;
}

}  // namespace thx
