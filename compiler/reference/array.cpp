// SPDX-License-Identifier: Apache-2.0
// Places in arrays.
#include "reference/array.h"

#include "support/check.h"

namespace thx::reference {

Array Array::filled(DType dtype, Index extents, const Scalar& value) {
  const auto n = static_cast<size_t>(count(extents));
  return {dtype, std::move(extents), std::vector<Scalar>(n, value)};
}

Array Array::of(DType dtype, Index extents, const std::vector<double>& values) {
  THX_CHECK(static_cast<size_t>(count(extents)) == values.size(), "{} values for {} elements",
            values.size(), count(extents));
  Array array{dtype, std::move(extents), {}};
  for (const double value : values) array.elements.push_back(Scalar::of(dtype, value));
  return array;
}

size_t offset_in(const Index& extents, const Index& index) {
  THX_CHECK(index.size() == extents.size(), "{} indices for {} axes", index.size(), extents.size());
  size_t offset = 0;
  for (size_t i = 0; i < extents.size(); ++i) {
    THX_CHECK(index[i] >= 0 && index[i] < extents[i], "index {} on an axis of {}", index[i],
              extents[i]);
    offset = offset * static_cast<size_t>(extents[i]) + static_cast<size_t>(index[i]);
  }
  return offset;
}

int64_t count(const Index& extents) {
  int64_t n = 1;
  for (const int64_t extent : extents)
    THX_CHECK(!__builtin_mul_overflow(n, extent, &n), "an array of too many elements");
  return n;
}

bool advance(Index& index, const Index& extents) {
  for (size_t i = extents.size(); i-- > 0;) {
    if (++index[i] < extents[i]) return true;
    index[i] = 0;
  }
  return false;
}

}  // namespace thx::reference
