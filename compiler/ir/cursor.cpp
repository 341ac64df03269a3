// SPDX-License-Identifier: Apache-2.0
// Tokens of the text of tensor IR.
#include "ir/cursor.h"

#include <algorithm>
#include <charconv>

#include "support/text.h"

namespace thx {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '.'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The number that the whole of `digits` spells.
template <class Number>
std::optional<Number> whole_number(std::string_view digits) {
  Number value = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [rest, error] = std::from_chars(begin, end, value);
  if (digits.empty() || rest != end || error != std::errc()) return std::nullopt;
  return value;
}

// `//` is also a quotient of extents; it starts a comment where a blank or nothing precedes it.
std::string without_comments(std::string_view text) {
  std::string result(text);
  bool quoted = false;
  for (size_t i = 0; i < result.size(); ++i) {
    if (result[i] == '\n') quoted = false;
    if (result[i] == '"' && (i == 0 || result[i - 1] != '\\')) quoted = !quoted;
    if (quoted || result.compare(i, 2, "//") != 0) continue;
    if (i > 0 && !is_blank(result[i - 1])) {
      ++i;
      continue;
    }
    while (i < result.size() && result[i] != '\n') result[i++] = ' ';
  }
  return result;
}

}  // namespace

std::optional<Scalar> scalar_of(std::string_view digits, DType dtype) {
  Scalar result{dtype};
  if (dtype == DType::f32) {
    const std::optional<float> value = parse_float(digits);
    if (!value) return std::nullopt;
    result.real = static_cast<double>(*value);
  } else if (is_float(dtype)) {
    const std::optional<double> value = parse_double(digits);
    if (!value) return std::nullopt;
    result.real = *value;
  } else if (is_bool(dtype)) {
    if (digits != "true" && digits != "false") return std::nullopt;
    result.integer = digits == "true";
  } else if (dtype == DType::u64) {
    const std::optional<uint64_t> value = whole_number<uint64_t>(digits);
    if (!value) return std::nullopt;
    result.integer = static_cast<int64_t>(*value);
  } else {
    const std::optional<int64_t> value = whole_number<int64_t>(digits);
    if (!value || Scalar::of_integer(dtype, *value).integer != *value) return std::nullopt;
    result.integer = *value;
  }
  return result;
}

Cursor::Cursor(std::string_view text, uint32_t file) : text_(without_comments(text)), file_(file) {}

bool Cursor::fail(std::string message) { return fail_at(at(), std::move(message)); }

bool Cursor::fail_at(size_t begin, std::string message) {
  if (failed()) return false;
  if (file_ == 0) {
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(begin), '\n');
    error_.emplace(Err::ir_syntax, Span{}, format("line {}: {}", line, message));
  } else {
    const auto end = static_cast<uint32_t>(std::min(begin + 1, text_.size()));
    error_.emplace(Err::ir_syntax, Span{file_, static_cast<uint32_t>(begin), end},
                   std::move(message));
  }
  return false;
}

void Cursor::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool Cursor::at_end() {
  skip_blanks();
  return at_ == text_.size();
}

size_t Cursor::at() {
  skip_blanks();
  return at_;
}

size_t Cursor::move_to(size_t place) {
  const size_t old = at_;
  at_ = place;
  return old;
}

Span Cursor::span_from(size_t begin) const {
  if (file_ == 0) return {};
  return {file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end_)};
}

bool Cursor::sees(std::string_view sign) {
  skip_blanks();
  return !failed() && std::string_view(text_).substr(at_).starts_with(sign);
}

bool Cursor::take(std::string_view sign) {
  if (!sees(sign)) return false;
  at_ += sign.size();
  end_ = at_;
  return true;
}

bool Cursor::expect(std::string_view sign) {
  return take(sign) || fail(format("expected `{}`", sign));
}

std::string_view Cursor::peek_word() {
  skip_blanks();
  if (failed() || at_ == text_.size() || !starts_word(text_[at_])) return {};
  size_t end = at_;
  while (end < text_.size() && continues_word(text_[end])) ++end;
  return std::string_view(text_).substr(at_, end - at_);
}

bool Cursor::sees_word(std::string_view word) { return peek_word() == word; }

bool Cursor::take_word(std::string_view word) { return sees_word(word) && take(word); }

