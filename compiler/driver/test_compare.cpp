// SPDX-License-Identifier: Apache-2.0
// Comparisons of arrays, and the words for the first place where they fail.
#include "driver/test_compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "driver/element_place.h"
#include "support/text.h"

namespace thx {
namespace {

using reference::Array;

std::string spelled(const Scalar& scalar) {
  if (is_bool(scalar.dtype)) return scalar.integer != 0 ? "true" : "false";
  if (is_float(scalar.dtype) && std::isnan(scalar.real)) return "nan";
  if (scalar.dtype == DType::f32) return format_float(static_cast<float>(scalar.real));
  if (is_float(scalar.dtype)) return format_double(scalar.real);
  if (scalar.dtype == DType::u64) return std::to_string(static_cast<uint64_t>(scalar.integer));
  return std::to_string(scalar.integer);
}

// How many floats of the dtype lie between two, the last included.
double distance(const Scalar& a, const Scalar& b) {
  const auto rank = [](const Scalar& scalar) -> int64_t {
    if (scalar.dtype == DType::f32) {
      const auto bits = std::bit_cast<int32_t>(static_cast<float>(scalar.real));
      return bits < 0 ? -static_cast<int64_t>(bits & INT32_MAX) : bits;
    }
    const auto bits = std::bit_cast<int64_t>(scalar.real);
    return bits < 0 ? -(bits & INT64_MAX) : bits;
  };
  return std::fabs(static_cast<double>(rank(a)) - static_cast<double>(rank(b)));
}

bool is_close(const Expectation& expectation, const Scalar& a, const Scalar& b) {
  if (!is_float(a.dtype)) {
    if (a.integer == b.integer) return true;
    if (expectation.ulp) return false;
  }
  const double x = a.as_real(), y = b.as_real();
  if (std::isnan(x) || std::isnan(y)) {
    return expectation.equal_nan && std::isnan(x) && std::isnan(y);
  }
  if (x == y) return true;
  if (std::isinf(x) || std::isinf(y)) return false;
  if (expectation.ulp) return distance(a, b) <= static_cast<double>(*expectation.ulp);
  return std::fabs(x - y) <= expectation.atol + expectation.rtol * std::fabs(y);
}

std::string difference(const Scalar& a, const Scalar& b, bool in_ulp) {
  if (is_bool(a.dtype)) return "they differ";
  if (!is_float(a.dtype) && !is_float(b.dtype)) {
    const auto x = static_cast<__int128>(a.integer), y = static_cast<__int128>(b.integer);
    const auto apart = static_cast<double>(x > y ? x - y : y - x);
    return format("they differ by {:.17g}", apart);
  }
  const double x = a.as_real(), y = b.as_real();
  if (std::isnan(x) || std::isnan(y)) return "NaN equals nothing";
  std::string words = format("they differ by {:.3g}", std::fabs(x - y));
  if (in_ulp) words += format(", {:.0f} ulp", distance(a, b));
  return words;
}

std::optional<Mismatch> first_of(const Array& left, const Array& right, bool in_ulp,
                                 const std::function<bool(size_t)>& holds) {
  std::optional<size_t> first;
  size_t failures = 0;
  for (size_t i = 0; i < left.elements.size(); ++i) {
    if (holds(i)) continue;
    ++failures;
    if (!first) first = i;
  }
  if (!first) return std::nullopt;
  const Scalar& a = left.elements[*first];
  const Scalar& b = right.elements[*first];
  Mismatch found{spelled(a), spelled(b), difference(a, b, in_ulp)};
  if (!left.extents.empty()) {
    found.difference += format(" at {}", element_place(left.extents, *first));
    if (failures > 1) {
      found.difference +=
          format(", the first of {} places among {}", failures, left.elements.size());
    }
  }
  return found;
}

}  // namespace

std::optional<Mismatch> compare(const Expectation& expectation, const std::vector<Array>& outputs) {
  const Array& left = outputs[expectation.first];
  if (expectation.kind == Expectation::Kind::holds) {
    const auto failing = std::find_if(left.elements.begin(), left.elements.end(),
                                      [](const Scalar& each) { return each.integer == 0; });
    if (failing == left.elements.end()) return std::nullopt;
    const std::string place =
        left.extents.empty()
            ? std::string()
            : format("it is false at {}",
                     element_place(left.extents,
                                   static_cast<size_t>(failing - left.elements.begin())));
    return Mismatch{"false", "", place};
  }
  const Array& right = outputs[expectation.first + 1];
  if (expectation.kind == Expectation::Kind::comparison) {
    const Array& holds = outputs[expectation.first + 2];
    return first_of(left, right, false, [&](size_t i) { return holds.elements[i].integer != 0; });
  }
  return first_of(left, right, expectation.ulp.has_value(), [&](size_t i) {
    return is_close(expectation, left.elements[i], right.elements[i]);
  });
}

std::optional<Mismatch> compare_gradient(const Expectation& expectation, const Array& gradient,
                                         const Array& differences) {
  // Differences are as exact as the largest of them allows.
  double largest = 0;
  for (const Scalar& each : differences.elements) {
    if (std::isfinite(each.real)) largest = std::max(largest, std::fabs(each.real));
  }
  const double slack = expectation.atol * std::max(largest, 1.0);
  return first_of(gradient, differences, false, [&](size_t i) {
    const double a = gradient.elements[i].real, b = differences.elements[i].real;
    if (std::isinf(a) || std::isinf(b)) return a == b;
    return std::fabs(a - b) <= slack + expectation.rtol * std::max(std::fabs(a), std::fabs(b));
  });
}

}  // namespace thx
