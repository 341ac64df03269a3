// SPDX-License-Identifier: Apache-2.0
// Arrays of numbers as the reference interpreter holds them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ir/attrs.h"
#include "support/result.h"

namespace thx::reference {

using Index = std::vector<int64_t>;

/// Where `index` lies in row-major order.
size_t offset_in(const Index& extents, const Index& index);

/// Elements in row-major order, each a Scalar of `dtype`: slow, and obvious.
struct Array {
  DType dtype = DType::f64;
  Index extents;
  std::vector<Scalar> elements;

  static Array filled(DType dtype, Index extents, const Scalar& value);
  static Array scalar(const Scalar& value) { return {value.dtype, {}, {value}}; }
  /// From numbers in row-major order, converted to `dtype`.
  static Array of(DType dtype, Index extents, const std::vector<double>& values);

  int rank() const { return static_cast<int>(extents.size()); }
  const Scalar& at(const Index& index) const { return elements[offset(index)]; }
  Scalar& at(const Index& index) { return elements[offset(index)]; }
  size_t offset(const Index& index) const { return offset_in(extents, index); }
  friend bool operator==(const Array&, const Array&) = default;  // by bits
};

int64_t count(const Index& extents);
/// Moves `index` to the next place in row-major order; false after the last.
bool advance(Index& index, const Index& extents);
/// Calls visit(index) for each place, in row-major order.
template <class Visit>
void for_each_place(const Index& extents, Visit&& visit) {
  if (count(extents) == 0) return;
  Index index(extents.size(), 0);
  do {
    visit(static_cast<const Index&>(index));
  } while (advance(index, extents));
}

/// `[[1.0, 2.0], [3.0, 4.0]]`: shortest forms that read back to the same bits.
std::string text(const Array& array);
/// What such a text says, with elements of `dtype`; the nesting gives the extents, in which an axis
/// behind an empty one is 0.
Result<Array> parse_array(std::string_view text, DType dtype);

}  // namespace thx::reference
