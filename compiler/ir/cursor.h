// SPDX-License-Identifier: Apache-2.0
// Reads words, names, numbers, extents and types from the text of tensor IR; loop IR adds its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ir/attrs.h"
#include "ir/type.h"
#include "support/diagnostic.h"

namespace thx {

/// The constant of a dtype that the whole of `digits` spells.
std::optional<Scalar> scalar_of(std::string_view digits, DType dtype);

/// A place in a text. A comment starts with `//` after a blank or at the start of a line: without
/// one, `N//16` is a division. The first failure is kept and stops everything: after it every read
/// fails.
class Cursor {
 public:
  Cursor(std::string_view text, uint32_t file);

  bool failed() const { return error_.has_value(); }
  Diagnostic error() const { return *error_; }
  /// Notes that reading failed at the next token, or at byte `begin`. Returns false.
  bool fail(std::string message);
  bool fail_at(size_t begin, std::string message);

  bool at_end();
  size_t at();  // the byte where the next token starts
  size_t here() const { return at_; }
  /// Goes on reading at byte `place`; returns where it would have gone on.
  size_t move_to(size_t place);
  /// From `begin` to the end of the last token that was read.
  Span span_from(size_t begin) const;

  /// Whether the next token is `sign` (or the word `word`); take_… also reads it.
  bool sees(std::string_view sign);
  bool take(std::string_view sign);
  bool expect(std::string_view sign);
  bool sees_word(std::string_view word);
  bool take_word(std::string_view word);

  /// Empty where there is none; `what` names it in the failure.
  std::string word(std::string_view what);
  std::string name(char sigil, std::string_view what);  // `%x`, without the sigil

  int64_t integer();
  Extent extent();
  Shape shape();
  Type type();
  Scalar scalar(DType dtype);
  AttrValue attr(AttrKind kind);
  std::string quoted();

  const std::string& text() const { return text_; }

 private:
  void skip_blanks();
  std::string_view peek_word();
  std::string_view literal();
  std::vector<int64_t> integers();

  std::string text_;  // comments are blanks
  uint32_t file_;
  size_t at_ = 0;
  size_t end_ = 0;  // of the last token
  std::optional<Diagnostic> error_;
};

}  // namespace thx
