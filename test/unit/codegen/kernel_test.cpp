// SPDX-License-Identifier: Apache-2.0
// Kernels of every shape: loops, tails, folds, trees, tiles, gathers, failures.
#include "codegen/kernel.h"

#include <gtest/gtest.h>

#include "codegen/native.h"
#include "ops/math.h"
#include "ops/op_def.h"
#include "schedule/loop_builder.h"
#include "support/check.h"
#include "support/text.h"
#include "unit/codegen/compare_kernels.h"

namespace thx::testing {
namespace {

std::vector<Extent::Values> dims_of(std::initializer_list<std::string_view> names) {
  std::vector<Extent::Values> all;
  for (int64_t n : {0, 1, 15, 16, 17, 33, 70}) {
    Extent::Values values;
    int64_t at = n;
    for (std::string_view name : names) {
      values[std::string(name)] = at;
      at = at == 0 ? 3 : (at * 5 + 7) % 41;  // other extents beside it
    }
    all.push_back(values);
  }
  return all;
}

TEST(Kernel, FoldsLanesAndKeepsInactiveOnes) {
  std::string text;
  for (std::string_view combine : {"add", "maximum"})
    for (const auto& [type, lanes] :
         {std::pair("f32", 16), std::pair("f64", 8), std::pair("i32", 4)})
      text += format(R"(
kernel @rows_{0}_{1} rows (x: {1}[N, K] in, s: {1}[N] out) {{
  for $n in 0..N {{
    %z = const {3} : {1}x{2}
    for $k in 0..K step {2} tail = mask carry (%acc: {1}x{2} = %z) {{
      %v = load x[$n, $k : {2}] : {1}x{2}
      %t = {0} %acc, %v : {1}x{2}
      next %acc = %t
    }}
    %r = fold {0} %acc : {1}
    store s[$n] = %r
  }}
}}
)",
                     combine, type, lanes, type == std::string_view("i32") ? "0" : "-0.0");
  compare_kernels(parse_kernels(text), dims_of({"K", "N"}));
}

constexpr std::string_view kTile = R"(
kernel @tile contract (x: f32[N, 8] in, d: f32[N, H] in, w: f32[8, H] inout) {
  for $j in 0..H step 16 tail = mask {
    for $i in 0..8 step 4 {
      %z = const -0.0 : f32x16
      for $n in 0..N carry (%c[4]: f32x16 = %z) {
        %b = load d[$n, $j : 16] : f32x16
        unrolled for $r in 0..4 {
          %s = load x[$n, $i + $r] : f32
          %a = splat %s : f32x16
          %m = fma %a, %b, %c[$r] : f32x16
          next %c[$r] = %m
        }
      }
      unrolled for $r in 0..4 {
        %o = load w[$i + $r, $j : 16] : f32x16
        %q = sub %o, %c[$r] : f32x16
        store w[$i + $r, $j : 16] = %q
      }
    }
  }
}
kernel @arrays map (x: f64[N, 4] in, y: f64[N, 4] out) {
  for $n in 0..N {
    array %v[2][2] : f64
    unrolled for $i in 0..2 {
      unrolled for $j in 0..2 {
        %v[$i][$j] = load x[$n, 2*$i + $j] : f64
      }
    }
    %one = const 1.0 : f64
    unrolled for $i in 0..2 reverse carry (%p: f64 = %one) {
      unrolled for $j in 0..2 {
        %t = mul %v[$i][$j], %v[$j][$i] : f64
        %u = add %t, %p : f64
        store y[$n, 2*$i + $j] = %u
      }
      %w = add %p, %v[$i][0] : f64
      next %p = %w
    }
  }
}
)";
TEST(Kernel, UnrollsTilesWithArraysOfRegisters) {
  compare_kernels(parse_kernels(std::string(kTile)), dims_of({"H", "N"}));
}

constexpr std::string_view kTrees = R"(
kernel @tree_scalar tree (p: f32[N] inout) { tree add p over N }
kernel @tree_rows tree (p: f64[N, K] inout) { tree add p over N }
kernel @tree_any tree (p: bool[N, K] inout) { tree bit_or p over N }
kernel @tree_scratch tree (x: f32[16, 5] in, y: f32[5] out) {
  scratch s: f32[16, 5]
  for $i in 0..16 { for $j in 0..5 {
    %v = load x[$i, $j] : f32
    store s[$i, $j] = %v
  } }
  tree mul s over 13
  for $j in 0..5 {
    %v = load s[0, $j] : f32
    store y[$j] = %v
  }
}
kernel @blocks columns (x: f32[N, K] in, p: f32[(N + 7)//8, K] ws inout) {
  chunk for $b in 0..(N + 7)//8 {
    for $k in 0..K step 16 tail = mask {
      %z = const -0.0 : f32x16
      for $n in 8*$b..min(8*$b + 8, N) carry (%s: f32x16 = %z) {
        %v = load x[$n, $k : 16] : f32x16
        %t = add %s, %v : f32x16
        next %s = %t
      }
      store p[$b, $k : 16] = %s
    }
  }
  tree add p over (N + 7)//8
}
)";
TEST(Kernel, FoldsBuffersAsBalancedTrees) {
  compare_kernels(parse_kernels(std::string(kTrees)), dims_of({"N", "K"}));
}