std::string Cursor::word(std::string_view what) {
  const std::string result(peek_word());
  if (result.empty()) fail(format("expected {}", what));
  take(result);
  return result;
}

std::string Cursor::name(char sigil, std::string_view what) {
  skip_blanks();
  size_t end = at_ + 1;
  if (!failed() && at_ < text_.size() && text_[at_] == sigil) {
    while (end < text_.size() && continues_word(text_[end])) ++end;
    if (end > at_ + 1) {
      std::string result = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end_ = end;
      return result;
    }
  }
  fail(format("expected {}", what));
  return {};
}

int64_t Cursor::integer() {
  skip_blanks();
  int64_t value = 0;
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
  if (error != std::errc()) {
    fail("expected an integer");
    return 0;
  }
  at_ = end_ = static_cast<size_t>(end - text_.data());
  return value;
}

Extent Cursor::extent() {
  skip_blanks();
  size_t next = at_;
  const std::optional<Extent> result = Extent::parse_prefix(text_, next);
  if (!result || failed()) {
    fail("expected an extent");
    return 0;
  }
  at_ = next;
  while (next > 0 && is_blank(text_[next - 1])) --next;
  end_ = next;
  return *result;
}

Shape Cursor::shape() {
  Shape result;
  if (!expect("[") || take("]")) return result;
  do {
    result.push_back(extent());
  } while (take(","));
  expect("]");
  return result;
}

Type Cursor::type() {
  const size_t begin = at();
  const std::string spelled = word("a type");
  const std::optional<DType> dtype = dtype_named(spelled);
  if (!dtype) {
    fail_at(begin, format("`{}` is no element type", spelled));
    return {};
  }
  return {*dtype, sees("[") ? shape() : Shape{}};
}

// A number or word up to a blank, a comma, a colon or a closing bracket.
std::string_view Cursor::literal() {
  skip_blanks();
  size_t end = at_;
  while (end < text_.size() && !is_blank(text_[end]) && text_[end] != ',' && text_[end] != '}' &&
         text_[end] != ':' && text_[end] != ']')
    ++end;
  const std::string_view result = std::string_view(text_).substr(at_, end - at_);
  at_ = end_ = end;
  return result;
}

Scalar Cursor::scalar(DType dtype) {
  const size_t begin = at();
  const std::string_view digits = literal();
  const std::optional<Scalar> result = scalar_of(digits, dtype);
  if (!result) fail_at(begin, format("`{}` is no constant of type {}", digits, spelling(dtype)));
  return result.value_or(Scalar{dtype});
}

std::vector<int64_t> Cursor::integers() {
  std::vector<int64_t> result;
  if (!expect("[") || take("]")) return result;
  do {
    result.push_back(integer());
  } while (take(","));
  expect("]");
  return result;
}

// What support's quote_json writes.
std::string Cursor::quoted() {
  std::string result;
  if (!expect("\"")) return result;
  while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') {
    char c = text_[at_++];
    if (c == '\\' && at_ < text_.size()) {
      c = text_[at_++];
      static constexpr std::string_view kLetters = "nrtbf", kMeanings = "\n\r\t\b\f";
      if (const size_t i = kLetters.find(c); i != std::string_view::npos) {
        c = kMeanings[i];
      } else if (c == 'u' && at_ + 4 <= text_.size()) {
        int code = 0;
        std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
        c = static_cast<char>(code);
        at_ += 4;
      }
    }
    result += c;
  }
  expect("\"");
  return result;
}

AttrValue Cursor::attr(AttrKind kind) {
  switch (kind) {
    case AttrKind::integer: return integer();
    case AttrKind::flag: {
      if (take_word("true")) return true;
      if (!take_word("false")) fail("expected `true` or `false`");
      return false;
    }
    case AttrKind::word: return sees("\"") ? quoted() : std::string(literal());
    case AttrKind::integers: return integers();
    case AttrKind::extent: return extent();
    case AttrKind::shape: return shape();
    case AttrKind::scalar: break;  // written before the braces, with the type's dtype
    case AttrKind::dtype: return type().dtype;
  }
  fail("a constant stands after the operator: `constant 1.0 : f32`");
  return int64_t{0};
}

}  // namespace thx
