// SPDX-License-Identifier: Apache-2.0
// The branch not taken leaks nothing, through contractions, choices, loops and calls either; and
// products have derivatives of any order at any number of zeros.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reference/evaluate.h"
#include "unit/passes/differentiated.h"

namespace thx::testing {
namespace {

using reference::Array;
using V = std::vector<double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Output 0 for f64[N] inputs.
V output_at(std::string_view text, const std::vector<V>& inputs) {
  const Program program = differentiated(text);
  reference::Arguments arguments;
  arguments.dims = {{"N", static_cast<int64_t>(inputs[0].size())}};
  for (const V& x : inputs)
    arguments.inputs.push_back(Array::of(DType::f64, {static_cast<int64_t>(x.size())}, x));
  const reference::Outcome outcome = reference::evaluate(program.functions[0], arguments);
  EXPECT_EQ(outcome.status, reference::Status::ok) << outcome.why;
  V values;
  for (const Scalar& element : outcome.outputs[0].elements) values.push_back(element.real);
  return values;
}

TEST(DifferentiateMasks, ThroughAMatrixProduct) {
  // y = log(x as rows) @ W, rows of x with a 0 masked.
  const std::string_view text = R"(
func @f(%x: f64[N], %w: f64[N]) {
  %z0 = constant 0.0 : f64
  %z = broadcast %z0 {axes = [], shape = [N]} : f64[N]
  %l = log %x : f64[N]
  %ls = reshape %l {shape = [N, 1]} : f64[N, 1]
  %ws = reshape %w {shape = [1, N]} : f64[1, N]
  %p = dot %ls, %ws {lhs_contract = [1], rhs_contract = [0], order = any} : f64[N, N]
  %c = greater %x, %z : bool[N]
  %cs = broadcast %c {axes = [0], shape = [N, N]} : bool[N, N]
  %zs = broadcast %z0 {axes = [], shape = [N, N]} : f64[N, N]
  %y = where %cs, %p, %zs : f64[N, N]
  %J = sum %y {axes = [0, 1], order = any} : f64
  %dx, %dw = grad %J, %x, %w : f64[N], f64[N]
  %both = concat %dx, %dw {axis = 0} : f64[2*N]
  return both = %both
}
)";
  EXPECT_EQ(output_at(text, {{0, 1, 2}, {1, 2, 4}}),
            (V{0, 7, 3.5, std::log(2.0), std::log(2.0), std::log(2.0)}));
}

TEST(DifferentiateMasks, DataThatIsMaskedMayBeAnything) {
  // x holds NaN where c is false; the weights do not see it.
  EXPECT_EQ(output_at(R"(
func @f(%x: f64[N], %w: f64[N]) {
  %a = isnan %x : bool[N]
  %c = bit_not %a : bool[N]
  %xs = reshape %x {shape = [N, 1]} : f64[N, 1]
  %ws = slice %w {starts = [0], steps = [1], shape = [1]} : f64[1]
  %p = dot %xs, %ws {lhs_contract = [1], rhs_contract = [0], order = any} : f64[N]
  %z0 = constant 0.0 : f64
  %z = broadcast %z0 {axes = [], shape = [N]} : f64[N]
  %y = where %c, %p, %z : f64[N]
  %J = sum %y {axes = [0], order = any} : f64
  %dw = grad %J, %w : f64[N]
  return dw = %dw
}
)",
                      {{kNaN, 1, 2}, {5, 5, 5}}),
            (V{3, 0, 0}));
}

TEST(DifferentiateMasks, ThroughAChoice) {
  EXPECT_EQ(output_at(R"(
func @f(%x: f64[N]) {
  %z0 = constant 0.0 : f64
  %z = broadcast %z0 {axes = [], shape = [N]} : f64[N]
  %yes = constant true : bool
  %l = sqrt %x : f64[N]
  %r = cond %yes, %l {
    then(%u: f64[N]) {
      %v = log %u : f64[N]
      yield %v
    }
    else(%u: f64[N]) {
      yield %u
    }
  } : f64[N]
  %c = greater %x, %z : bool[N]
  %y = where %c, %r, %z : f64[N]
  %J = sum %y {axes = [0], order = any} : f64
  %g = grad %J, %x : f64[N]
  return g = %g
}
)",
                      {{0, 4, 0}}),
            (V{0, 0.125, 0}));
}

