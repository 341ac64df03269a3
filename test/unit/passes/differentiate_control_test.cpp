// SPDX-License-Identifier: Apache-2.0
// Gradients through loops and choices, and of these gradients, against differences.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "reference/evaluate.h"
#include "unit/passes/differentiated.h"

namespace thx::testing {
namespace {

using reference::Array;
using reference::Outcome;

const Extent::Values kDims = {{"N", 4}, {"H", 3}, {"M", 2}};

Array filled(const Type& type, std::mt19937_64& random) {
  reference::Index extents;
  for (const Extent& extent : type.shape) extents.push_back(extent.evaluate(kDims).value());
  std::vector<double> values;
  for (int64_t i = 0; i < reference::count(extents); ++i)
    values.push_back(is_float(type.dtype) ? std::uniform_real_distribution(-1.2, 1.2)(random)
                                          : static_cast<double>(random() % 2));
  return Array::of(type.dtype, extents, values);
}

/// Holds each output `d<cost>_d<input>` against differences of the output `<cost>`.
void expect_gradients(const Function& function, const reference::Arguments& arguments,
                      const Outcome& outcome) {
  for (size_t cost = 0; cost < function.outputs.size(); ++cost)
    for (size_t input = 0; input < function.inputs.size(); ++input)
      for (size_t out = 0; out < function.outputs.size(); ++out) {
        const std::string name =
            format("d{}_d{}", function.outputs[cost].name, function.inputs[input].name);
        if (function.outputs[out].name != name) continue;
        const Array expected =
            reference::finite_difference(function, arguments, cost, input).value();
        const Array& got = outcome.outputs[out];
        ASSERT_EQ(got.extents, expected.extents) << name;
        for (size_t e = 0; e < expected.elements.size(); ++e)
          EXPECT_NEAR(got.elements[e].real, expected.elements[e].real,
                      2e-6 * (1 + std::fabs(expected.elements[e].real)))
              << name << " at " << e;
      }
}

/// Holds the tangents of the first `outputs` outputs, which are behind them, against differences
/// along the directions, the last `inputs` inputs.
void expect_tangents(const Function& function, const reference::Arguments& arguments,
                     const Outcome& outcome, size_t outputs, size_t inputs) {
  constexpr double kStep = 1e-6;
  const auto moved = [&](double step) {
    reference::Arguments at = arguments;
    size_t direction = at.inputs.size() - inputs;
    for (size_t i = 0; direction < at.inputs.size(); ++i) {
      if (!is_float(at.inputs[i].dtype)) continue;
      const Array& along = arguments.inputs[direction++];
      for (size_t e = 0; e < along.elements.size(); ++e)
        at.inputs[i].elements[e].real += step * along.elements[e].real;
    }
    return reference::evaluate(function, at).outputs;
  };
  const std::vector<Array> above = moved(kStep), below = moved(-kStep);
  size_t tangent = outputs;
  for (size_t i = 0; i < outputs; ++i) {
    if (!is_float(above[i].dtype)) continue;
    const Array& got = outcome.outputs[tangent++];
    ASSERT_EQ(got.extents, above[i].extents) << function.outputs[i].name;
    for (size_t e = 0; e < got.elements.size(); ++e) {
      const double expected = (above[i].elements[e].real - below[i].elements[e].real) / (2 * kStep);
      EXPECT_NEAR(got.elements[e].real, expected, 5e-6 * (1 + std::fabs(expected)))
          << "the tangent of " << function.outputs[i].name << " at " << e;
    }
  }
}

/// Holds gradients and the tangents of all outputs, those of gradients too, against differences.
void expect_differences(std::string_view text) {
  Program program = parsed(text);
  const size_t outputs = program.functions[0].outputs.size();
  const size_t inputs = program.functions[0].inputs.size();
  add_tangents(program);
  program = differentiated(std::move(program));
  const Function& function = program.functions[0];
  std::mt19937_64 random(3);
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);
    reference::Arguments arguments;
    arguments.dims = kDims;
    for (const Input& input : function.inputs)
      arguments.inputs.push_back(filled(input.value->type(), random));
    const Outcome outcome = reference::evaluate(function, arguments);
    ASSERT_EQ(outcome.status, reference::Status::ok) << outcome.why;
    expect_gradients(function, arguments, outcome);
    expect_tangents(function, arguments, outcome, outputs, function.inputs.size() - inputs);
  }
}

