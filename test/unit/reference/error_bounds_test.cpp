// SPDX-License-Identifier: Apache-2.0
// Bounds hold: what f32 computes is as near to f64 as the bounds say, and what they cannot know is
// infinite.
#include "reference/error_bounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ir/parse.h"
#include "ops/op_def.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::reference {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Program parsed(const std::string& text) {
  Result<Program> program = parse_program(text);
  THX_CHECK(program.ok(), "{}", program.error().message());
  return std::move(*program);
}

// The output of a function of %x: DTYPE[N] and %y, whose lines are `body`.
Bounded run(std::string body, DType dtype, const std::vector<double>& x,
            const std::vector<double>& y, const BoundOptions& options = {}) {
  const std::string type = format("{}[N]", spelling(dtype));
  for (size_t at = body.find('T'); at != std::string::npos; at = body.find('T', at + type.size()))
    body.replace(at, 1, type);
  const Program program =
      parsed(format("func @f(%x: {}, %y: {}) {{\n{}\n  return r = %r\n}}", type, type, body));
  const auto n = static_cast<int64_t>(x.size());
  const Arguments arguments{{Array::of(dtype, {n}, x), Array::of(dtype, {n}, y)}, {}, {{"N", n}}};
  BoundedOutcome outcome = evaluate_bounded(program.functions[0], arguments, options);
  THX_CHECK(outcome.status == Status::ok, "{}", outcome.why);
  return std::move(outcome.outputs[0]);
}

std::vector<double> numbers(size_t count, unsigned seed, double scale) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<double> result;
  for (size_t i = 0; i < count; ++i)
    result.push_back(static_cast<double>(normal(generator) * static_cast<float>(scale)));
  return result;
}

class Formulas : public testing::TestWithParam<std::string> {};

