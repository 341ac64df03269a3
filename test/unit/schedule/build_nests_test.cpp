// SPDX-License-Identifier: Apache-2.0
// Programs through grouping and nests, against the reference interpreter.
#include <gtest/gtest.h>

#include "against_reference.h"
#include "schedule/print.h"
#include "ir/print.h"

namespace thx::loop {
namespace {

void expect_same(std::string_view text, Trial trial) {
  for (const bool vectorized : {false, true}) {
    trial.vectorized = vectorized;
    const Lowered lowered = lower(text, trial);
    EXPECT_EQ(difference(lowered, trial), "") << print(lowered.grouped) << print(lowered.loops);
  }
}

TEST(BuildNests, AMapOfTwoResults) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, F], %y: f32[N, F]) {
      %a = add %x, %y : f32[N, F]
      %b = mul %a, %x : f32[N, F]
      return a = %a, b = %b
    })";
  for (int64_t n : {0, 1, 5}) expect_same(kText, {.dims = {{"N", n}, {"F", 19}}});
}

TEST(BuildNests, SumsInEveryOrder) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, F], %v: f32[F], %u: f32[N], %w: f32[F, M]) {
      %all = sum %x {axes = [0, 1], order = any} : f32
      %rows = sum %x {axes = [1], order = any} : f32[N]
      %columns = sum %x {axes = [0], order = any} : f32[F]
      %xv = dot %x, %v {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N]
      %xtu = dot %x, %u {lhs_contract = [0], rhs_contract = [0], order = any} : f32[F]
      %uu = dot %u, %u {lhs_contract = [0], rhs_contract = [0], order = any} : f32
      %xw = dot %x, %w {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N, M]
      %xtx = dot %x, %x {lhs_contract = [0], rhs_contract = [0], order = any} : f32[F, F]
      %xxt = dot %x, %x {lhs_contract = [1], rhs_contract = [1], order = any} : f32[N, N]
      return all = %all, rows = %rows, columns = %columns, xv = %xv, xtu = %xtu, uu = %uu,
             xw = %xw, xtx = %xtx, xxt = %xxt
    })";
  for (int64_t n : {0, 1, 7, 270})
    expect_same(kText, {.dims = {{"N", n}, {"F", 19}, {"M", 17}}});
  expect_same(kText, {.dims = {{"N", 3}, {"F", 0}, {"M", 2}}});
  expect_same(kText, {.dims = {{"N", 1}, {"F", 4200}, {"M", 1}}});
}

constexpr std::string_view kLogisticRegression = R"(
  program logreg {
    dim N
    dim F state
    state %w: f32[F]
    state %b: f32
    func @train(%x: f32[N, F], %y: f32[N]) state(%w: f32[F], %b: f32) {
      %z = dot %x, %w {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N]
      %bs = broadcast %b {axes = [], shape = [N]} : f32[N]
      %t = add %z, %bs : f32[N]
      %p = sigmoid %t : f32[N]
      %half = constant 0.5 : f32
      %halves = broadcast %half {axes = [], shape = [N]} : f32[N]
      %prediction = greater %p, %halves : bool[N]
      %one = constant 1.0 : f32
      %ones = broadcast %one {axes = [], shape = [N]} : f32[N]
      %sp = softplus %t : f32[N]
      %yt = mul %y, %t : f32[N]
      %xent = sub %sp, %yt : f32[N]
      %total = sum %xent {axes = [0], order = any} : f32
      %n = extent {extent = N} : i64
      %nf = cast %n : f32
      %mean = div %total, %nf : f32
      %ww = mul %w, %w : f32[F]
      %norm = sum %ww {axes = [0], order = any} : f32
      %small = constant 0.01 : f32
      %decay = mul %small, %norm : f32
      %cost = add %mean, %decay : f32
      %r = sub %p, %y : f32[N]
      %inv = div %one, %nf : f32
      %invs = broadcast %inv {axes = [], shape = [N]} : f32[N]
      %d = mul %r, %invs : f32[N]
      %xtd = dot %x, %d {lhs_contract = [0], rhs_contract = [0], order = any} : f32[F]
      %two = constant 0.02 : f32
      %twos = broadcast %two {axes = [], shape = [F]} : f32[F]
      %dw = mul %twos, %w : f32[F]
      %gw = add %xtd, %dw : f32[F]
      %gb = sum %d {axes = [0], order = any} : f32
      %lr = constant 0.1 : f32
      %lrs = broadcast %lr {axes = [], shape = [F]} : f32[F]
      %step = mul %lrs, %gw : f32[F]
      %w_next = sub %w, %step : f32[F]
      %stepb = mul %lr, %gb : f32
      %b_next = sub %b, %stepb : f32
      update %w = %w_next
      update %b = %b_next
      return prediction = %prediction, xent = %xent, cost = %cost
    }
  })";

TEST(BuildNests, LogisticRegressionIsAHandfulOfKernels) {
  for (int64_t n : {0, 3, 700})
    expect_same(kLogisticRegression,
                {.dims = {{"N", n}, {"F", 30}}, .exact = false, .tolerance = 1e-5});
  const Lowered lowered = lower(kLogisticRegression);
  EXPECT_LE(lowered.loops.functions[0].kernels.size(), 5U) << print(lowered.loops);
  EXPECT_TRUE(lowered.loops.functions[0].commits.empty()) << "updated in place";
  // Nothing as large as x is written.
  for (const FunctionBuffer& buffer : lowered.loops.functions[0].buffers)
    if (buffer.storage.kind == Storage::Kind::workspace) {
      const Extent elements = element_count(buffer.buffer.extents);
      EXPECT_LT(*elements.evaluate({{"N", 1000}, {"F", 30}}), 2000);
    }
}

}  // namespace
}  // namespace thx::loop
