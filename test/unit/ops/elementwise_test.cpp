// SPDX-License-Identifier: Apache-2.0
// Loops over the elementwise rows: every field of every row holds at its samples.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "ops/build.h"
#include "unit/ops/lane_tape.h"

namespace thx::testing {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool has_gradient(const ElementwiseDef& row) { return row.grad.kind == Gradient::Kind::partials; }
size_t arity(const ElementwiseDef& row) { return static_cast<size_t>(info(row.op).operands); }

std::vector<double> points(Samples samples) {
  switch (samples) {
    case Samples::reals: return {-3.3, -1.7, -0.4, 0.6, 1.3, 2.9};
    case Samples::positive: return {0.2, 0.7, 1.3, 2.9};
    case Samples::negative: return {-2.9, -1.3, -0.7, -0.2};
    case Samples::above_one: return {1.2, 1.7, 2.9, 11.3};
    case Samples::unit: return {-0.8, -0.3, 0.1, 0.7};
    case Samples::nonzero: return {-2.9, -0.7, 0.4, 1.9};
    case Samples::booleans: return {0, 1};
    case Samples::integers: return {-3, 0, 1, 6};
  }
  return {};
}

/// The dtype in which a row is probed.
DType probed(const ElementwiseDef& row) {
  return accepts(row.types, DType::f64) ? DType::f64 : DType::i64;
}

DType result_dtype(const ElementwiseDef& row, DType operands) {
  return row.result == ResultDType::boolean ? DType::boolean : operands;
}

/// Every combination of sample points, as operands of the row.
std::vector<std::vector<Scalar>> probes(const ElementwiseDef& row, DType dtype) {
  std::vector<std::vector<Scalar>> all = {{}};
  for (size_t i = 0; i < arity(row); ++i) {
    const bool condition = i == 0 && row.result == ResultDType::chosen;
    std::vector<std::vector<Scalar>> longer;
    for (const auto& prefix : all)
      for (double point : points(condition ? Samples::booleans : row.samples)) {
        longer.push_back(prefix);
        // Operands apart from each other, so that no probe lies on a kink.
        longer.back().push_back(
            Scalar::of(condition ? DType::boolean : dtype,
                       point + (condition ? 0 : 0.03 * static_cast<double>(i))));
      }
    all = std::move(longer);
  }
  return all;
}

bool close(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::fabs(a - b) <= tolerance * std::max({1.0, std::fabs(a), std::fabs(b)});
}

TEST(ElementwiseRows, HaveAPartialForEachOperand) {
  for (const ElementwiseDef& row : elementwise_rows()) {
    EXPECT_FALSE(row.doc.empty()) << name_of(row.op);
    if (has_gradient(row)) EXPECT_EQ(row.grad.count, info(row.op).operands) << name_of(row.op);
    if (row.grad.kind == Gradient::Kind::refused)
      EXPECT_FALSE(row.grad.why.empty()) << name_of(row.op);
  }
}

TEST(ElementwiseRows, PartialsAreFiniteDifferencesOfEval) {
  constexpr double kStep = 1e-6;
  for (const ElementwiseDef& row : elementwise_rows()) {
    if (!has_gradient(row)) continue;
    for (const std::vector<Scalar>& operands : probes(row, DType::f64)) {
      std::vector<Scalar> variables = operands;
      variables.resize(3);
      variables.push_back(row.eval(operands, DType::f64));
      for (size_t i = 0; i < arity(row); ++i) {
        if (is_bool(operands[i].dtype)) continue;
        std::vector<Scalar> above = operands, below = operands;
        above[i].real += kStep;
        below[i].real -= kStep;
        const double slope =
            (row.eval(above, DType::f64).real - row.eval(below, DType::f64).real) / (2 * kStep);
        const double partial = evaluate(row.grad.partial[i], variables, DType::f64).real;
        EXPECT_TRUE(close(partial, slope, 1e-7))
            << name_of(row.op) << " operand " << i << " at " << operands[0].as_real() << ": "
            << partial << " against " << slope;
      }
    }
  }
}

TEST(ElementwiseRows, ExpansionsAreEval) {
  for (const ElementwiseDef& row : elementwise_rows()) {
    if (row.emit.kind != Emit::Kind::expand) continue;
    for (const std::vector<Scalar>& operands : probes(row, DType::f64))
      EXPECT_TRUE(close(evaluate(row.emit.formula, operands, DType::f64).as_real(),
                        row.eval(operands, result_dtype(row, DType::f64)).as_real(), 1e-15))
          << name_of(row.op) << " at " << operands[0].real;
  }
}

/// Formulas as register instructions.
struct Lanes {
  LaneBuilder& builder;
  std::span<const Lane> variables;

