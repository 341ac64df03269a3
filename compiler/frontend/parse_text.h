// SPDX-License-Identifier: Apache-2.0
// The characters of a source text: UTF-8, no control characters, and where each one stands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/diagnostic.h"
#include "support/source.h"

namespace thx {

// A text fit for the lexer: what cannot stand there was reported and is a blank now.
struct CleanText {
  std::string text;  // without byte order mark
  uint32_t file = 0;
  uint32_t skipped = 0;           // bytes of the byte order mark
  std::vector<uint32_t> errors;   // byte offsets of what was reported
  std::vector<uint32_t> offsets;  // of each code point and of the end; empty where all are ASCII

  // The byte offset in the source of a code point's index, which is what the lexer counts.
  uint32_t offset(size_t index) const;
  Span span(size_t first, size_t end) const { return {file, offset(first), offset(end)}; }
};

CleanText clean(const Sources& sources, uint32_t file, Diagnostics& diagnostics);

}  // namespace thx
