// SPDX-License-Identifier: Apache-2.0
// Control nodes are read as they were made; rebuilding keeps what a value is called and comes from.
#include "ops/control.h"

#include <gtest/gtest.h>

#include "ops/axes.h"
#include "ops/build.h"

namespace thx::testing {
namespace {

const Extent n = Extent::symbol("N");
const Type kScalar{DType::f32, {}};

/// h, x -> tanh(h * x), h * x
Region step() {
  auto body = std::make_shared<Body>();
  const Value h = body->graph.parameter(kScalar, "h");
  const Value x = body->graph.parameter(kScalar, "x");
  const Value product = node::mul(body->graph, h, x);
  node::exp(body->graph, product);  // dead
  body->parameters = {h, x};
  body->results = {node::tanh(body->graph, product), product};
  return body;
}

TEST(Control, AScanHasCarriesAndStackedYields) {
  Graph graph;
  const Value h0 = graph.parameter(kScalar, "h0"), xs = graph.parameter({DType::f32, {n}}, "xs");
  const Value node = make_scan(graph, {.initial = {&h0, 1},
                                       .sequences = {&xs, 1},
                                       .captures = {},
                                       .body = step(),
                                       .length = n,
                                       .reverse = true});
  EXPECT_EQ(node->types, (std::vector<Type>{kScalar, {DType::f32, {n}}}));
  EXPECT_EQ(result(graph, node, 1)->type(), xs->type());
  EXPECT_THROW(result(graph, node, 2), InternalError);
  const std::optional<Scan> scan = as_scan(node);
  ASSERT_TRUE(scan);
  EXPECT_FALSE(as_cond(node));
  EXPECT_EQ(scan->initial()[0], h0);
  EXPECT_EQ(scan->sequence_values()[0], xs);
  EXPECT_TRUE(scan->captured().empty());
  EXPECT_EQ(scan->yields(), 1);
  EXPECT_TRUE(scan->reverse);
}

TEST(Control, ACondHasTheTypesOfItsRegions) {
  Graph graph;
  const Value c = graph.parameter({DType::boolean, {}}, "c");
  const Value captures[] = {graph.parameter(kScalar, "a"), graph.parameter(kScalar, "b")};
  const Value node = make_cond(graph, c, captures, step(), step());
  EXPECT_EQ(node->types, (std::vector<Type>{kScalar, kScalar}));
  EXPECT_EQ(as_cond(node)->condition(), c);
  EXPECT_EQ(as_cond(node)->captures()[1], captures[1]);
  EXPECT_EQ(make_cond(graph, c, captures, step(), step()), node);  // equal regions, one node
}

TEST(Control, MarksAreEachAlone) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  const Value a = make_mark(graph, x, "a"), b = make_mark(graph, x, "a");
  EXPECT_NE(a, b);
  const Value targets[] = {a, b};
  EXPECT_EQ(make_grad(graph, x, targets)->types, (std::vector<Type>{kScalar, kScalar}));
}

TEST(Rebuild, KeepsNamesAndPlaces) {
  Function function;
  Graph& graph = function.graph();
  const Value x = graph.parameter(kScalar, "x", Span{1, 0, 1});
  const Value e = node::exp(graph, x);
  graph.set_name(e, "e");
  graph.add_spans(e, Span{1, 5, 9});
  const Value l = node::log(graph, e);
  graph.set_name(l, "l");
  function.body->parameters = {x};
  function.inputs = {{"x", x, {}}};
  function.outputs = {{"l", l, {}}};
  rebuild(function, [](Graph& to, Value old, std::span<const Value> operands) {
    if (old->op == Op::exp) return node::expm1(to, operands[0]);
    return Value{};
  });
  const Value made = function.outputs[0].value->operands[0];
  EXPECT_EQ(made->op, Op::expm1);
  EXPECT_EQ(function.graph().name(made), "e");
  EXPECT_EQ(function.graph().spans(made), SpanSet(Span{1, 5, 9}));
  EXPECT_EQ(function.graph().name(function.inputs[0].value), "x");
  EXPECT_EQ(function.body->results[0], function.outputs[0].value);
}

TEST(Rebuild, InstantiatesARegionForItsArguments) {
  Graph graph;
  const Value x = graph.parameter(kScalar, "x");
  const Value arguments[] = {x, x};
  const std::vector<Value> results = instantiate(graph, *step(), arguments);
  EXPECT_EQ(results[1], node::mul(graph, x, x));
  EXPECT_EQ(graph.size(), 3);  // without what is dead in the region
}

}  // namespace
}  // namespace thx::testing
