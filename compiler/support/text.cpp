// SPDX-License-Identifier: Apache-2.0
// Text functions: joining, quoting, and numbers that read back to the same bits.
#include "support/text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace thx {
namespace {

template <class Float>
using BitsOf = std::conditional_t<sizeof(Float) == 8, uint64_t, uint32_t>;

template <class Float>
constexpr BitsOf<Float> kQuietNan =
    std::bit_cast<BitsOf<Float>>(std::numeric_limits<Float>::quiet_NaN());
template <class Float>
constexpr BitsOf<Float> kSignBit = BitsOf<Float>{1} << (8 * sizeof(Float) - 1);

template <class Float>
std::string format_shortest(Float value) {
  if (std::isnan(value)) {
    const auto bits = std::bit_cast<BitsOf<Float>>(value);
    if (bits == kQuietNan<Float>) return "nan";
    if (bits == (kQuietNan<Float> | kSignBit<Float>)) return "-nan";
    return format("nan({:#x})", bits);
  }
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

template <class Float>
std::optional<Float> parse_number(std::string_view text) {
  if (text.starts_with("nan(0x") && text.ends_with(")")) {
    BitsOf<Float> bits = 0;
    const char* last = text.data() + text.size() - 1;
    const auto [end, error] = std::from_chars(text.data() + 6, last, bits, 16);
    if (error != std::errc{} || end != last) return std::nullopt;
    return std::bit_cast<Float>(bits);
  }
  if (text == "nan") return std::bit_cast<Float>(kQuietNan<Float>);
  if (text == "-nan") return std::bit_cast<Float>(kQuietNan<Float> | kSignBit<Float>);
  if (text.starts_with('+')) text.remove_prefix(1);
  Float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too large rounds to infinity and too small to zero, as everywhere else.
    const std::string copy(text);
    return static_cast<Float>(std::strtod(copy.c_str(), nullptr));
  }
  if (error != std::errc{}) return std::nullopt;
  return value;
}

// Edit distance with three rows of storage; a swap of neighbours is one edit.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, above[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return join(parts, separator, [](const std::string& part) -> const std::string& { return part; });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const size_t at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string quote_json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          append(out, "\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string format_double(double value) { return format_shortest(value); }
std::string format_float(float value) { return format_shortest(value); }
std::optional<double> parse_double(std::string_view text) { return parse_number<double>(text); }
std::optional<float> parse_float(std::string_view text) { return parse_number<float>(text); }

std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates) {
  const size_t limit = name.size() <= 4 ? 1 : name.size() <= 7 ? 2 : 3;
  size_t best = limit + 1;
  std::optional<std::string> found;
  for (const std::string& candidate : candidates) {
    if (candidate.size() + limit < name.size() || name.size() + limit < candidate.size()) continue;
    const size_t distance = edit_distance(name, candidate);
    if (distance < best && distance < std::max(name.size(), candidate.size())) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace thx
