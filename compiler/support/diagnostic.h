// SPDX-License-Identifier: Apache-2.0
// A message to the user: an id, a place, words, labels on other places, and help.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/source.h"

namespace thx {

enum class Err {
#define THX_ERROR(id, meaning) id,
#include "support/errors.def"
};

enum class Severity { error, warning, note };

std::string_view to_string(Severity severity);
std::string_view to_string(Err id);
std::string_view error_meaning(Err id);
std::optional<Err> find_error(std::string_view name);
const std::vector<Err>& all_errors();

// One message. An empty place (command line, whole file) renders without source lines.
//
//   diagnostics.report({Err::shape_mismatch, op, format("cannot add {} to {}", b, a)})
//       .label(left, a).label(right, b).help("...");
class Diagnostic {
 public:
  struct Label {
    Span at;
    std::string text;
  };

  Diagnostic(Err id, Span at, std::string message, Severity severity = Severity::error);

  // A label without a place is dropped, so that callers need not ask.
  Diagnostic& label(Span at, std::string text) &;
  Diagnostic& help(std::string text) &;
  Diagnostic& note(std::string text) &;
  Diagnostic&& label(Span at, std::string text) &&;
  Diagnostic&& help(std::string text) &&;
  Diagnostic&& note(std::string text) &&;

  Err id() const { return id_; }
  Severity severity() const { return severity_; }
  Span at() const { return at_; }
  const std::string& message() const { return message_; }
  const std::vector<Label>& labels() const { return labels_; }
  const std::vector<std::string>& helps() const { return helps_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  Err id_;
  Severity severity_;
  Span at_;
  std::string message_;
  std::vector<Label> labels_;
  std::vector<std::string> helps_;
  std::vector<std::string> notes_;
};

// The messages of one compilation, in the order they were found.
class Diagnostics {
 public:
  // The reference is good until the next report.
  Diagnostic& report(Diagnostic diagnostic);

  bool has_errors() const { return error_count_ > 0; }
  size_t error_count() const { return error_count_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  // Orders by place, so that a reader goes through the file once.
  void sort_by_place();

 private:
  std::vector<Diagnostic> all_;
  size_t error_count_ = 0;
};

// The message with its source lines, ending in a newline.
std::string render_text(const Diagnostic& diagnostic, const Sources& sources);
// The same as one JSON object on one line, without a newline.
std::string render_json(const Diagnostic& diagnostic, const Sources& sources);

}  // namespace thx
