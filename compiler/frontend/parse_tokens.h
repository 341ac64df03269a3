// SPDX-License-Identifier: Apache-2.0
// The step between lexer and parser: line ends, brackets, nesting, and characters out of place.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "antlr4-runtime.h"
#include "frontend/parse_text.h"
#include "support/diagnostic.h"

namespace thx {

constexpr size_t kMaxNesting = 256;  // the parser and all that follow may recurse this deep

// The tokens that the parser sees: blanks, comments and line ends without meaning are gone, and
// every bracket has its partner.
struct TokenList {
  std::vector<std::unique_ptr<antlr4::Token>> tokens;  // the last one is the end of the text
  std::set<uint32_t> errors;                           // byte offsets of what was reported
  bool too_deep = false;                               // not to be parsed
};

TokenList arrange_tokens(std::vector<std::unique_ptr<antlr4::Token>> raw, const CleanText& text,
                         Diagnostics& diagnostics);

Span span_of(const antlr4::Token& token, const CleanText& text);

// How messages name a token: "`+`", "the name `x`", "the end of the line".
std::string describe(const antlr4::Token& token);

}  // namespace thx
