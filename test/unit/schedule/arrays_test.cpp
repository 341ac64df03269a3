// SPDX-License-Identifier: Apache-2.0
// Slices, placements, running sums, run-time slices and scatters, against the reference
// interpreter.
#include <gtest/gtest.h>

#include "against_reference.h"
#include "ir/print.h"
#include "schedule/print.h"

namespace thx::loop {
namespace {

void expect_same(std::string_view text, Trial trial) {
  for (const bool vectorized : {false, true}) {
    for (const int bytes : {16, 32, 64}) {
      trial.vectorized = vectorized;
      trial.vector_bytes = bytes;
      const Lowered lowered = lower(text, trial);
      EXPECT_EQ(difference(lowered, trial), "") << print(lowered.grouped) << print(lowered.loops);
    }
  }
}

Trial with(Extent::Values dims, int64_t index_below = 1) {
  return {.dims = std::move(dims), .index_below = index_below, .exact = false, .tolerance = 1e-6};
}

TEST(Arrays, SlicesOfEveryStep) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, 20]) {
      %a = slice %x {shape = [N, 5], starts = [0, 3], steps = [1, 1]} : f32[N, 5]
      %b = slice %x {shape = [N, 20], starts = [N-1, 19], steps = [-1, -1]} : f32[N, 20]
      %c = slice %x {shape = [(N+1)//2, 7], starts = [0, 1], steps = [2, 3]} : f32[(N+1)//2, 7]
      %d = slice %x {shape = [N, 1], starts = [0, 4], steps = [1, 1]} : f32[N, 1]
      %e = add %b, %x : f32[N, 20]
      %f = slice %e {shape = [N, 6], starts = [0, 18], steps = [1, -3]} : f32[N, 6]
      %g = exp %f : f32[N, 6]
      %h = sum %b {axes = [1], order = any} : f32[N]
      %i = sum %c {axes = [0], order = any} : f32[7]
      %j = slice %x {shape = [min(N, 4), 0], starts = [0, 20], steps = [1, 1]} : f32[min(N, 4), 0]
      return a = %a, b = %b, c = %c, d = %d, e = %e, f = %f, g = %g, h = %h, i = %i, j = %j
    })";
  for (int64_t n : {0, 1, 2, 9}) expect_same(kText, with({{"N", n}}));
}

TEST(Arrays, SlicesInsideProducts) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, 24], %w: f32[30, 40]) {
      %a = slice %x {shape = [N, 7], starts = [0, 3], steps = [1, 1]} : f32[N, 7]
      %b = slice %w {shape = [7, 20], starts = [2, 39], steps = [4, -2]} : f32[7, 20]
      %c = dot %a, %b {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N, 20]
      %d = slice %x {shape = [N, 24], starts = [0, 23], steps = [1, -1]} : f32[N, 24]
      %e = dot %d, %x {lhs_contract = [1], rhs_contract = [1], order = any} : f32[N, N]
      %f = dot %d, %x {lhs_contract = [0], rhs_contract = [0], order = any} : f32[24, 24]
      %v = slice %w {shape = [1, 24], starts = [5, 2], steps = [1, 1]} : f32[1, 24]
      %u = reshape %v {shape = [24]} : f32[24]
      %g = dot %d, %u {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N]
      return c = %c, e = %e, f = %f, g = %g
    })";
  for (int64_t n : {0, 1, 17}) expect_same(kText, with({{"N", n}}));
}

TEST(Arrays, SlicesThatTheEntryChecks) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N], %i: i64[M]) {
      require N >= 6
      require N >= M+2
      %a = slice %x {shape = [1], starts = [5], steps = [1]} : f32[1]
      %b = slice %x {shape = [M], starts = [M+1], steps = [-1]} : f32[M]
      %c = slice %x {shape = [3], starts = [N-6], steps = [2]} : f32[3]
      return a = %a, b = %b, c = %c
    })";
  for (int64_t m : {0, 3, 8}) expect_same(kText, with({{"N", m + 6}, {"M", m}}));
}