constexpr std::string_view kAccesses = R"(
kernel @strided map (x: f32[K, N] strides [1, K] in, y: f32[N, K] strides [1, N] out) {
  for $k in 0..K { for $n in 0..N step 8 tail = mask {
    %v = load x[$k, $n : 8] : f32x8
    store y[$n : 8, $k] = %v
  } }
}
kernel @scattered map (x: f64[N, K] in, y: f64[N, K] strides [1, N] out) {
  for $k in 0..K { for $n in 0..N step 8 tail = mask {
    %v = load x[$n : 8, $k] : f64x8
    store y[$n : 8, $k] = %v
  } }
}
kernel @masks map (x: f32[N] in, m: bool[N] in, y: f32[N] out) {
  for $i in 0..N step 16 tail = mask {
    %m = load m[$i : 16] : boolx16
    %v = load x[$i : 16] mask %m : f32x16
    %w = add %v, %v : f32x16
    store y[$i : 16] = %w mask %m
  }
}
kernel @scalar_mask map (x: f32[N] in, m: bool[N] in, y: f32[N] out) {
  for $i in 0..N {
    %m = load m[$i] : bool
    %v = load x[$i] mask %m : f32
    store y[$i] = %v
    %n = bit_not %m : bool
    store y[$i] = %v mask %n
  }
}
kernel @lanes map (y: i64[N] out, z: f32[N] out) {
  for $i in 0..N step 8 tail = mask {
    %p = index $i : i64
    %q = splat %p : i64x8
    %l = iota : i64x8
    %s = add %q, %l : i64x8
    store y[$i : 8] = %s
    %f = iota : f32x8
    store z[$i : 8] = %f
  }
}
kernel @branches map (x: f32[N] in, y: f32[N] out) {
  %z = const 0.0 : f32
  for $i in 0..N {
    %v = load x[$i] : f32
    %c = less %v, %z : bool
    if %c {
      %n = neg %v : f32
      store y[$i] = %n
    } else {
      %h = mul %v, %v : f32
      store y[$i] = %h
    }
  }
}
)";
TEST(Kernel, ReadsAndWritesStridesAndMasks) {
  compare_kernels(parse_kernels(std::string(kAccesses)), dims_of({"N", "K"}));
}

constexpr std::string_view kOrders = R"(
kernel @backwards scan (x: f64[N] in, y: f64[N] out) {
  %h = const 0.5 : f64
  for $i in 0..N reverse carry (%s: f64 = %h) {
    %v = load x[$i] : f64
    %t = mul %s, %h : f64
    %u = add %t, %v : f64
    store y[$i] = %u
    next %s = %u
  }
}
kernel @backwards_by_three scan (x: f32[N] in, y: f32[N] out) {
  %h = const 0.5 : f32
  for $i in 0..N { %q = const 0.0 : f32  store y[$i] = %q }
  for $i in 0..N step 3 reverse carry (%s: f32 = %h) {
    %v = load x[$i] : f32
    %t = mul %s, %h : f32
    %u = add %t, %v : f32
    store y[$i] = %u
    next %s = %u
  }
}
kernel @backwards_masked scan (x: f32[N] in, y: f32[N] out, s: f32 out) {
  %h = const 0.5 : f32x16
  for $i in 0..N step 16 reverse tail = mask carry (%s: f32x16 = %h) {
    %v = load x[$i : 16] : f32x16
    %t = mul %s, %h : f32x16
    %u = add %t, %v : f32x16
    store y[$i : 16] = %u
    next %s = %u
  }
  %r = fold add %s : f32
  store s = %r
}
kernel @empty_chunks map (x: f32[N] in, y: f32[N] out) {
  chunk for $c in 0..5 {
    for $i in 13*$c..min(13*$c + 13, N) step 4 tail = mask {
      %v = load x[$i : 4] : f32x4
      store y[$i : 4] = %v
    }
  }
  for $i in 65..N {
    %v = load x[$i] : f32
    store y[$i] = %v
  }
}
)";
TEST(Kernel, RunsLoopsInTheirOrder) {
  compare_kernels(parse_kernels(std::string(kOrders)), dims_of({"N"}));
}

