// SPDX-License-Identifier: Apache-2.0
// Promotion: the dtype in which numbers meet. Literals are weak and take what they meet.
#include <algorithm>
#include <cmath>

#include "frontend/functions.h"
#include "support/text.h"

namespace thx {
namespace {

std::optional<DType> signed_of_bytes(int bytes) {
  switch (bytes) {
    case 1: return DType::i8;
    case 2: return DType::i16;
    case 4: return DType::i32;
    case 8: return DType::i64;
    default: return std::nullopt;
  }
}

// Two integers, as in NumPy: the smallest that holds both; u64 and a signed one have none.
std::optional<DType> wider_integer(DType a, DType b) {
  if (is_signed(a) == is_signed(b)) return bytes_of(a) >= bytes_of(b) ? a : b;
  const DType with_sign = is_signed(a) ? a : b;
  const DType without = is_signed(a) ? b : a;
  return signed_of_bytes(std::max(bytes_of(with_sign), 2 * bytes_of(without)));
}

std::optional<DType> wider(DType a, DType b) {
  if (is_float(a) && is_float(b)) return bytes_of(a) >= bytes_of(b) ? a : b;
  if (is_float(a) || is_bool(b)) return a;
  if (is_float(b) || is_bool(a)) return b;
  return wider_integer(a, b);
}

// What the numbers of an expression are, literals apart.
struct Meeting {
  std::optional<DType> strong;
  bool real = false, integer = false, beyond = false;  // literals
  std::optional<std::pair<const Operand*, const Operand*>> clash;
  const Operand* widest = nullptr;

  void add(const Lowering& l, const Operand& operand) {
    if (is_array_literal(operand)) {
      for (const Operand* element : elements_of(operand)) add(l, *element);
      return;
    }
    if (operand.weak) {
      real |= operand.is(Operand::Kind::real);
      integer |= operand.is(Operand::Kind::integer);
      beyond |= operand.beyond;
      return;
    }
    const DType dtype = default_dtype(l, operand);
    if (!strong) {
      strong = dtype;
      widest = &operand;
      return;
    }
    const std::optional<DType> both = wider(*strong, dtype);
    if (!both) {
      if (!clash) clash = {widest, &operand};
      return;
    }
    if (*both != *strong) widest = &operand;
    strong = both;
  }

  DType result(const Lowering& l) const {
    const DType base = strong.value_or(DType::boolean);
    if (real && !is_float(base)) return l.float_x;
    if (integer && is_bool(base)) return DType::i64;
    return base;
  }
};

Meeting meeting_of(const Lowering& l, std::span<const Operand> operands) {
  Meeting meeting;
  for (const Operand& operand : operands) meeting.add(l, operand);
  return meeting;
}

}  // namespace

DType default_dtype(const Lowering& l, const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::value: return operand.value->dtype();
    case Operand::Kind::integer: return DType::i64;
    case Operand::Kind::boolean: return DType::boolean;
    case Operand::Kind::sequence: return meeting_of(l, {&operand, 1}).result(l);
    default: return l.float_x;
  }
}

DType meet(const Lowering& l, std::span<const Operand> operands) {
  return meeting_of(l, operands).result(l);
}

std::optional<DType> meet(Lowering& l, std::span<const Operand> operands, const Place& place) {
  const Meeting meeting = meeting_of(l, operands);
  if (!meeting.clash) return meeting.result(l);
  const auto& [a, b] = *meeting.clash;
  l.report(Err::dtype_mismatch, place.mark,
           format("{} of u64 and a signed integer has no dtype that holds both", place.spelled))
      .label(a->span, spell(*a))
      .label(b->span, spell(*b))
      .help("convert one of them: `i64(x)` or `u64(x)`");
  return std::nullopt;
}

bool meets_unsigned(const Lowering& l, std::span<const Operand> operands) {
  return meeting_of(l, operands).clash.has_value();
}

// ---- Literals in a dtype

namespace {

// A literal that loses its value altogether does not fit.
bool fits_float(double value, DType dtype) {
  if (dtype != DType::f32 || !std::isfinite(value) || value == 0) return true;
  const auto narrow = static_cast<float>(value);
  return std::isfinite(narrow) && narrow != 0;
}

bool fits_integer(const Operand& literal, DType dtype) {
  if (!is_integer(dtype)) return true;
  if (dtype == DType::u64) return literal.beyond || literal.integer >= 0;
  return !literal.beyond && Scalar::of_integer(dtype, literal.integer).integer == literal.integer;
}

std::string digits_of(const Operand& literal) {
  return literal.beyond ? std::to_string(static_cast<uint64_t>(literal.integer))
                        : std::to_string(literal.integer);
}

}  // namespace

Scalar wrapped_literal(const Operand& literal, DType dtype) {
  switch (literal.kind) {
    case Operand::Kind::real: return Scalar::of(dtype, literal.real);
    case Operand::Kind::integer:
      if (literal.beyond && is_float(dtype)) {
        const auto bits = static_cast<uint64_t>(literal.integer);
        return Scalar::of(
            dtype, dtype == DType::f32 ? static_cast<float>(bits) : static_cast<double>(bits));
      }
      return Scalar::of_integer(dtype, literal.integer);
    default: return Scalar::of_integer(dtype, literal.truth ? 1 : 0);
  }
}

std::optional<Scalar> fitted_literal(Lowering& l, const Operand& literal, DType dtype) {
  if (literal.is(Operand::Kind::real) && !fits_float(literal.real, dtype)) {
    l.report(Err::literal_range, literal.span,
             format("{} does not fit {}", format_double(literal.real), spelling(dtype)))
        .help(format("write `f64({})` to compute in f64", format_double(literal.real)));
    return std::nullopt;
  }
  if (literal.is(Operand::Kind::integer) && !fits_integer(literal, dtype)) {
    Diagnostic& error = l.report(Err::literal_range, literal.span,
                                 format("{} does not fit {}", digits_of(literal), spelling(dtype)));
    if (literal.beyond) {
      error.help(format("write `u64({})`", digits_of(literal)));
    } else if (is_integer(dtype)) {
      error.help(format("write `i64({0})` to compute in i64, or `{1}({0})` to wrap",
                        digits_of(literal), spelling(dtype)));
    }
    return std::nullopt;
  }
  return wrapped_literal(literal, dtype);
}

}  // namespace thx
