// SPDX-License-Identifier: Apache-2.0
// What gradients are with respect to, what `where` must not leak, errors, and linear time.
#include "passes/differentiate.h"

#include <gtest/gtest.h>

#include <limits>

#include "ops/build.h"
#include "ops/control.h"
#include "reference/evaluate.h"
#include "unit/passes/differentiated.h"

namespace thx::testing {
namespace {

using reference::Array;
using reference::Outcome;

TEST(Differentiate, AMarkIsTheValueThatIsMeant) {
  // a and b are equal; the gradient is with respect to a alone.
  const Program program = differentiated(R"(
func @f(%x: f64) {
  %two = constant 2.0 : f64
  %x2 = mul %x, %two : f64
  %a = mark %x2 {name = "a"} : f64
  %b = mark %x2 {name = "b"} : f64
  %s = add %a, %b : f64
  %g = grad %s, %a : f64
  return g = %g
}
)");
  const Outcome outcome = reference::evaluate(
      program.functions[0], {.inputs = {Array::of(DType::f64, {}, {5})}, .states = {}, .dims = {}});
  EXPECT_EQ(outcome.outputs[0].elements[0].real, 1);
}

TEST(Differentiate, CotangentsAreCastBackToTheOperandsDType) {
  const Program program = differentiated(R"(
func @f(%x: f32[N]) {
  %w = cast %x : f64[N]
  %e = exp %w : f64[N]
  %i = cast %x : i64[N]
  %f = cast %i : f64[N]
  %p = mul %e, %f : f64[N]
  %J = sum %p {axes = [0], order = any} : f64
  %g = grad %J, %x : f32[N]
  return g = %g
}
)");
  EXPECT_EQ(text(program.functions[0].outputs[0].value->type()), "f32[N]");
}

/// The first output, for a function of one f64[N] input.
std::vector<double> output_at(std::string_view text, std::vector<double> x) {
  const Program program = differentiated(text);
  const auto extent = static_cast<int64_t>(x.size());
  const Outcome outcome = reference::evaluate(
      program.functions[0],
      {.inputs = {Array::of(DType::f64, {extent}, x)}, .states = {}, .dims = {{"N", extent}}});
  std::vector<double> values;
  for (const Scalar& element : outcome.outputs[0].elements) values.push_back(element.real);
  return values;
}

/// sum(where(x > 0, LINES, 0)), whose gradient must be 0 where x is not positive.
std::string chosen(std::string_view lines) {
  return format(R"(
func @f(%x: f64[N]) {{
  %z0 = constant 0.0 : f64
  %z = broadcast %z0 {{axes = [], shape = [N]}} : f64[N]
  %c = greater %x, %z : bool[N]
{}
  %w = where %c, %y, %z : f64[N]
  %J = sum %w {{axes = [0], order = any}} : f64
  %g = grad %J, %x : f64[N]
  return g = %g
}}
)",
                lines);
}

TEST(Differentiate, WhereLeaksNothingOfTheOtherBranch) {
  using V = std::vector<double>;
  EXPECT_EQ(output_at(chosen("  %y = log %x : f64[N]"), {0, 2, -1}), (V{0, 0.5, 0}));
  EXPECT_EQ(output_at(chosen("  %y = sqrt %x : f64[N]"), {0, 4, -1}), (V{0, 0.25, 0}));
  EXPECT_EQ(output_at(chosen("  %l = log %x : f64[N]\n  %y = square %l : f64[N]"), {0, 1}),
            (V{0, 0}));
  EXPECT_EQ(output_at(chosen("  %s = sqrt %x : f64[N]\n  %y = div %x, %s : f64[N]"), {0, 4}),
            (V{0, 0.25}));
  // Through a view and a reduction.
  EXPECT_EQ(output_at(chosen("  %r = sqrt %x : f64[N]\n"
                             "  %a = reshape %r {shape = [1, N]} : f64[1, N]\n"
                             "  %b = log %a : f64[1, N]\n"
                             "  %y = sum %b {axes = [0], order = any} : f64[N]"),
                      {0, 4}),
            (V{0, 0.125}));
  EXPECT_EQ(output_at(R"(
func @f(%x: f64[N]) {
  %q = square %x : f64[N]
  %s = sum %q {axes = [0], order = any} : f64
  %n = sqrt %s : f64
  %z = constant 0.0 : f64
  %c = greater %s, %z : bool
  %J = where %c, %n, %z : f64
  %g = grad %J, %x : f64[N]
  return g = %g
}
)",
                      {0, 0}),
            (V{0, 0}));
  // A row that softmax cannot say anything about.
  EXPECT_EQ(output_at(R"(
func @f(%x: f64[N]) {
  %l = log %x : f64[N]
  %p = log_softmax %l {axis = 0} : f64[N]
  %no = constant false : bool
  %c = broadcast %no {axes = [], shape = [N]} : bool[N]
  %w = where %c, %p, %x : f64[N]
  %J = sum %w {axes = [0], order = any} : f64
  %g = grad %J, %x : f64[N]
  return g = %g
}
)",
                      {0, 0}),
            (V{1, 1}));
}

/// The gradient of the scalar %J that LINES make of %x, and of the sum of that gradient.
std::vector<double> both_gradients(std::string_view lines, std::vector<double> x) {
  return output_at(format(R"(
func @f(%x: f64[N]) {{
{}
  %g = grad %J, %x : f64[N]
  %K = sum %g {{axes = [0], order = any}} : f64
  %h = grad %K, %x : f64[N]
  %both = add %g, %h : f64[N]
  return r = %both
}}
)",
                          lines),
                   std::move(x));
}

