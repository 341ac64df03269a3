// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the elementwise operators: types, gradient, traits, host semantics and emission.
#include <functional>
#include <iterator>
#include <limits>

#include "ops/elementwise_functions.h"
#include "ops/host.h"
#include "ops/lanes.h"
#include "ops/rows.h"

// Inside this namespace `exp(x)` is a formula; numbers go through std and host.
namespace thx::formula {
namespace {

using host::Operands;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// y x^(y - 1) where that power is good. Where y - 1 might be rounded (y is not in eighths), which
/// a large logarithm of x shows, and where the power leaves the range though its product with a
/// small y does not, it is y x^y / x; not at 0 and infinity. With y = 0 it is 0, whatever x is.
constexpr Formula kIsInEighths = equal(trunc(8 * y), 8 * y);
constexpr Formula kIsGood = bit_or(greater_equal(y, 0.5), bit_and(less_equal(y, -1), kIsInEighths));
constexpr Formula kAtLimit = bit_or(equal(x, 0), isinf(x));
constexpr Formula kPower = pow(x, y - 1);
constexpr Formula kSlopeInEighths = where(isfinite(kPower), y* kPower, y* z / x);
constexpr Formula kSlopeOfPower =
    where(equal(y, 0), where(isfinite(kPower), y* kPower, 0),
          where(kIsGood, y* kPower,
                where(kAtLimit, y* kPower, where(kIsInEighths, kSlopeInEighths, y* z / x))));

// clang-format off
constexpr ElementwiseDef kArithmetic[] = {
    {.op = Op::add, .doc = "x + y",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(1, 1),
     .traits = kCommutative | kAssociative | kSum,
     .eval = host::wrapping<[](auto a, auto b) { return a + b; }>,
     .emit = instruction(Instruction::add)},
    {.op = Op::sub, .doc = "x - y",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(1, -1),
     .traits = kSum | kNegated,
     .eval = host::wrapping<[](auto a, auto b) { return a - b; }>,
     .emit = instruction(Instruction::sub)},
    {.op = Op::mul, .doc = "x * y",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(y, x),
     .traits = kCommutative | kAssociative | kProduct,
     .eval = host::wrapping<[](auto a, auto b) { return a * b; }>,
     .emit = instruction(Instruction::mul)},
    {.op = Op::div, .doc = "x / y",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = partials(1 / y, -(z / y)),
     .traits = kProduct | kNegated | kCostly,
     .eval = [](Operands v, DType d) { return Scalar::of(d, v[0].real / v[1].real); },
     .emit = instruction(Instruction::div),
     .samples = Samples::nonzero},
    {.op = Op::neg, .doc = "-x",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(-1),
     .traits = kSum | kNegated | kOdd | kZeroPreserving,
     .eval = host::wrapping<[](auto a, auto) { return -a; }>,
     .emit = instruction(Instruction::neg)},
    {.op = Op::abs, .doc = "the magnitude of x; its derivative at 0 is 0",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(sign(x)),
     .traits = kEven | kZeroPreserving,
     .eval = host::unary<[](auto a) { return host::absolute(a); }>,
     .emit = lanes(lane::abs)},
    {.op = Op::sign, .doc = "-1, 0 or 1; NaN for NaN",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kIncreasing | kOdd | kZeroPreserving,
     .eval = host::unary<[](auto a) { return host::sign(a); }>,
     .emit = lanes(lane::sign)},
    {.op = Op::square, .doc = "x * x",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(2 * x),
     .traits = kProduct | kEven | kZeroPreserving,
     .eval = host::wrapping<[](auto a, auto) { return a * a; }>,
     .emit = expand(x * x)},
    {.op = Op::reciprocal, .doc = "1 / x",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = partials(-square(z)),
     .traits = kProduct | kNegated | kOdd | kCostly,
     .eval = host::real<[](double a) { return 1 / a; }>,
     .emit = expand(1 / x),
     .samples = Samples::nonzero},
    {.op = Op::sqrt, .doc = "the square root of x; its derivative at 0 is inf",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = partials(0.5 / z),
     .traits = kIncreasing | kZeroPreserving | kCostly,
     .eval = host::real<[](double a) { return std::sqrt(a); }>,
     .emit = instruction(Instruction::sqrt),
     .samples = Samples::positive},
    {.op = Op::pow, .doc = "x to the power y; 0 ** 0 is 1; d/dy is 0 at x = 0, y > 0",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(kSlopeOfPower,
                      where(equal(z, 0), 0, z * log(x))),
     .traits = kCostly,
     .eval = host::binary<[](auto a, auto b) { return host::power(a, b); }>,
     .emit = lanes(lane::pow),
     .samples = Samples::positive,
     .error = {1, 1}},
    {.op = Op::maximum, .doc = "the larger one; NaN where one is NaN; ties share the gradient",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(where(greater(x, y), 1, where(equal(x, y), 0.5, 0)),
                      where(less(x, y), 1, where(equal(x, y), 0.5, 0))),
     .traits = kCommutative | kAssociative,
     .eval = host::binary<[](auto a, auto b) { return host::maximum(a, b); }>,
     .emit = instruction(Instruction::maximum)},
    {.op = Op::minimum, .doc = "the smaller one; NaN where one is NaN; ties share the gradient",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(where(less(x, y), 1, where(equal(x, y), 0.5, 0)),
                      where(greater(x, y), 1, where(equal(x, y), 0.5, 0))),
     .traits = kCommutative | kAssociative,
     .eval = host::binary<[](auto a, auto b) { return host::minimum(a, b); }>,
     .emit = instruction(Instruction::minimum)},
    {.op = Op::clip, .doc = "x, at least y and at most w; NaN where one is NaN; the derivative is 1 on both edges",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(where(bit_and(greater_equal(x, y), less_equal(x, w)), 1, 0),
                      where(bit_and(less(x, y), less_equal(y, w)), 1, 0),
                      where(greater(maximum(x, y), w), 1, 0)),
     .traits = kNone,
     .eval = host::clip,
     .emit = expand(minimum(maximum(x, y), w))},
    {.op = Op::floor_divide, .doc = "x // y, rounded towards -inf; integers: 0 for y = 0",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kCostly,
     .eval = host::binary<[](auto a, auto b) { return host::floor_divide(a, b); }>,
     .emit = lanes(lane::floor_divide),
     .samples = Samples::nonzero},
    {.op = Op::remainder, .doc = "x % y, with the sign of y; integers: 0 for y = 0",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(1, -floor_divide(x, y)),
     .traits = kCostly,
     .eval = host::binary<[](auto a, auto b) { return host::remainder(a, b); }>,
     .emit = lanes(lane::remainder),
     .samples = Samples::nonzero},
    {.op = Op::fma, .doc = "x * y + w, rounded once",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = partials(y, x, 1),
     .traits = kFusedMultiplyAdd,
     .eval = host::fused,
     .emit = instruction(Instruction::fma)},
};

constexpr ElementwiseDef kChoices[] = {
    {.op = Op::relu, .doc = "x where it is positive, else 0; its derivative at 0 is 0",
     .types = DTypes::numbers, .result = ResultDType::same,
     .grad = partials(where(greater(x, 0), 1, 0)),
     .traits = kIncreasing | kZeroPreserving,
     .eval = host::unary<[](auto a) { return host::maximum(a, decltype(a){0}); }>,
     .emit = expand(maximum(x, 0))},
    {.op = Op::floor, .doc = "the largest integer <= x",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kIncreasing | kZeroPreserving,
     .eval = host::real<[](double a) { return std::floor(a); }>,
     .emit = instruction(Instruction::floor)},
    {.op = Op::ceil, .doc = "the smallest integer >= x",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kIncreasing | kZeroPreserving,
     .eval = host::real<[](double a) { return std::ceil(a); }>,
     .emit = instruction(Instruction::ceil)},
    {.op = Op::trunc, .doc = "x without its fraction",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kIncreasing | kOdd | kZeroPreserving,
     .eval = host::real<[](double a) { return std::trunc(a); }>,
     .emit = instruction(Instruction::trunc)},
    {.op = Op::round, .doc = "the nearest integer; halves go to the even one",
     .types = DTypes::floats, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kIncreasing | kOdd | kZeroPreserving,
     .eval = host::real<[](double a) { return std::nearbyint(a); }>,
     .emit = instruction(Instruction::round_even)},
    {.op = Op::isnan, .doc = "whether x is NaN",
     .types = DTypes::floats, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kNone,
     .eval = [](Operands v, DType d) { return Scalar::of_integer(d, std::isnan(v[0].real)); },
     .emit = expand(not_equal(x, x))},
    {.op = Op::isinf, .doc = "whether x is inf or -inf",
     .types = DTypes::floats, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kEven,
     .eval = [](Operands v, DType d) { return Scalar::of_integer(d, std::isinf(v[0].real)); },
     .emit = expand(equal(abs(x), kInfinity))},
    {.op = Op::isfinite, .doc = "whether x is neither NaN nor infinite",
     .types = DTypes::floats, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kEven,
     .eval = [](Operands v, DType d) { return Scalar::of_integer(d, std::isfinite(v[0].real)); },
     .emit = expand(less(abs(x), kInfinity))},
    {.op = Op::equal, .doc = "whether x == y; false on NaN",
     .types = DTypes::any, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kCommutative,
     .eval = host::binary<std::equal_to<>{}>,
     .emit = instruction(Instruction::equal)},
    {.op = Op::not_equal, .doc = "whether x != y; true on NaN",
     .types = DTypes::any, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kCommutative,
     .eval = host::binary<std::not_equal_to<>{}>,
     .emit = instruction(Instruction::not_equal)},
    {.op = Op::less, .doc = "whether x < y; false on NaN",
     .types = DTypes::any, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kNone,
     .eval = host::binary<std::less<>{}>,
     .emit = instruction(Instruction::less)},
    {.op = Op::less_equal, .doc = "whether x <= y; false on NaN",
     .types = DTypes::any, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kNone,
     .eval = host::binary<std::less_equal<>{}>,
     .emit = instruction(Instruction::less_equal)},
    {.op = Op::greater, .doc = "whether x > y; false on NaN",
     .types = DTypes::any, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kNone,
     .eval = host::binary<std::greater<>{}>,
     .emit = instruction(Instruction::greater)},
    {.op = Op::greater_equal, .doc = "whether x >= y; false on NaN",
     .types = DTypes::any, .result = ResultDType::boolean,
     .grad = kPiecewiseConstant,
     .traits = kNone,
     .eval = host::binary<std::greater_equal<>{}>,
     .emit = instruction(Instruction::greater_equal)},
    {.op = Op::bit_and, .doc = "x & y: bitwise on integers, logical on bool",
     .types = DTypes::bits, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kCommutative | kAssociative,
     .eval = [](Operands v, DType d) { return Scalar::of_integer(d, v[0].integer & v[1].integer); },
     .emit = instruction(Instruction::bit_and),
     .samples = Samples::integers},
    {.op = Op::bit_or, .doc = "x | y: bitwise on integers, logical on bool",
     .types = DTypes::bits, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kCommutative | kAssociative,
     .eval = [](Operands v, DType d) { return Scalar::of_integer(d, v[0].integer | v[1].integer); },
     .emit = instruction(Instruction::bit_or),
     .samples = Samples::integers},
    {.op = Op::bit_xor, .doc = "x ^ y: bitwise on integers, logical on bool",
     .types = DTypes::bits, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kCommutative | kAssociative,
     .eval = [](Operands v, DType d) { return Scalar::of_integer(d, v[0].integer ^ v[1].integer); },
     .emit = instruction(Instruction::bit_xor),
     .samples = Samples::integers},
    {.op = Op::bit_not, .doc = "~x: bitwise on integers, logical on bool",
     .types = DTypes::bits, .result = ResultDType::same,
     .grad = kPiecewiseConstant,
     .traits = kNone,
     .eval = [](Operands v, DType d) {
       return Scalar::of_integer(d, is_bool(d) ? 1 - v[0].integer : ~v[0].integer);
     },
     .emit = instruction(Instruction::bit_not),
     .samples = Samples::integers},
    {.op = Op::where, .doc = "y where x is true, else w; the one not taken has no part in the gradient",
     .types = DTypes::any, .result = ResultDType::chosen,
     .grad = partials(0, where(x, 1, 0), where(x, 0, 1)),
     .traits = kSelects,
     .eval = [](Operands v, DType) { return v[0].integer != 0 ? v[1] : v[2]; },
     .emit = instruction(Instruction::select)},
    {.op = Op::cast, .doc = "x in another dtype: floats saturate to integers, integers wrap",
     .types = DTypes::any, .result = ResultDType::given,
     .grad = partials(1),
     .traits = kZeroPreserving,
     .eval = host::convert,
     .emit = lanes(lane::cast)},
};
// clang-format on

struct Table {
  ElementwiseDef rows[std::size(kArithmetic) + std::size(kFunctions) + std::size(kChoices)];
};
constexpr Table table() {
  Table all{};
  ElementwiseDef* next = all.rows;
  for (const ElementwiseDef& row : kArithmetic) *next++ = row;
  for (const ElementwiseDef& row : kFunctions) *next++ = row;
  for (const ElementwiseDef& row : kChoices) *next++ = row;
  return all;
}
constexpr Table kElementwise = table();
static_assert(covers(kElementwise.rows, Family::elementwise),
              "one row for each elementwise line of ops.def, in the same order");

}  // namespace
}  // namespace thx::formula

namespace thx {

std::span<const ElementwiseDef> elementwise_rows() { return formula::kElementwise.rows; }

}  // namespace thx
