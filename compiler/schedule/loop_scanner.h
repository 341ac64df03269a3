// SPDX-License-Identifier: Apache-2.0
// Walks over loop IR text: words, names, numbers, extents; remembers the first error.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ir/attrs.h"
#include "support/diagnostic.h"

namespace thx::loop {

/// After the first error every reader returns at once and `ok` is false, so that callers may check
/// once per statement. A comment starts with `//` after a blank or at the start of a line: without
/// one, `N//16` is a division.
class LoopScanner {
 public:
  LoopScanner(std::string_view text, uint32_t file);

  bool ok() const { return !error_; }
  Diagnostic take_error() { return std::move(*error_); }
  void fail(std::string message);

  bool at_end();
  /// Whether a word or sign is next; takes it.
  bool take(std::string_view token);
  bool peek(std::string_view token);
  void expect(std::string_view token);

  /// Letters, digits, `_` and `.`; what it is goes into the message where there is none.
  std::string name(std::string_view what);
  int64_t integer();
  Extent extent();
  /// An extent up to `..`: a symbol would swallow the dots.
  Extent extent_before_dots();
  /// The part of a position in front of `+%register`, where a register follows.
  std::optional<Extent> extent_before_register();
  Shape shape();
  Type type();
  std::string quoted();
  /// A constant up to the next blank, of a dtype that follows later.
  std::string_view literal();
  Scalar scalar(std::string_view literal, DType dtype);

  size_t position();
  void move_to(size_t position) { at_ = position; }
  const std::string& text() const { return text_; }

 private:
  void skip_blanks();
  bool word_continues(size_t at) const;

  std::string text_;  // comments are blanks
  uint32_t file_;
  size_t at_ = 0;
  std::optional<Diagnostic> error_;
};

}  // namespace thx::loop
