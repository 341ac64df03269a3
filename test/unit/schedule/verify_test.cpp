// SPDX-License-Identifier: Apache-2.0
// The verifier accepts what is right and names what is not.
#include "schedule/verify.h"

#include <gtest/gtest.h>

#include "schedule/loop_builder.h"
#include "schedule/parse.h"

namespace thx::loop {
namespace {

/// All problems of the kernels (or functions) in `text`, a line each.
std::string problems(std::string_view text) {
  const Result<Program> program = parse_loop(text);
  if (!program.ok()) return program.error().message();
  return join(verify(*program), "\n", [](const std::string& problem) { return problem; });
}

/// The problems of a kernel with buffers a, b: f32[N] (inout) and x: f32[N, F] and this body.
std::string body(std::string_view text) {
  return problems("kernel @k map (a: f32[N] inout, b: f32[N] inout, x: f32[N, F] inout) {\n" +
                  std::string(text) + "\n}\n");
}

TEST(Verify, PlacesWithinExtents) {
  EXPECT_EQ(body("for $i in 0..N { %x = load a[$i] : f32 store b[$i] = %x }"), "");
  EXPECT_EQ(body("for $i in 0..N { %x = load a[$i+1] : f32 }"),
            "@k: `%x = load a[$i+1] : f32`: position $i+1 of a may be beyond N");
  EXPECT_EQ(body("for $i in 0..N { %x = load a[$i-1] : f32 }"),
            "@k: `%x = load a[$i-1] : f32`: position $i-1 of a may be negative");
  EXPECT_EQ(body("for $i in 0..N-1 { %x = load a[$i+1] : f32 }"), "");
  EXPECT_EQ(body("for $i in 1..N reverse { %x = load a[$i-1] : f32 }"), "");
  EXPECT_EQ(body("for $i in 0..N { %x = load a[0] : f32 %y = load a[N-1] : f32 }"), "");
  EXPECT_NE(body("%x = load a[0] : f32"), "");
}

TEST(Verify, LanesAndTails) {
  EXPECT_EQ(body("for $i in 0..N step 4 tail = mask { %x = load a[$i : 4] : f32x4 }"), "");
  EXPECT_NE(body("for $i in 0..N step 4 { %x = load a[$i : 4] : f32x4 }"), "");
  EXPECT_EQ(body("for $i in 0..4*(N//4) step 4 { %x = load a[$i : 4] : f32x4 }"), "");
  EXPECT_NE(body("for $i in 0..N step 4 tail = mask { %x = load a[$i : 8] : f32x8 }"), "");
  EXPECT_EQ(body("for $n in 0..N step 4 tail = mask { for $f in 0..F {\n"
                 "%x = load x[$n : 4, $f] : f32x4 } }"),
            "");
  EXPECT_EQ(body("for $n in 0..N step 4 tail = mask { for $f in 0..F {\n"
                 "%x = load a[$n : 4] : f32x4 store x[$n : 4, $f] = %x } }"),
            "@k: `store x[$n : 4, $f] = %x`: the lanes of a store are not consecutive in memory");
}

TEST(Verify, GuardsCount) {
  EXPECT_EQ(
      body("for $i in 0..N { %i = index $i+3 : i64 %n = index N : i64 %c = less %i, %n : bool\n"
           "if %c { %x = load a[$i+3] : f32 } }"),
      "");
  EXPECT_NE(
      body("for $i in 0..N { %i = index $i+2 : i64 %n = index N : i64 %c = less %i, %n : bool\n"
           "if %c { %x = load a[$i+3] : f32 } }"),
      "");
  EXPECT_NE(
      body("for $i in 0..N { %i = index $i+3 : i64 %n = index N : i64 %c = less %i, %n : bool\n"
           "if %c { } else { %x = load a[$i+3] : f32 } }"),
      "");
  EXPECT_EQ(
      body("for $i in 0..N { %i = index $i+3 : i64 %n = index N : i64 %c = less %i, %n : bool\n"
           "%x = load a[$i+3] mask %c : f32 }"),
      "");
}

TEST(Verify, PositionsFromMemoryNeedAGuard) {
  const std::string head =
      "kernel @k gather (x: f32[N] in, t: i64[M] in, y: f32[M] out) {\n"
      "%zero = const 0 : i64 %N = index N : i64\nfor $m in 0..M {\n%t = load t[$m] : i64\n";
  const std::string tail = "%x = load x[%t] : f32 store y[$m] = %x } }";
  EXPECT_EQ(problems(head + tail),
            "@k: `%x = load x[%t] : f32`: position %t of x may be negative\n"
            "@k: `%x = load x[%t] : f32`: position %t of x may be beyond N");
  EXPECT_EQ(problems(head +
                     "%l = less %t, %zero : bool %h = greater_equal %t, %N : bool\n"
                     "%bad = bit_or %l, %h : bool fail index %t when %bad\n" +
                     tail),
            "");
  EXPECT_EQ(
      problems("kernel @k gather (x: f32[N+1] in, t: i64[M] in, y: f32[M] out) {\n"
               "%zero = const 0 : i64 %N = index N : i64\nfor $m in 0..M {\n"
               "%t = load t[$m] : i64 %l = maximum %t, %zero : i64 %c = minimum %l, %N : i64\n"
               "%x = load x[%c] : f32 store y[$m] = %x } }"),
      "");
}

TEST(Verify, RegistersAreAssignedOnceAndSeenInside) {
  EXPECT_EQ(body("%x = const 1.0 : f32 %x = const 2.0 : f32"),
            "@k: `%x = const 2.0 : f32`: %x is assigned twice");
  EXPECT_EQ(body("array %x[2] : f32 unrolled for $u in 0..2 { %x[$u] = const 1.0 : f32 }\n"
                 "%y = add %x[0], %x[1] : f32"),
            "");
  EXPECT_EQ(body("array %x[2] : f32 unrolled for $u in 0..2 { %x[0] = const 1.0 : f32 }"),
            "@k: `%x[0] = const 1.0 : f32`: %x is assigned twice");
  EXPECT_EQ(body("array %x[2] : f32 %x[0] = const 1.0 : f32 %y = neg %x[1] : f32"),
            "@k: `%y = neg %x[1] : f32`: %x is not assigned here");
  EXPECT_EQ(body("array %x[2] : f32 for $i in 0..2 { %x[$i] = const 1.0 : f32 }"),
            "@k: `%x[$i] = const 1.0 : f32`: %x has no element $i");
  // Built, since the text form already knows which names are seen.
  KernelBuilder b("k", "map");
  b.open_loop("i", 0, Extent::symbol("N"));
  const Lane inside = b.constant_real(DType::f32, 1);
  b.close();
  b.neg(inside);
  EXPECT_EQ(verify(b.finish()).size(), 1u);
}

TEST(Verify, CarriedRegistersHaveOneNext) {
  EXPECT_EQ(body("%z = const 0.0 : f32 for $i in 0..N carry (%s: f32 = %z) { next %s = %z }"), "");
  EXPECT_EQ(
      body("%z = const 0.0 : f32 for $i in 0..N carry (%s: f32 = %z) { }"),
      "@k: `for $i in 0..N carry (%s: f32 = %z) { … }`: %s has 0 `next` in an iteration, not one");
  EXPECT_NE(body("%z = const 0.0 : f32 for $i in 0..N carry (%s: f32 = %z) {\n"
                 "next %s = %z next %s = %z }"),
            "");
  EXPECT_NE(body("%z = const 0.0 : f32 for $i in 0..N carry (%s: f32 = %z) {\n"
                 "for $k in 0..N { next %s = %z } }"),
            "");
  EXPECT_EQ(body("%z = const 0.0 : f32 for $i in 0..N carry (%s[2]: f32 = %z) {\n"
                 "unrolled for $u in 0..2 { next %s[$u] = %z } }"),
            "");
  EXPECT_NE(body("%z = const 0.0 : f32 for $i in 0..N carry (%s[2]: f32 = %z) { next %s[0] = %z }"),
            "");
}

TEST(Verify, TypesFit) {
  EXPECT_EQ(body("%a = const 1.0 : f32 %b = const 1.0 : f64 %c = add %a, %b : f32"),
            "@k: `%c = add %a, %b : f32`: operands of f32 and f64");
  EXPECT_EQ(body("%a = const true : bool %c = add %a, %a : bool"),
            "@k: `%c = add %a, %a : bool`: there is no add of bool");
  EXPECT_NE(body("%a = const 1 : i32 %c = sqrt %a : i32"), "");
  EXPECT_NE(body("%a = const 1.0 : f32 %c = less %a, %a : f32"), "");
  EXPECT_NE(body("%a = const 1.0 : f32 %c = bitcast %a : i64"), "");
  EXPECT_EQ(body("%a = const 1.0 : f32 %c = bitcast %a : i32"), "");
  EXPECT_NE(body("%a = const 1.0 : f32x3"), "");
  EXPECT_NE(body("%a = const 1.0 : f32 %c = add %a : f32"), "");
  EXPECT_NE(body("%m = const true : bool %a = const 1.0 : f32x4 %c = select %m, %a, %a : f32x4"),
            "");
}

TEST(Verify, ChunksDoNotMeet) {
  const std::string x = "%x = const 1.0 : f32 ";
  EXPECT_EQ(body(x + "chunk for $i in 0..N { store a[$i] = %x }"), "");
  EXPECT_EQ(body(x + "chunk for $i in 0..N { store a[0] = %x }"),
            "@k: `store a[0] = %x`: another iteration of $i may write the same place of a");
  EXPECT_EQ(body("chunk for $i in 0..N-1 { %x = load a[$i+1] : f32 store a[$i] = %x }"),
            "@k: `store a[$i] = %x`: another iteration of $i may read the same place of a");
  EXPECT_EQ(body("chunk for $c in 0..(N+7)//8 { for $i in 8*$c..min(8*$c+8, N) {\n"
                 "%x = load a[$i] : f32 store a[$i] = %x } }"),
            "");
  EXPECT_NE(body(x + "chunk for $c in 0..(N+7)//8 { for $i in 8*$c..min(8*$c+9, N) {\n"
                     "store a[$i] = %x } }"),
            "");
  EXPECT_EQ(body(x + "chunk for $n in 0..N { for $f in 0..F { store x[$n, $f] = %x } }"), "");
  EXPECT_NE(body(x + "chunk for $f in 0..F { for $n in 0..N { store a[$n] = %x } }"), "");
  EXPECT_EQ(body(x + "chunk for $n in 0..1 { for $i in 0..N { store a[$i] = %x } }"), "");
  EXPECT_EQ(body(x + "chunk for $n in 0..N step 2 { %o = index $n+1 : i64 %N = index N : i64\n"
                     "%c = less %o, %N : bool store a[$n] = %x\nif %c { store a[$n+1] = %x } }"),
            "");
}

TEST(Verify, BarriersSeparateTheMembersOfABlock) {
  const auto kernel = [](std::string_view between) {
    return problems(
        "kernel @k rows (y: f32[8] out) {\nshared s: f32[8]\nblock for $w in 0..8 {\n"
        "%x = const 1.0 : f32 store s[$w] = %x\n" +
        std::string(between) + "\n%y = load s[7-$w] : f32 store y[$w] = %y } }");
  };
  EXPECT_EQ(kernel("barrier"), "");
  EXPECT_EQ(kernel(""),
            "@k: `%y = load s[7-$w] : f32`: another iteration of $w may write the same place of s");
  EXPECT_NE(kernel("%w = index $w : i64 %z = const 0 : i64 %c = equal %w, %z : bool\n"
                   "if %c { barrier }"),
            "");
  EXPECT_NE(kernel("for $i in 0..$w { barrier }"), "");
  EXPECT_EQ(body("barrier"), "@k: `barrier`: not every member of the block arrives");
}

TEST(Verify, ShufflesReachAMember) {
  const auto kernel = [](std::string_view shuffle) {
    return problems(
        "kernel @k rows (y: f32[8] out) {\nblock for $w in 0..2 { thread for $t in 0..8 {\n"
        "%x = const 1.0 : f32 %one = const 1 : i32 %eight = const 8 : i32\n" +
        std::string(shuffle) + " } } }");
  };
  EXPECT_EQ(kernel("%s = shuffle %x, %one : f32"), "");
  EXPECT_EQ(kernel("%s = shuffle %x, %eight : f32"),
            "@k: `%s = shuffle %x, %eight : f32`: the distance is no number below the lanes or "
            "members, a power of two");
  EXPECT_NE(kernel("%t = index $t : i64 %z = const 0 : i64 %c = equal %t, %z : bool\n"
                   "if %c { %s = shuffle %x, %one : f32 }"),
            "");
  EXPECT_EQ(body("%v = const 1.0 : f32x4 %d = const 2 : i32 %s = shuffle %v, %d : f32x4"), "");
  EXPECT_NE(body("%v = const 1.0 : f32 %d = const 0 : i32 %s = shuffle %v, %d : f32"), "");
}

TEST(Verify, LoopsWithBarriersMeetThemselves) {
  const auto kernel = [](std::string_view last) {
    return problems(
        "kernel @k rows (x: f32[N, 8] in, y: f32[8] out) {\nshared s: f32[8]\n"
        "%z = const 0.0 : f32 block for $w in 0..8 {\n"
        "for $n in 0..N carry (%a: f32 = %z) {\n"
        "%x = load x[$n, $w] : f32 store s[$w] = %x barrier\n"
        "%v = load s[7-$w] : f32 %b = add %a, %v : f32 next %a = %b\n" +
        std::string(last) + " } store y[$w] = %a } }");
  };
  EXPECT_EQ(kernel("barrier"), "");
  EXPECT_NE(kernel(""), "");
}

TEST(Verify, ScratchIsStoredBeforeItIsRead) {
  EXPECT_EQ(problems("kernel @k map (y: f32 out) {\nscratch s: f32[2]\n"
                     "%x = load s[0] : f32 store y = %x }"),
            "@k: `%x = load s[0] : f32`: s is read before anything is stored in it");
  EXPECT_NE(problems("kernel @k map (x: f32 in) { %x = const 1.0 : f32 store x = %x }"), "");
}

TEST(Verify, Launches) {
  const auto function = [](std::string_view buffers, std::string_view steps) {
    return problems("function @f {\n" + std::string(buffers) + "\n" + std::string(steps) +
                    "\nkernel @k map (x: f32[N] in, y: f32[N] out) {\n"
                    "for $i in 0..N { %x = load x[$i] : f32 store y[$i] = %x } } }");
  };
  const std::string xy = "buffer x: f32[N] input 0 buffer y: f32[N] output 0 workspace 0 bytes";
  EXPECT_EQ(function(xy, "launch @k(x, y)"), "");
  EXPECT_EQ(function(xy, "launch @k(x)"), "@f: @k takes 2 buffers, not 1");
  EXPECT_EQ(function(xy, "launch @k(y, x)"), "@f: launch of @k, y: x is only read");
  EXPECT_EQ(function("buffer x: f64[N] input 0 buffer y: f32[N] output 0 workspace 0 bytes",
                     "launch @k(x, y)"),
            "@f: launch of @k, x: x is f64, not f32");
  const std::string rows =
      "buffer x: f32[T, N] input 0 buffer y: f32[T, N] output 0 workspace 0 bytes";
  EXPECT_EQ(function(rows, "for $t in 0..T { launch @k(x + N*$t, y + N*$t) }"), "");
  EXPECT_EQ(function(rows, "for $t in 0..T { launch @k(x + N*$t+1, y + N*$t) }"),
            "@f: launch of @k, x: x may be too small");
  EXPECT_EQ(function("buffer x: f32[N] input 0 buffer y: f32[M] output 0 workspace 0 bytes",
                     "launch @k(x, y)"),
            "@f: launch of @k, y: y may be too small");
}

TEST(Verify, Workspace) {
  const auto at = [](std::string_view offset, std::string_view bytes) {
    return problems(
        format("function @f {{\nbuffer d: f32[N] ws {}\nworkspace {} bytes\n}}\n", offset, bytes));
  };
  EXPECT_EQ(at("0", "4*N"), "");
  EXPECT_EQ(at("64*((4*N+63)//64)", "128*((4*N+63)//64)"), "");
  EXPECT_EQ(at("4*N", "8*N"), "@f: d is at 4*N, no multiple of 64");
  EXPECT_EQ(at("64", "4*N"), "@f: d may be beyond the end of the workspace");
  EXPECT_EQ(at("64", "max(4*N+64, 4*M)"), "");
}

TEST(Verify, ArgumentsOfALaunchDoNotOverlap) {
  const auto launch = [](std::string_view steps) {
    return problems("function @f {\nbuffer x: f32[N+5] state 0 workspace 0 bytes\n" +
                    std::string(steps) +
                    "\nkernel @k map (x: f32[4] state in, y: f32[N] state out) { } }");
  };
  EXPECT_EQ(launch("launch @k(x + N, x)"), "");
  EXPECT_EQ(launch("launch @k(x, x)"), "");  // the same place: read, then written
  EXPECT_EQ(launch("launch @k(x + 1, x)"), "@f: launch of @k: x and y may overlap");
}

}  // namespace
}  // namespace thx::loop
