// SPDX-License-Identifier: Apache-2.0
// Where elements read their operands.
#include "grouping/access.h"

#include <gtest/gtest.h>

#include "ops/build.h"

namespace thx {
namespace {

using Axes = std::vector<int64_t>;

const Extent kN = Extent::symbol("N"), kK = Extent::symbol("K");

std::string text_of(const Position& position) {
  return join(position, ", ", [](const Extent& extent) { return extent.text(); });
}

TEST(Access, FollowsViewsToWhatIsInMemory) {
  Graph graph;
  const Value b = graph.parameter({DType::f32, {kK}}, "b");
  const Value wide = broadcast(graph, b, {kN, kK}, Axes{1});
  const Value turned = transpose(graph, wide, Axes{1, 0});
  const Access access = through_views(turned, any_position(2));
  EXPECT_EQ(access.value, b);
  EXPECT_EQ(text_of(access.at), "$0");
}

TEST(Access, KnowsPositionsThatIotasAndExtentsSay) {
  Graph graph;
  const Value rows = make(graph, Op::iota, {}, {{"axis", int64_t{0}}, {"shape", Shape{kN}}});
  EXPECT_EQ(known_index(rows, any_position(1))->text(), "$0");
  EXPECT_EQ(known_index(extent_value(graph, kN), {})->text(), "N");
  EXPECT_FALSE(known_index(graph.parameter({DType::i64, {kN}}, "y"), any_position(1)));
  EXPECT_TRUE(always_in_range(rows, kN));
  EXPECT_FALSE(always_in_range(rows, kK));
  const Value turned = reversed(graph, rows, Axes{0});
  EXPECT_EQ(known_index(turned, any_position(1))->text(), "N-$0-1");
  EXPECT_TRUE(always_in_range(turned, kN));
  const Value later = slice(graph, rows, {1}, Axes{1}, {kN - 1});
  EXPECT_TRUE(always_in_range(later, kN));
  EXPECT_FALSE(always_in_range(later, kN - 1));
}

TEST(Access, ProductsReadBatchKeptAndContractedAxes) {
  Graph graph;
  const Value x = graph.parameter({DType::f32, {kN, kK}}, "x");
  const Value product = dot(graph, x, x, Axes{0}, Axes{0});
  const Position k = {Extent::symbol("$k")};
  EXPECT_EQ(text_of(dot_operand_position(*product, false, any_position(2), k)), "$k, $0");
  EXPECT_EQ(text_of(dot_operand_position(*product, true, any_position(2), k)), "$k, $1");
}

TEST(Access, OneUpdatePerRowIsComputedElementByElement) {
  Graph graph;
  const Value base = graph.parameter({DType::f32, {kN, kK}}, "base");
  const Value updates = graph.parameter({DType::f32, {kN}}, "updates");
  const Value y = graph.parameter({DType::i64, {kN}}, "y");
  const Value rows = make(graph, Op::iota, {}, {{"axis", int64_t{0}}, {"shape", Shape{kN}}});
  const Value one = make(graph, Op::scatter_add, {base, updates, rows, y}, {{"axes", Axes{0, 1}}});
  const std::optional<PointwiseScatter> how = pointwise_scatter(*one);
  ASSERT_TRUE(how);
  EXPECT_EQ(how->compared, std::vector<int>{1});
  EXPECT_EQ(text_of(scatter_update_position(*one, *how, any_position(2))), "$0");

  const Value column = graph.parameter({DType::f32, {kN, kK}}, "column");
  const Value many = make(graph, Op::scatter_add, {base, column, y}, {{"axes", Axes{0}}});
  EXPECT_FALSE(pointwise_scatter(*many)) << "rows may be hit more than once";
}

}  // namespace
}  // namespace thx
