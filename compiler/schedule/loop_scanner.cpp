// SPDX-License-Identifier: Apache-2.0
// What loop IR text has besides the tokens of tensor IR's.
#include "schedule/loop_scanner.h"

#include <algorithm>

#include "support/text.h"

namespace thx::loop {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool LoopScanner::peek(std::string_view token) {
  if (!cursor_.sees(token)) return false;
  const std::string_view behind = rest().substr(token.size());
  return !in_word(token.back()) || behind.empty() || !in_word(behind.front());
}

void LoopScanner::expect(std::string_view token) {
  if (!take(token)) fail(format("expected `{}`", token));
}

std::string LoopScanner::name(std::string_view what) {
  if (!ok()) return {};
  const size_t begin = position();
  size_t end = begin;
  while (end < text().size() && (in_word(text()[end]) || text()[end] == '.')) ++end;
  if (begin == end) fail(format("expected {}", what));
  move_to(end);
  return text().substr(begin, end - begin);
}

Extent LoopScanner::extent_before_dots() {
  if (!ok()) return 0;
  const size_t begin = position(), dots = text().find("..", begin);
  const std::optional<Extent> value =
      dots == std::string::npos
          ? std::nullopt
          : Extent::parse(std::string_view(text()).substr(begin, dots - begin));
  if (!value) {
    fail("expected an extent and `..`");
    return 0;
  }
  move_to(dots + 2);
  return *value;
}

std::optional<Extent> LoopScanner::extent_before_register() {
  if (!ok()) return std::nullopt;
  const size_t begin = position();
  if (cursor_.sees("%")) return Extent(0);
  int depth = 0;
  char before = 0;
  for (size_t i = begin; i < text().size(); ++i) {
    const char c = text()[i];
    if (is_blank(c)) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (depth == 0 && (c == ',' || c == ':' || c == ']' || c == '[')) break;
    if (c == '%' && before == '+' && depth == 0) {
      const size_t plus = text().rfind('+', i);
      const auto value = Extent::parse(std::string_view(text()).substr(begin, plus - begin));
      if (!value) break;
      move_to(i);
      return value;
    }
    before = c;
  }
  return std::nullopt;
}

std::string_view LoopScanner::literal() {
  if (!ok()) return {};
  const std::string_view from = rest();
  const auto end = std::ranges::find_if(from, is_blank);
  const auto size = static_cast<size_t>(end - from.begin());
  move_to(position() + size);
  return from.substr(0, size);
}

Scalar LoopScanner::scalar(std::string_view literal, DType dtype) {
  if (!ok()) return {};
  const std::optional<Scalar> value = scalar_of(literal, dtype);
  if (!value) fail(format("`{}` is no {}", literal, spelling(dtype)));
  return value.value_or(Scalar{});
}

}  // namespace thx::loop
