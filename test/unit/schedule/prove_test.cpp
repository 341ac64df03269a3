// SPDX-License-Identifier: Apache-2.0
// What the prover can show, and that it shows nothing that is wrong.
#include "schedule/prove.h"

#include <gtest/gtest.h>

#include "support/text.h"

namespace thx::loop {
namespace {

Extent e(std::string_view text) { return *Extent::parse(text); }

Facts inside(std::initializer_list<Range> ranges) {
  Facts facts;
  facts.ranges = ranges;
  return facts;
}

TEST(Prove, DimsAreNotNegative) {
  const Facts none;
  EXPECT_TRUE(none.prove(e("N*K+3")));
  EXPECT_FALSE(none.prove(e("N-1")));
  EXPECT_FALSE(none.prove(e("N-K")));
  EXPECT_FALSE(none.prove(e("-1")));
}

TEST(Prove, LoopVariablesGiveWayToTheEndsOfTheirRanges) {
  const Facts facts = inside({{"$n", 0, e("N-1")}, {"$f", 0, e("F-1")}});
  EXPECT_TRUE(facts.prove(e("N*F-1-F*$n-$f")));
  EXPECT_FALSE(facts.prove(e("N*F-2-F*$n-$f")));
  EXPECT_TRUE(facts.prove(e("F*$n+$f")));
  EXPECT_FALSE(facts.prove(e("N-1-2*$n")));
  EXPECT_TRUE(facts.prove(e("2*N-2-2*$n")));
}

TEST(Prove, ChunksStayInside) {
  const Facts facts = inside(
      {{"$c", 0, e("(N+16383)//16384-1")}, {"$i", e("16384*$c"), e("min(16384*$c+16384, N)-1")}});
  EXPECT_TRUE(facts.prove(e("N-1-$i")));
  EXPECT_TRUE(facts.prove(e("$i-16384*$c")));
  EXPECT_TRUE(facts.prove(e("16384*$c+16383-$i")));
  EXPECT_FALSE(facts.prove(e("N-2-$i")));
}

TEST(Prove, QuotientsAndRemaindersHaveBounds) {
  const Facts facts = inside({{"$g", 0, e("N//4-1")}});
  EXPECT_TRUE(facts.prove(e("N-4-4*$g")));
  EXPECT_FALSE(facts.prove(e("N-5-4*$g")));
  const Facts none;
  EXPECT_TRUE(none.prove(e("64*((4*N+63)//64)-4*N")));
  EXPECT_FALSE(none.prove(e("64*((N+62)//64)-N")));
  EXPECT_TRUE(none.prove(e("3-N%4")));
  EXPECT_FALSE(none.prove(e("2-N%4")));
  EXPECT_TRUE(none.prove(e("max(N, K)-N")));
  EXPECT_FALSE(none.prove(e("max(N, K)-N-1")));
  EXPECT_FALSE(none.prove(e("min(N, K)-N")));
}

TEST(Prove, GuardsHelp) {
  Facts facts = inside({{"$k", 0, e("K-1")}, {"$lane", 0, 7}});
  EXPECT_FALSE(facts.prove(e("K-1-$k-$lane")));
  facts.nonnegative.push_back(e("K-1-$k-$lane"));
  EXPECT_TRUE(facts.prove(e("K-1-$k-$lane")));
  EXPECT_FALSE(facts.prove(e("K-2-$k-$lane")));
  const Facts reg = {{}, {Extent::symbol("%0"), e("N-1") - Extent::symbol("%0")}};
  EXPECT_TRUE(reg.prove(Extent::symbol("%0")));
  EXPECT_FALSE(reg.prove(Extent::symbol("%1")));
  EXPECT_TRUE(reg.prove(e("N-1")));
}

// A guard on a position counts however long the search among the other facts would be.
TEST(Prove, AFactSaysItselfAmongMany) {
  const auto registers = [](std::string_view text) {
    return e(text).substitute({{"p", Extent::symbol("%0")}, {"q", Extent::symbol("%1")}});
  };
  const Extent turned = registers("3-p-2*q+4*((p+2*q)//4)");
  Facts facts;
  for (int i = 0; i < 40; ++i)
    facts.nonnegative.push_back(registers(format("p+{}*q-(({}*p+q)//4)*q", i, i + 1)));
  EXPECT_FALSE(facts.prove(turned - 1));
  facts.nonnegative.push_back(turned - 1);
  EXPECT_TRUE(facts.prove(turned - 1));
  EXPECT_TRUE(facts.prove(turned + 1));
  EXPECT_FALSE(facts.prove(turned - 2));
}

TEST(Prove, ContradictionsAreFound) {
  Facts facts = inside({{"$t", 0, 31}, {"$gap", 0, {}}});
  facts.nonnegative.push_back(e("-$t"));
  EXPECT_FALSE(facts.impossible());
  facts.nonnegative.push_back(e("-$t-1-$gap"));
  EXPECT_TRUE(facts.impossible());
}

// Every proof is held against numbers: all values of small dims and variables.
TEST(Prove, ProvesNothingWrong) {
  const Facts facts =
      inside({{"$c", 0, e("(N+3)//4-1")}, {"$i", e("4*$c"), e("min(4*$c+4, N)-1")}});
  const char* claims[] = {"N-1-$i",         "$i",           "4*$c+3-$i",  "N-$i-K%3", "$i-N//2",
                          "N*K-$i*K",       "N*K-$i*K-K",   "K*$c-$i",    "$i//4-$c", "$c-$i//4",
                          "max(N, K)-$i-1", "min(N, K)-$i", "N+K-2*$i-1", "$i%4",     "3-$i%4"};
  for (const char* claim : claims) {
    const Extent extent = e(claim);
    if (!facts.prove(extent)) continue;
    for (int64_t n = 0; n < 12; ++n)
      for (int64_t k = 0; k < 5; ++k)
        for (int64_t i = 0; i < n; ++i) {
          const auto value = extent.evaluate({{"N", n}, {"K", k}, {"$c", i / 4}, {"$i", i}});
          ASSERT_TRUE(value && *value >= 0) << claim << " N=" << n << " K=" << k << " $i=" << i;
        }
  }
}

TEST(Prove, Divides) {
  EXPECT_TRUE(divides(16, e("32*(N//32)")));
  EXPECT_FALSE(divides(16, e("N")));
  EXPECT_TRUE(divides(64, Extent(0)));
}

TEST(Prove, QuotientsOfQuotients) {
  // The last element of every other one of every other one, from the end.
  const Extent n = Extent::symbol("N"), i = Extent::symbol("$i");
  const Extent half = floordiv(n + 1, 2);
  Facts facts;
  facts.ranges = {{"$i", 0, floordiv(half + 1, 2) - 1}};
  const Extent position = 2 * half - 4 * i - 2;
  EXPECT_TRUE(facts.prove(position));
  facts.nonnegative = {floordiv(half + 1, 2) - 1};
  EXPECT_TRUE(facts.prove(n - 1 - position));
  EXPECT_FALSE(facts.prove(position - 1));
  // The room of an array of that extent, in whole cache lines.
  EXPECT_TRUE(Facts{}.prove(64 * floordiv(half + 7, 8) - 8 * half));
  EXPECT_FALSE(Facts{}.prove(64 * floordiv(half + 6, 8) - 8 * half));
  const Extent thirds = floordiv(2 * n + 2, 3);
  EXPECT_TRUE(Facts{}.prove(64 * ceildiv(4 * thirds, 64) - 4 * thirds));
  EXPECT_FALSE(Facts{}.prove(64 * ceildiv(4 * thirds, 64) - 4 * thirds - 1));
}

}  // namespace
}  // namespace thx::loop