// The compiler's proofs are not complete: what they miss is checked where it is read.
TEST(Arrays, SlicesThatNothingProves) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N*N], %y: f32[3, N*N]) {
      %a = slice %x {shape = [M*M], starts = [0], steps = [1]} : f32[M*M]
      %b = slice %y {shape = [3, M*M], starts = [0, M], steps = [1, 1]} : f32[3, M*M]
      %s = sum %b {axes = [1], order = any} : f32[3]
      %d = dot %b, %a {lhs_contract = [1], rhs_contract = [0], order = any} : f32[3]
      %e = dot %b, %b {lhs_contract = [0], rhs_contract = [0], order = any} : f32[M*M, M*M]
      return a = %a, s = %s, d = %d, e = %e
    })";
  expect_same(kText, with({{"N", 5}, {"M", 4}}));
}

TEST(Arrays, Diagonals) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, M, 3], %y: f32[N, N]) {
      %a = diagonal %x {axes = [0, 1]} : f32[3, min(M, N)]
      %b = diagonal %x {axes = [2, 0]} : f32[M, min(N, 3)]
      %c = diagonal %y {axes = [0, 1]} : f32[N]
      %s = sum %c {axes = [0], order = any} : f32
      %e = exp %a : f32[3, min(M, N)]
      return a = %a, b = %b, s = %s, e = %e
    })";
  for (int64_t n : {0, 1, 5})
    for (int64_t m : {0, 2, 9}) expect_same(kText, with({{"N", n}, {"M", m}}));
}

TEST(Arrays, Concatenations) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, 4], %y: f32[M, 4], %s: f32) {
      %a = concat %x, %y, %x {axis = 0} : f32[2*N+M, 4]
      %e = exp %y : f32[M, 4]
      %n = neg %x : f32[N, 4]
      %q = square %n : f32[N, 4]
      %b = concat %e, %q {axis = 0} : f32[M+N, 4]
      %c = concat %x, %n, %x {axis = 1} : f32[N, 12]
      %t = transpose %c {permutation = [1, 0]} : f32[12, N]
      %u = transpose %y {permutation = [1, 0]} : f32[4, M]
      %v = transpose %x {permutation = [1, 0]} : f32[4, N]
      %d = concat %u, %v {axis = 1} : f32[4, M+N]
      %r = sum %d {axes = [1], order = any} : f32[4]
      %s1 = broadcast %s {axes = [], shape = [1]} : f32[1]
      %one = constant 1.5 : f32
      %o1 = broadcast %one {axes = [], shape = [1]} : f32[1]
      %w = concat %s1, %o1, %s1 {axis = 0} : f32[3]
      %only = concat %x {axis = 1} : f32[N, 4]
      return a = %a, b = %b, c = %c, t = %t, d = %d, r = %r, w = %w, only = %only
    })";
  for (int64_t n : {0, 1, 9})
    for (int64_t m : {0, 5}) expect_same(kText, with({{"N", n}, {"M", m}}));
}

TEST(Arrays, CostlyOperandsAreComputedInThePlacement) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N], %y: f32[M]) {
      %e = exp %x : f32[N]
      %t = tanh %y : f32[M]
      %c = concat %e, %t {axis = 0} : f32[N+M]
      return c = %c
    })";
  EXPECT_EQ(kernel_kinds(lower(kText).loops.functions[0]), "place 1");
  expect_same(kText, with({{"N", 17}, {"M", 3}}));
  constexpr std::string_view kShared = R"(
    func @f(%x: f32[N]) {
      %e = exp %x : f32[N]
      %c = concat %e, %e {axis = 0} : f32[2*N]
      return c = %c
    })";
  EXPECT_EQ(kernel_kinds(lower(kShared).loops.functions[0]), "map 1, place 1");
  expect_same(kShared, with({{"N", 17}}));
}

TEST(Arrays, Placements) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, 20], %p: f32[N, 3], %q: f32[2, 20]) {
      require N >= 2
      %zero = constant 0.0 : f32
      %z = broadcast %zero {axes = [], shape = [N+3, 25]} : f32[N+3, 25]
      %a = place %x, %p {starts = [0, 4], steps = [1, 5]} : f32[N, 20]
      %b = place %x, %q {starts = [N-2, 0], steps = [1, 1]} : f32[N, 20]
      %c = place %z, %x {starts = [1, 2], steps = [1, 1]} : f32[N+3, 25]
      %e = exp %p : f32[N, 3]
      %d = place %a, %e {starts = [0, 1], steps = [1, 1]} : f32[N, 20]
      return a = %a, b = %b, c = %c, d = %d
    })";
  for (int64_t n : {2, 7}) expect_same(kText, with({{"N", n}}));
}

