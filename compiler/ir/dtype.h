// SPDX-License-Identifier: Apache-2.0
// Element types of arrays and registers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace thx {

enum class DType : uint8_t {
#define THX_DTYPE(dtype, spelling, bytes, kind, c_type, checkpoint_name) dtype,
#include "ir/dtypes.def"
};

enum class DTypeKind : uint8_t { boolean, signed_integer, unsigned_integer, floating };

struct DTypeInfo {
  DType dtype;
  std::string_view spelling;  // as the language and the IR text write it
  int bytes;
  DTypeKind kind;
  std::string_view c_type;           // in generated headers
  std::string_view checkpoint_name;  // in safetensors files
};

inline constexpr DTypeInfo kDTypes[] = {
#define THX_DTYPE(dtype, spelling, bytes, kind, c_type, checkpoint_name) \
  {DType::dtype, spelling, bytes, DTypeKind::kind, c_type, checkpoint_name},
#include "ir/dtypes.def"
};

constexpr const DTypeInfo& info(DType dtype) { return kDTypes[static_cast<size_t>(dtype)]; }
constexpr std::string_view spelling(DType dtype) { return info(dtype).spelling; }
constexpr int bytes_of(DType dtype) { return info(dtype).bytes; }
constexpr bool is_float(DType dtype) { return info(dtype).kind == DTypeKind::floating; }
constexpr bool is_bool(DType dtype) { return dtype == DType::boolean; }
constexpr bool is_integer(DType dtype) {  // bool is no integer
  return info(dtype).kind == DTypeKind::signed_integer ||
         info(dtype).kind == DTypeKind::unsigned_integer;
}
constexpr bool is_signed(DType dtype) {
  return info(dtype).kind == DTypeKind::signed_integer || is_float(dtype);
}

/// The dtype spelled `text`, if there is one.
constexpr std::optional<DType> dtype_named(std::string_view text) {
  for (const DTypeInfo& entry : kDTypes)
    if (entry.spelling == text) return entry.dtype;
  return std::nullopt;
}

}  // namespace thx