  Lane variable(int index) const { return variables[static_cast<size_t>(index)]; }
  Lane constant(double value) const { return builder.number(variables[0], value); }
  Lane apply(Op op, const std::vector<Lane>& args) const;
  Lane keep(Lane lane) const { return lane; }
};

Lane emit(LaneBuilder& builder, const ElementwiseDef& row, std::span<const Lane> operands,
          DType result) {
  switch (row.emit.kind) {
    case Emit::Kind::instruction: return builder.emit(row.emit.instruction, operands, result);
    case Emit::Kind::expand: return fold<Lane>(row.emit.formula, Lanes{builder, operands});
    case Emit::Kind::lanes: return row.emit.lanes(builder, operands, result);
  }
  return {};
}

Lane Lanes::apply(Op op, const std::vector<Lane>& args) const {
  const ElementwiseDef& row = elementwise(op);
  return emit(builder, row, args, result_dtype(row, builder.dtype(args.back())));
}

uint64_t bits_of(const Scalar& scalar) {
  if (scalar.dtype == DType::f32) return std::bit_cast<uint32_t>(static_cast<float>(scalar.real));
  if (scalar.dtype == DType::f64) return std::bit_cast<uint64_t>(scalar.real);
  return static_cast<uint64_t>(scalar.integer);
}

double real_of(uint64_t bits, DType dtype) {
  if (is_signed(dtype) && is_integer(dtype)) {
    const int unused = 64 - 8 * bytes_of(dtype);  // the tape keeps bits without their sign
    return static_cast<double>(static_cast<int64_t>(bits << unused) >> unused);
  }
  if (dtype == DType::f32) return std::bit_cast<float>(static_cast<uint32_t>(bits));
  if (dtype == DType::f64) return std::bit_cast<double>(bits);
  return static_cast<double>(bits);
}

void expect_emission_is_eval(const ElementwiseDef& row, DType dtype,
                             const std::vector<Scalar>& operands) {
  LaneTape tape(true);
  std::vector<Lane> inputs;
  std::vector<std::vector<uint64_t>> words;
  for (const Scalar& operand : operands) {
    inputs.push_back(tape.input(operand.dtype));
    words.push_back({bits_of(operand)});
  }
  const DType result = result_dtype(row, dtype);
  const Lane lane = emit(tape, row, inputs, result);
  const double emitted = real_of(tape.run(lane, {words.begin(), words.end()})[0], result);
  const double exact = row.eval(operands, result).as_real();
  const double tolerance =
      row.emit.kind == Emit::Kind::lanes ? (dtype == DType::f32 ? 1e-6 : 1e-14) : 0;
  std::string at;
  for (const Scalar& operand : operands) at += format(" {}", operand.as_real());
  EXPECT_TRUE(close(emitted, exact, tolerance))
      << name_of(row.op) << " in " << spelling(dtype) << " at" << at << ": " << emitted
      << " against " << exact;
}

TEST(ElementwiseRows, EmissionIsEvalOnIntegers) {
  const int64_t special[] = {0,   1,   -1,    2,         -3,        5,         63,
                             127, 128, 32768, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX};
  for (const ElementwiseDef& row : elementwise_rows()) {
    // The tape converts between floats alone.
    if (!accepts(row.types, DType::i64) || row.result == ResultDType::given) continue;
    for (DType dtype : {DType::i8, DType::i16, DType::i32, DType::i64, DType::u8, DType::u16,
                        DType::u32, DType::u64, DType::boolean}) {
      if (!accepts(row.types, dtype)) continue;
      for (int64_t x : special)
        for (int64_t y : special) {
          std::vector<Scalar> operands = {Scalar::of_integer(dtype, x),
                                          Scalar::of_integer(dtype, y),
                                          Scalar::of_integer(dtype, 7)};
          if (row.result == ResultDType::chosen)
            operands.insert(operands.begin(), Scalar::of_integer(DType::boolean, x > y));
          operands.resize(arity(row));
          expect_emission_is_eval(row, dtype, operands);
        }
    }
  }
}

TEST(ElementwiseRows, EmissionIsEval) {
  const double special[] = {0.0, -0.0, kInf, -kInf, kNan, 1e-310, 1e300, 1.0, -1.0};
  for (const ElementwiseDef& row : elementwise_rows()) {
    if (!accepts(row.types, DType::f64)) continue;
    for (DType dtype : {DType::f32, DType::f64}) {
      for (const std::vector<Scalar>& operands : probes(row, dtype))
        expect_emission_is_eval(row, dtype, operands);
      for (double x : special)
        for (double y : special) {
          std::vector<Scalar> operands = {Scalar::of(dtype, x), Scalar::of(dtype, y),
                                          Scalar::of(dtype, 1.5)};
          if (row.result == ResultDType::chosen)
            operands = {Scalar::of(DType::boolean, x == 1), Scalar::of(dtype, x),
                        Scalar::of(dtype, y)};
          operands.resize(arity(row));
          expect_emission_is_eval(row, dtype, operands);
        }
    }
  }
}

Scalar apply(Op op, std::vector<Scalar> operands) {
  const ElementwiseDef& row = elementwise(op);
  return row.eval(operands, result_dtype(row, operands.back().dtype));
}
Scalar f64(double value) { return Scalar::of(DType::f64, value); }
Scalar i64(int64_t value) { return Scalar::of_integer(DType::i64, value); }
Scalar i8(int64_t value) { return Scalar::of_integer(DType::i8, value); }
Scalar u64(uint64_t value) { return Scalar::of_integer(DType::u64, static_cast<int64_t>(value)); }

TEST(ElementwiseRows, TraitsHold) {
  for (const ElementwiseDef& row : elementwise_rows()) {
    const DType dtype = probed(row);
    const auto name = name_of(row.op);
    if (row.traits & kZeroPreserving) EXPECT_EQ(apply(row.op, {f64(0)}).real, 0) << name;
    for (const std::vector<Scalar>& v : probes(row, dtype)) {
      if (row.traits & kCommutative)
        EXPECT_EQ(apply(row.op, {v[0], v[1]}), apply(row.op, {v[1], v[0]})) << name;
      if (row.traits & kAssociative) {
        const Scalar left = apply(row.op, {apply(row.op, {v[0], v[1]}), v[0]});
        const Scalar right = apply(row.op, {v[0], apply(row.op, {v[1], v[0]})});
        EXPECT_TRUE(close(left.as_real(), right.as_real(), 1e-15)) << name;
      }
      if (!(row.traits & (kEven | kOdd | kIncreasing)) || row.samples != Samples::reals) continue;
      const double at = apply(row.op, {v[0]}).real,
                   mirrored = apply(row.op, {f64(-v[0].real)}).real;
      if (row.traits & kEven) EXPECT_EQ(at, mirrored) << name;
      if (row.traits & kOdd) EXPECT_EQ(at, -mirrored) << name;
      if (row.traits & kIncreasing)
        EXPECT_LE(at, apply(row.op, {f64(v[0].real + 0.1)}).real) << name;
    }
  }
}

double partial(Op op, int operand, double x, double y = 0) {
  const ElementwiseDef& row = elementwise(op);
  std::vector<Scalar> operands = {f64(x), f64(y)};
  operands.resize(arity(row));
  std::vector<Scalar> variables = operands;
  variables.resize(3);
  variables.push_back(row.eval(operands, DType::f64));
  return evaluate(row.grad.partial[operand], variables, DType::f64).real;
}

TEST(ElementwiseRows, GradientsAtKinks) {
  EXPECT_EQ(partial(Op::maximum, 0, 2, 2), 0.5);
  EXPECT_EQ(partial(Op::maximum, 1, 2, 2), 0.5);
  EXPECT_EQ(partial(Op::minimum, 0, 2, 2), 0.5);
  EXPECT_EQ(partial(Op::minimum, 1, 2, 2), 0.5);
  EXPECT_EQ(partial(Op::relu, 0, 0), 0);
  EXPECT_EQ(partial(Op::abs, 0, 0), 0);
  EXPECT_EQ(partial(Op::sqrt, 0, 0), kInf);
  EXPECT_EQ(partial(Op::pow, 1, 0, 2), 0);
  EXPECT_EQ(partial(Op::pow, 0, 0, 2), 0);
  EXPECT_EQ(partial(Op::pow, 0, 0, 1), 1);
  EXPECT_EQ(partial(Op::pow, 0, 0, 0), 0);
  EXPECT_EQ(partial(Op::pow, 0, -3, 2), -6);
}

TEST(ElementwiseRows, GradientsOfClipOnItsEdges) {
  const auto along = [](int operand, double x, double low, double high) {
    const ElementwiseDef& row = elementwise(Op::clip);
    std::vector<Scalar> variables = {f64(x), f64(low), f64(high)};
    variables.push_back(row.eval(variables, DType::f64));
    return evaluate(row.grad.partial[operand], variables, DType::f64).real;
  };
  for (double x : {1.0, 1.5, 2.0}) EXPECT_EQ(along(0, x, 1, 2), 1) << x;
  for (double x : {0.9, 2.1}) EXPECT_EQ(along(0, x, 1, 2), 0) << x;
  EXPECT_EQ(along(1, 0.5, 1, 2), 1);
  EXPECT_EQ(along(1, 1, 1, 2), 0);
  EXPECT_EQ(along(2, 2.5, 1, 2), 1);
  EXPECT_EQ(along(2, 2, 1, 2), 0);
  EXPECT_EQ(along(2, 0, 3, 2), 1);  // of a range that is empty, the upper end
}

TEST(ElementwiseRows, DivisionOfIntegersIsPythons) {
  const auto i32 = [](int64_t value) { return Scalar::of_integer(DType::i32, value); };
  EXPECT_EQ(apply(Op::floor_divide, {i32(-7), i32(2)}), i32(-4));
  EXPECT_EQ(apply(Op::floor_divide, {i32(7), i32(-2)}), i32(-4));
  EXPECT_EQ(apply(Op::remainder, {i32(-7), i32(2)}), i32(1));
  EXPECT_EQ(apply(Op::remainder, {i32(7), i32(-2)}), i32(-1));
  EXPECT_EQ(apply(Op::floor_divide, {i32(5), i32(0)}), i32(0));
  EXPECT_EQ(apply(Op::remainder, {i32(5), i32(0)}), i32(0));
  EXPECT_EQ(apply(Op::floor_divide, {i32(INT32_MIN), i32(-1)}), i32(INT32_MIN));
  EXPECT_EQ(apply(Op::remainder, {i64(INT64_MIN), i64(-1)}), i64(0));
  EXPECT_EQ(apply(Op::floor_divide, {u64(UINT64_MAX), u64(2)}), u64(UINT64_MAX / 2));
  EXPECT_EQ(apply(Op::remainder, {f64(-1e-20), f64(1)}).real, 1);
  EXPECT_EQ(apply(Op::floor_divide, {f64(-0.5), f64(kInf)}).real, -1);
}

TEST(ElementwiseRows, GradientsKeepTheirDigitsFarOut) {
  EXPECT_GT(partial(Op::sigmoid, 0, 40), 4e-18);
  EXPECT_GT(partial(Op::sigmoid, 0, -700), 9e-305);
  EXPECT_GT(partial(Op::expm1, 0, -50), 1e-22);
  EXPECT_EQ(partial(Op::softplus, 0, 1000), 1);
  EXPECT_EQ(partial(Op::arctan2, 0, 1e-200, 1e-200), 0.5e200);
  EXPECT_EQ(partial(Op::arctan2, 1, 1e200, 0), -1e-200);
}

TEST(ElementwiseRows, IntegersWrap) {
  EXPECT_EQ(apply(Op::add, {i8(127), i8(1)}), i8(-128));
  EXPECT_EQ(apply(Op::mul, {i64(INT64_MAX), i64(2)}), i64(-2));
  EXPECT_EQ(apply(Op::neg, {i64(INT64_MIN)}), i64(INT64_MIN));
  EXPECT_EQ(apply(Op::abs, {i64(INT64_MIN)}), i64(INT64_MIN));
  EXPECT_EQ(apply(Op::add, {i64(INT64_MAX - 1), i64(1)}), i64(INT64_MAX));  // no double in between
  EXPECT_EQ(apply(Op::pow, {i64(3), i64(39)}), i64(4052555153018976267));
  EXPECT_EQ(apply(Op::pow, {i64(2), i64(-1)}), i64(0));
  EXPECT_EQ(apply(Op::pow, {i64(-1), i64(-3)}), i64(-1));
  EXPECT_EQ(apply(Op::maximum, {u64(UINT64_MAX), u64(1)}), u64(UINT64_MAX));
  EXPECT_EQ(apply(Op::less, {u64(1), u64(UINT64_MAX)}).integer, 1);
}

TEST(ElementwiseRows, NanPropagatesThroughExtremesAndNotThroughComparisons) {
  for (Op op : {Op::maximum, Op::minimum}) {
    EXPECT_TRUE(std::isnan(apply(op, {f64(kNan), f64(1)}).real));
    EXPECT_TRUE(std::isnan(apply(op, {f64(1), f64(kNan)}).real));
  }
  EXPECT_TRUE(std::isnan(apply(Op::relu, {f64(kNan)}).real));
  for (Op op : {Op::equal, Op::less, Op::less_equal, Op::greater, Op::greater_equal})
    EXPECT_EQ(apply(op, {f64(kNan), f64(kNan)}).integer, 0) << name_of(op);
  EXPECT_EQ(apply(Op::not_equal, {f64(kNan), f64(kNan)}).integer, 1);
  EXPECT_EQ(apply(Op::pow, {f64(0), f64(0)}).real, 1);
  EXPECT_EQ(apply(Op::pow, {f64(kNan), f64(0)}).real, 1);
}

Scalar converted(const Scalar& value, DType to) {
  return elementwise(Op::cast).eval(std::span(&value, 1), to);
}

TEST(ElementwiseRows, Casts) {
  EXPECT_EQ(converted(f64(1e30), DType::i32), Scalar::of_integer(DType::i32, INT32_MAX));
  EXPECT_EQ(converted(f64(-kInf), DType::i64), i64(INT64_MIN));
  EXPECT_EQ(converted(f64(kNan), DType::i64), i64(0));
  EXPECT_EQ(converted(f64(-3.9), DType::i64), i64(-3));
  EXPECT_EQ(converted(i64(300), DType::u8), Scalar::of_integer(DType::u8, 44));
  EXPECT_EQ(converted(f64(kNan), DType::boolean).integer, 1);
  EXPECT_EQ(converted(f64(0.1), DType::boolean).integer, 1);
  EXPECT_EQ(converted(u64(UINT64_MAX), DType::f64).real, 18446744073709551616.0);
  // Rounded once: by way of f64 it would be 2^55 + 2^32.
  EXPECT_EQ(converted(i64((int64_t{1} << 55) + (int64_t{1} << 31) - 1), DType::f32).real,
            static_cast<double>(static_cast<float>((int64_t{1} << 55) + (int64_t{1} << 31) - 1)));
}

}  // namespace
}  // namespace thx::testing
