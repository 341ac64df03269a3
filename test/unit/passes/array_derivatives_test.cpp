// SPDX-License-Identifier: Apache-2.0
// Loops over examples of every array operator: adjoint, tangent and batch say the same as the
// reference interpreter's forward evaluation.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "array_examples.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate.h"
#include "passes/expand.h"
#include "reference/evaluate.h"

namespace thx::testing {
namespace {

using reference::Array;

Type real(Shape shape) { return {DType::f64, std::move(shape)}; }

Array filled(const Type& type, std::mt19937_64& random, int64_t lowest = -2) {
  reference::Index extents;
  for (const Extent& extent : type.shape) extents.push_back(extent.evaluate(kDims).value());
  std::vector<double> values;
  for (int64_t i = 0; i < reference::count(extents); ++i)
    values.push_back(is_float(type.dtype)
                         ? std::uniform_real_distribution(-2.0, 2.0)(random)
                         : static_cast<double>(static_cast<int64_t>(random() % 4) + lowest));
  return Array::of(type.dtype, extents, values);
}

double inner(const Array& a, const Array& b) {
  double sum = 0;
  for (size_t i = 0; i < a.elements.size(); ++i) sum += a.elements[i].real * b.elements[i].real;
  return sum;
}

std::vector<Value> parameters(Body& body, std::span<const Type> types) {
  std::vector<Value> made;
  for (const Type& type : types) {
    made.push_back(body.graph.parameter(type, ""));
    body.parameters.push_back(made.back());
  }
  return made;
}

std::vector<Array> results_of(const Body& body, std::vector<Array> arguments) {
  reference::Outcome outcome = reference::evaluate(body, std::move(arguments), kDims);
  EXPECT_EQ(outcome.status, reference::Status::ok) << outcome.why;
  return std::move(outcome.outputs);
}

struct ArrayRule {
  AdjointFn adjoint;
  TangentFn tangent;
  BatchFn batch;
};

Value placement_adjoint(const Adjoint& a) {
  std::vector<bool> wanted(a.node->operands.size());
  wanted[static_cast<size_t>(a.operand)] = true;
  const AdjointsFn adjoints = placement(a.node->op).adjoints;
  return adjoints(a.graph, a.node, a.cotangent, wanted)[static_cast<size_t>(a.operand)];
}

ArrayRule rule_of(Op op) {
  switch (family_of(op)) {
    case Family::reduction:
      return {reduction(op).adjoint, reduction(op).tangent, reduction(op).batch};
    case Family::view: return {view(op).adjoint, view(op).tangent, view(op).batch};
    case Family::placement: return {placement_adjoint, placement(op).tangent, placement(op).batch};
    case Family::cumulative:
      return {cumulative(op).adjoint, cumulative(op).tangent, cumulative(op).batch};
    default: return {array(op).adjoint, array(op).tangent, array(op).batch};
  }
}

TEST(ArrayRows, HaveAnExampleEach) {
  std::set<Op> seen;
  for (const auto& list : {examples(), positions()}) {
    for (const Example& example : list) {
      Body body;
      seen.insert(example.build(body.graph, parameters(body, example.types))->op);
    }
  }
  for (const ReductionDef& row : reduction_rows())
    if (!accepts(row.types, DType::boolean)) EXPECT_TRUE(seen.contains(row.op)) << name_of(row.op);
  for (const ViewDef& row : view_rows()) EXPECT_TRUE(seen.contains(row.op)) << name_of(row.op);
  for (const PlacementDef& row : placement_rows())
    EXPECT_TRUE(seen.contains(row.op)) << name_of(row.op);
  for (const CumulativeDef& row : cumulative_rows())
    EXPECT_TRUE(seen.contains(row.op)) << name_of(row.op);
  for (const ArrayDef& row : array_rows()) EXPECT_TRUE(seen.contains(row.op)) << name_of(row.op);
}

// <tangent(u), v> == <u, adjoint(v)>, and the tangent is the difference quotient.
TEST(ArrayRows, AdjointAndTangentAgreeWithDifferences) {
  std::mt19937_64 random(7);
  for (const Example& example : examples()) {
    SCOPED_TRACE(example.name);
    Body body;
    const std::vector<Value> v = parameters(body, example.types);
    const Value node = example.build(body.graph, v);
    std::vector<Type> directions;
    for (const Type& type : example.types)
      if (is_float(type.dtype)) directions.push_back(type);
    const std::vector<Value> u = parameters(body, directions);
    const Value cotangent = parameters(body, std::span(&node->type(), 1))[0];
    std::vector<Value> tangents = u;
    tangents.resize(v.size());
    const ArrayRule rule = rule_of(node->op);
    body.results = {node, rule.tangent({body.graph, node, tangents})};
    for (size_t i = 0; i < u.size(); ++i)
      body.results.push_back(rule.adjoint({body.graph, node, cotangent, static_cast<int>(i)}));
    for (size_t i = 0; i < u.size(); ++i) EXPECT_EQ(body.results[2 + i]->type(), v[i]->type());

    std::vector<Array> arguments;
    for (Value parameter : body.parameters)
      arguments.push_back(filled(parameter->type(), random, example.lowest_index));
    const std::vector<Array> out = results_of(body, arguments);
    const double forward = inner(out[1], arguments.back());
    double backward = 0;
    for (size_t i = 0; i < u.size(); ++i) backward += inner(arguments[v.size() + i], out[2 + i]);
    EXPECT_NEAR(forward, backward, 1e-9 * (1 + std::fabs(forward)));

    constexpr double kStep = 1e-6;
    const auto moved = [&](double step) {
      std::vector<Array> at = arguments;
      for (size_t i = 0; i < u.size(); ++i)
        for (size_t e = 0; e < at[i].elements.size(); ++e)
          at[i].elements[e].real += step * at[v.size() + i].elements[e].real;
      return inner(results_of(body, at)[0], arguments.back());
    };
    EXPECT_NEAR(forward, (moved(kStep) - moved(-kStep)) / (2 * kStep),
                1e-6 * (1 + std::fabs(forward)));
  }
}

/// Slice `index` along the leading axis.
Array slice(const Array& array, int64_t index) {
  Array part{array.dtype, {array.extents.begin() + 1, array.extents.end()}, {}};
  const auto count = static_cast<ptrdiff_t>(reference::count(part.extents));
  part.elements.assign(array.elements.begin() + index * count,
                       array.elements.begin() + (index + 1) * count);
  return part;
}

// Every choice of operands that gain the axis gives the operator on each slice.
TEST(ArrayRows, BatchIsTheOperatorOnEachSlice) {
  std::mt19937_64 random(8);
  constexpr int64_t kSlices = 3;
  std::vector<Example> all = examples();
  for (Example& example : positions()) all.push_back(std::move(example));
  for (const Example& example : all) {
    SCOPED_TRACE(example.name);
    for (unsigned choice = 1; choice < 1u << example.types.size(); ++choice) {
      Body one, many;
      one.results = {example.build(one.graph, parameters(one, example.types))};
      std::vector<Type> types = example.types;
      std::unique_ptr<bool[]> batched(new bool[types.size()]);
      for (size_t i = 0; i < types.size(); ++i) {
        batched[i] = choice >> i & 1;
        if (batched[i]) types[i].shape = with_leading(kSlices, types[i].shape);
      }
      const std::vector<Value> operands = parameters(many, types);
      const Batch batch{many.graph, one.results[0], operands,
                        std::span<const bool>(batched.get(), types.size()), kSlices};
      many.results = {rule_of(one.results[0]->op).batch(batch)};
      EXPECT_EQ(many.results[0]->shape(), with_leading(kSlices, one.results[0]->shape()));

      std::vector<Array> arguments;
      for (const Type& type : types)
        arguments.push_back(filled(type, random, example.lowest_index));
      const Array whole = results_of(many, arguments)[0];
      for (int64_t i = 0; i < kSlices; ++i) {
        std::vector<Array> of_slice;
        for (size_t j = 0; j < types.size(); ++j)
          of_slice.push_back(batched[j] ? slice(arguments[j], i) : arguments[j]);
        const Array expected = results_of(one, of_slice)[0], got = slice(whole, i);
        ASSERT_EQ(got.extents, expected.extents);
        for (size_t e = 0; e < expected.elements.size(); ++e) {
          // A logarithm of a sum with negative weights has no value.
          if (std::isnan(got.elements[e].real) && std::isnan(expected.elements[e].real)) continue;
          EXPECT_NEAR(got.elements[e].real, expected.elements[e].real, 1e-12);
          EXPECT_EQ(got.elements[e].integer, expected.elements[e].integer);
        }
      }
    }
  }
}

// The pass itself, and the gradient of what it makes.
TEST(ArrayRows, GradientsOfGradientsAreDifferences) {
  std::mt19937_64 random(9);
  for (const Example& example : examples()) {
    SCOPED_TRACE(example.name);
    Program program;
    Function& function = program.functions.emplace_back();
    Graph& graph = function.graph();
    const std::vector<Value> v = parameters(*function.body, example.types);
    std::vector<Value> targets;
    for (size_t i = 0; i < v.size(); ++i) {
      function.inputs.push_back({format("v{}", i), v[i], {}});
      if (is_float(v[i]->dtype())) targets.push_back(v[i]);
    }
    const auto cost_of = [&](Value value) {
      const Value bent =
          node::square(graph, node::add(graph, value, constant_like(graph, value, 0.3)));
      return reduce(graph, Op::sum, bent, axis_run(0, value->type().rank()));
    };
    const Value cost = cost_of(example.build(graph, v));
    const Value grad = make_grad(graph, cost, targets);
    Value second = cost_of(result(graph, grad, 0));
    for (size_t i = 1; i < targets.size(); ++i)
      second = node::add(graph, second, cost_of(result(graph, grad, static_cast<int64_t>(i))));
    const Value grad2 = make_grad(graph, second, targets);
    function.outputs = {{"cost", cost, {}}, {"second", second, {}}};
    for (Value of : {grad, grad2})
      for (size_t i = 0; i < targets.size(); ++i)
        function.outputs.push_back({"", result(graph, of, static_cast<int64_t>(i)), {}});
    function.body->results = function.roots();

    Diagnostics diagnostics;
    differentiate(program, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors());
    expand(program);
    reference::Arguments arguments;
    arguments.dims = kDims;
    for (const Type& type : example.types)
      arguments.inputs.push_back(filled(type, random, example.lowest_index));
    const reference::Outcome outcome = reference::evaluate(function, arguments);
    for (size_t order = 0; order < 2; ++order)
      for (size_t i = 0; i < targets.size(); ++i) {
        const Array& got = outcome.outputs[2 + order * targets.size() + i];
        const Array expected = reference::finite_difference(function, arguments, order, i).value();
        for (size_t e = 0; e < expected.elements.size(); ++e)
          EXPECT_NEAR(got.elements[e].real, expected.elements[e].real,
                      2e-5 * (1 + std::fabs(expected.elements[e].real)))
              << "order " << order + 1 << ", operand " << i;
      }
  }
}

std::vector<double> numbers(const Array& array) {
  std::vector<double> reals;
  for (const Scalar& element : array.elements) reals.push_back(element.real);
  return reals;
}

/// The adjoint of the first operand where the cotangent is 1 everywhere.
std::vector<double> adjoint_of_ones(Op op, std::vector<double> x) {
  Body body;
  const Value v = parameters(body, std::vector<Type>{real({static_cast<int64_t>(x.size())})})[0];
  const Value node = reduce(body.graph, op, v, AxisList{0});
  body.results = {reduction(op).adjoint({body.graph, node, constant_like(body.graph, node, 1), 0})};
  const auto extent = static_cast<int64_t>(x.size());
  return numbers(results_of(body, {Array::of(DType::f64, {extent}, x)})[0]);
}

TEST(ReductionRows, GradientsAtZerosAndTies) {
  using V = std::vector<double>;
  EXPECT_EQ(adjoint_of_ones(Op::prod, {2, 3, 4}), (V{12, 8, 6}));
  EXPECT_EQ(adjoint_of_ones(Op::prod, {2, 0, 4}), (V{0, 8, 0}));
  EXPECT_EQ(adjoint_of_ones(Op::prod, {0, 3, 0}), (V{0, 0, 0}));
  EXPECT_EQ(adjoint_of_ones(Op::max, {1, 5, 5, 2}), (V{0, 0.5, 0.5, 0}));
  EXPECT_EQ(adjoint_of_ones(Op::min, {1, 1, 1, 2}), (V{1 / 3.0, 1 / 3.0, 1 / 3.0, 0}));
}

std::vector<double> expanded(Op op, std::vector<double> x) {
  Body body;
  const auto extent = static_cast<int64_t>(x.size());
  const Value v = parameters(body, std::vector<Type>{real({extent})})[0];
  const Value node = make(body.graph, op, {v}, {{"axis", int64_t{0}}});
  body.results = {array(op).expansion(body.graph, node), node};
  const std::vector<Array> out = results_of(body, {Array::of(DType::f64, {extent}, x)});
  const std::vector<double> got = numbers(out[0]), expected = numbers(out[1]);
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_TRUE(got[i] == expected[i] || std::fabs(got[i] - expected[i]) < 1e-12 ||
                (std::isnan(got[i]) && std::isnan(expected[i])))
        << name_of(op) << " " << i << ": " << got[i] << " against " << expected[i];
  return got;
}

TEST(CompositeRows, ExpansionsAreRightAtTheLimits) {
  using V = std::vector<double>;
  constexpr double kInf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(expanded(Op::softmax, {1, kInf, 3}), (V{0, 1, 0}));
  EXPECT_EQ(expanded(Op::softmax, {1000, 1000}), (V{0.5, 0.5}));
  EXPECT_EQ(expanded(Op::softmax, {-kInf, 5}), (V{0, 1}));
  EXPECT_EQ(expanded(Op::log_softmax, {1, kInf, 3}), (V{-kInf, 0, -kInf}));
  EXPECT_EQ(expanded(Op::log_softmax, {0, -1000}), (V{0, -1000}));
  EXPECT_EQ(expanded(Op::logsumexp, {-kInf, -kInf}), (V{-kInf}));
  EXPECT_EQ(expanded(Op::logsumexp, {0, kInf}), (V{kInf}));
  EXPECT_EQ(expanded(Op::logsumexp, {1000, -1000}), (V{1000}));
  EXPECT_TRUE(std::isnan(expanded(Op::logsumexp, {0, std::nan("")})[0]));
  EXPECT_EQ(expanded(Op::softmax, {}), V{});
  EXPECT_EQ(expanded(Op::log_softmax, {}), V{});
  EXPECT_EQ(expanded(Op::logsumexp, {}), (V{-kInf}));
}

}  // namespace
}  // namespace thx::testing