TEST(Arrays, AnUpdateOfAPartWritesThePartAlone) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[3]) state(%buf: f32[N], %other: f32[N]) {
      require N >= 8
      %a = place %buf, %x {starts = [2], steps = [2]} : f32[N]
      %part = slice %other {shape = [3], starts = [1], steps = [1]} : f32[3]
      %more = add %part, %x : f32[3]
      %b = place %other, %more {starts = [1], steps = [1]} : f32[N]
      update %buf = %a
      update %other = %b
    })";
  const Lowered lowered = lower(kText);
  EXPECT_TRUE(lowered.loops.functions[0].commits.empty()) << print(lowered.loops);
  for (const Kernel& kernel : lowered.loops.functions[0].kernels)
    for (const Buffer& buffer : kernel.buffers) EXPECT_NE(buffer.access, Access::out);
  expect_same(kText, with({{"N", 11}}));
  // What is read elsewhere than it is written needs the old values.
  constexpr std::string_view kShift = R"(
    func @f() state(%buf: f32[N]) {
      require N >= 8
      %part = slice %buf {shape = [3], starts = [0], steps = [1]} : f32[3]
      %a = place %buf, %part {starts = [1], steps = [1]} : f32[N]
      update %buf = %a
    })";
  EXPECT_FALSE(lower(kShift).loops.functions[0].commits.empty());
  expect_same(kShift, with({{"N", 11}}));
}

TEST(Arrays, WhatNobodyReadsLaterIsOverwritten) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N], %i: i64[3], %v: f32[3]) {
      require N >= 8
      %e = exp %x : f32[N]
      %s = sum %e {axes = [0], order = any} : f32
      %a = place %e, %v {starts = [1], steps = [2]} : f32[N]
      %b = scatter_add %a, %v, %i {axes = [0]} : f32[N]
      %c = sum %b {axes = [0], order = any} : f32
      return s = %s, c = %c
    })";
  const Lowered lowered = lower(kText);
  int whole = 0;
  for (const FunctionBuffer& buffer : lowered.loops.functions[0].buffers)
    whole += buffer.storage.kind == Storage::Kind::workspace &&
             buffer.buffer.extents == Shape{Extent::symbol("N")};
  EXPECT_EQ(whole, 1) << print(lowered.loops);
  expect_same(kText, with({{"N", 9}}, 9));
  constexpr std::string_view kReadLater = R"(
    func @f(%x: f32[N], %v: f32[3]) {
      require N >= 8
      %e = exp %x : f32[N]
      %a = place %e, %v {starts = [1], steps = [2]} : f32[N]
      %p = mul %a, %e : f32[N]
      %c = sum %p {axes = [0], order = any} : f32
      return c = %c, a = %a
    })";
  expect_same(kReadLater, with({{"N", 9}}));
}

TEST(Arrays, RunningSums) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, M, 5], %i: i64[M]) {
      %a = cumsum %x {axis = 0} : f32[N, M, 5]
      %b = cumsum %x {axis = 1, reverse = true} : f32[N, M, 5]
      %c = cumsum %x {axis = 2} : f32[N, M, 5]
      %n = neg %x : f32[N, M, 5]
      %q = tanh %n : f32[N, M, 5]
      %d = cumsum %q {axis = 1} : f32[N, M, 5]
      %e = exp %d : f32[N, M, 5]
      %f = cumsum %i {axis = 0, reverse = true} : i64[M]
      %g = cumsum %q {axis = 2, reverse = true} : f32[N, M, 5]
      return a = %a, b = %b, c = %c, e = %e, f = %f, g = %g
    })";
  Trial trial = with({}, 100);
  for (int64_t n : {0, 1, 3})
    for (int64_t m : {0, 6}) {
      trial.dims = {{"N", n}, {"M", m}};
      expect_same(kText, trial);
    }
}

