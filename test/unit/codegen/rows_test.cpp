// SPDX-License-Identifier: Apache-2.0
// Every elementwise row and reduction in every dtype, from tensor IR to machine code: the bits of
// the loop interpreter on every level.
#include <gtest/gtest.h>

#include "grouping/group.h"
#include "ir/parse.h"
#include "passes/bind_dims.h"
#include "passes/form_fma.h"
#include "passes/order_reductions.h"
#include "schedule/build_nests.h"
#include "schedule/plan_memory.h"
#include "schedule/vectorize.h"
#include "support/check.h"
#include "unit/codegen/compare_kernels.h"
#include "unit/ops/row_programs.h"

namespace thx::testing {
namespace {

loop::Program lowered(const std::string& text, bool fma = true) {
  Result<thx::Program> program = parse_program(text);
  THX_CHECK(program.ok(), "{}", program.error().message());
  order_reductions(*program);
  form_fma(*program, fma);
  bind_dims(*program);
  group(*program);
  loop::Program loops = loop::build_loops(*program, {32, fma});
  loop::plan_memory(loops);
  loop::vectorize(loops, {32, fma});
  return loops;
}

TEST(Rows, ElementwiseInEveryDType) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(spelling(dtype));
    compare_kernels(lowered(elementwise_program(dtype, [](const ElementwiseDef&) { return true; })),
                    {{{"N", 1}}, {{"N", 37}}});
  }
}

TEST(Rows, FunctionsWithoutFusedOperations) {
  const auto is_function = [](const ElementwiseDef& row) {
    return row.emit.kind == Emit::Kind::lanes && row.types == DTypes::floats;
  };
  for (const DType dtype : {DType::f32, DType::f64}) {
    SCOPED_TRACE(spelling(dtype));
    compare_kernels(lowered(elementwise_program(dtype, is_function), false), {{{"N", 37}}});
  }
}

TEST(Rows, ReductionsOfEveryWidth) {
  for (const DType dtype : {DType::boolean, DType::i8, DType::u16, DType::i32, DType::u64}) {
    SCOPED_TRACE(spelling(dtype));
    compare_kernels(lowered(reduction_program(dtype)),
                    {{{"N", 1}, {"K", 3}}, {{"N", 37}, {"K", 19}}});
  }
}

TEST(Rows, ProductsOfEveryWidth) {
  for (const DType dtype : {DType::i8, DType::u16, DType::i32, DType::u64}) {
    SCOPED_TRACE(spelling(dtype));
    compare_kernels(lowered(product_program(dtype)), {{{"N", 9}, {"K", 19}}});
  }
}

}  // namespace
}  // namespace thx::testing
