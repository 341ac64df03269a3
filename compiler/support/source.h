// SPDX-License-Identifier: Apache-2.0
// Source texts, and places in them as byte ranges.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace thx {

// Bytes [begin, end) of one source text. File 0 means: no place in any source.
struct Span {
  uint32_t file = 0;
  uint32_t begin = 0;
  uint32_t end = 0;

  bool empty() const { return file == 0; }
  // The range from the start of this span to the end of `last`.
  Span to(Span last) const;
  auto operator<=>(const Span&) const = default;
};

// The places a value comes from: sorted, without repetition, capped so that a value that a
// thousand expressions share does not carry a thousand places.
class SpanSet {
 public:
  static constexpr size_t kMaxSpans = 8;  // more than a reader of one message looks at

  SpanSet() = default;
  SpanSet(Span span) { insert(span); }  // NOLINT: one place is a set of places
  SpanSet(std::initializer_list<Span> spans);

  void insert(Span span);
  void insert(const SpanSet& spans);
  bool empty() const { return spans_ == nullptr; }
  size_t size() const { return spans_ == nullptr ? 0 : spans_->size(); }
  // The place to point at when only one can be shown; an empty span when there is none.
  Span first() const { return empty() ? Span{} : spans_->front(); }
  const Span* begin() const { return empty() ? nullptr : spans_->data(); }
  const Span* end() const { return begin() + size(); }
  bool operator==(const SpanSet& other) const;

 private:
  // Most values have the places of the value they are made from: copies share them until one of
  // them gets another.
  std::shared_ptr<std::vector<Span>> spans_;
};

// 1-based; columns count code points.
struct LineColumn {
  uint32_t line = 0;
  uint32_t column = 0;
  bool operator==(const LineColumn&) const = default;
};

// The texts being compiled. Files are numbered from 1.
class Sources {
 public:
  uint32_t add(std::string name, std::string text);

  size_t size() const { return files_.size(); }
  const std::string& name(uint32_t file) const;
  const std::string& text(uint32_t file) const;
  std::string_view text(Span span) const;
  LineColumn locate(uint32_t file, uint32_t offset) const;
  LineColumn locate(Span span) const { return locate(span.file, span.begin); }
  // The text of line `number` (from 1) without its line end.
  std::string_view line(uint32_t file, uint32_t number) const;
  // The byte offset at which line `number` starts.
  uint32_t line_start(uint32_t file, uint32_t number) const;

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<uint32_t> line_starts;
  };
  const File& at(uint32_t file) const;

  std::deque<File> files_;  // a deque, so that views into texts stay valid
};

}  // namespace thx
