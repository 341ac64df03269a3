// SPDX-License-Identifier: Apache-2.0
// Loops over every operator with a derivative: reverse mode (jacobians), forward mode (tangents)
// and differences say the same, and so do maps of gradients and gradients of maps.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "array_examples.h"
#include "ops/axes.h"
#include "passes/expand.h"
#include "reference/evaluate.h"
#include "unit/passes/differentiated.h"

namespace thx::testing {
namespace {

using reference::Array;

/// An operator with the interval that its float operands are drawn from.
struct Case {
  Example example;
  double low = -2, high = 2;
};

Case of_elementwise(const ElementwiseDef& row) {
  const Type real{DType::f64, {Extent::symbol("N"), Extent::symbol("M")}};
  std::vector<Type> types(static_cast<size_t>(info(row.op).operands), real);
  Attrs attrs;
  if (row.result == ResultDType::chosen) types[0].dtype = DType::boolean;
  if (row.result == ResultDType::given) attrs.set("dtype", DType::f64);
  Case made{{std::string(name_of(row.op)), types,
             [op = row.op, attrs](Graph& graph, auto v) { return make(graph, op, v, attrs); }}};
  switch (row.samples) {
    case Samples::positive:
    case Samples::nonzero: made.low = 0.3; break;
    case Samples::negative: made.low = -2, made.high = -0.3; break;
    case Samples::above_one: made.low = 1.2; break;
    case Samples::unit: made.low = -0.9, made.high = 0.9; break;
    default: break;
  }
  return made;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const ElementwiseDef& row : elementwise_rows())
    if (row.grad.kind == Gradient::Kind::partials) all.push_back(of_elementwise(row));
  for (Example& example : examples()) all.push_back({std::move(example)});
  for (Example& example : positions())  // those with weights, which are positive
    if (example.types.size() == 2) all.push_back({std::move(example), 0.3, 2});
  return all;
}

class Draws {
 public:
  Array of(const Type& type, const Case& at) {
    reference::Index extents;
    for (const Extent& extent : type.shape) extents.push_back(extent.evaluate(kDims).value());
    std::vector<double> values;
    for (int64_t i = 0; i < reference::count(extents); ++i)
      values.push_back(
          is_float(type.dtype) ? std::uniform_real_distribution(at.low, at.high)(random_)
          : is_bool(type.dtype)
              ? static_cast<double>(random_() % 2)
              : static_cast<double>(static_cast<int64_t>(random_() % 4) + at.example.lowest_index));
    return Array::of(type.dtype, extents, values);
  }

