// SPDX-License-Identifier: Apache-2.0
// The floating-point modes: how far a program may leave its formulas as written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace thx {

/// What `--fp` asks for; docs/language.md says which rewrites each one allows.
enum class FpMode : uint8_t { standard, strict, fast };

/// As it is written after `--fp=`.
constexpr std::string_view name_of(FpMode mode) {
  switch (mode) {
    case FpMode::standard: return "default";
    case FpMode::strict: return "strict";
    case FpMode::fast: return "fast";
  }
  return {};
}

constexpr std::optional<FpMode> find_fp_mode(std::string_view name) {
  for (const FpMode mode : {FpMode::standard, FpMode::strict, FpMode::fast})
    if (name_of(mode) == name) return mode;
  return std::nullopt;
}

}  // namespace thx