TEST(Differentiate, LoopWithSequenceAndCapture) {
  expect_differences(R"(
func @f(%h0: f64[H], %xs: f64[N, H], %W: f64[H, H]) {
  %h, %ys = scan %h0, %xs, %W {carries = 1, sequences = 1, captures = 1, length = N} {
    body(%h1: f64[H], %x: f64[H], %W1: f64[H, H]) {
      %a = dot %h1, %W1 {lhs_contract = [0], rhs_contract = [0], order = any} : f64[H]
      %b = add %a, %x : f64[H]
      %h2 = tanh %b : f64[H]
      %y = square %h2 : f64[H]
      yield %h2, %y
    }
  } : f64[H], f64[N, H]
  %p = mul %ys, %xs : f64[N, H]
  %q = sum %p {axes = [0, 1], order = any} : f64
  %r = sum %h {axes = [0], order = any} : f64
  %J = add %q, %r : f64
  %dh, %dx, %dW = grad %J, %h0, %xs, %W : f64[H], f64[N, H], f64[H, H]
  %n0 = square %dW : f64[H, H]
  %K0 = sum %n0 {axes = [0, 1], order = any} : f64
  %n1 = mul %dx, %xs : f64[N, H]
  %K1 = sum %n1 {axes = [0, 1], order = any} : f64
  %K = add %K0, %K1 : f64
  %eh, %ex, %eW = grad %K, %h0, %xs, %W : f64[H], f64[N, H], f64[H, H]
  return J = %J, K = %K, dJ_dh0 = %dh, dJ_dxs = %dx, dJ_dW = %dW, dK_dh0 = %eh, dK_dxs = %ex, dK_dW = %eW
}
)");
}

TEST(Differentiate, ReverseLoopWithManyParts) {
  // Two float carries that feed each other, a counter, a sequence of integers, and a carry that
  // depends on the targets through a capture alone.
  expect_differences(R"(
func @f(%a0: f64, %b0: f64, %xs: f64[N], %is: i64[N], %k: f64) {
  %zero = constant 0 : i64
  %start = constant 1.5 : f64
  %a, %b, %c, %i, %ys, %us = scan %a0, %b0, %start, %zero, %xs, %is, %k {carries = 4, sequences = 2, captures = 1, length = N, reverse = true} {
    body(%a1: f64, %b1: f64, %c1: f64, %i1: i64, %x: f64, %n: i64, %k1: f64) {
      %one = constant 1 : i64
      %i2 = add %i1, %one : i64
      %nf = cast %n : f64
      %if = cast %i2 : f64
      %t = mul %b1, %x : f64
      %a2 = tanh %t : f64
      %s = mul %a1, %if : f64
      %b2 = add %s, %nf : f64
      %c2 = mul %c1, %k1 : f64
      %y = mul %c2, %b1 : f64
      yield %a2, %b2, %c2, %i2, %y, %t
    }
  } : f64, f64, f64, i64, f64[N], f64[N]
  %w = mul %ys, %xs : f64[N]
  %q = sum %w {axes = [0], order = any} : f64
  %J0 = add %q, %b : f64
  %J = add %J0, %c : f64
  %da, %db, %dx, %dk = grad %J, %a0, %b0, %xs, %k : f64, f64, f64[N], f64
  %n0 = mul %da, %db : f64
  %n1 = square %dk : f64
  %K = add %n0, %n1 : f64
  %ea, %eb, %ex, %ek = grad %K, %a0, %b0, %xs, %k : f64, f64, f64[N], f64
  return J = %J, K = %K, dJ_da0 = %da, dJ_db0 = %db, dJ_dxs = %dx, dJ_dk = %dk, dK_da0 = %ea, dK_db0 = %eb, dK_dxs = %ex, dK_dk = %ek
}
)");
}

TEST(Differentiate, ChoiceInsideALoopInsideALoop) {
  expect_differences(R"(
func @f(%h0: f64, %xs: f64[N, M], %k: f64) {
  %h = scan %h0, %xs, %k {carries = 1, sequences = 1, captures = 1, length = N} {
    body(%h1: f64, %row: f64[M], %k1: f64) {
      %g, %gs = scan %h1, %row, %k1 {carries = 1, sequences = 1, captures = 1, length = M} {
        body(%g1: f64, %x: f64, %k2: f64) {
          %zero = constant 0.0 : f64
          %up = greater %x, %zero : bool
          %g2 = cond %up, %g1, %x, %k2 {
            then(%u: f64, %v: f64, %w: f64) {
              %uv = mul %u, %v : f64
              %r = add %uv, %w : f64
              yield %r
            }
            else(%u: f64, %v: f64, %w: f64) {
              %s = exp %v : f64
              %r = mul %s, %w : f64
              yield %r
            }
          } : f64
          yield %g2, %g2
        }
      } : f64, f64[M]
      %t = sum %gs {axes = [0], order = any} : f64
      %h2 = tanh %t : f64
      yield %h2
    }
  } : f64
  %J = square %h : f64
  %dh, %dx, %dk = grad %J, %h0, %xs, %k : f64, f64[N, M], f64
  %K = square %dk : f64
  %eh, %ex, %ek = grad %K, %h0, %xs, %k : f64, f64[N, M], f64
  return J = %J, K = %K, dJ_dh0 = %dh, dJ_dxs = %dx, dJ_dk = %dk, dK_dh0 = %eh, dK_dxs = %ex, dK_dk = %ek
}
)");
}