constexpr std::string_view kGather = R"(
kernel @gather gather (x: f32[N, F] in, idx: i64[N] in, y: f32[N] out) {
  %zero = const 0 : i64
  %f = index F : i64
  for $n in 0..N {
    %t = load idx[$n] : i64
    %low = less %t, %zero : bool
    %high = greater_equal %t, %f : bool
    %bad = bit_or %low, %high : bool
    %at = index $n : i64
    fail index %at when %bad
    %v = load x[$n, %t] : f32
    store y[$n] = %v
  }
}
kernel @scatter scatter (x: f32[N] in, idx: i64[N] in, y: f32[9, 2] inout) {
  for $n in 0..N {
    %t = load idx[$n] : i64
    %v = load x[$n] : f32
    %o = load y[1 + %t, 1] : f32
    %s = add %o, %v : f32
    store y[1 + %t, 1] = %s
  }
}
)";
TEST(Kernel, GathersScattersAndFails) {
  std::vector<Extent::Values> dims;
  for (int64_t n : {0, 1, 40})
    for (int64_t f : {8, 5}) dims.push_back({{"N", n}, {"F", f}});
  compare_kernels(parse_kernels(std::string(kGather)), dims);
}

/// A map of one mathematical function, as an operator's row emits it.
loop::Kernel math_kernel(std::string name, DType dtype, int operands, const loop::Machine& machine,
                         Lane (*function)(LaneBuilder&, std::span<const Lane>, DType)) {
  loop::KernelBuilder b(std::move(name), "map", machine);
  const Extent n = Extent::symbol("N");
  std::vector<int32_t> in;
  for (int i = 0; i < operands; ++i)
    in.push_back(b.add_buffer("x", dtype, {n}, loop::Scope::argument, loop::Access::in));
  const int32_t out = b.add_buffer("y", dtype, {n}, loop::Scope::argument, loop::Access::out);
  const int lanes = dtype == DType::f32 ? 16 : 8;
  b.set_lanes(lanes);
  const Extent i = b.open_loop("i", 0, n, {.step = lanes, .masked_tail = true});
  std::vector<Lane> values;
  for (int32_t buffer : in) values.push_back(b.load(buffer, {{i}}, 0));
  b.store(out, {{i}}, function(b, values, dtype), 0);
  b.close();
  return b.finish();
}

void compare_math(bool fuses) {
  loop::Program program;
  program.functions.emplace_back();
  const loop::Machine machine = {.vector_bytes = 32, .fma = fuses};
  for (DType dtype : {DType::f32, DType::f64}) {
    const auto add = [&](std::string_view name, auto function, int operands) {
      program.functions[0].kernels.push_back(
          math_kernel(format("{}_{}", name, spelling(dtype)), dtype, operands, machine, function));
    };
    for (const ElementwiseDef& row : elementwise_rows())
      if (row.emit.kind == Emit::Kind::lanes && row.types == DTypes::floats)
        add(name_of(row.op), row.emit.lanes, info(row.op).operands);
    add("pow", math::pow, 2);
  }
  compare_kernels(program, {{{"N", 503}}, {{"N", 7}}});
}

TEST(Kernel, ComputesMathematicalFunctionsAsTheInterpreterDoes) { compare_math(false); }
TEST(Kernel, ComputesFusedMathematicalFunctionsAsTheInterpreterDoes) { compare_math(true); }

std::string object_of(const loop::Program& program) {
  codegen::NativeModule native(codegen::default_target(), "same");
  for (const loop::Kernel& kernel : program.functions.at(0).kernels) {
    llvm::Function* made = codegen::emit_kernel(native.module(), kernel, "f." + kernel.name,
                                                codegen::free_symbols(kernel), native.target());
    made->setLinkage(llvm::GlobalValue::ExternalLinkage);
  }
  native.optimise();
  return native.object();
}

TEST(Kernel, GivesTheSameBytesEachTime) {
  const loop::Program program = parse_kernels(std::string(kTile) + std::string(kTrees));
  const std::string object = object_of(program);
  EXPECT_EQ(object, object_of(program));
  for (std::string_view path : {"/tmp", "/usr", "/home", "/work", THX_SOURCE_DIR})
    EXPECT_EQ(object.find(path), std::string::npos) << path;
}

TEST(Kernel, TakesItsDimsInTheProgramsOrder) {
  const loop::Program program = parse_kernels(std::string(kTile));
  const std::vector<std::string> dims = {"Z", "N", "H"};
  EXPECT_EQ(codegen::kernel_dims(program.functions[0].kernels[0], dims),
            (std::vector<std::string>{"N", "H"}));
  EXPECT_THROW(codegen::kernel_dims(program.functions[0].kernels[0], {}), InternalError);
}

TEST(Kernel, RefusesWhatIsOfAGpu) {
  const loop::Program program = parse_kernels(
      "kernel @k map (x: f32[N] in, y: f32[N] out) { grid for $i in 0..N {\n"
      "  %v = load x[$i] : f32\n  store y[$i] = %v\n} }");
  EXPECT_THROW(object_of(program), InternalError);
}

}  // namespace
}  // namespace thx::testing
