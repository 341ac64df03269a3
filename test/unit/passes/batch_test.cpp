// SPDX-License-Identifier: Apache-2.0
// Maps against their meaning, element by element: choices, loops, calls, maps in maps, failures.
#include "passes/batch.h"

#include <gtest/gtest.h>

#include <random>

#include "reference/evaluate.h"
#include "unit/passes/differentiated.h"

namespace thx::testing {
namespace {

using reference::Array;
using reference::Outcome;

const Extent::Values kDims = {{"N", 4}, {"H", 3}, {"T", 5}};

Array filled(const Type& type, std::mt19937_64& random) {
  reference::Index extents;
  for (const Extent& extent : type.shape) extents.push_back(extent.evaluate(kDims).value());
  std::vector<double> values;
  for (int64_t i = 0; i < reference::count(extents); ++i)
    values.push_back(is_float(type.dtype) ? std::uniform_real_distribution(-1.2, 1.2)(random)
                                          : static_cast<double>(random() % 2));
  return Array::of(type.dtype, extents, values);
}

/// What the interpreter says of the program as it is, and of what the pass makes of it.
void expect_same(std::string_view text) {
  const Program before = parsed(text);
  const Program after = differentiated(text);
  std::mt19937_64 random(5);
  for (int round = 0; round < 4; ++round) {
    reference::Arguments arguments;
    arguments.dims = kDims;
    for (const Input& input : before.functions[0].inputs)
      arguments.inputs.push_back(filled(input.value->type(), random));
    const Outcome expected = reference::evaluate(before.functions[0], arguments);
    const Outcome got = reference::evaluate(after.functions[0], arguments);
    ASSERT_EQ(got.status, expected.status) << got.why << expected.why;
    for (size_t i = 0; i < expected.outputs.size(); ++i) {
      ASSERT_EQ(got.outputs[i].extents, expected.outputs[i].extents) << i;
      for (size_t e = 0; e < expected.outputs[i].elements.size(); ++e) {
        EXPECT_NEAR(got.outputs[i].elements[e].real, expected.outputs[i].elements[e].real, 1e-12);
        EXPECT_EQ(got.outputs[i].elements[e].integer, expected.outputs[i].elements[e].integer);
      }
    }
  }
}

TEST(Batch, WhatIsSharedIsComputedOnce) {
  const Program program = differentiated(R"(
func @f(%xs: f64[N, H], %w: f64[H]) {
  %r, %s = vmap %xs, %w {mapped = 1, extent = N} {
    body(%x: f64[H], %w: f64[H]) {
      %e = exp %w : f64[H]
      %y = mul %x, %e : f64[H]
      yield %y, %e
    }
  } : f64[N, H], f64[N, H]
  return r = %r, s = %s
}
)");
  EXPECT_NE(print(program).find("exp %w : f64[H]"), std::string::npos) << print(program);
}

TEST(Batch, ChoicesThatAreSharedAndChoicesThatDiffer) {
  const auto choice = [](std::string_view flag) {
    return format(R"(
func @f(%xs: f64[N, H], %cs: bool[N], %c: bool, %w: f64[H]) {{
  %r, %s, %q = vmap %xs, %cs, %c, %w {{mapped = 2, extent = N}} {{
    body(%x: f64[H], %own: bool, %all: bool, %w: f64[H]) {{
      %a, %b, %d = cond %{}, %x, %w {{
        then(%u: f64[H], %v: f64[H]) {{
          %p = mul %u, %v : f64[H]
          %t = sum %v {{axes = [0], order = any}} : f64
          yield %p, %t, %v
        }}
        else(%u: f64[H], %v: f64[H]) {{
          %t = sum %u {{axes = [0], order = any}} : f64
          yield %u, %t, %v
        }}
      }} : f64[H], f64, f64[H]
      yield %a, %b, %d
    }}
  }} : f64[N, H], f64[N], f64[N, H]
  return r = %r, s = %s, q = %q
}}
)",
                  flag);
  };
  expect_same(choice("all"));
  expect_same(choice("own"));
  EXPECT_EQ(print(differentiated(choice("all"))).find("scan"), std::string::npos);
  EXPECT_NE(print(differentiated(choice("own"))).find("scan"), std::string::npos);
}

TEST(Batch, OnlyTheBranchTakenMayFail) {
  // Index 7 lies outside; elements that would read there take the other branch.
  expect_same(R"(
func @f(%x: f64[H], %cs: bool[N]) {
  %r = vmap %cs, %x {mapped = 1, extent = N} {
    body(%c: bool, %x: f64[H]) {
      %ok = constant 1 : i64
      %far = constant 7 : i64
      %i = where %c, %ok, %far : i64
      %y = cond %c, %x, %i {
        then(%x: f64[H], %i: i64) {
          %v = gather %x, %i {axes = [0]} : f64
          yield %v
        }
        else(%x: f64[H], %i: i64) {
          %n = cast %i : f64
          yield %n
        }
      } : f64
      yield %y
    }
  } : f64[N]
  return r = %r
}
)");
}

TEST(Batch, LoopsStepAllElementsAtOnce) {
  // A carry that has the axis from the start, one that gains it, one that never does; sequences of
  // both kinds.
  const std::string_view text = R"(
func @f(%hs: f64[N, H], %us: f64[N, T, H], %vs: f64[T, H], %k: f64) {
  %r, %s, %t, %ys, %zs = vmap %hs, %us, %vs, %k {mapped = 2, extent = N} {
    body(%h0: f64[H], %us: f64[T, H], %vs: f64[T, H], %k: f64) {
      %zero = constant 0.0 : f64
      %h, %g, %n, %y, %z = scan %h0, %zero, %k, %us, %vs, %k {carries = 3, sequences = 2, captures = 1, length = T, reverse = true} {
        body(%h1: f64[H], %g1: f64, %n1: f64, %u: f64[H], %v: f64[H], %k: f64) {
          %p = mul %u, %v : f64[H]
          %q = add %h1, %p : f64[H]
          %h2 = tanh %q : f64[H]
          %m = sum %h2 {axes = [0], order = any} : f64
          %g2 = add %g1, %m : f64
          %n2 = mul %n1, %k : f64
          yield %h2, %g2, %n2, %p, %n2
        }
      } : f64[H], f64, f64, f64[T, H], f64[T]
      yield %h, %g, %n, %y, %z
    }
  } : f64[N, H], f64[N], f64[N], f64[N, T, H], f64[N, T]
  return r = %r, s = %s, t = %t, ys = %ys, zs = %zs
}
)";
  expect_same(text);
  const std::string made = print(differentiated(text));
  EXPECT_NE(made.find("f64[N, H], f64[N], f64, f64[T, N, H], f64[T]"), std::string::npos) << made;
}

