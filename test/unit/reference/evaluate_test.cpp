// SPDX-License-Identifier: Apache-2.0
// The oracle: the orders of sums against plain loops, differences, failures, kernels.
#include "reference/evaluate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <random>

#include "ir/parse.h"
#include "reference/error_bounds.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::reference {
namespace {

Program parsed(const std::string& text) {
  Result<Program> program = parse_program(text);
  THX_CHECK(program.ok(), "{}", program.error().message());
  return std::move(*program);
}

std::vector<double> random_numbers(int n) {
  std::mt19937 generator(5);
  std::normal_distribution<float> normal;
  std::vector<double> result;
  for (int i = 0; i < n; ++i) result.push_back(static_cast<double>(normal(generator)));
  return result;
}

float sum_of(const std::string& order, const std::vector<double>& values) {
  const Program program = parsed(format(R"(func @f(%x: f32[N]) {{
  %s = sum %x {{axes = [0], order = {}}} : f32
  return s = %s
}})",
                                        order));
  const auto n = static_cast<int64_t>(values.size());
  const Outcome outcome =
      evaluate(program.functions[0], {{Array::of(DType::f32, {n}, values)}, {}, {{"N", n}}});
  return static_cast<float>(outcome.outputs[0].elements[0].real);
}

// The balanced tree, written as recursion: the left part has the largest power of two below n.
float tree_of(const std::vector<float>& parts, size_t begin, size_t count) {
  if (count == 1) return parts[begin];
  size_t left = 1;
  while (2 * left < count) left *= 2;
  return tree_of(parts, begin, left) + tree_of(parts, begin + left, count - left);
}

float lanes_of(const std::vector<double>& values, size_t lanes) {
  std::vector<float> blocks;
  for (size_t begin = 0; begin < values.size(); begin += 4096) {
    std::vector<float> acc(lanes, -0.0f);
    for (size_t i = begin; i < std::min(begin + 4096, values.size()); ++i)
      acc[(i - begin) % lanes] += static_cast<float>(values[i]);
    for (size_t half = lanes / 2; half >= 1; half /= 2)
      for (size_t l = 0; l < half; ++l) acc[l] += acc[l + half];
    blocks.push_back(acc[0]);
  }
  return tree_of(blocks, 0, blocks.size());
}

TEST(Orders, LanesAreBlocksOfLanesThenATree) {
  for (const int n : {1, 3, 64, 65, 4096, 4097, 5 * 4096 + 7}) {
    const std::vector<double> values = random_numbers(n);
    EXPECT_EQ(sum_of("lanes", values), lanes_of(values, 64)) << n;
  }
}

TEST(Orders, BlocksGoUpwardsThenATree) {
  for (const int n : {1, 255, 256, 257, 3 * 256 + 1}) {
    const std::vector<double> values = random_numbers(n);
    std::vector<float> blocks;
    for (size_t begin = 0; begin < values.size(); begin += 256) {
      float acc = -0.0f;
      for (size_t i = begin; i < std::min(begin + 256, values.size()); ++i)
        acc += static_cast<float>(values[i]);
      blocks.push_back(acc);
    }
    EXPECT_EQ(sum_of("blocks", values), tree_of(blocks, 0, blocks.size())) << n;
  }
}

TEST(Orders, UpwardIsOneAccumulatorAndAnyIsRoundedOnce) {
  const std::vector<double> values = random_numbers(1000);
  float upward = -0.0f;
  double exact = 0;
  for (const double value : values) {
    upward += static_cast<float>(value);
    exact += value;
  }
  EXPECT_EQ(sum_of("upward", values), upward);
  EXPECT_EQ(sum_of("any", values), static_cast<float>(exact));
  EXPECT_NE(sum_of("upward", values), sum_of("lanes", values));
}

TEST(Orders, ANegativeZeroStaysOne) {
  for (const char* order : {"any", "lanes", "blocks", "upward"})
    EXPECT_TRUE(std::signbit(sum_of(order, {-0.0, -0.0}))) << order;
}

