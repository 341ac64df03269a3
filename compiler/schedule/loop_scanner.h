// SPDX-License-Identifier: Apache-2.0
// Walks over loop IR text: the tokens of tensor IR's, and positions with registers in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ir/cursor.h"

namespace thx::loop {

/// After the first error every reader returns at once and `ok` is false, so that callers may check
/// once per statement.
class LoopScanner {
 public:
  LoopScanner(std::string_view text, uint32_t file) : cursor_(text, file) {}

  bool ok() const { return !cursor_.failed(); }
  Diagnostic take_error() const { return cursor_.error(); }
  /// At the token that was read last, or that is not what it should be.
  void fail(std::string message) { cursor_.fail_at(cursor_.here(), std::move(message)); }

  bool at_end() { return !ok() || cursor_.at_end(); }
  /// Whether a word or sign is next; takes it.
  bool take(std::string_view token) { return peek(token) && cursor_.take(token); }
  bool peek(std::string_view token);
  void expect(std::string_view token);

  /// Letters, digits, `_` and `.`; what it is goes into the message where there is none.
  std::string name(std::string_view what);
  int64_t integer() { return cursor_.integer(); }
  Extent extent() { return cursor_.extent(); }
  /// An extent up to `..`: a symbol would swallow the dots.
  Extent extent_before_dots();
  /// The part of a position in front of `+%register`, where a register follows.
  std::optional<Extent> extent_before_register();
  Shape shape() { return cursor_.shape(); }
  Type type() { return cursor_.type(); }
  std::string quoted() { return cursor_.quoted(); }
  /// A constant up to the next blank, of a dtype that follows later.
  std::string_view literal();
  Scalar scalar(std::string_view literal, DType dtype);

  size_t position() { return cursor_.at(); }
  void move_to(size_t position) { cursor_.move_to(position); }
  const std::string& text() const { return cursor_.text(); }

 private:
  /// What starts at the next token.
  std::string_view rest() { return std::string_view(text()).substr(position()); }

  Cursor cursor_;
};

}  // namespace thx::loop
