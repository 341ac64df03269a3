// SPDX-License-Identifier: Apache-2.0
// Places in sources: lines and columns, and the sets of places that values carry.
#include "support/source.h"

#include <gtest/gtest.h>

namespace thx {
namespace {

TEST(Sources, LocatesInCodePoints) {
  Sources sources;
  const uint32_t file = sources.add("a.thx", "x\r\n\xC3\xA4 = 1\n");
  EXPECT_EQ(file, 1u);
  EXPECT_EQ(sources.locate(file, 0), (LineColumn{1, 1}));
  EXPECT_EQ(sources.locate(file, 3), (LineColumn{2, 1}));
  EXPECT_EQ(sources.locate(file, 5), (LineColumn{2, 2}));
  EXPECT_EQ(sources.locate(file, 99), (LineColumn{3, 1}));
  EXPECT_EQ(sources.line(file, 1), "x");
  EXPECT_EQ(sources.line(file, 2), "\xC3\xA4 = 1");
  EXPECT_EQ(sources.line(file, 3), "");
}

TEST(Sources, EndsLinesAtTheirLineEnds) {
  Sources sources;
  const uint32_t file = sources.add("a.thx", "a\r\n\n\rb\r");
  EXPECT_EQ(sources.line(file, 1), "a");
  EXPECT_EQ(sources.line(file, 2), "");
  EXPECT_EQ(sources.line(file, 3), "\rb");
}

TEST(Span, JoinsWithinOneFile) {
  EXPECT_EQ((Span{1, 2, 3}.to({1, 5, 7})), (Span{1, 2, 7}));
  EXPECT_EQ((Span{1, 2, 3}.to({2, 5, 7})), (Span{1, 2, 3}));
  EXPECT_EQ((Span{}.to({2, 5, 7})), (Span{2, 5, 7}));
  EXPECT_TRUE(Span{}.empty());
  EXPECT_FALSE((Span{1, 0, 0}.empty()));
}

TEST(SpanSet, CopiesChangeOnTheirOwn) {
  const SpanSet set{{1, 5, 6}};
  SpanSet copy = set, same = set;
  copy.insert({1, 2, 3});
  same.insert(set);
  EXPECT_EQ(set, (SpanSet{{1, 5, 6}}));
  EXPECT_EQ(copy, (SpanSet{{1, 2, 3}, {1, 5, 6}}));
  EXPECT_EQ(same, set);
}

TEST(SpanSet, IsSortedUniqueAndCapped) {
  SpanSet set{{1, 5, 6}, {1, 2, 3}, {1, 5, 6}, {}};
  EXPECT_EQ(set.size(), 2u);
  EXPECT_EQ(set.first(), (Span{1, 2, 3}));
  for (uint32_t i = 100; i > 0; --i) set.insert(Span{1, i, i + 1});
  EXPECT_EQ(set.size(), SpanSet::kMaxSpans);
  EXPECT_EQ(set.first(), (Span{1, 1, 2}));
}

}  // namespace
}  // namespace thx