 private:
  std::mt19937_64 random_{11};
};

Program with_dims() {
  Program program;
  for (const auto& [name, value] : kDims) program.dims.emplace_back().name = name;
  return program;
}

std::vector<Value> add_inputs(Function& function, std::span<const Type> types) {
  std::vector<Value> made;
  for (const Type& type : types) {
    const std::string name = format("v{}", function.inputs.size());
    made.push_back(function.graph().parameter(type, name));
    function.body->parameters.push_back(made.back());
    function.inputs.push_back({name, made.back(), {}});
  }
  return made;
}

void set_outputs(Function& function, std::span<const Value> values) {
  for (Value value : values)
    function.outputs.push_back({format("r{}", function.outputs.size()), value, {}});
  function.body->results = function.roots();
}

std::vector<Value> results(Value node) {
  std::vector<Value> all;
  for (size_t i = 0; i < node->types.size(); ++i)
    all.push_back(result(*node->graph, node, static_cast<int64_t>(i)));
  return all;
}

std::vector<Value> floats(std::span<const Value> values) {
  std::vector<Value> found;
  for (Value value : values)
    if (is_float(value->dtype())) found.push_back(value);
  return found;
}

/// The sum of squares, a bit off 0.
Value cost_of(Graph& graph, Value value) {
  const Value bent = node::square(graph, node::add(graph, value, constant_like(graph, value, 0.3)));
  return reduce(graph, node::sum.op, bent, axis_run(0, value->type().rank()));
}

std::vector<Array> outputs_of(const Function& function, const std::vector<Array>& inputs) {
  reference::Outcome outcome =
      reference::evaluate(function, {.inputs = inputs, .states = {}, .dims = kDims});
  EXPECT_EQ(outcome.status, reference::Status::ok) << outcome.why;
  return std::move(outcome.outputs);
}

void expect_near(const Array& got, const Array& expected, double tolerance) {
  ASSERT_EQ(got.extents, expected.extents);
  for (size_t e = 0; e < got.elements.size(); ++e)
    EXPECT_NEAR(got.elements[e].real, expected.elements[e].real,
                tolerance * (1 + std::fabs(expected.elements[e].real)))
        << "at " << e;
}

/// The derivatives of output 0 by input `x`, by differences.
Array differences(const Function& function, const std::vector<Array>& inputs, size_t x) {
  constexpr double kStep = 1e-6;
  std::vector<Array> at = inputs;
  const Array y = outputs_of(function, inputs)[0];
  reference::Index extents = y.extents;
  extents.insert(extents.end(), inputs[x].extents.begin(), inputs[x].extents.end());
  Array made = Array::filled(DType::f64, extents, Scalar::of(DType::f64, 0));
  const size_t count = inputs[x].elements.size();
  for (size_t i = 0; i < count; ++i) {
    at[x].elements[i].real = inputs[x].elements[i].real + kStep;
    const Array above = outputs_of(function, at)[0];
    at[x].elements[i].real = inputs[x].elements[i].real - kStep;
    const Array below = outputs_of(function, at)[0];
    at[x].elements[i].real = inputs[x].elements[i].real;
    for (size_t j = 0; j < y.elements.size(); ++j)
      made.elements[j * count + i].real =
          (above.elements[j].real - below.elements[j].real) / (2 * kStep);
  }
  return made;
}

TEST(Operators, ReverseForwardAndDifferencesAgree) {
  Draws draws;
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.example.name);
    Program program = with_dims();
    Function& function = program.functions.emplace_back();
    Graph& graph = function.graph();
    const std::vector<Value> v = add_inputs(function, one.example.types);
    const std::vector<Value> targets = floats(v);
    std::vector<Type> types;
    for (Value target : targets) types.push_back(target->type());
    const std::vector<Value> directions = add_inputs(function, types);
    const Value y = one.example.build(graph, v);
    std::vector<Value> outputs = {
        y, result(graph, make_jvp(graph, std::span(&y, 1), targets, directions), 0)};
    for (Value part : results(make_jacobian(graph, y, targets))) outputs.push_back(part);
    set_outputs(function, outputs);
    program = differentiated(std::move(program));

    std::vector<Array> inputs;
    for (const Input& input : program.functions[0].inputs)
      inputs.push_back(draws.of(input.value->type(), one));
    const std::vector<Array> got = outputs_of(program.functions[0], inputs);
    Array tangent = Array::filled(DType::f64, got[0].extents, Scalar::of(DType::f64, 0));
    size_t next = 0;
    for (size_t x = 0; x < v.size(); ++x) {
      if (!is_float(one.example.types[x].dtype)) continue;
      const Array& jacobian = got[2 + next];
      expect_near(jacobian, differences(program.functions[0], inputs, x), 2e-7);
      const Array& direction = inputs[v.size() + next++];
      const size_t count = direction.elements.size();
      for (size_t j = 0; j < tangent.elements.size(); ++j)
        for (size_t i = 0; i < count; ++i)
          tangent.elements[j].real +=
              jacobian.elements[j * count + i].real * direction.elements[i].real;
    }
    expect_near(got[1], tangent, 1e-9);
  }
}

Array element(const Array& array, int64_t index) {
  Array part{array.dtype, {array.extents.begin() + 1, array.extents.end()}, {}};
  const auto count = static_cast<ptrdiff_t>(reference::count(part.extents));
  part.elements.assign(array.elements.begin() + index * count,
                       array.elements.begin() + (index + 1) * count);
  return part;
}

constexpr int64_t kElements = 3;

