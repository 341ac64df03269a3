// SPDX-License-Identifier: Apache-2.0
// Reads nested lists of numbers.
#include "driver/literal.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

constexpr size_t kMaxRank = 64;
constexpr std::string_view kNames[] = {"true", "false", "True", "False", "inf",
                                       "-inf", "+inf",  "nan",  "-nan"};

Diagnostic bad(std::string message) { return Diagnostic(Err::bad_array, {}, std::move(message)); }

template <class T>
bool store_integer(bool negative, uint64_t magnitude, std::byte* to) {
  const uint64_t most = static_cast<uint64_t>(std::numeric_limits<T>::max());
  if (magnitude > most + (negative && std::is_signed_v<T> ? 1 : 0)) return false;
  if (negative && !std::is_signed_v<T> && magnitude != 0) return false;
  const auto value = static_cast<T>(negative ? uint64_t{0} - magnitude : magnitude);
  std::memcpy(to, &value, sizeof value);
  return true;
}

bool store_integer(DType dtype, bool negative, uint64_t magnitude, std::byte* to) {
  switch (dtype) {
    case DType::i8: return store_integer<int8_t>(negative, magnitude, to);
    case DType::i16: return store_integer<int16_t>(negative, magnitude, to);
    case DType::i32: return store_integer<int32_t>(negative, magnitude, to);
    case DType::i64: return store_integer<int64_t>(negative, magnitude, to);
    case DType::u8: return store_integer<uint8_t>(negative, magnitude, to);
    case DType::u16: return store_integer<uint16_t>(negative, magnitude, to);
    case DType::u32: return store_integer<uint32_t>(negative, magnitude, to);
    case DType::u64: return store_integer<uint64_t>(negative, magnitude, to);
    default: THX_UNREACHABLE("{} is no integer", spelling(dtype));
  }
}

/// Elements in order, and the extents that the nesting gives.
class LiteralReader {
 public:
  LiteralReader(std::string_view text, DType dtype) : text_(text), dtype_(dtype) {}

  Result<HostArray> run() {
    while (!error_ && at_ < text_.size()) step();
    if (!error_ && (depth_ != 0 || !value_done_)) fail("it ends too early");
    if (error_) return std::move(*error_);
    for (size_t axis = 0; axis < rank_.value_or(0); ++axis)
      array_.extents.push_back(axis < extents_.size() ? extents_[axis].value_or(0) : 0);
    array_.dtype = dtype_;
    return std::move(array_);
  }

