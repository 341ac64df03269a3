// SPDX-License-Identifier: Apache-2.0
// Arrays of numbers in this process's memory: what files hold and what functions take and give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ir/dtype.h"

namespace thx {

/// Elements in row-major order, in this machine's byte order; `bool` is one byte, 0 or 1.
struct HostArray {
  DType dtype = DType::f32;
  std::vector<int64_t> extents;  // outermost axis first; none for a scalar
  std::vector<std::byte> bytes;  // of all elements: their number times bytes_of(dtype)

  static HostArray zeros(DType dtype, std::vector<int64_t> extents);
  /// From C numbers of the dtype's own type: of(DType::f32, {2}, std::vector<float>{1, 2}).
  template <class T>
  static HostArray of(DType dtype, std::vector<int64_t> extents, const std::vector<T>& elements) {
    const std::span<const std::byte> bytes = std::as_bytes(std::span<const T>(elements));
    return {dtype, std::move(extents), {bytes.begin(), bytes.end()}};
  }
  template <class T>
  static HostArray scalar(DType dtype, T value) {
    return of<T>(dtype, {}, {value});
  }

  int rank() const { return static_cast<int>(extents.size()); }
  int64_t count() const { return static_cast<int64_t>(bytes.size()) / bytes_of(dtype); }
  /// Element `i` in row-major order; T is the dtype's own C type.
  template <class T>
  T at(int64_t i) const {
    T value;
    std::memcpy(&value, bytes.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    return value;
  }
  /// By bits.
  friend bool operator==(const HostArray&, const HostArray&) = default;
};

/// The bytes of an array of that shape; nothing where an extent is negative or they pass int64.
std::optional<int64_t> byte_count(DType dtype, const std::vector<int64_t>& extents);
/// `f32[400, 30]`; a scalar is `f32`.
std::string type_text(const HostArray& array);

}  // namespace thx