/// A map over the operands whose bit is set in `choice`; the region makes `results` of its
/// parameters.
Value map_of(Function& function, std::span<const Value> operands, std::span<const Type> types,
             unsigned choice,
             const std::function<std::vector<Value>(Graph&, std::span<const Value>)>& region) {
  auto body = std::make_shared<Body>();
  std::vector<Value> parameters(operands.size()), mapped, shared;
  for (const bool has_axis : {true, false}) {
    for (size_t i = 0; i < operands.size(); ++i) {
      if (((choice >> i & 1) != 0) != has_axis) continue;
      (has_axis ? mapped : shared).push_back(operands[i]);
      parameters[i] = body->graph.parameter(types[i], "");
      body->parameters.push_back(parameters[i]);
    }
  }
  body->results = region(body->graph, parameters);
  return make_vmap(function.graph(), mapped, shared, kElements, body);
}

std::vector<Type> with_elements(std::vector<Type> types, unsigned choice) {
  for (size_t i = 0; i < types.size(); ++i)
    if (choice >> i & 1) types[i].shape = with_leading(kElements, types[i].shape);
  return types;
}

TEST(Operators, MapsOfGradientsAreTheGradientsOfTheElements) {
  Draws draws;
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.example.name);
    const std::vector<Type>& types = one.example.types;
    const auto gradients = [&](Graph& graph, std::span<const Value> v) {
      const Value cost = cost_of(graph, one.example.build(graph, v));
      return results(make_grad(graph, cost, floats(v)));
    };
    Program single = with_dims();
    Function& of_one = single.functions.emplace_back();
    set_outputs(of_one, gradients(of_one.graph(), add_inputs(of_one, types)));
    single = differentiated(std::move(single));
    for (const unsigned choice : {1u, (1u << types.size()) - 1}) {
      Program program = with_dims();
      Function& function = program.functions.emplace_back();
      const std::vector<Value> v = add_inputs(function, with_elements(types, choice));
      set_outputs(function, results(map_of(function, v, types, choice, gradients)));
      program = differentiated(std::move(program));

      std::vector<Array> inputs;
      for (const Input& input : program.functions[0].inputs)
        inputs.push_back(draws.of(input.value->type(), one));
      const std::vector<Array> got = outputs_of(program.functions[0], inputs);
      for (int64_t i = 0; i < kElements; ++i) {
        std::vector<Array> of_element;
        for (size_t k = 0; k < inputs.size(); ++k)
          of_element.push_back(choice >> k & 1 ? element(inputs[k], i) : inputs[k]);
        const std::vector<Array> expected = outputs_of(single.functions[0], of_element);
        for (size_t k = 0; k < expected.size(); ++k)
          expect_near(element(got[k], i), expected[k], 1e-12);
      }
    }
  }
}

// Operands that all elements share get the sum of what flows to them.
TEST(Operators, GradientsOfMapsAreDifferences) {
  Draws draws;
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.example.name);
    const std::vector<Type>& types = one.example.types;
    Program program = with_dims();
    Function& function = program.functions.emplace_back();
    Graph& graph = function.graph();
    const std::vector<Value> v = add_inputs(function, with_elements(types, 1));
    const Value map = map_of(function, v, types, 1, [&](Graph& in, std::span<const Value> w) {
      return std::vector<Value>{one.example.build(in, w)};
    });
    const Value cost = cost_of(graph, result(graph, map, 0));
    std::vector<Value> outputs = {cost};
    for (Value part : results(make_grad(graph, cost, floats(v)))) outputs.push_back(part);
    set_outputs(function, outputs);
    program = differentiated(std::move(program));

    std::vector<Array> inputs;
    for (const Input& input : program.functions[0].inputs)
      inputs.push_back(draws.of(input.value->type(), one));
    const std::vector<Array> got = outputs_of(program.functions[0], inputs);
    size_t next = 1;
    for (size_t x = 0; x < v.size(); ++x)
      if (is_float(types[x].dtype))
        expect_near(got[next++], differences(program.functions[0], inputs, x), 1e-6);
  }
}

}  // namespace
}  // namespace thx::testing
