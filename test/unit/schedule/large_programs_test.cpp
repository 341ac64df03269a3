// SPDX-License-Identifier: Apache-2.0
// Programs of 100,000 operations go through grouping and nests in linear time, without recursion.
#include <gtest/gtest.h>

#include <chrono>

#include "grouping/group.h"
#include "ops/build.h"
#include "passes/form_fma.h"
#include "passes/order_reductions.h"
#include "schedule/build_nests.h"
#include "schedule/plan_memory.h"

namespace thx::loop {
namespace {

constexpr int kOperations = 100'000;

/// A function of one input whose result `make_result` computes from it.
template <class MakeResult>
thx::Program program_of(MakeResult&& make_result) {
  thx::Program program;
  program.dims.push_back({"N", {}, {}, {}, false, {}});
  program.functions.emplace_back();
  thx::Function& function = program.functions.front();
  function.name = "f";
  const Value x = function.graph().parameter({DType::f32, {Extent::symbol("N")}}, "x");
  function.body->parameters.push_back(x);
  function.inputs.push_back({"x", x, {}});
  function.outputs.push_back({"y", make_result(function.graph(), x), {}});
  function.body->results = function.roots();
  return program;
}

/// Seconds that everything from the order of sums to the plan of memory takes.
double seconds(thx::Program program, size_t* kernels) {
  const auto start = std::chrono::steady_clock::now();
  order_reductions(program);
  form_fma(program, true);
  group(program);
  Program loops = build_loops(program, {});
  plan_memory(loops);
  *kernels = loops.functions[0].kernels.size();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(LargePrograms, AChain) {
  size_t kernels = 0;
  const double time = seconds(program_of([](Graph& graph, Value x) {
                                Value y = x;
                                for (int i = 0; i < kOperations; ++i)
                                  y = make(graph, i % 2 == 0 ? Op::add : Op::maximum, {y, x});
                                return y;
                              }),
                              &kernels);
  EXPECT_GE(kernels, static_cast<size_t>(kOperations / 256));
  EXPECT_LE(kernels, static_cast<size_t>(kOperations / 100));
  EXPECT_LT(time, 60);
}

TEST(LargePrograms, ASumOfTerms) {
  size_t kernels = 0;
  const double time = seconds(
      program_of([](Graph& graph, Value x) {
        Value y = x;
        for (int i = 0; i < kOperations / 4; ++i)
          y = make(graph, Op::add, {y, make(graph, Op::mul, {x, constant_like(graph, x, i)})});
        return y;
      }),
      &kernels);
  EXPECT_LT(time, 60);
}

TEST(LargePrograms, ManyOutputsOfOneShape) {
  size_t kernels = 0;
  const double time =
      seconds(program_of([](Graph& graph, Value x) {
                std::vector<Value> values;
                for (int i = 0; i < kOperations / 4; ++i)
                  values.push_back(make(graph, Op::mul, {x, constant_like(graph, x, i)}));
                while (values.size() > 1) {  // a balanced tree
                  std::vector<Value> next;
                  for (size_t i = 0; i + 1 < values.size(); i += 2)
                    next.push_back(make(graph, Op::add, {values[i], values[i + 1]}));
                  if (values.size() % 2 == 1) next.push_back(values.back());
                  values = std::move(next);
                }
                return values[0];
              }),
              &kernels);
  EXPECT_LT(time, 60);
}

}  // namespace
}  // namespace thx::loop
