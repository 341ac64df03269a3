// SPDX-License-Identifier: Apache-2.0
// Orders of sums, poison and errors of the loop IR interpreter.
#include "schedule/interpret.h"

#include <gtest/gtest.h>

#include <cstring>

#include "schedule/loop_builder.h"
#include "schedule/parse.h"
#include "schedule/run_text.h"

namespace thx::loop {
namespace {

Memory floats(const std::vector<float>& values) {
  Memory memory(values.size() * sizeof(float));
  std::memcpy(memory.bytes.data(), values.data(), memory.bytes.size());
  memory.defined.assign(memory.bytes.size(), 1);
  return memory;
}

float float_at(const Memory& memory, size_t i) {
  float value = 0;
  std::memcpy(&value, memory.bytes.data() + i * sizeof(float), sizeof(float));
  return value;
}

std::string ran(std::string_view text, const RunRequest& request) {
  const Result<std::string> result = run_text(text, request);
  return result.ok() ? *result : result.error().message();
}

// The order `lanes` with 4 lanes: lanes upwards, then by halves. The numbers tell the orders apart.
TEST(Interpret, FoldsByHalves) {
  KernelBuilder b("k", "rows");
  const Extent n = Extent::symbol("N");
  const int32_t x = b.add_buffer("x", DType::f32, {n}, Scope::argument, Access::in);
  const int32_t y = b.add_buffer("y", DType::f32, {}, Scope::argument, Access::out);
  b.set_lanes(4);
  const Lane zero = b.constant_real(DType::f32, -0.0);
  const Extent i = b.open_loop("i", 0, n, {.step = 4, .masked_tail = true});
  const Lane sum = b.carry(zero);
  b.next(sum, b.add(sum, b.load(x, {{i}}, 0)));
  b.close();
  b.store(y, {}, b.fold(Instruction::add, sum));
  const Kernel kernel = b.finish();
  const std::vector<float> values = {1e8f, 1.0f, -1e8f, 3.0f, 0.5f, 1e8f};
  Memory in = floats(values);
  Memory out(sizeof(float));
  const View views[] = {{&in, 0}, {&out, 0}};
  const Outcome outcome = interpret(kernel, views, {.dims = {{"N", 6}}});
  ASSERT_TRUE(outcome.finished()) << *outcome.error;
  const float l0 = 1e8f + 0.5f;
  const float l1 = 1.0f + 1e8f;
  EXPECT_EQ(float_at(out, 0), (l0 + -1e8f) + (l1 + 3.0f));
}

TEST(Interpret, NothingSumsToTheIdentity) {
  EXPECT_EQ(ran("kernel @k rows (x: f32[N] in, y: f32 out) {\n"
                "  %z = const -0.0 : f32x4\n"
                "  for $i in 0..N step 4 tail = mask carry (%s: f32x4 = %z) {\n"
                "    %x = load x[$i : 4] : f32x4\n"
                "    %n = add %s, %x : f32x4\n"
                "    next %s = %n\n  }\n"
                "  %y = fold add %s : f32\n  store y = %y\n}\n",
                {"k", {}, {{"N", 0}}}),
            "y: f32 = -0.0\n");
}

TEST(Interpret, TreeFoldsNeighboursFirst) {
  const std::string text = "kernel @k rows (p: f32[N] inout) {\n  tree add p over N\n}\n";
  // ((1e8 + 1) + (-1e8 + 3)) + 5, in f32
  const float left = (1e8f + 1.0f) + (-1e8f + 3.0f);
  EXPECT_EQ(ran(text, {"k", {{"p", "1e8 1 -1e8 3 5"}}, {{"N", 5}}}).substr(0, 16),
            format("p: f32[5] = [{}", format_float(left + 5.0f)).substr(0, 16));
}

TEST(Interpret, MaskedLanesKeepWhatTheyHadAndLoadZeros) {
  const std::string text =
      "kernel @k rows (x: f32[N] in, y: f32[4] out, m: bool[4] in) {\n"
      "  %one = const 1.0 : f32x4\n"
      "  for $i in 0..N step 4 tail = mask carry (%c: f32x4 = %one) {\n"
      "    %x = load x[$i : 4] : f32x4\n    next %c = %x\n  }\n"
      "  %none = const 0.0 : f32x4\n"
      "  store y[0 : 4] = %none\n"
      "  %m = load m[0 : 4] : boolx4\n"
      "  store y[0 : 4] = %c mask %m\n}\n";
  EXPECT_EQ(ran(text, {"k", {{"x", "2 3 4 5 6 7"}, {"m", "true true true false"}}, {{"N", 6}}}),
            "y: f32[4] = [6.0, 7.0, 4.0, 0.0]\n");
}

TEST(Interpret, PoisonMayBeLoadedButNotStored) {
  const std::string text =
      "kernel @k map (x: f32[2] in, y: f32[2] out) {\n"
      "  %a = load x[0] : f32\n  %b = load x[1] : f32\n"
      "  %c = const true : bool\n"
      "  %d = select %c, %a, %b : f32\n  store y[0] = %d\n"
      "  %e = add %d, %b : f32\n  store y[1] = %e\n}\n";
  EXPECT_EQ(ran(text, {"k", {{"x", "1 ?"}}, {}}),
            "error: @k: `store y[1] = %e`: the value of lane 0 is not defined\n");
}

TEST(Interpret, PositionsAndScratchAreChecked) {
  EXPECT_EQ(ran("kernel @k map (y: f32[N] out) {\n  for $i in 0..N {\n"
                "    %x = const 1.0 : f32\n    store y[$i+1] = %x\n  }\n}\n",
                {"k", {}, {{"N", 2}}}),
            "error: @k: `store y[$i+1] = %x`: position 2 of axis 0 of y is not in 0..2 ($i = 1)\n");
  // Scratch of a chunk is poison again in the next one.
  EXPECT_EQ(ran("kernel @k map (y: f32[2] out) {\n  scratch s: f32[1]\n"
                "  chunk for $c in 0..2 {\n"
                "    %c = index $c : i64\n    %zero = const 0 : i64\n"
                "    %first = equal %c, %zero : bool\n"
                "    if %first {\n      %x = const 1.0 : f32\n      store s[0] = %x\n    }\n"
                "    %s = load s[0] : f32\n    store y[$c] = %s\n  }\n}\n",
                {"k", {}, {}}),
            "error: @k: `store y[$c] = %s`: the value of lane 0 is not defined ($c = 1)\n");
}

TEST(Interpret, ABarrierNeedsEveryMember) {
  EXPECT_EQ(ran("kernel @k map (y: f32[4] out) {\n  block for $w in 0..4 {\n"
                "    %w = index $w : i64\n    %two = const 2 : i64\n"
                "    %low = less %w, %two : bool\n    if %low {\n      barrier\n    }\n  }\n}\n",
                {"k", {}, {}}),
            "error: @k: `barrier`: not every member of the block arrives ($w = 0)\n");
}

TEST(Interpret, FailuresEndTheFunctionBeforeItsCommits) {
  const std::string text =
      "function @f fallible {\n  buffer t: i64[N] input 3\n  buffer w: i64 state 0\n"
      "  buffer w_next: i64 ws 0\n  workspace 64 bytes\n"
      "  launch @k(t, w_next) fail_input 3\n  commit copy w <- w_next : 1\n"
      "  kernel @k check (t: i64[N] in, w: i64 ws out) {\n    %zero = const 0 : i64\n"
      "    store w = %zero\n    for $n in 0..N {\n      %t = load t[$n] : i64\n"
      "      %bad = less %t, %zero : bool\n      fail index %t when %bad\n    }\n  }\n}\n";
  const Result<Program> program = parse_loop(text);
  ASSERT_TRUE(program.ok()) << program.error().message();
  EXPECT_EQ(*run_text(*program, {"f", {{"t", "1 2"}, {"w", "7"}}, {{"N", 2}}}), "w: i64 = 0\n");
  EXPECT_EQ(*run_text(*program, {"f", {{"t", "1 -2"}, {"w", "7"}}, {{"N", 2}}}),
            "fails: index -2\nw: i64 = 7\n");
}

// It would take years.
TEST(Interpret, IsGivenUpWhenItsTimeIsOver) {
  KernelBuilder b("k", "rows");
  const int32_t y = b.add_buffer("y", DType::f32, {}, Scope::argument, Access::out);
  b.open_loop("i", 0, Extent::symbol("N"), {});
  b.store(y, {}, b.constant_real(DType::f32, 1));
  b.close();
  const Kernel kernel = b.finish();
  Memory out(sizeof(float));
  const View views[] = {{&out, 0}};
  const Outcome outcome = interpret(
      kernel, views, {.dims = {{"N", INT64_MAX}}, .until = std::chrono::steady_clock::now()});
  EXPECT_TRUE(outcome.late);
  EXPECT_FALSE(outcome.finished());
  EXPECT_FALSE(outcome.error);
}

TEST(Interpret, CallsReachTheHost) {
  KernelBuilder b("k", "call");
  const int32_t w = b.add_buffer("w", DType::f32, {Extent::symbol("N")}, Scope::state, Access::out);
  b.call("thx_fill", w, {{"value", int64_t{3}}});
  const Kernel kernel = b.finish();
  Memory memory(8);
  const View views[] = {{&memory, 0}};
  InterpretOptions options{.dims = {{"N", 2}}};
  EXPECT_EQ(*interpret(kernel, views, options).error,
            "@k: `call thx_fill(w) value = 3`: nothing here answers to thx_fill");
  options.call = [](const Call& call, DType dtype, std::span<std::byte> bytes) {
    EXPECT_EQ(dtype, DType::f32);
    const auto value = static_cast<float>(call.attrs.integer("value"));
    for (size_t i = 0; i < bytes.size(); i += sizeof value)
      std::memcpy(bytes.data() + i, &value, sizeof value);
    return true;
  };
  EXPECT_TRUE(interpret(kernel, views, options).finished());
  EXPECT_EQ(float_at(memory, 1), 3.0f);
}

}  // namespace
}  // namespace thx::loop