TEST(Differentiate, NormsAreFlatAtZero) {
  using V = std::vector<double>;
  const std::string_view spellings[] = {
      "  %q = square %x : f64[N]\n"
      "  %s = sum %q {axes = [0], order = any} : f64\n"
      "  %J = sqrt %s : f64",
      "  %q = mul %x, %x : f64[N]\n"
      "  %s = sum %q {axes = [0], order = any} : f64\n"
      "  %J = sqrt %s : f64",
      "  %s = dot %x, %x {lhs_contract = [0], rhs_contract = [0], order = any} : f64\n"
      "  %J = sqrt %s : f64",
      "  %q = square %x : f64[N]\n"
      "  %s = sum %q {axes = [0], order = any} : f64\n"
      "  %n = extent {extent = N} : i64\n"
      "  %f = cast %n : f64\n"
      "  %m = div %s, %f : f64\n"
      "  %k = broadcast %m {axes = [], shape = [1]} : f64[1]\n"
      "  %r = sqrt %k : f64[1]\n"
      "  %J = reshape %r {shape = []} : f64",
      "  %q = square %x : f64[N]\n"
      "  %p = add %q, %q : f64[N]\n"
      "  %r = sqrt %p : f64[N]\n"
      "  %J = sum %r {axes = [0], order = any} : f64"};
  for (std::string_view lines : spellings)
    EXPECT_EQ(both_gradients(lines, {0, 0}), (V{0, 0})) << lines;
  // The derivative of the root alone is infinite at 0, and away from 0 nothing changes.
  const std::vector<double> away = both_gradients(spellings[0], {3, 4});
  EXPECT_NEAR(away[0], 0.6 + 0.64 / 5 - 0.48 / 5, 1e-15);
  EXPECT_NEAR(away[1], 0.8 + 0.36 / 5 - 0.48 / 5, 1e-15);
  EXPECT_EQ(output_at(R"(
func @f(%x: f64[N]) {
  %r = sqrt %x : f64[N]
  %J = sum %r {axes = [0], order = any} : f64
  %g = grad %J, %x : f64[N]
  return g = %g
}
)",
                      {0, 4}),
            (V{std::numeric_limits<double>::infinity(), 0.25}));
}

TEST(Differentiate, OneSweepServesAllGradientsOfACost) {
  const Program program = differentiated(R"(
func @f(%x: f64[N], %y: f64[N]) {
  %e0 = exp %x : f64[N]
  %e = mark %e0 {name = "e"} : f64[N]
  %t = tanh %e : f64[N]
  %p = mul %t, %y : f64[N]
  %J = sum %p {axes = [0], order = any} : f64
  %gx = grad %J, %x : f64[N]
  %gy = grad %J, %y : f64[N]
  %ge, %gx2 = grad %J, %e, %x : f64[N], f64[N]
  return gx = %gx, gy = %gy, ge = %ge, gx2 = %gx2
}
)");
  const std::string text = print(program);
  size_t squares = 0;  // of tanh's derivative
  for (size_t at = text.find("square"); at != std::string::npos; at = text.find("square", at + 1))
    ++squares;
  EXPECT_EQ(squares, 1) << text;
}

TEST(Differentiate, PiecewiseConstantIsZeroNotAnError) {
  EXPECT_EQ(output_at(R"(
func @f(%x: f64[N]) {
  %s = sign %x : f64[N]
  %J = sum %s {axes = [0], order = any} : f64
  %g = grad %J, %x : f64[N]
  return g = %g
}
)",
                      {1, 2}),
            (std::vector<double>{0, 0}));
}

std::vector<std::string> errors(std::string_view text) {
  Program program = parsed(text);
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  EXPECT_EQ(verify_program(program), std::vector<std::string>{});
  std::vector<std::string> messages;
  for (const Diagnostic& diagnostic : diagnostics.all())
    messages.push_back(format("{}: {}", to_string(diagnostic.id()), diagnostic.message()));
  return messages;
}

TEST(Differentiate, Errors) {
  EXPECT_EQ(errors(R"(
func @f(%x: f64[N], %y: f64[N], %i: i64[N]) {
  %v = exp %x : f64[N]
  %J = sum %v {axes = [0], order = any} : f64
  %a = grad %v, %x : f64[N]
  %b = grad %J, %y : f64[N]
  %n = sum %i {axes = [0], order = any} : i64
  %c = grad %n, %i : i64[N]
  %fi = cast %i : f64[N]
  %K = sum %fi {axes = [0], order = any} : f64
  %d = grad %K, %i : i64[N]
  return a = %a, b = %b, c = %c, d = %d
}
)"),
            (std::vector<std::string>{
                "grad_not_scalar: the cost of a gradient is a float scalar, not f64[N]",
                "grad_disconnected: the cost does not depend on `y`",
                "grad_not_scalar: the cost of a gradient is a float scalar, not i64",
                "grad_undefined: `i` has no gradient: it is i64[N], and only floats have one"}));
}

TEST(Differentiate, ALongChainIsLinear) {
  Program program;
  Function& function = program.functions.emplace_back();
  Graph& graph = function.graph();
  const Value x = graph.parameter({DType::f64, {}}, "x");
  function.body->parameters = {x};
  function.inputs = {{"x", x, {}}};
  Value value = x;
  for (int i = 0; i < 20'000; ++i) value = node::add(graph, node::tanh(graph, value), x);
  const Value grad = make_grad(graph, value, std::span(&x, 1));
  function.outputs = {{"g", result(graph, grad, 0), {}}};
  function.body->results = function.roots();
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  EXPECT_LT(function.graph().size(), 200'000);
}

}  // namespace
}  // namespace thx::testing