constexpr std::string_view kMinibatch = R"(
  func @f(%x: f32[N, F], %y: i64[N], %i: i64, %w: f32[F, 20]) {
    %b = extent {extent = B} : i64
    %start = mul %i, %b : i64
    %rows = dynamic_slice %x, %start {axes = [0], shape = [B, F]} : f32[B, F]
    %labels = dynamic_slice %y, %start {axes = [0], shape = [B]} : i64[B]
    %z = dot %rows, %w {lhs_contract = [1], rhs_contract = [0], order = any} : f32[B, 20]
    %places = iota {axis = 0, shape = [B]} : i64[B]
    %picked = gather %z, %places, %labels {axes = [0, 1]} : f32[B]
    %columns = sum %rows {axes = [0], order = any} : f32[F]
    return picked = %picked, columns = %columns
  })";

TEST(Arrays, AMinibatchIsReadInPlace) {
  const Lowered lowered = lower(kMinibatch);
  const Function& f = lowered.loops.functions[0];
  EXPECT_FALSE(f.fallible);
  ASSERT_FALSE(f.checks.empty());
  EXPECT_EQ(std::get<Launch>(f.checks[0].node).fail_input, 2) << print(lowered.loops);
  for (const FunctionBuffer& buffer : f.buffers)  // no copy of the rows
    if (buffer.storage.kind == Storage::Kind::workspace)
      EXPECT_FALSE(buffer.buffer.extents == (Shape{Extent::symbol("B"), Extent::symbol("F")}));
  for (int64_t i : {0, 1, 2, 3, -1}) {  // 3 and -1 are outside
    Trial trial{.dims = {{"N", 14}, {"F", 9}, {"B", 4}}, .index_below = 20};
    trial.arguments = [i](reference::Arguments& arguments) {
      arguments.inputs[2].elements[0] = Scalar::of_integer(DType::i64, i);
    };
    expect_same(kMinibatch, trial);
  }
}

TEST(Arrays, RunTimeSlicesOfEveryAxis) {
  constexpr std::string_view kText = R"(
    func @f(%x: f32[N, 30], %i: i64, %j: i64) state(%k: i64) {
      %a = dynamic_slice %x, %i, %j {axes = [1, 0], shape = [2, 17]} : f32[2, 17]
      %b = dynamic_slice %x, %j {axes = [1], shape = [N, 20]} : f32[N, 20]
      %s = sum %b {axes = [1], order = any} : f32[N]
      %e = exp %a : f32[2, 17]
      %t = transpose %x {permutation = [1, 0]} : f32[30, N]
      %c = dynamic_slice %t, %k {axes = [0], shape = [3, N]} : f32[3, N]
      %sq = tanh %x : f32[N, 30]
      %d = dynamic_slice %sq, %i {axes = [0], shape = [1, 30]} : f32[1, 30]
      %zero = constant 3 : i64
      %g = dynamic_slice %x, %zero {axes = [1], shape = [N, 2]} : f32[N, 2]
      return a = %a, e = %e, s = %s, c = %c, d = %d, sq = %sq, g = %g
    })";
  Trial trial = with({{"N", 5}}, 4);
  expect_same(kText, trial);
  trial.arguments = [](reference::Arguments& arguments) {
    arguments.states[0].elements[0] = Scalar::of_integer(DType::i64, 28);
  };
  expect_same(kText, trial);
  EXPECT_TRUE(lower(kText).loops.functions[0].fallible) << "a start that the state decides";
}