/// A loop whose steps BODY take %h1, %x and %k to %h2; steps of padding, where x is 0, are masked
/// outside, or inside where `inside` has lines for that.
std::string padded(std::string_view body, std::string_view inside) {
  return format(R"(
func @f(%xs: f64[N], %ks: f64[N]) {{
  %z0 = constant 0.0 : f64
  %z = broadcast %z0 {{axes = [], shape = [N]}} : f64[N]
  %k0 = slice %ks {{starts = [0], steps = [1], shape = [1]}} : f64[1]
  %k1 = reshape %k0 {{shape = []}} : f64
  %k2 = sqrt %k1 : f64
  %one = constant 1.0 : f64
  %rs = sqrt %xs : f64[N]
  %h, %ys = scan %one, %rs, %k2 {{carries = 1, sequences = 1, captures = 1, length = N}} {{
    body(%h1: f64, %x: f64, %k: f64) {{
{}{}
      yield %h3, %h2
    }}
  }} : f64, f64[N]
  %c = greater %xs, %z : bool[N]
  %y = where %c, %ys, %z : f64[N]
  %J = sum %y {{axes = [0], order = any}} : f64
  %dx, %dk = grad %J, %xs, %ks : f64[N], f64[N]
  %both = concat %dx, %dk {{axis = 0}} : f64[2*N]
  return both = %both
}}
)",
                body, inside);
}

TEST(DifferentiateMasks, ThroughALoop) {
  // The last step is padding: log(0) in it is -inf, and so is what it leaves.
  const std::string behind = padded(
      "      %l = log %x : f64\n"
      "      %p = mul %l, %k : f64\n"
      "      %h2 = add %h1, %p : f64\n",
      "      %h3 = abs %h2 : f64");
  // J = (1 + log(r0) k) + (|1 + log(r0) k| + log(r1) k), r = sqrt(x), k = sqrt(4) = 2.
  const V got = output_at(behind, {{4, 9, 0}, {4, 4, 4}});
  ASSERT_EQ(got.size(), 6u);
  EXPECT_NEAR(got[0], 2 * 2 * 0.5 / 4, 1e-15);
  EXPECT_NEAR(got[1], 2 * 0.5 / 9, 1e-15);
  EXPECT_EQ(got[2], 0);
  EXPECT_NEAR(got[3], (2 * std::log(2.0) + std::log(3.0)) / 4, 1e-15);
  EXPECT_EQ(got[4], 0);
}

TEST(DifferentiateMasks, ThroughALoopWithAChoiceInside) {
  // Padding in the middle: the step computes log(0), and keeps what it had.
  const std::string inside = padded(
      "      %l = log %x : f64\n"
      "      %p = mul %l, %k : f64\n"
      "      %h2 = add %h1, %p : f64\n",
      "      %zero = constant 0.0 : f64\n"
      "      %on = greater %x, %zero : bool\n"
      "      %h3 = where %on, %h2, %h1 : f64");
  const V got = output_at(inside, {{4, 0, 9}, {4, 4, 4}});
  EXPECT_NEAR(got[0], 2 * 2 * 0.5 / 4, 1e-15);
  EXPECT_EQ(got[1], 0);
  EXPECT_NEAR(got[2], 2 * 0.5 / 9, 1e-15);
  EXPECT_NEAR(got[3], (2 * std::log(2.0) + std::log(3.0)) / 4, 1e-15);
}

TEST(DifferentiateMasks, ACaptureThatNoStepTakes) {
  // k = sqrt(0) is never taken: 0, not 0 * inf.
  EXPECT_EQ(output_at(R"(
func @f(%xs: f64[N]) {
  %x0 = slice %xs {starts = [0], steps = [1], shape = [1]} : f64[1]
  %x1 = reshape %x0 {shape = []} : f64
  %k = sqrt %x1 : f64
  %one = constant 1.0 : f64
  %h = scan %one, %xs, %k {carries = 1, sequences = 1, captures = 1, length = N} {
    body(%h1: f64, %x: f64, %k: f64) {
      %zero = constant 0.0 : f64
      %on = greater %k, %zero : bool
      %w = where %on, %k, %x : f64
      %h2 = add %h1, %w : f64
      yield %h2
    }
  } : f64
  %g = grad %h, %xs : f64[N]
  return g = %g
}
)",
                      {{0, 5}}),
            (V{1, 1}));
}