// f64 stands for exact arithmetic. Neither infinite nor a million times too wide.
TEST_P(Formulas, BoundsHoldAndAreNotIdle) {
  for (const double scale : {1e-3, 1.0, 5.0}) {
    const std::vector<double> x = numbers(200, 1, scale), y = numbers(200, 2, scale);
    const Bounded narrow = run(GetParam(), DType::f32, x, y);
    const Bounded wide = run(GetParam(), DType::f64, x, y);
    double largest = 0;
    for (size_t i = 0; i < narrow.error.size(); ++i) {
      const double a = narrow.value.elements[i].as_real(), b = wide.value.elements[i].as_real();
      if (!std::isfinite(narrow.error[i])) continue;
      const double distance = std::isnan(a) && std::isnan(b) ? 0 : std::fabs(a - b);
      EXPECT_LE(distance, narrow.error[i] + wide.error[i]) << GetParam() << " at " << x[i];
      if (distance > 0) largest = std::max(largest, distance / narrow.error[i]);
    }
    EXPECT_GT(largest, 1e-5) << GetParam() << " with numbers of size " << scale;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Formulas,
    testing::Values("%a = add %x, %y : T\n%b = sub %a, %x : T\n%r = div %b, %y : T",
                    "%a = mul %x, %y : T\n%r = exp %a : T",
                    "%a = exp %x : T\n%b = mul %a, %a : T\n%r = sub %b, %a : T",
                    "%a = square %x : T\n%b = sin %a : T\n%r = cos %b : T",
                    "%a = abs %x : T\n%b = log1p %a : T\n%r = tanh %b : T",
                    "%a = maximum %x, %y : T\n%b = expm1 %a : T\n%r = mul %b, %x : T",
                    "%a = sigmoid %x : T\n%b = log %a : T\n%r = mul %b, %y : T",
                    "%r = cumsum %x {axis = 0} : T", "%r = softmax %x {axis = 0} : T",
                    "%a = exp %x : T\n%r = log_softmax %a {axis = 0} : T"),
    [](const testing::TestParamInfo<std::string>& info) { return format("_{}", info.index); });

TEST(ErrorBounds, SumsByTheirOrder) {
  for (const std::string order : {"any", "lanes", "blocks", "upward"}) {
    const auto of = [&](DType dtype) {
      const std::string type(spelling(dtype));
      const Program program = parsed(
          format("func @f(%x: {}[N], %y: {}[N]) {{\n  %r = dot %x, %y {{lhs_contract = [0], order "
                 "= {}, rhs_contract = [0]}} : {}\n  %s = sum %x {{axes = [0], order = {}}} : {}\n "
                 " return r = %r, s = %s\n}}",
                 type, type, order, type, order, type));
      const Arguments arguments{{Array::of(dtype, {5000}, numbers(5000, 3, 1)),
                                 Array::of(dtype, {5000}, numbers(5000, 4, 1))},
                                {},
                                {{"N", 5000}}};
      return evaluate_bounded(program.functions[0], arguments).outputs;
    };
    const std::vector<Bounded> narrow = of(DType::f32), wide = of(DType::f64);
    for (size_t i = 0; i < narrow.size(); ++i) {
      const double distance =
          std::fabs(narrow[i].value.elements[0].real - wide[i].value.elements[0].real);
      EXPECT_LE(distance, narrow[i].error[0] + wide[i].error[0]) << order;
      EXPECT_LT(narrow[i].error[0], order == "upward" ? 3.0 : 0.2) << order;
    }
  }
}

// NaN and infinities that exact arithmetic has too are known; those of overflow are not.
TEST(ErrorBounds, KindsOfInfinities) {
  const auto error = [](const std::string& body, DType dtype, double x, double y,
                        const BoundOptions& options = {}) {
    return run(body, dtype, {x}, {y}, options).error[0];
  };
  EXPECT_EQ(error("%r = exp %x : T", DType::f32, 100, 0), kInfinity);
  EXPECT_EQ(error("%r = exp %x : T", DType::f64, 1000, 0), kInfinity);
  EXPECT_EQ(error("%r = exp %x : T", DType::f32, kInfinity, 0), 0);
  EXPECT_EQ(error("%r = log %x : T", DType::f32, 0, 0), 0);
  EXPECT_EQ(error("%r = div %x, %y : T", DType::f64, 1, 0), 0);
  EXPECT_EQ(error("%r = sub %x, %y : T", DType::f32, kInfinity, kInfinity), 0);
  EXPECT_EQ(error("%r = sub %x, %y : T", DType::f32, kInfinity, kInfinity, {.limits = true}),
            kInfinity);
  EXPECT_EQ(error("%r = sub %x, %y : T", DType::f32, NAN, 1, {.limits = true}), 0);
  // What lies beside a pole may be on either side of it.
  EXPECT_EQ(error("%a = add %x, %y : T\n%b = sub %a, %x : T\n%r = log %b : T", DType::f32, 1, 1e-9),
            kInfinity);
}

// A bound below the distance of f64's numbers, or of its denormals, is not lost.
TEST(ErrorBounds, SmallBoundsStay) {
  const Bounded cancelled =
      run("%a = neg %x : T\n%b = exp %a : T\n%c = add %y, %b : T\n%d = div %y, %c : T\n%r = sub "
          "%y, %d : T",
          DType::f64, {32}, {1});
  EXPECT_GT(cancelled.error[0], 1e-16);
  EXPECT_LT(cancelled.error[0], 1e-14);
  const Bounded underflown =
      run("%a = mul %x, %x : T\n%r = div %a, %y : T", DType::f64, {1e-200}, {1e-200});
  EXPECT_GE(underflown.value.elements[0].real + underflown.error[0], 1e-200);
}

// Where a bound holds a pole nothing is known, and where it ends beside one it goes by the quotient
// there; what turns inside of it is bounded by its slopes, not by that at the value.
TEST(ErrorBounds, PolesAndTurnsInsideOfBounds) {
  const auto error = [](const std::string& body, double x, double y) {
    return run(body, DType::f32, {x}, {y}).error[0];
  };
  const std::string bose = "%a = exp %x : T\n%b = sub %a, %y : T\n";
  for (const std::string rest : {"%r = div %y, %b : T", "%c = square %b : T\n%r = div %y, %c : T",
                                 "%c = neg %y : T\n%r = pow %b, %c : T", "%r = log %b : T"}) {
    EXPECT_EQ(error(bose + rest, 0x1p-24, 1), kInfinity) << rest;
    EXPECT_EQ(error(bose + rest, 0x1p-22, 1), kInfinity) << rest;
  }
  // 1 / d - 1 / (d + e) with d = 2^-20 and e = 2^-21.
  EXPECT_GE(error(bose + "%r = div %y, %b : T", 0x1p-20, 1), 0x1p20);
  EXPECT_LT(error(bose + "%r = div %y, %b : T", 0x1p-20, 1), 0x1p21);
  EXPECT_LT(error(bose + "%r = div %y, %b : T", 1e-3, 1), 1);
  // y, give or take 0.5, 1 and 4.
  const std::string apart = "%a = add %x, %y : T\n%b = sub %a, %x : T\n";
  EXPECT_EQ(error(apart + "%r = tan %b : T", 0x1p24, 2), kInfinity);
  EXPECT_EQ(error(apart + "%r = gammaln %b : T", 0x1p23, -1.25), kInfinity);
  EXPECT_GE(error(apart + "%r = cos %b : T", 0x1p26, 0), 2);
  EXPECT_LT(error(apart + "%r = cos %b : T", 0x1p23, 0), 1);
}

// log(exp(x) + exp(y)) is nearly 0 there, and computed from numbers that are not.
TEST(ErrorBounds, NearZerosOfFunctions) {
  const Bounded found =
      run("%r = logaddexp %x, %y : T", DType::f32, {-0.5, 3.0}, {-0.9327521, -100.0});
  EXPECT_LT(std::fabs(found.value.elements[0].real), 1e-6);
  EXPECT_GT(found.error[0], 1e-7);
  EXPECT_LT(found.error[0], 1e-6);
  EXPECT_LT(found.error[1], 2e-6);
}

TEST(ErrorBounds, ChoicesThatMayFlip) {
  const std::string nearly = "%a = exp %x : T\n%b = log %a : T\n%c = less %b, %y : bool[N]\n";
  EXPECT_EQ(run(nearly + "%r = where %c, %x, %y : T", DType::f32, {1.5}, {9}).error[0], 0);
  EXPECT_GT(
      run(nearly + "%d = neg %y : T\n%r = where %c, %y, %d : T", DType::f32, {1.5}, {1.5}).error[0],
      2.9);
}

TEST(ErrorBounds, BudgetsOfRows) {
  for (const ElementwiseDef& row : elementwise_rows()) {
    EXPECT_GE(error_budget(row.op), 0) << name_of(row.op);
    EXPECT_LE(error_budget(row.op), 40) << name_of(row.op);
    if (row.result == ResultDType::boolean) EXPECT_EQ(error_budget(row.op), 0) << name_of(row.op);
  }
  EXPECT_EQ(ulp_of(1, DType::f32), 0x1p-23);
  EXPECT_EQ(ulp_of(0.75, DType::f64), 0x1p-53);
  EXPECT_EQ(ulp_of(0, DType::f32), 0x1p-149);
}

}  // namespace
}  // namespace thx::reference