TEST(Arrays, OfSeveralUpdatesTheLastOneStays) {
  constexpr std::string_view kText = R"(
    func @f(%i: i64[M], %u: f32[M, 5], %v: f32[M]) state(%x: f32[N, 5]) {
      %e = exp %u : f32[M, 5]
      %s = scatter_set %x, %u, %i {axes = [0]} : f32[N, 5]
      %t = scatter_set %x, %e, %i {axes = [0]} : f32[N, 5]
      %rows = iota {axis = 0, shape = [M]} : i64[M]
      %p = scatter_set %u, %v, %rows, %i {axes = [0, 1]} : f32[M, 5]
      update %x = %s
      return t = %t, p = %p
    })";
  for (int64_t m : {0, 3, 20}) expect_same(kText, with({{"N", 4}, {"M", m}}, 4));
  constexpr std::string_view kInPlace = R"(
    func @f(%i: i64[M], %u: f32[M, 5]) state(%x: f32[N, 5]) {
      %s = scatter_add %x, %u, %i {axes = [0]} : f32[N, 5]
      update %x = %s
    })";
  const Lowered lowered = lower(kInPlace);
  EXPECT_TRUE(lowered.loops.functions[0].commits.empty());
  EXPECT_EQ(lowered.loops.functions[0].buffers.size(), 3U) << print(lowered.loops);
  expect_same(kInPlace, {.dims = {{"N", 4}, {"M", 9}}, .index_below = 4});
}

// Positions of remainders, counted backwards, of indices that come from memory.
TEST(Arrays, RowsOfAReversedArrayInAnotherShape) {
  constexpr std::string_view kText = R"(
    func @f(%a: f64[3, 4], %b: f64[N, 4], %i: i64[M]) {
      %r = slice %a {shape = [3, 4], starts = [0, 3], steps = [1, -1]} : f64[3, 4]
      %t = reshape %r {shape = [2, 6]} : f64[2, 6]
      %g = gather %t, %i {axes = [0]} : f64[M, 6]
      %h = sum %g {axes = [1], order = any} : f64[M]
      %p = slice %b {shape = [N, 4], starts = [N-1, 3], steps = [-1, -1]} : f64[N, 4]
      %q = reshape %p {shape = [2*N, 2]} : f64[2*N, 2]
      %k = gather %q, %i {axes = [0]} : f64[M, 2]
      %l = sum %k {axes = [0], order = any} : f64[2]
      return g = %g, h = %h, k = %k, l = %l
    })";
  for (int64_t m : {0, 1, 19}) expect_same(kText, with({{"N", 3}, {"M", m}}, 2));
}

// Nothing is read where a result has no elements, whatever the operands have.
TEST(Arrays, ResultsWithoutElements) {
  constexpr std::string_view kText = R"(
    func @f(%u: f32[M], %x: f32[K, M]) {
      require K*M >= K
      require K >= K*M
      %a = broadcast %u {axes = [1], shape = [0, M]} : f32[0, M]
      %b = reshape %a {shape = [0]} : f32[0]
      %c = exp %a : f32[0, M]
      %d = reshape %c {shape = [0, 3]} : f32[0, 3]
      %e = transpose %d {permutation = [1, 0]} : f32[3, 0]
      %f = sum %e {axes = [1], order = any} : f32[3]
      %g = cast %b : i64[0]
      %h = gather %u, %g {axes = [0]} : f32[0]
      %i = scatter_add %u, %h, %g {axes = [0]} : f32[M]
      %j = reshape %x {shape = [K]} : f32[K]
      %k = broadcast %u {axes = [1], shape = [K, M]} : f32[K, M]
      %l = reshape %k {shape = [K]} : f32[K]
      return b = %b, e = %e, f = %f, h = %h, i = %i, j = %j, l = %l
    })";
  expect_same(kText, with({{"M", 0}, {"K", 0}}));
  expect_same(kText, with({{"M", 1}, {"K", 3}}));
  expect_same(kText, with({{"M", 3}, {"K", 0}}));
}

TEST(Arrays, IndicesThatASumReadsInLanes) {
  constexpr std::string_view kText = R"(
    func @f(%u: f32[M], %i: i64[M]) {
      %p = iota {axis = 0, shape = [M]} : i64[M]
      %r = slice %p {shape = [M], starts = [M-1], steps = [-1]} : i64[M]
      %g = gather %u, %r {axes = [0]} : f32[M]
      %s = sum %g {axes = [0], order = any} : f32
      %h = gather %u, %i {axes = [0]} : f32[M]
      %e = mul %h, %g : f32[M]
      %t = sum %e {axes = [0], order = any} : f32
      return g = %g, s = %s, t = %t
    })";
  for (int64_t m : {1, 7, 90}) expect_same(kText, with({{"M", m}}, 1));
}

}  // namespace
}  // namespace thx::loop
