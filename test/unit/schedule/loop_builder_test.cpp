// SPDX-License-Identifier: Apache-2.0
// The kernel builder makes the statements that its calls say.
#include "schedule/loop_builder.h"

#include <gtest/gtest.h>

#include "schedule/print.h"
#include "schedule/verify.h"
#include "support/check.h"

namespace thx::loop {
namespace {

const Extent kN = Extent::symbol("N");

std::string text_of(KernelBuilder& builder) {
  const Kernel kernel = builder.finish();
  EXPECT_EQ(verify(kernel), std::vector<std::string>());
  return print(kernel);
}

TEST(KernelBuilder, MakesAMap) {
  KernelBuilder b("k0", "map");
  const int32_t x = b.add_buffer("x", DType::f32, {kN}, Scope::argument, Access::in);
  const int32_t y = b.add_buffer("y", DType::f32, {kN}, Scope::argument, Access::out);
  const Extent i = b.open_loop("i", 0, kN);
  b.store(y, {{i}}, b.neg(b.load(x, {{i}})));
  b.close();
  EXPECT_EQ(text_of(b),
            "kernel @k0 map (x: f32[N] in, y: f32[N] out) {\n"
            "  for $i in 0..N {\n"
            "    %0 = load x[$i] : f32\n"
            "    %1 = neg %0 : f32\n"
            "    store y[$i] = %1\n"
            "  }\n"
            "}\n");
}

TEST(KernelBuilder, SplatsScalarsOnceWhereLanesAreWanted) {
  KernelBuilder b("k0", "map");
  const int32_t a = b.add_buffer("a", DType::f32, {}, Scope::argument, Access::in);
  const int32_t x = b.add_buffer("x", DType::f32, {kN}, Scope::argument, Access::inout);
  const Lane rate = b.name(b.load(a, {}), "a");
  b.set_lanes(8);
  const Extent i = b.open_loop("i", 0, kN, {.step = 8, .masked_tail = true});
  const Lane v = b.load(x, {{i}}, 0);
  b.store(x, {{i}}, b.mul_add(rate, v, rate), 0);
  b.close();
  EXPECT_EQ(text_of(b),
            "kernel @k0 map (a: f32 in, x: f32[N] inout) {\n"
            "  %a = load a : f32\n"
            "  for $i in 0..N step 8 tail = mask {\n"
            "    %0 = load x[$i : 8] : f32x8\n"
            "    %1 = splat %a : f32x8\n"
            "    %2 = fma %1, %0, %1 : f32x8\n"
            "    store x[$i : 8] = %2\n"
            "  }\n"
            "}\n");
}

TEST(KernelBuilder, ReusesConstantsThatAreInSight) {
  KernelBuilder b("k0", "map");
  const Lane one = b.constant_real(DType::f32, 1);
  EXPECT_EQ(b.constant_real(DType::f32, 1), one);
  EXPECT_NE(b.constant_real(DType::f64, 1), one);
  EXPECT_NE(b.constant_real(DType::f32, -1), one);
  b.open_if(b.constant_integer(DType::boolean, 1));
  EXPECT_EQ(b.constant_real(DType::f32, 1), one);
  const Lane inside = b.constant_real(DType::f32, 2);
  b.open_else();
  EXPECT_NE(b.constant_real(DType::f32, 2), inside);
  b.close();
  EXPECT_NE(b.constant_real(DType::f32, 2), inside);
}

TEST(KernelBuilder, CarriesRegistersAndArrays) {
  KernelBuilder b("k0", "rows");
  const int32_t x = b.add_buffer("x", DType::f64, {kN, 4}, Scope::argument, Access::in);
  const int32_t y = b.add_buffer("y", DType::f64, {2}, Scope::argument, Access::out);
  b.set_lanes(2);
  const Lane zero = b.constant_real(DType::f64, -0.0);
  const Extent n = b.open_loop("n", 0, kN);
  const int32_t s = b.carry_array("s", zero, {2});
  const Extent u = b.open_loop("u", 0, 2, {.kind = LoopKind::unrolled});
  b.next(b.element(s, {u}), b.add(b.element(s, {u}), b.load(x, {{n}, {2 * u}}, 1)));
  b.close();
  b.close();
  const Extent v = b.open_loop("u", 0, 2, {.kind = LoopKind::unrolled});
  b.store(y, {{v}}, b.fold(Instruction::add, b.element(s, {v})));
  b.close();
  EXPECT_EQ(text_of(b),
            "kernel @k0 rows (x: f64[N, 4] in, y: f64[2] out) {\n"
            "  %0 = const -0.0 : f64x2\n"
            "  for $n in 0..N carry (%s[2]: f64x2 = %0) {\n"
            "    unrolled for $u in 0..2 {\n"
            "      %1 = load x[$n, 2*$u : 2] : f64x2\n"
            "      %2 = add %s[$u], %1 : f64x2\n"
            "      next %s[$u] = %2\n"
            "    }\n"
            "  }\n"
            "  unrolled for $u_1 in 0..2 {\n"
            "    %3 = fold add %s[$u_1] : f64\n"
            "    store y[$u_1] = %3\n"
            "  }\n"
            "}\n");
}

TEST(KernelBuilder, PutsResultsIntoElements) {
  KernelBuilder b("k0", "map");
  const int32_t x = b.add_buffer("x", DType::f32, {2}, Scope::argument, Access::inout);
  const int32_t a = b.add_array("a", DType::f32, {2});
  const Extent u = b.open_loop("u", 0, 2, {.kind = LoopKind::unrolled});
  b.into(b.element(a, {u}));
  b.load(x, {{u}});
  b.close();
  b.store(x, {{0}}, b.element(a, {1}));
  EXPECT_EQ(text_of(b),
            "kernel @k0 map (x: f32[2] inout) {\n"
            "  array %a[2] : f32\n"
            "  unrolled for $u in 0..2 {\n"
            "    %a[$u] = load x[$u] : f32\n"
            "  }\n"
            "  store x[0] = %a[1]\n"
            "}\n");
}

TEST(KernelBuilder, FusesOnlyWhereTheMachineDoes) {
  KernelBuilder fused("k0", "map", {.vector_bytes = 32, .fma = true});
  KernelBuilder plain("k0", "map", {.vector_bytes = 16, .fma = false});
  for (KernelBuilder* b : {&fused, &plain}) {
    const Lane x = b->constant_real(DType::f32, 2);
    b->mul_add(x, x, x);
  }
  EXPECT_NE(text_of(fused).find("fma"), std::string::npos);
  EXPECT_EQ(text_of(plain).find("fma"), std::string::npos);
  KernelBuilder integers("k0", "map");
  const Lane i = integers.constant_integer(DType::i32, 2);
  integers.mul_add(i, i, i);  // integers are never fused
  EXPECT_EQ(text_of(integers).find("fma"), std::string::npos);
}

TEST(KernelBuilder, MakesNamesUnique) {
  KernelBuilder b("k0", "map");
  b.add_buffer("x", DType::f32, {kN}, Scope::argument, Access::in);
  const int32_t second = b.add_buffer("x", DType::f32, {kN}, Scope::argument, Access::in);
  EXPECT_EQ(b.buffer(second).name, "x.1");
  EXPECT_EQ(b.open_loop("i", 0, kN).text(), "$i");
  EXPECT_EQ(b.open_loop("$i", 0, kN).text(), "$i_1");
  EXPECT_THROW(b.finish(), InternalError);
}

}  // namespace
}  // namespace thx::loop
