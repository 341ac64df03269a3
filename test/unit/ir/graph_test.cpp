// SPDX-License-Identifier: Apache-2.0
// Interning: equal computations are one node, marks and parameters never are, regions compare by
// structure, and a hundred thousand nodes take no time.
#include "ir/graph.h"

#include <gtest/gtest.h>

#include "ir/needed.h"
#include "support/check.h"

namespace thx {
namespace {

const Type kScalar{DType::f32, {}};

Value unary(Graph& graph, Op op, Value x) { return graph.intern({op, {x->type()}, {x}}); }
Value binary(Graph& graph, Op op, Value x, Value y) {
  return graph.intern({op, {x->type()}, {x, y}});
}

TEST(Graph, MergesEqualComputations) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  const Value y = graph.parameter(kScalar, "x");
  EXPECT_NE(x, y);
  EXPECT_EQ(unary(graph, Op::exp, x), unary(graph, Op::exp, x));
  EXPECT_NE(unary(graph, Op::exp, x), unary(graph, Op::exp, y));
  EXPECT_NE(unary(graph, Op::exp, x), unary(graph, Op::log, x));
  EXPECT_NE(binary(graph, Op::add, x, y), binary(graph, Op::add, y, x));
  const NodeSpec one{Op::constant, {kScalar}, {}, {{"value", Scalar::of(DType::f32, 0.0)}}};
  const NodeSpec two{Op::constant, {kScalar}, {}, {{"value", Scalar::of(DType::f32, -0.0)}}};
  EXPECT_EQ(graph.intern(one), graph.intern(one));
  EXPECT_NE(graph.intern(one), graph.intern(two));
}

TEST(Graph, FindsWhatIsThereAndMakesNothing) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  const Value y = graph.parameter(kScalar, "y");
  const Value sum = binary(graph, Op::add, x, y);
  EXPECT_EQ(graph.find({Op::add, {kScalar}, {x, y}}), sum);
  EXPECT_EQ(graph.find({Op::add, {kScalar}, {y, x}}), Value{});
  EXPECT_EQ(graph.size(), 3);
}

TEST(Graph, NeverMergesMarks) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  EXPECT_NE(unary(graph, Op::mark, x), unary(graph, Op::mark, x));
}

TEST(Graph, MergedNodesCollectSpansAndKeepTheFirstName) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  const NodeSpec spec{Op::exp, {kScalar}, {x}};
  const Value e = graph.intern(spec, Span{1, 0, 3});
  graph.intern(spec, Span{1, 5, 8}, "first");
  graph.intern(spec, Span{1, 5, 8}, "second");
  EXPECT_EQ(graph.spans(e).size(), 2u);
  EXPECT_EQ(graph.name(e), "first");
}

TEST(Graph, RefusesOperandsOfOtherGraphs) {
  Graph a, b;
  const Value x = a.parameter(kScalar, "x");
  EXPECT_THROW(unary(b, Op::exp, x), InternalError);
}

// if c: x + 1 with its nodes made in one of two orders, under other names, beside dead nodes.
Region region(bool other) {
  auto body = std::make_shared<Body>();
  Graph& graph = body->graph;
  if (other) {
    graph.intern({Op::constant, {kScalar}, {}, {{"value", Scalar::of(DType::f32, 9)}}});
  }
  const Value x = graph.parameter(kScalar, other ? "y" : "x");
  Value square, e;
  if (other) {
    e = unary(graph, Op::exp, x);
    square = unary(graph, Op::square, x);
  } else {
    square = unary(graph, Op::square, x);
    e = unary(graph, Op::exp, x);
  }
  body->parameters = {x};
  body->results = {binary(graph, Op::add, square, e)};
  return body;
}

Region swapped() {
  auto body = std::make_shared<Body>();
  Graph& graph = body->graph;
  const Value x = graph.parameter(kScalar, "x");
  body->parameters = {x};
  body->results = {binary(graph, Op::add, unary(graph, Op::exp, x), unary(graph, Op::square, x))};
  return body;
}

TEST(Body, EqualityIsStructural) {
  EXPECT_TRUE(equal(*region(false), *region(true)));
  EXPECT_EQ(hash_of(*region(false)), hash_of(*region(true)));
  EXPECT_FALSE(equal(*region(false), *swapped()));
}

// x + x against mark(x) + mark(x) of one mark and of two.
Region marked(bool two) {
  auto body = std::make_shared<Body>();
  Graph& graph = body->graph;
  const Value x = graph.parameter(kScalar, "x");
  const Value a = unary(graph, Op::mark, x);
  const Value b = two ? unary(graph, Op::mark, x) : a;
  body->parameters = {x};
  body->results = {binary(graph, Op::add, a, b)};
  return body;
}

TEST(Body, MarksAreTheirOwn) {
  EXPECT_TRUE(equal(*marked(true), *marked(true)));
  EXPECT_FALSE(equal(*marked(true), *marked(false)));
  EXPECT_FALSE(equal(*marked(false), *marked(true)));
}

Value cond(Graph& graph, Value flag, Value x, const Region& a, const Region& b) {
  return graph.intern({Op::cond, {kScalar}, {flag, x}, {}, {a, b}});
}

