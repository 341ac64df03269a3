// SPDX-License-Identifier: Apache-2.0
// Extents: equal expressions are one form, text reads back, values agree with plain arithmetic.
#include "ir/extent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

const Extent N = Extent::symbol("N");
const Extent M = Extent::symbol("M");
const Extent K = Extent::symbol("K");
constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

TEST(Extent, PolynomialsHaveOneForm) {
  EXPECT_EQ(N + N + 1, 2 * N + 1);
  EXPECT_EQ((N + 1) * (N - 1), N * N - 1);
  EXPECT_EQ(N * K, K * N);
  EXPECT_EQ(N - N, Extent(0));
  EXPECT_EQ((N + K).hash(), (K + N).hash());
  EXPECT_NE(N, K);
  EXPECT_NE(N, Extent(1));
  EXPECT_TRUE((N * 0).is_known());
}

TEST(Extent, IsWrittenAsOneReadsIt) {
  EXPECT_EQ((2 * N + 1).text(), "2*N+1");
  EXPECT_EQ((1 + N).text(), "N+1");
  EXPECT_EQ((N - K).text(), "N-K");
  EXPECT_EQ((1 - N).text(), "1-N");
  EXPECT_EQ((-1 * N).text(), "-N");
  EXPECT_EQ((N - K * N * 3).text(), "N-3*K*N");
  EXPECT_EQ((floordiv(N - K, M) + 1).text(), "(N-K)//M+1");
  EXPECT_EQ((2 * floordiv(N, 2)).text(), "2*(N//2)");
  EXPECT_EQ(mod(floordiv(N, K), 2).text(), "(N//K)%2");
  EXPECT_EQ(min(K, 2 * N).text(), "min(K, 2*N)");
  EXPECT_EQ(Extent(-3).text(), "-3");
}

TEST(Extent, QuotientsAndRemaindersOfMultiplesVanish) {
  EXPECT_EQ(floordiv(2 * N, 2), N);
  EXPECT_EQ(floordiv(N, 1), N);
  EXPECT_EQ(floordiv(2 * N + 1, 2), N);
  EXPECT_EQ(floordiv(3 * N, 2), N + floordiv(N, 2));
  EXPECT_EQ(floordiv(N - 1, 2), floordiv(N + 1, 2) - 1);
  EXPECT_EQ(floordiv(4 * N + 2, 8), floordiv(2 * N + 1, 4));
  EXPECT_EQ(floordiv(2 * N + 1, 4), floordiv(N, 2));
  EXPECT_EQ(floordiv(floordiv(N, 2), 3), floordiv(N, 6));
  EXPECT_EQ(floordiv(floordiv(N, 2) + 1, 3), floordiv(N + 2, 6));
  EXPECT_EQ(floordiv(N * K, K), N);
  EXPECT_EQ(floordiv(4 * N * K, 2 * K), 2 * N);
  EXPECT_EQ(floordiv(3 * N * K, 2 * K), floordiv(3 * N, 2));
  EXPECT_EQ(floordiv((N + 1) * (K + M), N + 1), K + M);
  EXPECT_EQ(floordiv(N + K, N + K), Extent(1));
  EXPECT_EQ(floordiv(1 - N, 1 - N), Extent(1));
  EXPECT_EQ(mod(N, 1), Extent(0));
  EXPECT_EQ(mod(6 * N, 3), Extent(0));
  EXPECT_EQ(mod(6 * N + 7, 3), Extent(1));
  EXPECT_EQ(mod(2 * N, 4), 2 * mod(N, 2));
  EXPECT_EQ(mod(N * K, K), Extent(0));
  EXPECT_EQ(mod(mod(N, 8), 4), mod(N, 4));
  EXPECT_EQ(mod(mod(N, 4), 8), mod(N, 4));
  EXPECT_EQ(floordiv(mod(N, 4), 8), Extent(0));
  EXPECT_EQ(ceildiv(16 * N, 16), N);
}

TEST(Extent, KnownOperandsFollowPython) {
  EXPECT_EQ(floordiv(-7, 2), Extent(-4));
  EXPECT_EQ(mod(-7, 2), Extent(1));
  EXPECT_EQ(ceildiv(7, 2), Extent(4));
  EXPECT_EQ(min(3, 4), Extent(3));
  EXPECT_EQ(max(3, 4), Extent(4));
  EXPECT_FALSE(floordiv(7, 0).is_known());
  EXPECT_FALSE(floordiv(7, 0).evaluate({}));
  EXPECT_FALSE(mod(N, -2).evaluate({{"N", 3}}));
}

TEST(Extent, ExtremesDropWhatIsDecided) {
  EXPECT_EQ(min(N, N), N);
  EXPECT_EQ(min(N, N + 1), N);
  EXPECT_EQ(max(N, N + 1), N + 1);
  EXPECT_EQ(min(N, K), min(K, N));
  EXPECT_EQ(min(min(N, K), M), min(N, min(M, K)));
  EXPECT_EQ(min(min(N, K), K - 2), min(N, K - 2));
  EXPECT_NE(min(N, K), max(N, K));
}

