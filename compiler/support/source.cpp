// SPDX-License-Identifier: Apache-2.0
// Line tables of source texts, and the small sets of places that values carry.
#include "support/source.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "support/check.h"

namespace thx {

Span Span::to(Span last) const {
  if (empty()) return last;
  if (last.file != file) return *this;
  return Span{file, std::min(begin, last.begin), std::max(end, last.end)};
}

SpanSet::SpanSet(std::initializer_list<Span> spans) {
  for (const Span span : spans) insert(span);
}

void SpanSet::insert(Span span) {
  if (span.empty()) return;
  const auto* const place = std::lower_bound(begin(), end(), span);
  if (place != end() && *place == span) return;
  if (place == end() && size() == kMaxSpans) return;
  const auto at = place - begin();
  if (spans_ == nullptr) spans_ = std::make_shared<std::vector<Span>>();
  if (spans_.use_count() > 1) spans_ = std::make_shared<std::vector<Span>>(*spans_);
  if (spans_->size() == kMaxSpans) spans_->pop_back();
  spans_->insert(spans_->begin() + at, span);
}

void SpanSet::insert(const SpanSet& spans) {
  if (spans_ == nullptr) spans_ = spans.spans_;
  if (spans_ == spans.spans_) return;
  for (const Span span : spans) insert(span);
}

bool SpanSet::operator==(const SpanSet& other) const {
  return spans_ == other.spans_ || std::ranges::equal(*this, other);
}

uint32_t Sources::add(std::string name, std::string text) {
  THX_CHECK(text.size() < UINT32_MAX, "source text of {} bytes", text.size());
  File file{std::move(name), std::move(text), {0}};
  for (uint32_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.line_starts.push_back(i + 1);
  }
  files_.push_back(std::move(file));
  return static_cast<uint32_t>(files_.size());
}

const Sources::File& Sources::at(uint32_t file) const {
  THX_CHECK(file >= 1 && file <= files_.size(), "file {} of {}", file, files_.size());
  return files_[file - 1];
}

const std::string& Sources::name(uint32_t file) const { return at(file).name; }
const std::string& Sources::text(uint32_t file) const { return at(file).text; }

std::string_view Sources::text(Span span) const {
  return std::string_view(at(span.file).text).substr(span.begin, span.end - span.begin);
}

// All bytes but those that continue a character, eight at a time: a line may be as long as a file,
// and have an error at every character.
static uint32_t characters_in(std::string_view text) {
  auto count = static_cast<uint32_t>(text.size());
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    const uint64_t continues = (word >> 7) & ~(word >> 6) & 0x0101010101010101;
    count -= static_cast<uint32_t>(std::popcount(continues));
  }
  for (; i < text.size(); ++i) count -= (text[i] & '\xC0') == '\x80' ? 1 : 0;
  return count;
}

LineColumn Sources::locate(uint32_t file, uint32_t offset) const {
  const File& source = at(file);
  offset = std::min(offset, static_cast<uint32_t>(source.text.size()));
  const auto next = std::upper_bound(source.line_starts.begin(), source.line_starts.end(), offset);
  uint32_t start = *(next - 1);
  if (start == 0 && source.text.starts_with("\xEF\xBB\xBF")) start = 3;  // a mark, no character
  const std::string_view before = std::string_view(source.text).substr(start, offset - start);
  return {static_cast<uint32_t>(next - source.line_starts.begin()), 1 + characters_in(before)};
}

uint32_t Sources::line_start(uint32_t file, uint32_t number) const {
  const File& source = at(file);
  THX_CHECK(number >= 1 && number <= source.line_starts.size(), "line {} of {}", number,
            source.line_starts.size());
  return source.line_starts[number - 1];
}

std::string_view Sources::line(uint32_t file, uint32_t number) const {
  const File& source = at(file);
  const uint32_t start = line_start(file, number);
  const bool is_last = number == source.line_starts.size();
  const size_t end = is_last ? source.text.size() : source.line_starts[number] - 1;
  std::string_view line = std::string_view(source.text).substr(start, end - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace thx