TEST(Graph, MergesNodesWithEqualRegions) {
  Graph graph;
  const Value flag = graph.parameter({DType::boolean, {}}, "flag");
  const Value x = graph.parameter(kScalar, "x");
  const Region shared = region(false);
  const Value first = cond(graph, flag, x, shared, shared);
  EXPECT_EQ(first, cond(graph, flag, x, region(true), region(false)));
  EXPECT_NE(first, cond(graph, flag, x, region(true), swapped()));
}

TEST(Graph, KeepsRegionsApartWhereAsked) {
  Graph graph;
  graph.keep_regions_apart();
  const Value flag = graph.parameter({DType::boolean, {}}, "flag");
  const Value x = graph.parameter(kScalar, "x");
  const Region shared = region(false);
  EXPECT_NE(cond(graph, flag, x, shared, shared), cond(graph, flag, x, shared, shared));
  EXPECT_EQ(unary(graph, Op::exp, x), unary(graph, Op::exp, x));
}

// A region that holds a cond of the given region twice.
Region around(const Region& inner) {
  auto body = std::make_shared<Body>();
  Graph& graph = body->graph;
  const Value flag = graph.parameter({DType::boolean, {}}, "flag");
  const Value x = graph.parameter(kScalar, "x");
  body->parameters = {flag, x};
  const Value node = cond(graph, flag, x, inner, inner);
  body->results = {graph.intern({Op::result, {kScalar}, {node}, {{"index", int64_t{0}}}})};
  return body;
}

TEST(Body, SharedAndRepeatedRegionsAreEqual) {
  auto nested = [](Region inner) {
    auto body = std::make_shared<Body>();
    const Value flag = body->graph.parameter({DType::boolean, {}}, "flag");
    const Value x = body->graph.parameter(kScalar, "x");
    body->parameters = {flag, x};
    const Region copy = region(true);
    const Value node = cond(body->graph, flag, x, inner, copy);
    body->results = {body->graph.intern({Op::result, {kScalar}, {node}, {{"index", int64_t{0}}}})};
    return Region(body);
  };
  EXPECT_TRUE(equal(*around(region(false)), *nested(region(false))));
  EXPECT_FALSE(equal(*around(region(false)), *nested(swapped())));
}

TEST(Graph, HoldsAHundredThousandNodes) {
  Graph graph;
  Value x = graph.parameter(kScalar, "x");
  for (int i = 0; i < 100000; ++i) x = unary(graph, i % 2 == 0 ? Op::exp : Op::log, x);
  EXPECT_EQ(graph.size(), 100001);
  Value again = graph.at(0);
  for (int i = 0; i < 100000; ++i) again = unary(graph, i % 2 == 0 ? Op::exp : Op::log, again);
  EXPECT_EQ(again, x);
  EXPECT_EQ(graph.size(), 100001);
  const Value roots[] = {x};
  EXPECT_EQ(needed(graph, roots).size(), 100001u);
  EXPECT_EQ(use_counts(graph, roots)[0], 1);
  EXPECT_EQ(use_counts(graph, roots)[static_cast<size_t>(x->id)], 1);
}

TEST(Graph, OnlyWhatRootsReadIsNeeded) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  const Value dead = unary(graph, Op::log, x);
  const Value e = unary(graph, Op::exp, x);
  const Value twice = binary(graph, Op::add, e, e);
  const Value roots[] = {twice, e};
  EXPECT_EQ(needed(graph, roots), (std::vector<Value>{x, e, twice}));
  const std::vector<int> counts = use_counts(graph, roots);
  EXPECT_EQ(counts[static_cast<size_t>(e->id)], 3);
  EXPECT_EQ(counts[static_cast<size_t>(dead->id)], 0);
}

TEST(Graph, NeededNodesHavePlacesOfTheirOwn) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  std::vector<Value> chain = {x};
  for (int i = 0; i < 300; ++i) chain.push_back(unary(graph, Op::exp, chain.back()));
  const Value y = graph.parameter(kScalar, "y");
  const Value end = unary(graph, Op::log, x);
  const Value sum = binary(graph, Op::add, end, y);
  const Value roots[] = {sum};
  const NeededNodes nodes(graph, roots);
  EXPECT_EQ(nodes.in_order(), (std::vector<Value>{x, y, end, sum}));
  for (size_t i = 0; i < nodes.in_order().size(); ++i) {
    EXPECT_TRUE(nodes.has(nodes.in_order()[i]));
    EXPECT_EQ(nodes.place(nodes.in_order()[i]), i);
  }
  EXPECT_FALSE(nodes.has(chain[1]));
  EXPECT_FALSE(nodes.has(unary(graph, Op::exp, sum)));
  const Value ends[] = {end};
  EXPECT_EQ(NeededNodes(graph, roots, ends).in_order(), (std::vector<Value>{y, end, sum}));
  const Value far[] = {chain.back()};
  EXPECT_EQ(NeededNodes(graph, far).in_order(), chain);
}

}  // namespace
}  // namespace thx