TEST(Batch, MapsInMapsAndCalls) {
  expect_same(R"(
func @f(%xs: f64[N, H], %k: f64[H]) {
  %r = vmap %xs, %k {mapped = 1, extent = N} {
    body(%x: f64[H], %k: f64[H]) {
      %y = vmap %x, %k, %x {mapped = 2, extent = H} {
        body(%a: f64, %b: f64, %all: f64[H]) {
          %c = call %a, %b {gradients = [0]} {
            body(%u: f64, %v: f64) {
              %p = mul %u, %v : f64
              yield %p
            }
            gradient(%u: f64, %v: f64, %d: f64) {
              yield %d
            }
          } : f64
          %m = max %all {axes = [0]} : f64
          %z = sub %c, %m : f64
          yield %z
        }
      } : f64[H]
      yield %y
    }
  } : f64[N, H]
  return r = %r
}
)");
}

TEST(Batch, AMapOverNothing) {
  const Program program = differentiated(R"(
func @f(%xs: f64[0, H]) {
  %r = vmap %xs {mapped = 1, extent = 0} {
    body(%x: f64[H]) {
      %m = max %x {axes = [0]} : f64
      yield %m
    }
  } : f64[0]
  return r = %r
}
)");
  const Outcome outcome = reference::evaluate(
      program.functions[0],
      {.inputs = {Array::of(DType::f64, {0, 3}, {})}, .states = {}, .dims = {{"H", 3}}});
  EXPECT_EQ(outcome.status, reference::Status::ok) << outcome.why;
  EXPECT_TRUE(outcome.outputs[0].elements.empty());
}

// A call's own gradient for each element; what elements share gets the sum.
TEST(Batch, CallsKeepTheirGradient) {
  const Program program = differentiated(R"(
func @f(%xs: f64[N], %k: f64) {
  %r = vmap %xs, %k {mapped = 1, extent = N} {
    body(%x: f64, %k: f64) {
      %c = call %x, %k {gradients = [1, 0]} {
        body(%u: f64, %v: f64) {
          %p = mul %u, %v : f64
          yield %p
        }
        gradient(%u: f64, %v: f64, %d: f64) {
          %ten = constant 10.0 : f64
          %a = mul %d, %ten : f64
          %one = constant 1.0 : f64
          yield %one, %a
        }
      } : f64
      yield %c
    }
  } : f64[N]
  %J = sum %r {axes = [0], order = any} : f64
  %dx, %dk = grad %J, %xs, %k : f64[N], f64
  return dx = %dx, dk = %dk
}
)");
  const Outcome outcome = reference::evaluate(
      program.functions[0],
      {.inputs = {Array::of(DType::f64, {4}, {1, 2, 3, 4}), Array::of(DType::f64, {}, {5})},
       .states = {},
       .dims = {{"N", 4}}});
  for (const Scalar& element : outcome.outputs[0].elements) EXPECT_EQ(element.real, 10);
  EXPECT_EQ(outcome.outputs[1].elements[0].real, 4);
}

}  // namespace
}  // namespace thx::testing
