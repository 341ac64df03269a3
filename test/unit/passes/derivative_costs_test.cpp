// SPDX-License-Identifier: Apache-2.0
// What gradients cost, counted: for every operator and for chains of many, a function with all its
// gradients does a small multiple of what it does without, counting once what it reads.
#include <gtest/gtest.h>

#include <map>

#include "array_examples.h"
#include "ops/build.h"
#include "passes/drop_dead.h"
#include "passes/expand.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"
#include "support/fp_mode.h"
#include "unit/passes/differentiated.h"
#include "unit/passes/operation_count.h"

namespace thx::testing {
namespace {

const Extent::Values kLarge = {{"N", 30}, {"M", 20}, {"K", 40}};

double operations_of(Program& program, const Extent::Values& dims) {
  Diagnostics diagnostics;
  for (bool left = true; left;) {
    left = differentiate_innermost(program, diagnostics);
    simplify(program, FpMode::standard);
    stabilize(program, FpMode::standard);
  }
  EXPECT_FALSE(diagnostics.has_errors());
  expand(program);
  drop_dead(program);
  return operations(*program.functions[0].body, dims);
}

using Build = std::function<Value(Graph&, std::span<const Value>)>;

/// The operations of sum(build(v) * u) with all gradients, over those without and the elements of
/// what it reads.
double ratio(std::span<const Type> types, const Build& build, const Extent::Values& dims) {
  double counts[2], read = 0;
  for (const bool with_gradient : {false, true}) {
    Program program;
    Function& function = program.functions.emplace_back();
    Graph& graph = function.graph();
    const auto input = [&](const Type& type) {
      const Value value = graph.parameter(type, format("v{}", function.inputs.size()));
      function.body->parameters.push_back(value);
      function.inputs.push_back({graph.name(value), value, {}});
      return value;
    };
    std::vector<Value> v, targets;
    for (const Type& type : types) {
      v.push_back(input(type));
      if (is_float(type.dtype)) targets.push_back(v.back());
      if (!with_gradient) read += elements(type.shape, dims);
    }
    const Value y = build(graph, v);
    const Value u = input(y->type());
    const Value cost =
        reduce(graph, node::sum.op, node::mul(graph, y, u), axis_run(0, y->type().rank()));
    function.outputs = {{"J", cost, {}}};
    if (with_gradient) {
      const Value grad = make_grad(graph, cost, targets);
      for (size_t i = 0; i < targets.size(); ++i)
        function.outputs.push_back({"", result(graph, grad, static_cast<int64_t>(i)), {}});
    }
    function.body->results = function.roots();
    counts[with_gradient] = operations_of(program, dims);
  }
  return counts[1] / (counts[0] + read);
}

// The bounds: a family's gradients cost at most that many times what the function costs.
const std::map<Family, double> kBounds = {
    {Family::elementwise, 8}, {Family::reduction, 3},    {Family::view, 2},
    {Family::placement, 1},   {Family::cumulative, 1.5}, {Family::contraction, 3},
    {Family::indexing, 1},    {Family::composite, 3},
};
constexpr double kProductBound = 12;  // zeros are counted: see Note [Products of the others]

TEST(DerivativeCosts, OfEveryElementwiseOperator) {
  const Type real{DType::f64, {Extent::symbol("N"), Extent::symbol("M")}};
  double most = 0;
  for (const ElementwiseDef& row : elementwise_rows()) {
    if (row.grad.kind != Gradient::Kind::partials) continue;
    std::vector<Type> types(static_cast<size_t>(info(row.op).operands), real);
    Attrs attrs;
    if (row.result == ResultDType::chosen) types[0].dtype = DType::boolean;
    if (row.result == ResultDType::given) attrs.set("dtype", DType::f64);
    const double times =
        ratio(types, [&](Graph& graph, auto v) { return make(graph, row.op, v, attrs); }, kLarge);
    EXPECT_LE(times, kBounds.at(Family::elementwise)) << name_of(row.op);
    most = std::max(most, times);
  }
  RecordProperty("elementwise", format("{:.2f}", most));
}

TEST(DerivativeCosts, OfEveryArrayOperator) {
  std::map<Family, double> most;
  for (const Example& example : examples()) {
    Family family{};
    bool multiplies = false;
    const double times = ratio(
        example.types,
        [&](Graph& graph, auto v) {
          const Value node = example.build(graph, v);
          family = node->family();
          multiplies = family == Family::reduction &&
                       (traits_of(reduction(node->op).combine) & kProduct) != 0;
          return node;
        },
        kLarge);
    EXPECT_LE(times, multiplies ? kProductBound : kBounds.at(family)) << example.name;
    if (!multiplies) most[family] = std::max(most[family], times);
  }
  for (const auto& [family, times] : most)
    RecordProperty(format("family_{}", static_cast<int>(family)), format("{:.2f}", times));
}

/// The sum of what `part` reads of one array of 1000 elements, 50 times.
double ratio_of_parts(const std::function<Value(Graph&, Value, int64_t)>& part) {
  const Type type{DType::f64, {1000}};
  return ratio(
      std::span(&type, 1),
      [&](Graph& graph, std::span<const Value> v) {
        Value sum;
        for (int64_t i = 0; i < 50; ++i) {
          const Value one = node::tanh(graph, part(graph, v[0], 7 * i));
          sum = sum ? node::add(graph, sum, one) : one;
        }
        return sum;
      },
      kLarge);
}

TEST(DerivativeCosts, OfManyPartsOfOneArray) {
  const auto number = [](Graph& graph, int64_t at) {
    return constant(graph, Type{DType::i64, {}}, static_cast<double>(at));
  };
  EXPECT_LE(ratio_of_parts([](Graph& graph, Value x, int64_t at) {
              return slice(graph, x, {at}, AxisList{1}, {4});
            }),
            3);
  EXPECT_LE(ratio_of_parts([&](Graph& graph, Value x, int64_t at) {
              return make(graph, Op::gather, {x, number(graph, at)}, {{"axes", AxisList{0}}});
            }),
            3);
  EXPECT_LE(ratio_of_parts([&](Graph& graph, Value x, int64_t at) {
              return make(graph, Op::dynamic_slice, {x, number(graph, at)},
                          {{"axes", AxisList{0}}, {"shape", Shape{4}}});
            }),
            3);
}

TEST(DerivativeCosts, OfLongChains) {
  const std::vector<Type> scalars(300, Type{DType::f64, {}});
  EXPECT_LE(ratio(
                scalars,
                [](Graph& graph, std::span<const Value> v) {
                  Value product = v[0];
                  for (Value factor : v.subspan(1)) product = node::mul(graph, product, factor);
                  return product;
                },
                kLarge),
            3);
  const std::vector<Type> vectors(100, Type{DType::f64, {5}});
  EXPECT_LE(ratio(
                vectors,
                [](Graph& graph, std::span<const Value> v) {
                  return node::tanh(graph, make(graph, Op::concat, v, {{"axis", int64_t{0}}}));
                },
                kLarge),
            3);
}

/// The operations of a program with its gradients over those without; `text` has a place for each.
double ratio_of(std::string_view text, const Extent::Values& dims) {
  const size_t grad = text.find("  %g");
  Program with = parsed(text);
  std::string forward(text.substr(0, grad));
  forward += "  return J = %J\n}\n";
  Program without = parsed(forward);
  return operations_of(with, dims) / operations_of(without, dims);
}

TEST(DerivativeCosts, OfSlicesInALoop) {
  // Each step reads a slice of a long array: the reverse adds to that slice alone.
  const double times = ratio_of(R"(
func @f(%xs: f64[N], %h0: f64[M]) {
  %k = iota {axis = 0, shape = [N - M]} : i64[N-M]
  %h = scan %h0, %k, %xs {carries = 1, sequences = 1, captures = 1, length = N - M} {
    body(%h1: f64[M], %i: i64, %all: f64[N]) {
      %x = dynamic_slice %all, %i {axes = [0], shape = [M]} : f64[M]
      %p = mul %h1, %x : f64[M]
      %h2 = tanh %p : f64[M]
      yield %h2
    }
  } : f64[M]
  %J = sum %h {axes = [0], order = any} : f64
  %gx, %gh = grad %J, %xs, %h0 : f64[N], f64[M]
  return J = %J, gx = %gx, gh = %gh
}
)",
                                {{"N", 10000}, {"M", 8}});
  EXPECT_LE(times, 4);
}

TEST(DerivativeCosts, OfALayerAndOfAHessianProduct) {
  const Extent::Values dims = {{"N", 100}, {"M", 50}, {"K", 20}};
  const std::string_view layer = R"(
func @f(%x: f64[N, M], %w: f64[M, K], %y: f64[N, K], %v: f64[M, K]) {
  %p = dot %x, %w {lhs_contract = [1], rhs_contract = [0], order = any} : f64[N, K]
  %t = tanh %p : f64[N, K]
  %d = sub %t, %y : f64[N, K]
  %q = square %d : f64[N, K]
  %J = sum %q {axes = [0, 1], order = any} : f64
  %gw = grad %J, %w : f64[M, K]
  return J = %J, gw = %gw
}
)";
  EXPECT_LE(ratio_of(layer, dims), 2.2);  // the data's own gradient is not asked for
  std::string product(layer.substr(0, layer.find("  return")));
  product += "  %hv = jvp %gw, %w, %v {outputs = 1} : f64[M, K]\n  return J = %J, hv = %hv\n}\n";
  EXPECT_LE(ratio_of(product, dims), 4.5);
}

}  // namespace
}  // namespace thx::testing
