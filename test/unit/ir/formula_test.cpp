// SPDX-License-Identifier: Apache-2.0
// Formulas: equal steps merge, and the text has the parentheses that the structure needs.
#include "ir/formula.h"

#include <gtest/gtest.h>

namespace thx {
namespace {

using namespace thx::formula;

TEST(Formula, MergesEqualSteps) {
  constexpr Formula f = exp(x) + exp(x) * exp(x);
  EXPECT_EQ(f.count, 4);
}

TEST(Formula, IsWrittenAsOneReadsIt) {
  EXPECT_EQ(text(log(1 + exp(x))), "log(1 + exp(x))");
  EXPECT_EQ(text((x + y) * w), "(x + y) * w");
  EXPECT_EQ(text(x + y * w), "x + y * w");
  EXPECT_EQ(text(x - (y - w)), "x - (y - w)");
  EXPECT_EQ(text(x - y - w), "x - y - w");
  EXPECT_EQ(text(x + (y + w)), "x + (y + w)");
  EXPECT_EQ(text(x / (y * w)), "x / (y * w)");
  EXPECT_EQ(text(-(x * y)), "-(x * y)");
  EXPECT_EQ(text(-x * y), "-x * y");
  EXPECT_EQ(text(x * -y), "x * -y");
  EXPECT_EQ(text(where(greater(x, 0), z, 0.5)), "where(x > 0, z, 0.5)");
  EXPECT_EQ(text(bit_and(equal(x, 0), greater(y, x + 1))), "(x == 0) & (y > x + 1)");
  EXPECT_EQ(text(bit_and(bit_or(x, y), w)), "(x | y) & w");
  EXPECT_EQ(text(log(sum(exp(x), k))), "log(sum(exp(x), k))");
  EXPECT_EQ(text(x - keep(max(x, k), k)), "x - keep(max(x, k), k)");
}

}  // namespace
}  // namespace thx
