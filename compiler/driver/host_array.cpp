// SPDX-License-Identifier: Apache-2.0
// Sizes and spellings of arrays.
#include "driver/host_array.h"

#include "support/check.h"
#include "support/text.h"

namespace thx {

std::optional<int64_t> byte_count(DType dtype, const std::vector<int64_t>& extents) {
  int64_t bytes = bytes_of(dtype);
  bool empty = false;
  for (const int64_t extent : extents) {
    if (extent < 0) return std::nullopt;
    if (extent == 0) empty = true;
    // An empty array may have any other extents, as long as they alone do not overflow.
    if (extent != 0 && __builtin_mul_overflow(bytes, extent, &bytes)) return std::nullopt;
  }
  return empty ? 0 : bytes;
}

HostArray HostArray::zeros(DType dtype, std::vector<int64_t> extents) {
  const std::optional<int64_t> bytes = byte_count(dtype, extents);
  THX_CHECK(bytes, "an array of impossible extents");
  return {dtype, std::move(extents), std::vector<std::byte>(static_cast<size_t>(*bytes))};
}

std::string type_text(const HostArray& array) {
  if (array.extents.empty()) return std::string(spelling(array.dtype));
  return format("{}[{}]", spelling(array.dtype),
                join(array.extents, ", ", [](int64_t extent) { return std::to_string(extent); }));
}

}  // namespace thx