TEST(Extent, TextReadsBack) {
  for (const char* text : {"0", "-3", "N", "2*N+1", "N-K", "1-N", "(N-K)//M+1", "2*(N//2)",
                           "min(K, 2*N)", "max(-N, 3)", "(-N)%4", "-(N%4)", "$i*K+$j", "N*(N//2)",
                           "(7//0)*N", "-9223372036854775808", "9223372036854775807"}) {
    const std::optional<Extent> extent = Extent::parse(text);
    ASSERT_TRUE(extent) << text;
    EXPECT_EQ(Extent::parse(extent->text()), extent) << text << " as " << extent->text();
  }
  EXPECT_EQ(Extent::parse("-N // 2"), floordiv(-1 * N, 2));
  EXPECT_EQ(Extent::parse(" ( N + 1 ) * 2 "), 2 * N + 2);
  EXPECT_EQ(Extent::parse("-(2)"), Extent(-2));
  for (const char* text : {"", "N+", "N K", "N/2", "(N", "min(N)", "sin(N)", "9223372036854775808",
                           "9223372036854775807+1", "1.5"})
    EXPECT_FALSE(Extent::parse(text)) << text;
  EXPECT_FALSE(Extent::parse(std::string(100000, '(')));
  // What would multiply to more than a program needs, and to more than fits.
  std::string power = "N", sums = "N//2+1";
  for (int i = 0; i < 20000; ++i) power += "*N";
  for (int i = 3; i < 40; ++i) append(sums, ")*(N//{}+1", i);
  EXPECT_FALSE(Extent::parse(power));
  EXPECT_FALSE(Extent::parse("(" + sums + ")"));
  EXPECT_TRUE(Extent::parse(power.substr(0, 1999)));
}

TEST(Extent, ArithmeticOutsideInt64IsRefused) {
  EXPECT_THROW(Extent(kLargest) + 1, InternalError);
  EXPECT_THROW(Extent(kLargest) * N * 2, InternalError);
  EXPECT_THROW(Extent(-2) - Extent(kLargest), InternalError);
  EXPECT_FALSE((N * N).evaluate({{"N", int64_t{1} << 32}}));
  EXPECT_FALSE((N + 1).evaluate({{"N", kLargest}}));
  EXPECT_FALSE((N + 1).evaluate({}));
}

TEST(Extent, SubstitutionFolds) {
  const Extent e = floordiv(N * K + M, 2) + min(N, K);
  EXPECT_EQ(e.substitute({{"N", 4}, {"K", 3}, {"M", 1}}), Extent(9));
  EXPECT_EQ(floordiv(N, 2).substitute({{"N", 2 * K}}), K);
  EXPECT_EQ(e.substitute({}), e);
}

TEST(Extent, KnowsItsSymbolsAndCoefficients) {
  const Extent e = 3 * N * K + 2 * N + floordiv(M, 2);
  std::set<std::string> symbols;
  e.collect_symbols(symbols);
  EXPECT_EQ(symbols, (std::set<std::string>{"K", "M", "N"}));
  EXPECT_TRUE(e.mentions("M"));
  EXPECT_FALSE(e.mentions("L"));
  EXPECT_EQ(e.coefficient("N"), 3 * K + 2);
  EXPECT_EQ(e.coefficient("L"), Extent(0));
  EXPECT_FALSE(e.coefficient("M"));
  EXPECT_FALSE((N * N).coefficient("N"));
  EXPECT_EQ(Extent(3).coefficient("N"), Extent(0));
}

int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

// A random expression with its value, computed beside it without any simplification.
struct Random {
  std::mt19937 generator{7};
  Extent::Values values{{"A", 5}, {"B", 3}, {"C", 11}};
  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(generator);
  }
  std::pair<Extent, int64_t> leaf() {
    if (pick(0, 2) == 0) {
      const int64_t number = pick(-6, 6);
      return {number, number};
    }
    const auto symbol = std::next(values.begin(), pick(0, 2));
    return {Extent::symbol(symbol->first), symbol->second};
  }
  std::pair<Extent, int64_t> expression(int depth) {
    if (depth == 0) return leaf();
    const auto [a, x] = expression(depth - 1);
    const auto [b, y] = expression(static_cast<int>(pick(0, depth - 1)));
    switch (pick(0, 6)) {
      case 0: return {a + b, x + y};
      case 1: return {a - b, x - y};
      case 2: return {a * b, x * y};
      case 3: return {min(a, b), std::min(x, y)};
      case 4: return {max(a, b), std::max(x, y)};
      case 5: return y > 0 ? std::pair{floordiv(a, b), floor_div(x, y)} : std::pair{a, x};
      default: return y > 0 ? std::pair{mod(a, b), x - floor_div(x, y) * y} : std::pair{a, x};
    }
  }
};

TEST(Extent, FormsKeepTheirValuesAndTexts) {
  Random random;
  for (int i = 0; i < 20000; ++i) {
    const auto [extent, value] = random.expression(i % 5);
    const std::optional<int64_t> found = extent.evaluate(random.values);
    ASSERT_TRUE(found) << extent.text();
    EXPECT_EQ(*found, value) << extent.text();
    const std::optional<Extent> again = Extent::parse(extent.text());
    ASSERT_TRUE(again) << extent.text();
    EXPECT_EQ(again->text(), extent.text());
    EXPECT_EQ(*again, extent) << extent.text();
    Extent::Bindings bindings;
    for (const auto& [name, number] : random.values) bindings.emplace(name, number);
    EXPECT_EQ(extent.substitute(bindings), Extent(value)) << extent.text();
  }
}

}  // namespace
}  // namespace thx