TEST(Orders, KeptAxesHaveFewerLanesAndDotsMayFuse) {
  const int k = 1000;
  const Program program = parsed(R"(func @f(%x: f32[1, K], %y: f32[K]) {
  %s = sum %x {axes = [1], order = lanes} : f32[1]
  %d = dot %x, %y {fused = true, lhs_contract = [1], order = lanes, rhs_contract = [0]} : f32[1]
  %e = dot %x, %y {lhs_contract = [1], order = lanes, rhs_contract = [0]} : f32[1]
  return s = %s, d = %d, e = %e
})");
  const std::vector<double> values = random_numbers(k);
  const Outcome outcome =
      evaluate(program.functions[0],
               {{Array::of(DType::f32, {1, k}, values), Array::of(DType::f32, {k}, values)},
                {},
                {{"K", k}}});
  const auto at = [&](size_t output) {
    return static_cast<float>(outcome.outputs[output].elements[0].real);
  };
  EXPECT_EQ(at(0), lanes_of(values, 16));
  std::vector<float> fused(16, -0.0f);
  std::vector<double> squares;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto x = static_cast<float>(values[i]);
    fused[i % 16] = std::fma(x, x, fused[i % 16]);
    squares.push_back(static_cast<double>(x * x));
  }
  for (size_t half = 8; half >= 1; half /= 2)
    for (size_t l = 0; l < half; ++l) fused[l] += fused[l + half];
  EXPECT_EQ(at(1), fused[0]);
  EXPECT_EQ(at(2), lanes_of(squares, 16));
}

TEST(Evaluate, DifferencesAgreeWithADerivativeByHand) {
  const Program program = parsed(R"(func @f(%x: f64[N], %k: f64[N]) {
  %e = exp %x : f64[N]
  %p = mul %e, %k : f64[N]
  %s = sum %p {axes = [0]} : f64
  return s = %s
})");
  const Arguments arguments{
      {Array::of(DType::f64, {2}, {0.5, -1}), Array::of(DType::f64, {2}, {3, 4})}, {}, {{"N", 2}}};
  const Array d = finite_difference(program.functions[0], arguments, 0, 0).value();
  EXPECT_NEAR(d.elements[0].real, 3 * std::exp(0.5), 1e-8);
  EXPECT_NEAR(d.elements[1].real, 4 * std::exp(-1), 1e-8);
}

TEST(Evaluate, KernelsAreTheirRegions) {
  const Program program = parsed(R"(func @f(%x: f32[N]) {
  %a, %b = kernel %x {kind = map} {
    body(%x: f32[N]) {
      %e = neg %x : f32[N]
      yield %e, %x
    }
  } : f32[N], f32[N]
  return a = %a, b = %b
})");
  const Array x = Array::of(DType::f32, {2}, {1, 2});
  const Outcome outcome = evaluate(program.functions[0], {{x}, {}, {{"N", 2}}});
  EXPECT_EQ(outcome.outputs[0], Array::of(DType::f32, {2}, {-1, -2}));
  EXPECT_EQ(outcome.outputs[1], x);
}

TEST(Evaluate, DrawsComeFromTheCaller) {
  const Program program = parsed(R"(program p {
  dim N state
  state %w: f32[N]
  state %b: f32[N]
  init state(%w: f32[N], %b: f32[N]) {
    %x = random_normal {name = w, seed = 7, shape = [N]} : f32[N]
    %y = random_normal {name = b, shape = [N]} : f32[N]
    update %w = %x
    update %b = %y
  }
})");
  const Array zeros = Array::of(DType::f32, {2}, {0, 0});
  Arguments arguments{{}, {zeros, zeros}, {{"N", 2}}, 9};
  EXPECT_THROW(evaluate(*program.init, arguments), InternalError);
  arguments.draw = [](const DrawRequest& draw) {
    const double part = draw.node.attrs.word("name") == "w" ? 0.5 : 0.25;
    return std::vector<Scalar>(static_cast<size_t>(draw.count),
                               Scalar::of(DType::f32, static_cast<double>(draw.seed) + part));
  };
  const Outcome outcome = evaluate(*program.init, arguments);
  EXPECT_EQ(outcome.states[0], Array::of(DType::f32, {2}, {7.5, 7.5}));
  EXPECT_EQ(outcome.states[1], Array::of(DType::f32, {2}, {9.25, 9.25}));
}

TEST(Evaluate, GradsAndWrongArgumentsAreInternalErrors) {
  const Program program = parsed(R"(func @f(%x: f32) {
  %g = grad %x, %x : f32
  return g = %g
})");
  const Array one = Array::of(DType::f32, {}, {1});
  EXPECT_THROW(evaluate(program.functions[0], {{one}, {}, {}}), InternalError);
  EXPECT_THROW(evaluate(program.functions[0], {{}, {}, {}}), InternalError);
  EXPECT_THROW(evaluate(program.functions[0], {{Array::of(DType::f64, {}, {1})}, {}, {}}),
               InternalError);
}

