// SPDX-License-Identifier: Apache-2.0
// Mixing of hashes; the same on every platform, so that nothing depends on a standard library's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thx {

/// `seed` with `value` mixed in; order counts.
constexpr size_t mix(size_t seed, size_t value) {
  uint64_t h = (static_cast<uint64_t>(seed) ^ (value + 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;
  h = (h ^ (h >> 29)) * 0x94d049bb133111ebu;
  return static_cast<size_t>(h ^ (h >> 32));
}

constexpr size_t hash_of(std::string_view text) {  // FNV-1a
  uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return static_cast<size_t>(h);
}

}  // namespace thx
