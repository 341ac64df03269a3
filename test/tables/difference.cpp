// SPDX-License-Identifier: Apache-2.0
// Compares arrays element by element, within what each case allows.
#include <bit>
#include <cmath>
#include <limits>

#include "support/text.h"
#include "table.h"

namespace thx::tables {

namespace {

// Floats in the order of the reals as integers one apart; both zeros are one.
template <class Float, class Bits>
Bits ordered(Float value) {
  const Bits bits = std::bit_cast<Bits>(value);
  return bits < 0 ? std::numeric_limits<Bits>::min() - bits : bits;
}

template <class Float, class Bits>
bool fits(Float got, Float want, const Tolerance& tolerance) {
  if (std::isnan(got) || std::isnan(want)) return std::isnan(got) && std::isnan(want);
  if (!tolerance.ulp && !tolerance.rtol)
    return std::bit_cast<Bits>(got) == std::bit_cast<Bits>(want);
  if (got == want) return true;
  if (tolerance.ulp) {
    const double apart = std::abs(static_cast<double>(ordered<Float, Bits>(got)) -
                                  static_cast<double>(ordered<Float, Bits>(want)));
    return apart <= static_cast<double>(*tolerance.ulp);
  }
  if (std::isinf(got) || std::isinf(want)) return false;
  const double apart = std::abs(static_cast<double>(got) - static_cast<double>(want));
  return apart <= tolerance.atol + *tolerance.rtol * std::abs(static_cast<double>(want));
}

std::string place(const HostArray& array, int64_t i) {
  std::vector<int64_t> index(array.extents.size());
  for (size_t axis = array.extents.size(); axis-- > 0;) {
    index[axis] = i % array.extents[axis];
    i /= array.extents[axis];
  }
  return "[" + join(index, ", ", [](int64_t k) { return format("{}", k); }) + "]";
}

std::string allowed(const Tolerance& tolerance) {
  if (tolerance.ulp) return format(" within {} ulp", *tolerance.ulp);
  if (tolerance.rtol) return format(" within {} of it and {}", *tolerance.rtol, tolerance.atol);
  return "";
}

// The first element for which fits(got, want) does not hold.
template <class T, class Fits>
std::string first_difference(const HostArray& got, const Wanted& wanted, Fits fits) {
  int64_t wrong = 0;
  std::string text;
  for (int64_t i = 0; i < got.count(); ++i) {
    const T left = got.at<T>(i), right = wanted.array.at<T>(i);
    if (fits(left, right)) continue;
    if (++wrong > 1) continue;
    text = format(" {} is {}, wanted {}{}", place(got, i), left, right, allowed(wanted.tolerance));
  }
  if (wrong > 1) text += format(" ({} of {} elements differ)", wrong, got.count());
  return text;
}

template <class T>
std::string integer_difference(const HostArray& got, const Wanted& wanted) {
  return first_difference<T>(got, wanted, [](T left, T right) { return left == right; });
}

}  // namespace

std::string difference(const HostArray& got, const Wanted& wanted) {
  if (got.dtype != wanted.array.dtype || got.extents != wanted.array.extents)
    return format(" is {}, wanted {}", type_text(got), type_text(wanted.array));
  switch (got.dtype) {
    case DType::f32:
      return first_difference<float>(got, wanted, [&](float left, float right) {
        return fits<float, int32_t>(left, right, wanted.tolerance);
      });
    case DType::f64:
      return first_difference<double>(got, wanted, [&](double left, double right) {
        return fits<double, int64_t>(left, right, wanted.tolerance);
      });
    case DType::i8: return integer_difference<int8_t>(got, wanted);
    case DType::i16: return integer_difference<int16_t>(got, wanted);
    case DType::i32: return integer_difference<int32_t>(got, wanted);
    case DType::i64: return integer_difference<int64_t>(got, wanted);
    case DType::u8: return integer_difference<uint8_t>(got, wanted);
    case DType::u16: return integer_difference<uint16_t>(got, wanted);
    case DType::u32: return integer_difference<uint32_t>(got, wanted);
    case DType::u64: return integer_difference<uint64_t>(got, wanted);
    case DType::boolean: return integer_difference<uint8_t>(got, wanted);
  }
  return " has an unknown dtype";
}

}  // namespace thx::tables