// A step that copied what it does not write would take 30,000 times as long.
TEST(Evaluate, AScanTakesAsLongAsItsSteps) {
  const Program program = parsed(R"(func @f(%x: f64[300000]) {
  %zero = constant 0.0 : f64
  %zeros = broadcast %zero {axes = [], shape = [300000]} : f64[300000]
  %one = constant 1 : i64
  %start = constant 0 : i64
  %sum, %i, %twice, %seen = scan %zero, %start, %zeros, %x {captures = 1, carries = 3, length = 30000, sequences = 0} {
    body(%sum: f64, %i: i64, %b: f64[300000], %all: f64[300000]) {
      %v = gather %all, %i {axes = [0]} : f64
      %next = add %sum, %v : f64
      %set = scatter_set %b, %v, %i {axes = [0]} : f64[300000]
      %added = scatter_add %set, %v, %i {axes = [0]} : f64[300000]
      %1 = constant 1 : i64
      %after = add %i, %1 : i64
      yield %next, %after, %added, %next
    }
  } : f64, i64, f64[300000], f64[30000]
  return sum = %sum, twice = %twice
})");
  std::vector<double> numbers(300000);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i % 7);
  Arguments arguments{{Array::of(DType::f64, {300000}, numbers)}, {}, {}};
  const Outcome outcome = evaluate(program.functions[0], arguments);
  ASSERT_EQ(outcome.status, Status::ok) << outcome.why;
  EXPECT_EQ(outcome.outputs[0].elements[0].real, 89995);
  EXPECT_EQ(outcome.outputs[1].elements[6].real, 12);
  EXPECT_EQ(outcome.outputs[1].elements[30006].real, 0);
  const BoundedOutcome bounded = evaluate_bounded(program.functions[0], arguments);
  ASSERT_EQ(bounded.status, Status::ok) << bounded.why;
  EXPECT_EQ(bounded.outputs[1].value, outcome.outputs[1]);
  EXPECT_GT(bounded.outputs[1].error[6], 0);
  EXPECT_EQ(bounded.outputs[1].error[30006], 0);
}

TEST(Evaluate, WhatIsTooLargeOrTakesTooLongIsRefused) {
  const Program program = parsed(R"(program p {
  dim N
  func @f() {
    %0 = iota {axis = 0, shape = [N]} : f64[N]
    %1 = neg %0 : f64[N]
    %2 = sum %1 {axes = [0], order = any} : f64
    return r = %2
  }
})");
  Arguments arguments{{}, {}, {{"N", 4}}};
  EXPECT_EQ(evaluate(program.functions[0], arguments).outputs[0].elements[0].real, -6);
  arguments.dims["N"] = int64_t{1} << 40;
  const Outcome outcome = evaluate(program.functions[0], arguments);
  EXPECT_EQ(outcome.status, Status::size);
  EXPECT_EQ(outcome.why,
            "it holds 2199023255552 numbers at a time, and the interpreter takes 16777216");
  EXPECT_EQ(evaluate_bounded(program.functions[0], arguments).status, Status::size);

  const Program loop = parsed(R"(func @f(%x: f64) {
  %y = scan %x {captures = 0, carries = 1, length = 1000000000000, sequences = 0} {
    body(%x: f64) {
      %0 = neg %x : f64
      yield %0
    }
  } : f64
  return y = %y
})");
  Arguments given{{Array::of(DType::f64, {}, {1})}, {}, {}};
  given.until = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_EQ(evaluate(loop.functions[0], given).status, Status::time);
  EXPECT_EQ(evaluate_bounded(loop.functions[0], given).status, Status::time);
}

TEST(Evaluate, ALongChainNeedsNoStack) {
  std::string text = "func @f(%x: f64) {\n  %0 = neg %x : f64\n";
  for (int i = 1; i < 100000; ++i) append(text, "  %{} = neg %{} : f64\n", i, i - 1);
  text += "  return y = %99999\n}\n";
  const Program program = parsed(text);
  const Outcome outcome =
      evaluate(program.functions[0], {{Array::of(DType::f64, {}, {3})}, {}, {}});
  EXPECT_EQ(outcome.outputs[0].elements[0].real, 3);
}

TEST(ArrayText, ReadsBack) {
  for (const char* text :
       {"1.0", "[]", "[1.0, -0.0, nan]", "[[1.0, 2.5], [inf, 1e-07]]", "[[], []]"}) {
    const Result<Array> array = parse_array(text, DType::f32);
    ASSERT_TRUE(array) << text << ": " << array.error().message();
    EXPECT_EQ(reference::text(*array), text);
  }
  for (const char* text : {"", "[1, [2]]", "[[1], [2, 3]]", "[[1], 2]", "1 2", "[1", "[x]"})
    EXPECT_FALSE(parse_array(text, DType::f32)) << text;
  EXPECT_EQ(reference::text(*parse_array("[true, false]", DType::boolean)), "[true, false]");
}

}  // namespace
}  // namespace thx::reference
