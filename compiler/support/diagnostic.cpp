// SPDX-License-Identifier: Apache-2.0
// Messages, the index of their ids, and their form for editors.
#include "support/diagnostic.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "support/text.h"

namespace thx {
namespace {

struct ErrorInfo {
  Err id;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array kErrors = {
#define THX_ERROR(id, meaning) ErrorInfo{Err::id, #id, meaning},
#include "support/errors.def"
};

std::string json_place(Span at, const Sources& sources) {
  const LineColumn first = sources.locate(at.file, at.begin);
  const LineColumn last = sources.locate(at.file, at.end);
  return format(R"("file":{},"line":{},"column":{},"end_line":{},"end_column":{})",
                quote_json(sources.name(at.file)), first.line, first.column, last.line,
                last.column);
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: break;
  }
  return "note";
}

std::string_view to_string(Err id) { return kErrors[static_cast<size_t>(id)].name; }
std::string_view error_meaning(Err id) { return kErrors[static_cast<size_t>(id)].meaning; }

std::optional<Err> find_error(std::string_view name) {
  for (const ErrorInfo& info : kErrors) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

const std::vector<Err>& all_errors() {
  static const std::vector<Err> ids = [] {
    std::vector<Err> list;
    for (const ErrorInfo& info : kErrors) list.push_back(info.id);
    return list;
  }();
  return ids;
}

Diagnostic::Diagnostic(Err id, Span at, std::string message, Severity severity)
    : id_(id), severity_(severity), at_(at), message_(std::move(message)) {}

Diagnostic& Diagnostic::label(Span at, std::string text) & {
  if (!at.empty()) labels_.push_back({at, std::move(text)});
  return *this;
}

Diagnostic& Diagnostic::help(std::string text) & {
  helps_.push_back(std::move(text));
  return *this;
}

Diagnostic& Diagnostic::note(std::string text) & {
  notes_.push_back(std::move(text));
  return *this;
}

Diagnostic&& Diagnostic::label(Span at, std::string text) && {
  return std::move(label(at, std::move(text)));
}
Diagnostic&& Diagnostic::help(std::string text) && { return std::move(help(std::move(text))); }
Diagnostic&& Diagnostic::note(std::string text) && { return std::move(note(std::move(text))); }

Diagnostic& Diagnostics::report(Diagnostic diagnostic) {
  if (diagnostic.severity() == Severity::error) ++error_count_;
  return all_.emplace_back(std::move(diagnostic));
}

void Diagnostics::sort_by_place() {
  std::vector<size_t> order(all_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(all_[a].at(), a) < std::pair(all_[b].at(), b);
  });
  std::vector<Diagnostic> sorted;
  sorted.reserve(all_.size());
  for (const size_t i : order) sorted.push_back(std::move(all_[i]));
  all_ = std::move(sorted);
}

std::string render_json(const Diagnostic& diagnostic, const Sources& sources) {
  std::string out =
      format(R"({{"severity":"{}","id":"{}","message":{})", to_string(diagnostic.severity()),
             to_string(diagnostic.id()), quote_json(diagnostic.message()));
  if (!diagnostic.at().empty()) out += "," + json_place(diagnostic.at(), sources);
  const auto place_and_text = [&](const Diagnostic::Label& label) {
    return format(R"({{{},"text":{}}})", json_place(label.at, sources), quote_json(label.text));
  };
  append(out, R"(,"labels":[{}])", join(diagnostic.labels(), ",", place_and_text));
  append(out, R"(,"notes":[{}])", join(diagnostic.notes(), ",", quote_json));
  append(out, R"(,"help":[{}]}})", join(diagnostic.helps(), ",", quote_json));
  return out;
}

}  // namespace thx