 private:
  // One bracket, comma or word.
  void step() {
    const char c = text_[at_];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at_;
    } else if (c == '[') {
      open();
    } else if (c == ']') {
      close();
    } else if (c == ',') {
      if (depth_ == 0 || !value_done_) return fail("a `,` without a value before it");
      value_done_ = false;
      ++at_;
    } else {
      word();
    }
  }

  bool begin_value() {
    if (value_done_) {
      fail("a `,` is missing");
      return false;
    }
    if (depth_ > 0) ++counts_.back();
    return true;
  }

  void open() {
    if (!begin_value()) return;
    if (depth_ == kMaxRank) return fail("it is nested too deep");
    if (rank_ && depth_ + 1 > *rank_) return fail("its lists are not all as deep");
    ++depth_;
    counts_.push_back(0);
    if (extents_.size() < depth_) extents_.emplace_back();
    ++at_;
  }

  void close() {
    if (depth_ == 0) return fail("a `]` without its `[`");
    const int64_t count = counts_.back();
    std::optional<int64_t>& extent = extents_[depth_ - 1];
    if (extent && *extent != count)
      return fail(format("its lists are not all as long: {} and {} elements", *extent, count));
    extent = count;
    if (count == 0) {  // the innermost axis, as far as is known
      if (rank_ && *rank_ != depth_) return fail("its lists are not all as deep");
      rank_ = depth_;
    }
    counts_.pop_back();
    --depth_;
    value_done_ = true;
    ++at_;
  }

  void word() {
    const size_t end = std::min(text_.find_first_of("[], \t\n", at_), text_.size());
    std::string text(text_.substr(at_, end - at_));
    if (!begin_value()) return;
    if (rank_ && *rank_ != depth_) return fail("its lists are not all as deep");
    rank_ = depth_;
    at_ = end;
    value_done_ = true;
    array_.bytes.resize(array_.bytes.size() + static_cast<size_t>(bytes_of(dtype_)));
    store(text, array_.bytes.data() + array_.bytes.size() - bytes_of(dtype_));
  }

  void store(const std::string& word, std::byte* to) {
    const bool is_true = word == "true" || word == "True";
    if (is_true || word == "false" || word == "False")
      return store_integer_or_float(false, is_true ? 1 : 0, to);
    const bool negative = word.starts_with('-');
    std::string digits = word.substr(negative || word.starts_with('+') ? 1 : 0);
    std::erase(digits, '_');
    uint64_t magnitude = 0;
    const bool hex = digits.starts_with("0x");
    const char* first = digits.data() + (hex ? 2 : 0);
    const char* last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(first, last, magnitude, hex ? 16 : 10);
    if (first != last && end == last && error == std::errc() && !(negative && is_float(dtype_)))
      return store_integer_or_float(negative, magnitude, to);
    if (error == std::errc::result_out_of_range && end == last && !is_float(dtype_))
      return fail(format("{} does not fit {}", word, spelling(dtype_)));
    store_float(word, (negative ? "-" : "") + digits, to);
  }

  void store_integer_or_float(bool negative, uint64_t magnitude, std::byte* to) {
    if (is_bool(dtype_)) {
      if (magnitude > 1 || negative)
        return fail(format("{}{} is no bool", negative ? "-" : "", magnitude));
      *to = static_cast<std::byte>(magnitude);
    } else if (dtype_ == DType::f32) {
      const auto value = static_cast<float>(magnitude);
      std::memcpy(to, &value, sizeof value);
    } else if (dtype_ == DType::f64) {
      const auto value = static_cast<double>(magnitude);
      std::memcpy(to, &value, sizeof value);
    } else if (!thx::store_integer(dtype_, negative, magnitude, to)) {
      fail(format("{}{} does not fit {}", negative ? "-" : "", magnitude, spelling(dtype_)));
    }
  }

  void store_float(const std::string& word, const std::string& digits, std::byte* to) {
    const std::optional<double> number = parse_double(digits);
    if (!number) return fail(format("`{}` is no number", word));
    if (!is_float(dtype_))
      return fail(format("{} is no {}", word, is_bool(dtype_) ? "bool" : "integer"));
    const std::optional<float> narrow = parse_float(digits);
    const float value = narrow ? *narrow : static_cast<float>(*number);
    const bool finite =
        dtype_ == DType::f64 ? std::isfinite(*number) : static_cast<bool>(std::isfinite(value));
    // An infinity is written `inf`; a finite number does not become one.
    if (!finite && std::ranges::any_of(digits, [](unsigned char c) { return std::isdigit(c); }))
      return fail(format("{} does not fit {}", word, spelling(dtype_)));
    if (dtype_ == DType::f64)
      std::memcpy(to, &*number, sizeof *number);
    else
      std::memcpy(to, &value, sizeof value);
  }

  void fail(std::string message) {
    if (!error_) error_ = bad(std::move(message));
    at_ = text_.size();
  }

  std::string_view text_;
  DType dtype_;
  size_t at_ = 0, depth_ = 0;
  bool value_done_ = false;      // a value has just ended
  std::optional<size_t> rank_;   // by the first element or empty list
  std::vector<int64_t> counts_;  // of the lists that are open
  std::vector<std::optional<int64_t>> extents_;
  HostArray array_;
  std::optional<Diagnostic> error_;
};

}  // namespace

bool looks_like_literal(std::string_view text) {
  if (text.empty()) return false;
  if (text[0] == '[' || std::ranges::find(kNames, text) != std::end(kNames)) return true;
  const size_t digit = text.find_first_not_of("+-.");
  return digit != std::string_view::npos && digit <= 2 &&
         std::isdigit(static_cast<unsigned char>(text[digit])) != 0 &&
         text.find_first_not_of("0123456789abcdefABCDEFxX_.+-pP") == std::string_view::npos;
}

Result<HostArray> parse_literal(std::string_view text, DType dtype) {
  return LiteralReader(text, dtype).run();
}

}  // namespace thx
