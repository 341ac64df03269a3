// SPDX-License-Identifier: Apache-2.0
// Arithmetic of literals, computed in f64 or i64 while compiling, and of extents.
#include <algorithm>
#include <cmath>

#include "frontend/lowering.h"
#include "ops/op_def.h"
#include "support/text.h"

namespace thx {
namespace {

Operand report_overflow(Lowering& l, const Place& place) {
  l.report(Err::literal_range, place.whole, "this integer does not fit i64");
  return {};
}

bool is_integral(const Operand& operand) {
  return operand.is(Operand::Kind::integer) || operand.is(Operand::Kind::boolean);
}

int64_t as_integer(const Operand& operand) {
  return operand.is(Operand::Kind::boolean) ? (operand.truth ? 1 : 0) : operand.integer;
}

double as_real(const Operand& operand) {
  if (operand.beyond) return static_cast<double>(static_cast<uint64_t>(operand.integer));
  return operand.is(Operand::Kind::real) ? operand.real : static_cast<double>(as_integer(operand));
}

// Python's // and %: the remainder has the divisor's sign; NumPy's 0 for a zero divisor.
int64_t floor_divide(int64_t a, int64_t b) {
  if (b == 0) return 0;
  if (b == -1) return static_cast<int64_t>(-static_cast<uint64_t>(a));
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

std::optional<int64_t> integer_result(ast::Operator op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case ast::Operator::add:
      return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case ast::Operator::subtract:
      return __builtin_sub_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case ast::Operator::multiply:
      return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case ast::Operator::floor_divide: return floor_divide(a, b);
    default: return b == 0 ? 0 : a - b * floor_divide(a, b);
  }
}

bool is_extent_operator(ast::Operator op) {
  switch (op) {
    case ast::Operator::add:
    case ast::Operator::subtract:
    case ast::Operator::multiply:
    case ast::Operator::floor_divide:
    case ast::Operator::remainder: return true;
    default: return false;
  }
}

Extent combine(ast::Operator op, const Extent& a, const Extent& b) {
  switch (op) {
    case ast::Operator::add: return a + b;
    case ast::Operator::subtract: return a - b;
    case ast::Operator::multiply: return a * b;
    case ast::Operator::floor_divide: return floordiv(a, b);
    default: return mod(a, b);
  }
}

// `N ** 2` is an extent; a power of a number is computed as one.
std::optional<Operand> extent_power(Lowering& l, const Operand& base, const Operand& exponent,
                                    const Place& place) {
  constexpr int64_t kMostFactors = 16;
  const bool counts = exponent.weak && !exponent.beyond && exponent.integer >= 0 &&
                      exponent.integer <= kMostFactors;
  if (base.extent.is_known() || !exponent.extent.is_known() || !counts) return std::nullopt;
  std::optional<Operand> power = Operand::of_integer(1, place.whole);
  for (int64_t i = 0; i < exponent.integer && power && !power->poisoned(); ++i) {
    power = extent_arithmetic(l, ast::Operator::multiply, *power, base, place);
  }
  return power;
}

}  // namespace

std::optional<Operand> extent_arithmetic(Lowering& l, ast::Operator op, const Operand& a,
                                         const Operand& b, const Place& place) {
  const bool integers = a.is(Operand::Kind::integer) && b.is(Operand::Kind::integer);
  if (integers && op == ast::Operator::power) return extent_power(l, a, b, place);
  if (!integers || !is_extent_operator(op)) return std::nullopt;
  const bool divides = op == ast::Operator::floor_divide || op == ast::Operator::remainder;
  const bool weak = a.weak && b.weak;
  std::optional<int64_t> result;
  if (a.beyond || b.beyond) return report_overflow(l, place);
  if (weak) {
    result = integer_result(op, a.integer, b.integer);
    if (!result) return report_overflow(l, place);
    if (a.extent.is_known() && b.extent.is_known())
      return Operand::of_integer(*result, place.whole);
  }
  constexpr double kSafe = 4e18;  // below 2^62
  const double bound = op == ast::Operator::multiply ? magnitude(a.extent) * magnitude(b.extent)
                                                     : magnitude(a.extent) + magnitude(b.extent);
  if (bound > kSafe) return report_overflow(l, place);
  const size_t left = weight(a.extent), right = weight(b.extent);
  const size_t terms = op == ast::Operator::multiply
                           ? left * b.extent.terms().size() + right * a.extent.terms().size()
                           : left + right;
  if (terms > 2 * kMostTerms) {
    l.report(Err::bad_extent, place.whole, "this extent has too many terms")
        .help("declare a `dim` for a part of it");
    return Operand{};
  }
  if (divides && b.extent.is_known() && b.extent.known() <= 0) {
    l.report(Err::bad_extent, place.mark,
             format("an extent cannot be divided by {}", b.extent.known()));
    return Operand{};
  }
  Extent extent = combine(op, a.extent, b.extent);
  return weak ? Operand::of_constant(*result, std::move(extent), place.whole)
              : Operand::of_extent(std::move(extent), place.whole);
}

std::optional<Operand> extent_extreme(Lowering& l, ExtentFunction function, const Operand& a,
                                      const Operand& b, const Place& place) {
  const bool extents =
      a.is(Operand::Kind::integer) && b.is(Operand::Kind::integer) && !a.beyond && !b.beyond;
  if (!extents || (a.extent.is_known() && b.extent.is_known())) return std::nullopt;
  if (weight(a.extent) + weight(b.extent) > 2 * kMostTerms) {
    l.report(Err::bad_extent, place.whole, "this extent has too many terms")
        .help("declare a `dim` for a part of it");
    return Operand{};
  }
  Extent extent = Extent::apply(function, a.extent, b.extent);
  if (!a.weak || !b.weak) return Operand::of_extent(std::move(extent), place.whole);
  const int64_t value = function == ExtentFunction::min ? std::min(a.integer, b.integer)
                                                        : std::max(a.integer, b.integer);
  return Operand::of_constant(value, std::move(extent), place.whole);
}

Operand fold(Lowering& l, Op op, std::span<const Operand> operands, const Place& place, bool real) {
  const ElementwiseDef& row = elementwise(op);
  const bool chooses = row.result == ResultDType::chosen;
  const std::span<const Operand> numbers = operands.subspan(chooses ? 1 : 0);
  const bool integral = std::all_of(numbers.begin(), numbers.end(), is_integral);
  const bool booleans = std::all_of(numbers.begin(), numbers.end(), [](const Operand& operand) {
    return operand.is(Operand::Kind::boolean);
  });
  DType dtype = booleans ? DType::boolean : integral ? DType::i64 : DType::f64;
  if (real || row.types == DTypes::floats) dtype = DType::f64;
  const auto beyond = std::find_if(numbers.begin(), numbers.end(),
                                   [](const Operand& operand) { return operand.beyond; });
  if (!is_float(dtype) && beyond != numbers.end()) {
    fitted_literal(l, *beyond, DType::i64);
    return {};
  }
  if (!accepts(row.types, dtype)) {
    l.report(Err::dtype_mismatch, place.mark,
             format("{} is not defined for {}", place.spelled, spelling(dtype)));
    return {};
  }
  std::vector<Scalar> scalars;
  for (const Operand& operand : operands) {
    const bool condition = chooses && scalars.empty();
    scalars.push_back(condition         ? Scalar::of_integer(DType::boolean, as_integer(operand))
                      : is_float(dtype) ? Scalar::of(dtype, as_real(operand))
                                        : Scalar::of_integer(dtype, as_integer(operand)));
  }
  const DType to = row.result == ResultDType::boolean ? DType::boolean : dtype;
  const Scalar result = row.eval(scalars, to);
  if (is_bool(to)) return Operand::of_boolean(result.integer != 0, place.whole);
  if (is_float(to)) return Operand::of_real(result.real, place.whole);
  // The same in f64 tells whether i64 has wrapped.
  std::vector<Scalar> reals;
  for (const Scalar& scalar : scalars) reals.push_back(Scalar::of(DType::f64, scalar.as_real()));
  if (!chooses && accepts(row.types, DType::f64)) {
    const double exact = row.eval(reals, DType::f64).real;
    if (std::fabs(exact - static_cast<double>(result.integer)) > 1e-6 * std::fabs(exact) + 1) {
      return report_overflow(l, place);
    }
  }
  return Operand::of_integer(result.integer, place.whole);
}

}  // namespace thx
