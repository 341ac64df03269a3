// SPDX-License-Identifier: Apache-2.0
// Checks the bytes of a source text before the lexer sees them.
#include "frontend/parse_text.h"

#include <algorithm>

#include "support/text.h"
#include "support/unicode.h"

namespace thx {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_allowed(const CodePoint& point, std::string_view text, size_t at) {
  if (!point.valid) return false;
  if (point.value == '\t' || point.value == '\n') return true;
  if (point.value == '\r') return at + 1 < text.size() && text[at + 1] == '\n';
  return !is_control(point.value);
}

void report(const CodePoint& point, Span at, Diagnostics& diagnostics) {
  if (!point.valid) {
    diagnostics
        .report({Err::bad_character, at, format("the byte {:#04x} is not UTF-8", point.value)})
        .help("save the file as UTF-8");
  } else if (point.value == '\r') {
    diagnostics
        .report({Err::bad_character, at, "a carriage return (U+000D) without a line feed after it"})
        .help("end lines with a line feed, or with both");
  } else {
    diagnostics.report({Err::bad_character, at,
                        format("the control character {} cannot stand in a source text",
                               describe_code_point(point.value))});
  }
}

}  // namespace

uint32_t CleanText::offset(size_t index) const {
  if (offsets.empty()) return static_cast<uint32_t>(std::min(index, text.size())) + skipped;
  return offsets[std::min(index, offsets.size() - 1)] + skipped;
}

CleanText clean(const Sources& sources, uint32_t file, Diagnostics& diagnostics) {
  CleanText clean;
  clean.file = file;
  std::string_view source = sources.text(file);
  if (source.starts_with(kByteOrderMark)) {
    clean.skipped = kByteOrderMark.size();
    source.remove_prefix(clean.skipped);
  }
  clean.text = source;
  const bool ascii = std::all_of(source.begin(), source.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  bool last_was_bad = false;  // a run of bad bytes is one error
  for (uint32_t i = 0; i < source.size();) {
    const CodePoint point = decode_utf8(source, i);
    const bool bad = !is_allowed(point, source, i);
    if (bad && !last_was_bad) {
      report(point, {file, i + clean.skipped, i + point.bytes + clean.skipped}, diagnostics);
      clean.errors.push_back(i + clean.skipped);
    }
    last_was_bad = bad;
    for (uint32_t k = 0; k < (bad ? point.bytes : 1); ++k) {
      if (bad) clean.text[i + k] = ' ';
      if (!ascii) clean.offsets.push_back(i + k);
    }
    i += point.bytes;
  }
  if (!ascii) clean.offsets.push_back(static_cast<uint32_t>(source.size()));
  return clean;
}

}  // namespace thx
