// SPDX-License-Identifier: Apache-2.0
// Converts element by element, one function per pair of dtypes.
#include "driver/convert.h"

#include <limits>
#include <type_traits>

#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

struct Bool {
  uint8_t value;
};

/// Calls visit(T{}) with the C type of the dtype.
template <class Visit>
auto with_type(DType dtype, Visit&& visit) {
  switch (dtype) {
    case DType::boolean: return visit(Bool{});
    case DType::i8: return visit(int8_t{});
    case DType::i16: return visit(int16_t{});
    case DType::i32: return visit(int32_t{});
    case DType::i64: return visit(int64_t{});
    case DType::u8: return visit(uint8_t{});
    case DType::u16: return visit(uint16_t{});
    case DType::u32: return visit(uint32_t{});
    case DType::u64: return visit(uint64_t{});
    case DType::f32: return visit(float{});
    case DType::f64: return visit(double{});
  }
  THX_UNREACHABLE("a dtype without a C type");
}

template <class To, class From>
bool fits(From value) {
  if constexpr (std::is_same_v<To, Bool>) {
    return value == From{0} || value == From{1};
  } else {
    return std::in_range<To>(value);
  }
}

template <class To, class From>
Result<HostArray> converted(const HostArray& array, DType to) {
  HostArray result = HostArray::zeros(to, array.extents);
  for (int64_t i = 0; i < array.count(); ++i) {
    To element{};
    if constexpr (std::is_same_v<From, Bool>) {
      element = static_cast<To>(array.at<Bool>(i).value);
    } else if constexpr (std::is_floating_point_v<To>) {
      element = static_cast<To>(array.at<From>(i));
    } else {
      const From value = array.at<From>(i);
      if (!fits<To>(value))
        return Diagnostic(Err::dtype_mismatch, {},
                          format("it holds {}, which does not fit {}", +value, spelling(to)));
      if constexpr (std::is_same_v<To, Bool>)
        element.value = value != From{0} ? 1 : 0;
      else
        element = static_cast<To>(value);
    }
    std::memcpy(result.bytes.data() + static_cast<size_t>(i) * sizeof(To), &element, sizeof(To));
  }
  return result;
}

}  // namespace

Result<HostArray> convert(HostArray array, DType to) {
  if (array.dtype == to) return array;
  return with_type(array.dtype, [&]<class From>(From) {
    return with_type(to, [&]<class To>(To) -> Result<HostArray> {
      if constexpr (std::is_same_v<From, To>)
        return std::move(array);
      else if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>)
        return Diagnostic(Err::dtype_mismatch, {},
                          format("{} does not become {}", spelling(array.dtype), spelling(to)))
            .help("convert the data where it is made, or take a float and cast it in the program");
      else
        return converted<To, From>(array, to);
    });
  });
}

}  // namespace thx
