// SPDX-License-Identifier: Apache-2.0
// UTF-8 decoding, character widths, and the names of characters that are pasted by mistake.
#include "support/unicode.h"

#include <algorithm>
#include <array>

#include "support/text.h"

namespace thx {
namespace {

struct Range {
  uint32_t first, last;
};

constexpr Range kZeroWidth[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},
                                {0x0610, 0x061A}, {0x064B, 0x065F}, {0x1AB0, 0x1AFF},
                                {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
                                {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};

constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
                           {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
                           {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE4F},
                           {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                           {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

struct Known {
  uint32_t code_point;
  char look_alike;
  std::string_view name;
};

constexpr Known kKnown[] = {
    {0x0000, 0, "NULL"},
    {0x0008, 0, "BACKSPACE"},
    {0x000B, ' ', "LINE TABULATION"},
    {0x000C, ' ', "FORM FEED"},
    {0x000D, 0, "CARRIAGE RETURN"},
    {0x001B, 0, "ESCAPE"},
    {0x007F, 0, "DELETE"},
    {0x0085, 0, "NEXT LINE"},
    {0x00A0, ' ', "NO-BREAK SPACE"},
    {0x00AD, 0, "SOFT HYPHEN"},
    {0x00B4, '\'', "ACUTE ACCENT"},
    {0x00B7, '*', "MIDDLE DOT"},
    {0x00D7, '*', "MULTIPLICATION SIGN"},
    {0x00F7, '/', "DIVISION SIGN"},
    {0x037E, ';', "GREEK QUESTION MARK"},
    {0x2007, ' ', "FIGURE SPACE"},
    {0x2009, ' ', "THIN SPACE"},
    {0x200B, 0, "ZERO WIDTH SPACE"},
    {0x200E, 0, "LEFT-TO-RIGHT MARK"},
    {0x200F, 0, "RIGHT-TO-LEFT MARK"},
    {0x2010, '-', "HYPHEN"},
    {0x2011, '-', "NON-BREAKING HYPHEN"},
    {0x2012, '-', "FIGURE DASH"},
    {0x2013, '-', "EN DASH"},
    {0x2014, '-', "EM DASH"},
    {0x2018, '"', "LEFT SINGLE QUOTATION MARK"},
    {0x2019, '"', "RIGHT SINGLE QUOTATION MARK"},
    {0x201C, '"', "LEFT DOUBLE QUOTATION MARK"},
    {0x201D, '"', "RIGHT DOUBLE QUOTATION MARK"},
    {0x201E, '"', "DOUBLE LOW-9 QUOTATION MARK"},
    {0x2028, 0, "LINE SEPARATOR"},
    {0x2029, 0, "PARAGRAPH SEPARATOR"},
    {0x202A, 0, "LEFT-TO-RIGHT EMBEDDING"},
    {0x202B, 0, "RIGHT-TO-LEFT EMBEDDING"},
    {0x202D, 0, "LEFT-TO-RIGHT OVERRIDE"},
    {0x202E, 0, "RIGHT-TO-LEFT OVERRIDE"},
    {0x202F, ' ', "NARROW NO-BREAK SPACE"},
    {0x2032, '\'', "PRIME"},
    {0x2033, '"', "DOUBLE PRIME"},
    {0x2212, '-', "MINUS SIGN"},
    {0x2217, '*', "ASTERISK OPERATOR"},
    {0x2260, 0, "NOT EQUAL TO"},
    {0x2264, 0, "LESS-THAN OR EQUAL TO"},
    {0x2265, 0, "GREATER-THAN OR EQUAL TO"},
    {0x22C5, '*', "DOT OPERATOR"},
    {0x3000, ' ', "IDEOGRAPHIC SPACE"},
    {0xFEFF, 0, "ZERO WIDTH NO-BREAK SPACE"},
    {0xFF08, '(', "FULLWIDTH LEFT PARENTHESIS"},
    {0xFF09, ')', "FULLWIDTH RIGHT PARENTHESIS"},
    {0xFF0C, ',', "FULLWIDTH COMMA"},
    {0xFF1A, ':', "FULLWIDTH COLON"},
    {0xFF1B, ';', "FULLWIDTH SEMICOLON"},
    {0xFF1D, '=', "FULLWIDTH EQUALS SIGN"},
};

template <size_t N>
bool contains(const Range (&ranges)[N], uint32_t code_point) {
  return std::any_of(std::begin(ranges), std::end(ranges), [&](Range range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

const Known* find_known(uint32_t code_point) {
  for (const Known& known : kKnown) {
    if (known.code_point == code_point) return &known;
  }
  return nullptr;
}

}  // namespace

CodePoint decode_utf8(std::string_view text, size_t offset) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const uint32_t lead = byte(offset);
  if (lead < 0x80) return {lead, 1, true};
  const uint32_t bytes = lead >= 0xF0 && lead < 0xF8   ? 4
                         : lead >= 0xE0 && lead < 0xF0 ? 3
                         : lead >= 0xC0 && lead < 0xE0 ? 2
                                                       : 0;
  if (bytes == 0 || offset + bytes > text.size()) return {lead, 1, false};
  uint32_t value = lead & (0x7Fu >> bytes);
  for (uint32_t k = 1; k < bytes; ++k) {
    const uint32_t next = byte(offset + k);
    if ((next & 0xC0) != 0x80) return {lead, 1, false};
    value = value << 6 | (next & 0x3F);
  }
  constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[bytes] || value > 0x10FFFF || surrogate) return {lead, 1, false};
  return {value, bytes, true};
}

bool is_control(uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
         (code_point >= 0x202A && code_point <= 0x202E) || code_point == 0x2028 ||
         code_point == 0x2029;
}

size_t display_width(uint32_t code_point) {
  if (code_point < 0x300) return 1;
  if (contains(kZeroWidth, code_point)) return 0;
  return contains(kWide, code_point) ? 2 : 1;
}

std::string describe_code_point(uint32_t code_point) {
  const Known* known = find_known(code_point);
  return known ? format("U+{:04X} {}", code_point, known->name) : format("U+{:04X}", code_point);
}

char ascii_look_alike(uint32_t code_point) {
  const Known* known = find_known(code_point);
  return known ? known->look_alike : '\0';
}

}  // namespace thx
