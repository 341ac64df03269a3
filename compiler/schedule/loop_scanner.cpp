// SPDX-License-Identifier: Apache-2.0
// The scanner of loop IR text.
#include "schedule/loop_scanner.h"

#include <algorithm>
#include <charconv>

#include "support/text.h"

namespace thx::loop {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string without_comments(std::string_view text) {
  std::string out(text);
  bool quoted = false;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '"' && (i == 0 || out[i - 1] != '\\')) quoted = !quoted;
    if (out[i] == '\n') quoted = false;
    const bool comment =
        !quoted && out.compare(i, 2, "//") == 0 && (i == 0 || is_blank(out[i - 1]));
    for (; comment && i < out.size() && out[i] != '\n'; ++i) out[i] = ' ';
  }
  return out;
}

}  // namespace

LoopScanner::LoopScanner(std::string_view text, uint32_t file)
    : text_(without_comments(text)), file_(file) {}

void LoopScanner::fail(std::string message) {
  if (error_) return;
  const size_t at = std::min(at_, text_.size());
  if (file_ == 0) {
    const auto line = std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at), '\n');
    message = format("line {}: {}", line + 1, message);
  }
  const auto begin = static_cast<uint32_t>(at);
  const auto end = static_cast<uint32_t>(std::min(at + 1, text_.size()));
  error_.emplace(Err::syntax, Span{file_, begin, end}, std::move(message));
}

void LoopScanner::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

size_t LoopScanner::position() {
  skip_blanks();
  return at_;
}

bool LoopScanner::at_end() { return !ok() || position() == text_.size(); }

bool LoopScanner::word_continues(size_t at) const {
  return at < text_.size() && in_word(text_[at]);
}

bool LoopScanner::peek(std::string_view token) {
  if (!ok()) return false;
  skip_blanks();
  if (text_.compare(at_, token.size(), token) != 0) return false;
  return !in_word(token.back()) || !word_continues(at_ + token.size());
}

bool LoopScanner::take(std::string_view token) {
  if (!peek(token)) return false;
  at_ += token.size();
  return true;
}

void LoopScanner::expect(std::string_view token) {
  if (!take(token)) fail(format("expected `{}`", token));
}

std::string LoopScanner::name(std::string_view what) {
  if (!ok()) return {};
  skip_blanks();
  const size_t begin = at_;
  while (at_ < text_.size() && (in_word(text_[at_]) || text_[at_] == '.')) ++at_;
  if (begin == at_) fail(format("expected {}", what));
  return text_.substr(begin, at_ - begin);
}

int64_t LoopScanner::integer() {
  if (!ok()) return 0;
  skip_blanks();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  if (error != std::errc()) {
    fail("expected an integer");
    return 0;
  }
  at_ = static_cast<size_t>(end - text_.data());
  return value;
}

Extent LoopScanner::extent() {
  if (!ok()) return 0;
  skip_blanks();
  const std::optional<Extent> value = Extent::parse_prefix(text_, at_);
  if (!value) fail("expected an extent");
  return value.value_or(0);
}

Extent LoopScanner::extent_before_dots() {
  if (!ok()) return 0;
  skip_blanks();
  const size_t dots = text_.find("..", at_);
  const std::optional<Extent> value =
      dots == std::string::npos ? std::nullopt
                                : Extent::parse(std::string_view(text_).substr(at_, dots - at_));
  if (!value) {
    fail("expected an extent and `..`");
    return 0;
  }
  at_ = dots + 2;
  return *value;
}

std::optional<Extent> LoopScanner::extent_before_register() {
  if (!ok()) return std::nullopt;
  skip_blanks();
  if (text_[at_] == '%') return Extent(0);
  int depth = 0;
  char before = 0;
  for (size_t i = at_; i < text_.size(); ++i) {
    const char c = text_[i];
    if (is_blank(c)) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (depth == 0 && (c == ',' || c == ':' || c == ']' || c == '[')) break;
    if (c == '%' && before == '+' && depth == 0) {
      const size_t plus = text_.rfind('+', i);
      const auto value = Extent::parse(std::string_view(text_).substr(at_, plus - at_));
      if (!value) break;
      at_ = i;
      return value;
    }
    before = c;
  }
  return std::nullopt;
}

Shape LoopScanner::shape() {
  Shape shape;
  expect("[");
  if (take("]")) return shape;
  do shape.push_back(extent());
  while (take(","));
  expect("]");
  return shape;
}

Type LoopScanner::type() {
  const std::string word = name("a type");
  const std::optional<DType> dtype = dtype_named(word);
  if (ok() && !dtype) fail(format("there is no type `{}`", word));
  Type type{dtype.value_or(DType::f32), {}};
  if (peek("[")) type.shape = shape();
  return type;
}

// What support's quote_json writes.
std::string LoopScanner::quoted() {
  expect("\"");
  std::string out;
  while (ok() && at_ < text_.size() && text_[at_] != '"') {
    char c = text_[at_++];
    if (c == '\\' && at_ < text_.size()) {
      c = text_[at_++];
      static constexpr std::string_view kLetters = "nrt", kMeanings = "\n\r\t";
      if (const size_t i = kLetters.find(c); i != std::string_view::npos) {
        c = kMeanings[i];
      } else if (c == 'u' && at_ + 4 <= text_.size()) {
        int code = 0;
        std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
        c = static_cast<char>(code);
        at_ += 4;
      }
    }
    out += c;
  }
  if (at_ < text_.size()) ++at_;
  return out;
}

std::string_view LoopScanner::literal() {
  if (!ok()) return {};
  skip_blanks();
  const size_t begin = at_;
  while (at_ < text_.size() && !is_blank(text_[at_])) ++at_;
  return std::string_view(text_).substr(begin, at_ - begin);
}

Scalar LoopScanner::scalar(std::string_view literal, DType dtype) {
  const auto bad = [&] {
    fail(format("`{}` is no {}", literal, spelling(dtype)));
    return Scalar{};
  };
  if (!ok()) return {};
  if (dtype == DType::f32) {
    const std::optional<float> value = parse_float(literal);
    return value ? Scalar{dtype, *value, 0} : bad();
  }
  if (dtype == DType::f64) {
    const std::optional<double> value = parse_double(literal);
    return value ? Scalar{dtype, *value, 0} : bad();
  }
  if (is_bool(dtype)) {
    return literal == "true" || literal == "false" ? Scalar{dtype, 0, literal == "true"} : bad();
  }
  uint64_t bits = 0;
  const bool negative = literal.starts_with('-');
  const std::string_view digits = literal.substr(negative ? 1 : 0);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size()) return bad();
  const auto value = static_cast<int64_t>(negative ? 0 - bits : bits);
  const Scalar wrapped = Scalar::of_integer(dtype, value);
  return wrapped.integer == value ? wrapped : bad();
}

}  // namespace thx::loop
