// SPDX-License-Identifier: Apache-2.0
// Every elementwise row and reduction in every dtype: loop IR computes what the reference does.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "against_reference.h"
#include "unit/ops/row_programs.h"

namespace thx::loop {
namespace {

using testing::elementwise_program;
using testing::kAllDTypes;
using testing::product_program;
using testing::reduction_program;

/// Numbers from the whole range of the dtype, its ends among them; shifts and divisors are small
/// often enough.
Scalar any_number(DType dtype, std::mt19937_64& random) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  if (is_float(dtype)) {
    const double special[] = {0.0,   -0.0, 0.5,    -0.5,
                              2.5,   1e10, -3e9,   kInf,
                              -kInf, 300,  -200.7, std::numeric_limits<double>::quiet_NaN()};
    std::uniform_real_distribution<double> real(-4, 4);
    return Scalar::of(dtype,
                      random() % 3 == 0 ? special[random() % std::size(special)] : real(random));
  }
  if (is_bool(dtype)) return Scalar::of_integer(dtype, static_cast<int64_t>(random() % 2));
  if (random() % 2 == 0) return Scalar::of_integer(dtype, static_cast<int64_t>(random() % 9) - 4);
  const int64_t ends[] = {INT8_MIN,  INT8_MAX,  INT16_MIN, INT32_MIN,
                          INT32_MAX, INT64_MIN, INT64_MAX};
  if (random() % 3 == 0) return Scalar::of_integer(dtype, ends[random() % std::size(ends)]);
  return Scalar::of_integer(dtype, static_cast<int64_t>(random()));
}

void fill(reference::Arguments& arguments) {
  std::mt19937_64 random(21);
  for (reference::Array& array : arguments.inputs)
    for (Scalar& element : array.elements) element = any_number(array.dtype, random);
  if (arguments.inputs.size() < 5) return;
  reference::Array& index = arguments.inputs[4];
  for (size_t i = 0; i < index.elements.size(); ++i)
    index.elements[i] = Scalar::of_integer(DType::i64, static_cast<int64_t>(i * 5 / 7));
}

void expect_agreement(const std::string& text, Trial trial, std::vector<int64_t> extents) {
  trial.arguments = fill;
  for (const bool vectorized : {false, true}) {
    trial.vectorized = vectorized;
    const Lowered lowered = lower(text, trial);
    for (const int64_t n : extents) {
      trial.dims = {{"N", n}, {"K", 7}};
      EXPECT_EQ(difference(lowered, trial), "") << "N = " << n << "\n" << text;
    }
  }
}

TEST(Rows, ElementwiseInEveryDType) {
  for (const DType dtype : kAllDTypes) {
    const auto exact = [&](const ElementwiseDef& row) {
      return !is_float(dtype) || row.emit.kind != Emit::Kind::lanes || row.op == Op::cast;
    };
    expect_agreement(elementwise_program(dtype, exact), {}, {0, 1, 70});
    if (!is_float(dtype)) continue;
    Trial near;
    near.exact = false;
    near.tolerance = dtype == DType::f32 ? 5e-7 : 1e-14;
    const std::string functions =
        elementwise_program(dtype, [&](const ElementwiseDef& row) { return !exact(row); });
    for (const bool fma : {true, false}) {
      near.fma = fma;
      expect_agreement(functions, near, {0, 1, 70});
    }
  }
}

TEST(Rows, ReductionsOfIntegersWrap) {
  for (const DType dtype : kAllDTypes) {
    if (is_float(dtype)) continue;
    expect_agreement(reduction_program(dtype), {}, {1, 9, 70});
  }
}

TEST(Rows, ProductsOfIntegersWrap) {
  for (const DType dtype : kAllDTypes) {
    if (!is_integer(dtype)) continue;
    SCOPED_TRACE(spelling(dtype));
    expect_agreement(product_program(dtype), {}, {1, 9, 70});
  }
}

}  // namespace
}  // namespace thx::loop