TEST(DifferentiateMasks, ThroughACall) {
  EXPECT_EQ(output_at(R"(
func @f(%x: f64[N]) {
  %z0 = constant 0.0 : f64
  %z = broadcast %z0 {axes = [], shape = [N]} : f64[N]
  %l = log %x : f64[N]
  %k = call %l {gradients = [0]} {
    body(%a: f64[N]) {
      yield %a
    }
    gradient(%a: f64[N], %d: f64[N]) {
      %two0 = constant 2.0 : f64
      %two = broadcast %two0 {axes = [], shape = [N]} : f64[N]
      %e = mul %d, %two : f64[N]
      yield %e
    }
  } : f64[N]
  %c = greater %x, %z : bool[N]
  %y = where %c, %k, %z : f64[N]
  %J = sum %y {axes = [0], order = any} : f64
  %g = grad %J, %x : f64[N]
  return g = %g
}
)",
                      {{0, 2}}),
            (V{0, 1}));
}

TEST(DifferentiateMasks, LoopsWithoutChoicesCarryNone) {
  const std::string text = print(differentiated(R"(
func @f(%h0: f64[N], %xs: f64[N, N], %W: f64[N, N]) {
  %h = scan %h0, %xs, %W {carries = 1, sequences = 1, captures = 1, length = N} {
    body(%h1: f64[N], %x: f64[N], %W1: f64[N, N]) {
      %a = dot %h1, %W1 {lhs_contract = [0], rhs_contract = [0], order = any} : f64[N]
      %b = add %a, %x : f64[N]
      %h2 = tanh %b : f64[N]
      yield %h2
    }
  } : f64[N]
  %J = sum %h {axes = [0], order = any} : f64
  %dh, %dW = grad %J, %h0, %W : f64[N], f64[N, N]
  return dh = %dh, dW = %dW
}
)"));
  EXPECT_EQ(text.find("bool"), std::string::npos) << text;
}

/// The derivatives of x0 x1 x2 x3 of order 1, 2 and 3, summed, by definition.
V product_derivatives(const V& x, int order) {
  V made(x.size());
  const size_t n = x.size();
  const auto others = [&](std::initializer_list<size_t> left) {
    double product = 1;
    for (size_t i = 0; i < n; ++i)
      if (std::ranges::find(left, i) == left.end()) product *= x[i];
    return product;
  };
  for (size_t i = 0; i < n; ++i) {
    if (order == 1) made[i] = others({i});
    for (size_t j = 0; j < n; ++j) {
      if (j == i) continue;
      if (order == 2) made[i] += others({i, j});
      for (size_t k = 0; order == 3 && k < n; ++k)
        if (k != i && k != j) made[i] += others({i, j, k});
    }
  }
  return made;
}

TEST(DifferentiateProducts, AnyOrderAtAnyNumberOfZeros) {
  for (const V& x : {V{2, 3, 4, 5}, V{2, 0, 4, 5}, V{0, 3, 0, 5}, V{0, 0, 0, 5}, V{0, 0, 0, 0}}) {
    std::string lines = "  %J0 = prod %x {axes = [0], order = any} : f64\n";
    for (int order = 1; order <= 3; ++order) {
      lines += format(
          "  %g{0} = grad %J{1}, %x : f64[N]\n"
          "  %J{0} = sum %g{0} {{axes = [0], order = any}} : f64\n",
          order, order - 1);
      const V got =
          output_at(format("func @f(%x: f64[N]) {{\n{}  return g = %g{}\n}}\n", lines, order), {x});
      EXPECT_EQ(got, product_derivatives(x, order)) << order << " at " << x[0] << ", " << x[1];
    }
  }
}

TEST(DifferentiateProducts, OverSeveralAxesForwardAndMapped) {
  // hvp of the product over axes 0 and 2 of [2, 2, 2], the second slice with a zero.
  const std::string_view text = R"(
func @f(%x: f64[N], %v: f64[N]) {
  %y = reshape %x {shape = [2, 2, 2]} : f64[2, 2, 2]
  %p = prod %y {axes = [0, 2], order = any} : f64[2]
  %J = sum %p {axes = [0], order = any} : f64
  %g = grad %J, %x : f64[N]
  %h = jvp %g, %x, %v {outputs = 1} : f64[N]
  return h = %h
}
)";
  // Elements 0, 1, 4, 5 are one product, 2, 3, 6, 7 the other.
  EXPECT_EQ(output_at(text, {{1, 2, 0, 0, 3, 4, 5, 6}, {1, 0, 1, 0, 0, 0, 0, 0}}),
            (V{0, 12, 0, 30, 8, 6, 0, 0}));
}

}  // namespace
}  // namespace thx::testing
