// SPDX-License-Identifier: Apache-2.0
// Calls that bring their own gradient, constants of a gradient, and targets that a cost does not
// depend on.
#include <gtest/gtest.h>

#include "reference/evaluate.h"
#include "unit/passes/differentiated.h"

namespace thx::testing {
namespace {

using reference::Array;
using V = std::vector<double>;

/// The outputs, each its first element, for scalar f64 inputs.
V outputs_at(std::string_view text, const V& inputs) {
  const Program program = differentiated(text);
  EXPECT_EQ(print(program).find("call"), std::string::npos) << print(program);
  reference::Arguments arguments;
  for (double input : inputs) arguments.inputs.push_back(Array::of(DType::f64, {}, {input}));
  V values;
  for (const Array& output : reference::evaluate(program.functions[0], arguments).outputs)
    values.push_back(output.elements[0].real);
  return values;
}

/// f(x, y) = x^2 y, which says that its derivative by x is 10 x; nothing flows to y.
constexpr std::string_view kCall = R"(call %x, %y {gradients = [0], name = f} {
    body(%a: f64, %b: f64) {
      %a2 = square %a : f64
      %r = mul %a2, %b : f64
      yield %r
    }
    gradient(%a: f64, %b: f64, %c: f64) {
      %ten = constant 10.0 : f64
      %p = mul %a, %ten : f64
      %d = mul %p, %c : f64
      yield %d
    }
  } : f64)";

TEST(DifferentiateCalls, OwnGradientInsteadOfTheBodys) {
  EXPECT_EQ(outputs_at(format(R"(
func @f(%x: f64, %y: f64) {{
  %r = {}
  %three = constant 3.0 : f64
  %J = mul %r, %three : f64
  %dx, %dy = grad %J, %x, %y : f64, f64
  return J = %J, dx = %dx, dy = %dy
}}
)",
                              kCall),
                       {5, 7}),
            (V{525, 150, 0}));
}

TEST(DifferentiateCalls, TheGradientIsDifferentiatedAgain) {
  // d/dx of 10 x y^2, where y^2 comes from the cost: 10 y^2, and by y 20 x y.
  EXPECT_EQ(outputs_at(format(R"(
func @f(%x: f64, %y: f64) {{
  %r = {}
  %y2 = square %y : f64
  %J = mul %r, %y2 : f64
  %dx = grad %J, %x : f64
  %dxx, %dxy = grad %dx, %x, %y : f64, f64
  return dx = %dx, dxx = %dxx, dxy = %dxy
}}
)",
                              kCall),
                       {5, 2}),
            (V{200, 40, 200}));
}

TEST(DifferentiateCalls, UnderNoDerivativeAndInsideRegions) {
  const std::string program = format(R"(
func @f(%x: f64, %y: f64) {{
  %n = constant 0.0 : f64
  %c = greater %x, %n : bool
  %r = cond %c, %x, %y {{
    then(%x: f64, %y: f64) {{
      %t = {}
      yield %t
    }}
    else(%x: f64, %y: f64) {{
      yield %y
    }}
  }} : f64
  %J = square %r : f64
  %dx = grad %J, %x : f64
  %plain = {}
  return r = %r, dx = %dx, plain = %plain
}}
)",
                                     kCall, kCall);
  EXPECT_EQ(outputs_at(program, {1, 3}), (V{3, 60, 3}));
  EXPECT_EQ(outputs_at(program, {-1, 3}), (V{3, 0, 3}));
}

TEST(DifferentiateCalls, GradientsInsideOfACall) {
  // The body is the derivative of a^3, taken there.
  EXPECT_EQ(outputs_at(R"(
func @f(%x: f64) {
  %r = call %x {gradients = [0]} {
    body(%a: f64) {
      %a2 = square %a : f64
      %a3 = mul %a2, %a : f64
      %g = grad %a3, %a : f64
      yield %g
    }
    gradient(%a: f64, %c: f64) {
      %a2 = square %a : f64
      %a3 = mul %a2, %a : f64
      %g = grad %a3, %a : f64
      %h = grad %g, %a : f64
      %d = mul %h, %c : f64
      yield %d
    }
  } : f64
  %dx = grad %r, %x : f64
  %dxx = grad %dx, %x : f64
  return r = %r, dx = %dx, dxx = %dxx
}
)",
                       {2}),
            (V{12, 12, 6}));
}

TEST(DifferentiateCalls, NothingFlowsThroughConstants) {
  // J = a x with a = x^2: 3 x^2 as a whole, x^2 with a held constant.
  EXPECT_EQ(outputs_at(R"(
func @f(%x: f64) {
  %x2 = square %x : f64
  %a = mark %x2 {name = a} : f64
  %J = mul %a, %x : f64
  %whole = grad %J, %x : f64
  %part = grad %J, %x, %a {constants = 1} : f64
  %again = grad %J, %x, %a, %a {constants = 2} : f64
  %by_a, %by_x = grad %J, %a, %x, %a {constants = 1} : f64, f64
  return whole = %whole, part = %part, again = %again, by_a = %by_a, by_x = %by_x
}
)",
                       {5}),
            (V{75, 25, 25, 5, 25}));
}

TEST(DifferentiateCalls, WhatACostDoesNotDependOnIsZeroOnRequest) {
  EXPECT_EQ(outputs_at(R"(
func @f(%x: f64, %y: f64) {
  %J = square %x : f64
  %dx, %dy = grad %J, %x, %y {disconnected = true} : f64, f64
  %m = mark %J {name = m} : f64
  %K = square %m : f64
  %behind = grad %K, %x, %m {constants = 1, disconnected = true} : f64
  return dx = %dx, dy = %dy, behind = %behind
}
)",
                       {5, 1}),
            (V{10, 0, 0}));
}

TEST(DifferentiateCalls, TheGradientOfALinearCostHasADerivative) {
  EXPECT_EQ(outputs_at(R"(
func @f(%x: f64) {
  %three = constant 3.0 : f64
  %J = mul %x, %three : f64
  %g = grad %J, %x : f64
  %h = grad %g, %x : f64
  %i = grad %h, %x : f64
  return g = %g, h = %h, i = %i
}
)",
                       {5}),
            (V{3, 0, 0}));
}

TEST(DifferentiateCalls, ACostBehindAConstantIsAnErrorOfItsOwn) {
  Program program = parsed(R"(
func @f(%x: f64) {
  %e = exp %x : f64
  %m = mark %e {name = m} : f64
  %K = square %m : f64
  %d = grad %K, %x, %m {constants = 1} : f64
  return d = %d
}
)");
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all()[0].message(),
            "the cost depends on `x` only through what is held constant");
}

}  // namespace
}  // namespace thx::testing
