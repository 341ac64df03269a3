// SPDX-License-Identifier: Apache-2.0
// Loops over the rows of array operators: identities, index maps, types, and what builders leave
// out.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "ops/axes.h"
#include "ops/build.h"

namespace thx::testing {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(ReductionRows, IdentityLeavesEveryElementAlone) {
  for (const ReductionDef& row : reduction_rows()) {
    const ElementwiseDef& combine = elementwise(row.combine);
    EXPECT_TRUE(combine.traits & kAssociative) << name_of(row.op);
    EXPECT_TRUE(combine.traits & kCommutative) << name_of(row.op);
    for (size_t id = 0; id < std::size(kDTypes); ++id) {
      const auto dtype = static_cast<DType>(id);
      if (!accepts(row.types, dtype)) continue;
      const Scalar identity = Scalar::of(dtype, row.identity);
      for (double x : {0.0, -0.0, 1.0, -2.5, 200.0, 1e30, -1e30, kInf, -kInf}) {
        const Scalar operands[] = {identity, Scalar::of(dtype, x)};
        EXPECT_EQ(combine.eval(operands, dtype), operands[1])
            << name_of(row.op) << " in " << spelling(dtype) << " at " << x;
      }
    }
  }
}

TEST(Rows, AreFoundByTheirOperators) {
  for (const OpInfo& entry : kOps) {
    switch (entry.family) {
      case Family::elementwise: EXPECT_EQ(elementwise(entry.op).op, entry.op); break;
      case Family::reduction: EXPECT_EQ(reduction(entry.op).op, entry.op); break;
      case Family::view: EXPECT_EQ(view(entry.op).op, entry.op); break;
      case Family::placement: EXPECT_EQ(placement(entry.op).op, entry.op); break;
      case Family::cumulative: EXPECT_EQ(cumulative(entry.op).op, entry.op); break;
      case Family::contraction:
      case Family::indexing:
      case Family::composite: EXPECT_EQ(array(entry.op).op, entry.op); break;
      default: continue;
    }
    EXPECT_FALSE(doc_of(entry.op).empty()) << entry.name;
  }
  EXPECT_THROW(elementwise(Op::sum), InternalError);
}

/// Views of `x`, of every kind.
std::vector<Value> views_of(Graph& graph, Value x) {
  const Shape& s = x->shape();
  return {
      broadcast(graph, x, {s[0], s[1], s[2]}, axis_run(0, 3)),
      broadcast(graph, x, {5, s[0], 7, s[1], s[2]}, AxisList{1, 3, 4}),
      broadcast(graph, x, {s[0], 4, s[2]}, axis_run(0, 3)),
      transpose(graph, x, AxisList{2, 0, 1}),
      transpose(graph, x, AxisList{0, 2, 1}),
      reshape(graph, x, {element_count(s)}),
      reshape(graph, x, {s[2] * s[1], s[0]}),
      reshape(graph, x, {s[0], 1, s[2]}),
      reshape(graph, x, {1, s[2], 1, s[0]}),
  };
}

/// Calls `visit` with every index of a shape of known extents.
template <class Visit>
void each_index(const std::vector<int64_t>& shape, Visit visit) {
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  for (int64_t linear = 0; linear < count; ++linear) {
    std::vector<Extent> index(shape.size());
    int64_t rest = linear;
    for (size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
      index[axis] = rest % shape[axis];
    visit(index, linear);
  }
}

std::vector<int64_t> evaluate(const Shape& shape, const Extent::Values& values) {
  std::vector<int64_t> known;
  for (const Extent& extent : shape) known.push_back(extent.evaluate(values).value());
  return known;
}

TEST(ViewRows, IndexMapsStayInRange) {
  const Extent::Values values = {{"N", 3}, {"M", 4}};
  Graph graph;
  const Extent n = Extent::symbol("N"), m = Extent::symbol("M");
  const Value x = graph.parameter({DType::f32, {n, 1, m}}, "x");
  for (Value view_node : views_of(graph, x)) {
    if (view_node->family() != Family::view) continue;
    const std::vector<int64_t> from = evaluate(x->shape(), values);
    const std::vector<int64_t> to = evaluate(view_node->shape(), values);
    std::set<std::vector<int64_t>> reached;
    int64_t count = 0;
    each_index(to, [&](const std::vector<Extent>& index, int64_t linear) {
      const std::vector<Extent> source = view(view_node->op).index_map(*view_node, index);
      ASSERT_EQ(source.size(), from.size());
      const std::vector<int64_t> at = evaluate(source, values);
      for (size_t axis = 0; axis < from.size(); ++axis) {
        EXPECT_GE(at[axis], 0);
        EXPECT_LT(at[axis], from[axis]);
      }
      if (view_node->op == Op::reshape)
        EXPECT_EQ((at[0] * from[1] + at[1]) * from[2] + at[2], linear) << text(view_node->shape());
      reached.insert(at);
      ++count;
    });
    EXPECT_EQ(reached.size(), 12) << name_of(view_node->op);
    if (view_node->op != Op::broadcast) EXPECT_EQ(count, 12);
  }
}

TEST(ViewRows, AReshapeLeavesIndicesOfUntouchedAxesAlone) {
  Graph graph;
  const Extent n = Extent::symbol("N"), f = Extent::symbol("F");
  const Value x = graph.parameter({DType::f32, {n, f}}, "x");
  const Value y = reshape(graph, x, {n, 1, f});
  const std::vector<Extent> index = {Extent::symbol("i"), 0, Extent::symbol("j")};
  const std::vector<Extent> source = view(y->op).index_map(*y, index);
  EXPECT_EQ(source[0].text(), "i");
  EXPECT_EQ(source[1].text(), "j");
}

// Axes that only the operand has left may have no elements: no position along them is fixed.
TEST(ViewRows, AReshapeThatLeavesAxesOverFixesNoPosition) {
  Graph graph;
  const Extent n = Extent::symbol("N"), m = Extent::symbol("M"), i = Extent::symbol("i");
  const Value x = graph.parameter({DType::f32, {n, m}}, "x");
  for (const Extent& to : {n, Extent(0)}) {
    const Value none = to.is(0) ? graph.parameter({DType::f32, {0, m}}, "none") : x;
    const Value y = reshape(graph, none, {to});
    for (const Extent& at : view(y->op).index_map(*y, std::vector<Extent>{i}))
      EXPECT_TRUE(at.mentions("i")) << at.text();
  }
  const Value column = graph.parameter({DType::f32, {n, 1}}, "column");
  const Value y = reshape(graph, column, {n});
  EXPECT_EQ(view(y->op).index_map(*y, std::vector<Extent>{i}), (std::vector<Extent>{i, 0}));
}

TEST(ViewRows, SlicesAndDiagonalsStayInRange) {
  Graph graph;
  const Extent n = Extent::symbol("N");
  const Value x = graph.parameter({DType::f32, {n, 5, 4}}, "x");
  const Attrs diagonals[] = {{{"axes", AxisList{0, 1}}}, {{"axes", AxisList{2, 0}}}};
  std::vector<Value> views = {
      slice(graph, x, {0, 4, 1}, AxisList{1, -2, 3}, {n, 3, 1}),
      slice(graph, x, {n - 1, 0, 3}, AxisList{-1, 4, -1}, {n, 2, 4}),
      slice(graph, x, {1, 2, 0}, AxisList{2, 1, 1}, {floordiv(n, 2), 3, 4}),
      reversed(graph, x, AxisList{0, 2}),
  };
  for (const Attrs& attrs : diagonals) views.push_back(make(graph, Op::diagonal, {x}, attrs));
  for (const int64_t extent : {0, 1, 3, 8}) {
    const Extent::Values values = {{"N", extent}};
    const std::vector<int64_t> from = evaluate(x->shape(), values);
    for (Value node : views) {
      std::set<std::vector<int64_t>> reached;
      size_t count = 0;
      each_index(evaluate(node->shape(), values), [&](const std::vector<Extent>& index, int64_t) {
        const auto at = evaluate(view(node->op).index_map(*node, index), values);
        for (size_t axis = 0; axis < from.size(); ++axis)
          EXPECT_TRUE(at[axis] >= 0 && at[axis] < from[axis]) << name_of(node->op);
        reached.insert(at);
        ++count;
      });
      EXPECT_EQ(reached.size(), count) << name_of(node->op);
    }
  }
}

TEST(PlacementRows, CoverTheirResults) {
  Graph graph;
  const Extent n = Extent::symbol("N");
  const Value x = graph.parameter({DType::f32, {n, 3}}, "x");
  const Value y = graph.parameter({DType::f32, {4, 3}}, "y");
  const Value part = graph.parameter({DType::f32, {2, 1}}, "part");
  const Value all[] = {make(graph, Op::concat, {x, y, x}, {{"axis", int64_t{0}}}),
                       make(graph, Op::concat, {x, x}, {{"axis", int64_t{1}}}),
                       place(graph, y, part, {1, 2}, AxisList{2, 5})};
  const Extent::Values values = {{"N", 2}};
  for (Value node : all) {
    const std::vector<int64_t> to = evaluate(node->shape(), values);
    std::set<std::vector<int64_t>> covered;
    for (size_t i = 0; i < node->operands.size(); ++i) {
      std::set<std::vector<int64_t>> own;
      const std::vector<int64_t> from = evaluate(node->operands[i]->shape(), values);
      each_index(from, [&](const std::vector<Extent>& index, int64_t) {
        const auto at =
            evaluate(placement(node->op).place(*node, static_cast<int>(i), index), values);
        for (size_t axis = 0; axis < to.size(); ++axis)
          EXPECT_TRUE(at[axis] >= 0 && at[axis] < to[axis]) << name_of(node->op);
        EXPECT_TRUE(own.insert(at).second) << name_of(node->op);
        covered.insert(at);
      });
    }
    EXPECT_EQ(static_cast<int64_t>(covered.size()), to[0] * to[1]) << name_of(node->op);
  }
}

TEST(InferType, RefusesWhatDoesNotFit) {
  const Type vector{DType::f32, {Extent::symbol("N")}}, other{DType::f32, {Extent::symbol("M")}};
  const Type wide = vector.with(DType::f64), truth = vector.with(DType::boolean);
  const auto error = [](Op op, std::vector<Type> operands, Attrs attrs = {}) {
    const Result<Type> type = infer_type(op, operands, attrs);
    return type.ok() ? "" : type.error().message();
  };
  EXPECT_EQ(error(Op::add, {vector}), "add takes 2 operands, not 1");
  EXPECT_EQ(error(Op::add, {vector, wide}), "add of different dtypes: f32[N], f64[N]");
  EXPECT_EQ(error(Op::add, {vector, other}), "add of different shapes: f32[N], f32[M]");
  EXPECT_EQ(error(Op::add, {truth, truth}), "add is not defined for bool");
  EXPECT_EQ(error(Op::where, {vector, vector, vector}),
            "the condition of where is f32[N], not bool");
  EXPECT_EQ(error(Op::sum, {vector}, {{"axes", AxisList{1}}}),
            "sum over axes that f32[N] does not have, or unsorted ones");
  EXPECT_EQ(error(Op::dot, {vector, other},
                  {{"lhs_contract", AxisList{0}}, {"rhs_contract", AxisList{0}}}),
            "dot of f32[N] and f32[M]");
  EXPECT_EQ(error(Op::reshape, {vector}, {{"shape", Shape{Extent::symbol("N") + 1}}}),
            "f32[N] does not have as many elements as [N+1]");
  EXPECT_EQ(error(Op::where, {truth, vector, vector}), "");
  const Type row{DType::f32, {8}}, part{DType::f32, {3}};
  const auto sliced = [&](int64_t start, int64_t step, int64_t count) {
    return error(Op::slice, {row},
                 {{"starts", Shape{start}}, {"steps", AxisList{step}}, {"shape", Shape{count}}});
  };
  EXPECT_EQ(sliced(0, 1, 8), "");
  EXPECT_EQ(sliced(8, 1, 0), "");
  EXPECT_EQ(sliced(7, -7, 2), "");
  EXPECT_EQ(sliced(1, 1, 8), "a slice beyond axis 0 of f32[8]");
  EXPECT_EQ(sliced(5, -3, 3), "a slice beyond axis 0 of f32[8]");
  EXPECT_EQ(sliced(0, 0, 1),
            "a slice of f32[8] needs a start, an extent and a step other than 0 for each of its "
            "axes");
  const auto placed = [&](int64_t start, int64_t step) {
    return error(Op::place, {row, part}, {{"starts", Shape{start}}, {"steps", AxisList{step}}});
  };
  EXPECT_EQ(placed(1, 3), "");
  EXPECT_EQ(placed(2, 3), "f32[3] is placed beyond axis 0 of f32[8]");
  EXPECT_EQ(placed(2, -1), "the steps of a placement are at least 1");
  EXPECT_EQ(error(Op::concat, {row, vector}, {{"axis", int64_t{0}}}), "");
  EXPECT_EQ(error(Op::concat, {row, wide}, {{"axis", int64_t{0}}}), "concat of f32[8] and f64[N]");
  EXPECT_EQ(error(Op::cumsum, {truth}, {{"axis", int64_t{0}}}), "cumsum is not defined for bool");
  EXPECT_EQ(error(Op::argmax, {truth}, {{"axis", int64_t{0}}}), "not defined for bool");
}

TEST(Build, LeavesOutWhatChangesNothing) {
  Graph graph;
  const Extent n = Extent::symbol("N");
  const Value x = graph.parameter({DType::f32, {n, 3}}, "x");
  EXPECT_EQ(cast(graph, x, DType::f32), x);
  EXPECT_EQ(transpose(graph, x, AxisList{0, 1}), x);
  EXPECT_EQ(reshape(graph, x, {n, 3}), x);
  EXPECT_EQ(broadcast_trailing(graph, x, {n, 3}), x);
  EXPECT_EQ(reduce(graph, Op::sum, x, {}), x);
  EXPECT_EQ(graph.size(), 1);
  EXPECT_EQ(constant_of(constant(graph, x->type(), 2.5))->real, 2.5);
  EXPECT_EQ(constant_of(x), nullptr);
  EXPECT_EQ(node::sum(graph, x, AxisList{1, 0})->attrs.word("order"), "any");
}

TEST(Build, ConstantsOfAFormulaTakeTheTypeOfTheirNeighbours) {
  Graph graph;
  using namespace formula;
  const Value a = graph.parameter({DType::f64, {Extent::symbol("N")}}, "a");
  const Value built = build(graph, where(greater(x, 0), 1, 2 * x), std::span(&a, 1));
  EXPECT_EQ(built->type(), a->type());
  EXPECT_EQ(built->operands[0]->dtype(), DType::boolean);
}

TEST(Build, RebuildingKeepsALongChainLinear) {
  Function function;
  Graph& graph = function.graph();
  const Value input = graph.parameter({DType::f32, {}}, "x");
  function.body->parameters = {input};
  function.inputs = {{"x", input, {}}};
  Value value = input;
  for (int i = 0; i < 100'000; ++i) value = node::add(graph, value, input);
  node::exp(graph, value);  // dead
  function.outputs = {{"y", value, {}}};
  int visited = 0;
  rebuild(function, [&](Graph&, Value, std::span<const Value>) {
    ++visited;
    return Value{};
  });
  EXPECT_EQ(visited, 100'000);
  EXPECT_EQ(function.graph().size(), 100'001);
}

}  // namespace
}  // namespace thx::testing
