// SPDX-License-Identifier: Apache-2.0
// Just enough of UTF-8 and Unicode to read source texts and to align markers below them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thx {

struct CodePoint {
  uint32_t value = 0;
  uint32_t bytes = 1;  // how many were read; 1 for a byte that starts nothing valid
  bool valid = false;
};

// The code point at `offset`, which must lie inside the text.
CodePoint decode_utf8(std::string_view text, size_t offset);

bool is_control(uint32_t code_point);

// Screen columns: 0 for combining marks, 2 for East Asian wide characters and emoji, else 1.
size_t display_width(uint32_t code_point);

// "U+2212 MINUS SIGN" where the name is known, else "U+2212".
std::string describe_code_point(uint32_t code_point);

// The ASCII character that people mean when they paste this one, or 0.
char ascii_look_alike(uint32_t code_point);

}  // namespace thx
