// SPDX-License-Identifier: Apache-2.0
// Formatting over fmt, and the few text functions that every level of the compiler shares.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace thx {

template <class... Args>
std::string format(fmt::format_string<Args...> text, Args&&... args) {
  return fmt::format(text, std::forward<Args>(args)...);
}

// Appends to `out`; printers of whole programs use it to stay linear.
template <class... Args>
void append(std::string& out, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
}

// The parts with `separator` between them.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// The spelling of each element of `range`, with `separator` between them.
template <class Range, class Spell>
std::string join(const Range& range, std::string_view separator, Spell&& spell) {
  std::string out;
  bool first = true;
  for (const auto& element : range) {
    if (!first) out += separator;
    first = false;
    out += spell(element);
  }
  return out;
}

// The pieces between separators; empty pieces are kept, an empty text is one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

std::string_view trim(std::string_view text);

// A JSON string literal, quotes included.
std::string quote_json(std::string_view text);

// The shortest decimal form that reads back to the same bits, always recognisable as a float:
// 1.0, 0.1, 1e-07, -0.0, inf, -inf, nan; other NaNs as nan(0x7ff8000000000001).
std::string format_double(double value);
std::string format_float(float value);

// Reads what the two functions above write, and every usual decimal form. The whole text counts.
std::optional<double> parse_double(std::string_view text);
std::optional<float> parse_float(std::string_view text);

// The candidate nearest to a misspelt name, if any is near enough to be worth suggesting.
std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates);

// Classes and enumerations with a `to_string` found by argument-dependent look-up can be formatted.
template <class T>
concept HasToString = (std::is_class_v<T> || std::is_enum_v<T>) &&
                      !std::is_convertible_v<T, fmt::string_view> && requires(const T& value) {
                        { to_string(value) } -> std::convertible_to<std::string_view>;
                      };

}  // namespace thx

template <thx::HasToString T>
struct fmt::formatter<T> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const T& value, Context& context) const {
    return fmt::formatter<std::string_view>::format(std::string_view(to_string(value)), context);
  }
};