TEST(Differentiate, GradientInsideALoop) {
  // Gradient descent on (h - x)^2 k as a loop, and the gradient of where it ends.
  expect_differences(R"(
func @f(%h0: f64, %xs: f64[N], %k: f64) {
  %h = scan %h0, %xs, %k {carries = 1, sequences = 1, captures = 1, length = N} {
    body(%h1: f64, %x: f64, %k1: f64) {
      %m = mark %h1 {name = "h"} : f64
      %d = sub %m, %x : f64
      %d2 = square %d : f64
      %c = mul %d2, %k1 : f64
      %g = grad %c, %m : f64
      %rate = constant 0.1 : f64
      %s = mul %rate, %g : f64
      %h2 = sub %h1, %s : f64
      yield %h2
    }
  } : f64
  %J = square %h : f64
  %dh, %dx, %dk = grad %J, %h0, %xs, %k : f64, f64[N], f64
  return J = %J, dJ_dh0 = %dh, dJ_dxs = %dx, dJ_dk = %dk
}
)");
}

TEST(Differentiate, ChoiceOfSeveralResults) {
  expect_differences(R"(
func @f(%x: f64[N], %y: f64[N], %i: i64) {
  %one = constant 1 : i64
  %c = equal %i, %one : bool
  %a, %b, %n = cond %c, %x, %y, %i {
    then(%u: f64[N], %v: f64[N], %j: i64) {
      %w = mul %u, %v : f64[N]
      %s = sum %u {axes = [0], order = any} : f64
      yield %w, %s, %j
    }
    else(%u: f64[N], %v: f64[N], %j: i64) {
      %s = prod %v {axes = [0], order = any} : f64
      yield %u, %s, %j
    }
  } : f64[N], f64, i64
  %p = sum %a {axes = [0], order = any} : f64
  %q = mul %p, %b : f64
  %nf = cast %n : f64
  %J = add %q, %nf : f64
  %dx, %dy = grad %J, %x, %y : f64[N], f64[N]
  return J = %J, dJ_dx = %dx, dJ_dy = %dy
}
)");
}

TEST(Differentiate, CallsInsideLoopsAndChoices) {
  // f(x) = tanh(x) with its derivative written by hand; scale(x) is linear.
  expect_differences(R"(
func @f(%h0: f64, %xs: f64[N]) {
  %h, %ys = scan %h0, %xs {carries = 1, sequences = 1, captures = 0, length = N} {
    body(%h1: f64, %x: f64) {
      %p = mul %h1, %x : f64
      %t = call %p {gradients = [0]} {
        body(%a: f64) {
          %r = tanh %a : f64
          yield %r
        }
        gradient(%a: f64, %c: f64) {
          %r = tanh %a : f64
          %s = square %r : f64
          %one = constant 1.0 : f64
          %d = sub %one, %s : f64
          %g = mul %c, %d : f64
          yield %g
        }
      } : f64
      %zero = constant 0.0 : f64
      %up = greater %x, %zero : bool
      %g2 = cond %up, %t, %x {
        then(%u: f64, %v: f64) {
          %two, %three = call %u, %v {gradients = [1, 0]} {
            body(%a: f64, %b: f64) {
              %k = constant 2.0 : f64
              %a2 = mul %a, %k : f64
              %ab = mul %a, %b : f64
              yield %a2, %ab
            }
            gradient(%a: f64, %b: f64, %c: f64, %d: f64) {
              %k = constant 2.0 : f64
              %c2 = mul %c, %k : f64
              %db = mul %d, %b : f64
              %ga = add %c2, %db : f64
              %gb = mul %d, %a : f64
              yield %gb, %ga
            }
          } : f64, f64
          %r = mul %two, %three : f64
          yield %r
        }
        else(%u: f64, %v: f64) {
          yield %u
        }
      } : f64
      yield %g2, %t
    }
  } : f64, f64[N]
  %q = sum %ys {axes = [0], order = any} : f64
  %J = mul %q, %h : f64
  %dh, %dx = grad %J, %h0, %xs : f64, f64[N]
  %n0 = square %dx : f64[N]
  %n1 = sum %n0 {axes = [0], order = any} : f64
  %K = mul %n1, %dh : f64
  %eh, %ex = grad %K, %h0, %xs : f64, f64[N]
  return J = %J, K = %K, dJ_dh0 = %dh, dJ_dxs = %dx, dK_dh0 = %eh, dK_dxs = %ex
}
)");
}

}  // namespace
}  // namespace thx::testing
