// SPDX-License-Identifier: Apache-2.0
// Symbolic extents: integer polynomials over named symbols, in a canonical form.
//
//   Extent n = Extent::symbol("N");
//   (n + n + 1 == 2 * n + 1) and (2 * n + 1).text() == "2*N+1"
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thx {

/// What an Extent may apply to two others beside + - *. `floordiv` and `mod` follow Python.
enum class ExtentFunction : uint8_t { floordiv, mod, min, max };

/// An integer expression over symbols (the dims of a program; in loop IR also loop variables,
/// spelled with a leading `$`). Immutable, cheap to copy; equal expressions compare equal because
/// the polynomial is kept in canonical form. Arithmetic on constants that leaves int64 is an
/// InternalError; evaluate() reports overflow instead.
class Extent {
 public:
  using Bindings = std::map<std::string, Extent, std::less<>>;
  using Values = std::map<std::string, int64_t, std::less<>>;

  Extent(int64_t known = 0);  // NOLINT: a number is an extent
  static Extent symbol(std::string_view name);
  static Extent apply(ExtentFunction function, const Extent& a, const Extent& b);

  bool is_known() const;
  int64_t known() const;  // requires is_known()
  bool is(int64_t value) const { return is_known() && known() == value; }

  friend Extent operator+(const Extent& a, const Extent& b);
  friend Extent operator-(const Extent& a, const Extent& b);
  friend Extent operator*(const Extent& a, const Extent& b);
  Extent& operator+=(const Extent& b) { return *this = *this + b; }
  Extent& operator*=(const Extent& b) { return *this = *this * b; }
  friend bool operator==(const Extent& a, const Extent& b);
  friend std::strong_ordering operator<=>(const Extent& a, const Extent& b);

  /// The canonical text; parse(text()) gives the same extent.
  std::string text() const;
  /// The extent that `text` spells: + - * // % parentheses, min(a, b), max(a, b), symbols, numbers.
  static std::optional<Extent> parse(std::string_view text);
  /// The same from `at` on, up to where the expression ends; moves `at` there.
  static std::optional<Extent> parse_prefix(std::string_view text, size_t& at);

  /// The value under `values`; nothing where a symbol is missing, a divisor is <= 0 or int64
  /// overflows.
  std::optional<int64_t> evaluate(const Values& values) const;
  Extent substitute(const Bindings& bindings) const;
  void collect_symbols(std::set<std::string>& into) const;
  bool mentions(std::string_view symbol) const;

  /// The coefficient of `symbol` where the extent is affine in it (coefficient free of the symbol,
  /// no occurrence inside a function); nothing otherwise. Zero where it does not occur.
  std::optional<Extent> coefficient(std::string_view symbol) const;

  /// Visits the canonical form: for emitters (C text, LLVM IR). A term is coefficient * factors;
  /// a factor is a symbol or a function of two extents, repeated for powers.
  struct Factor {
    std::string symbol;                                  // empty for a function
    ExtentFunction function = ExtentFunction::floordiv;  // of a and b
    std::shared_ptr<const Extent> a, b;
  };
  struct Term {
    int64_t coefficient;
    std::vector<Factor> factors;
  };
  std::vector<Term> terms() const;  // empty for 0; those of highest degree first, the constant last

  size_t hash() const;

 private:
  struct Polynomial;
  explicit Extent(std::shared_ptr<const Polynomial> polynomial);
  int64_t known_ = 0;                             // where polynomial_ is null
  std::shared_ptr<const Polynomial> polynomial_;  // not constant
  friend struct ExtentBuilder;
};

Extent floordiv(const Extent& a, const Extent& b);
Extent mod(const Extent& a, const Extent& b);
Extent min(const Extent& a, const Extent& b);
Extent max(const Extent& a, const Extent& b);
/// ceil(a / b) for a known b > 0, as floordiv(a + b - 1, b).
Extent ceildiv(const Extent& a, int64_t b);

}  // namespace thx

template <>
struct std::hash<thx::Extent> {
  size_t operator()(const thx::Extent& extent) const { return extent.hash(); }
};
