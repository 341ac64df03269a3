// SPDX-License-Identifier: Apache-2.0
// Intervals of floats: which results are right.
#include <bit>
#include <cmath>
#include <limits>

#include "formulas.h"
#include "support/text.h"

namespace thx::stability {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double largest(DType dtype) {
  return dtype == DType::f32 ? std::numeric_limits<float>::max()
                             : std::numeric_limits<double>::max();
}

// factor * value in the dtype's own arithmetic.
double product(double factor, double value, DType dtype) {
  if (dtype == DType::f32) return static_cast<float>(factor) * static_cast<float>(value);
  return factor * value;
}

bool power_of_two(double value) {
  int exponent = 0;
  return std::abs(std::frexp(value, &exponent)) == 0.5;
}

}  // namespace

int64_t ordinal(double value, DType dtype) {
  if (dtype == DType::f32) {
    const auto bits = std::bit_cast<int32_t>(static_cast<float>(value));
    return bits < 0 ? static_cast<int64_t>(std::numeric_limits<int32_t>::min()) - bits : bits;
  }
  const auto bits = std::bit_cast<int64_t>(value);
  return bits < 0 ? std::numeric_limits<int64_t>::min() - bits : bits;
}

double from_ordinal(int64_t place, DType dtype) {
  const int64_t size = place < 0 ? -place : place;
  const double value = dtype == DType::f32 ? std::bit_cast<float>(static_cast<int32_t>(size))
                                           : std::bit_cast<double>(size);
  return place < 0 ? -value : value;
}

Bound scaled(const Bound& bound, double factor, DType dtype) {
  if (factor == 1) return bound;
  if (bound.kind == Bound::Kind::bits) {
    const double value = from_ordinal(bound.low, dtype);
    const double result = product(factor, bound.negative_zero ? -0.0 : value, dtype);
    return {Bound::Kind::bits, ordinal(result, dtype), ordinal(result, dtype),
            result == 0 && std::signbit(result)};
  }
  if (bound.kind != Bound::Kind::interval) return bound;
  const int64_t end = ordinal(kInfinity, dtype);
  // What overflowed may come back into range.
  const auto inner = [&](int64_t place) {
    const double value = from_ordinal(place, dtype);
    return std::abs(factor) < 1 ? std::copysign(largest(dtype), value) : value;
  };
  const auto outer = [&](int64_t place) { return from_ordinal(place, dtype); };
  double low = bound.low == end ? inner(bound.low) : outer(bound.low);
  double high = bound.high == -end ? inner(bound.high) : outer(bound.high);
  low = product(factor, low, dtype);
  high = product(factor, high, dtype);
  if (factor < 0) std::swap(low, high);
  Bound result{Bound::Kind::interval, ordinal(low, dtype), ordinal(high, dtype), false};
  // A factor that rounds, or a result among the denormals, costs a rounding more.
  const double least =
      dtype == DType::f32 ? std::numeric_limits<float>::min() : std::numeric_limits<double>::min();
  const bool widens = !power_of_two(factor) || std::abs(low) < least || std::abs(high) < least;
  // What is 0 by underflow is not by a factor above 1.
  const bool zero = bound.low == 0 && bound.high == 0 && std::abs(factor) <= 1;
  if (widens && !zero && std::isfinite(low)) --result.low;
  if (widens && !zero && std::isfinite(high)) ++result.high;
  return result;
}

Bound exactly(double value, DType dtype) {
  return {Bound::Kind::interval, ordinal(value, dtype), ordinal(value, dtype), false};
}

bool admits(const Bound& bound, double got, DType dtype) {
  switch (bound.kind) {
    case Bound::Kind::free: return true;
    case Bound::Kind::nan: return std::isnan(got);
    case Bound::Kind::bits:
      return !std::isnan(got) && ordinal(got, dtype) == bound.low &&
             (got != 0 || std::signbit(got) == bound.negative_zero);
    case Bound::Kind::interval:
      return !std::isnan(got) && ordinal(got, dtype) >= bound.low &&
             ordinal(got, dtype) <= bound.high;
  }
  return false;
}

std::string describe(const Bound& bound, DType dtype) {
  const auto text = [&](int64_t place) {
    const double value = from_ordinal(place, dtype);
    return dtype == DType::f32 ? format("{}", static_cast<float>(value)) : format("{}", value);
  };
  switch (bound.kind) {
    case Bound::Kind::free: return "anything";
    case Bound::Kind::nan: return "nan";
    case Bound::Kind::bits: return bound.negative_zero ? "-0" : text(bound.low) + " by bits";
    case Bound::Kind::interval:
      return bound.low == bound.high ? text(bound.low)
                                     : text(bound.low) + " to " + text(bound.high);
  }
  return "";
}

}  // namespace thx::stability
