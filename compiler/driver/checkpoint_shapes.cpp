// SPDX-License-Identifier: Apache-2.0
// Reads the header of a safetensors file: a length, and a JSON object of names.
#include "driver/checkpoint_shapes.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace thx {

namespace {

using Shapes = std::map<std::string, HostArray, std::less<>>;

constexpr uint64_t kMaxHeader = uint64_t{1} << 24;
constexpr size_t kMaxRank = 64;

/// The one shape of JSON that the format has; everything else ends the reading.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : rest_(text) {}

  std::optional<Shapes> run() {
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const std::optional<std::string> name = string();
      if (!name || !take(':')) return std::nullopt;
      const bool read = *name == "__metadata__" ? skip_object() : tensor(*name);
      if (!read || (!take(',') && !at('}'))) return std::nullopt;
    }
    return std::move(shapes_);
  }

 private:
  bool at(char c) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    return rest_.starts_with(c);
  }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Names of states have nothing to escape.
  std::optional<std::string> string() {
    if (!take('"')) return std::nullopt;
    const size_t end = rest_.find_first_of("\"\\");
    if (end == std::string_view::npos || rest_[end] == '\\') return std::nullopt;
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool skip_object() {
    if (!take('{')) return false;
    while (!take('}'))
      if (!string() || !take(':') || !string() || (!take(',') && !at('}'))) return false;
    return true;
  }

  std::optional<std::vector<int64_t>> numbers() {
    std::vector<int64_t> values;
    if (!take('[')) return std::nullopt;
    while (!take(']')) {
      if (at(']') || values.size() == kMaxRank) return std::nullopt;
      int64_t value = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
      if (error != std::errc() || value < 0) return std::nullopt;
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      values.push_back(value);
      if (!take(',') && !at(']')) return std::nullopt;
    }
    return values;
  }

  bool tensor(const std::string& name) {
    if (!take('{')) return false;
    HostArray array;
    int seen = 0;
    while (!take('}')) {
      const std::optional<std::string> key = string();
      if (!key || !take(':')) return false;
      if (*key == "dtype") {
        const std::optional<std::string> dtype = string();
        const auto* found = std::ranges::find(
            kDTypes, dtype.value_or(""),
            [](const DTypeInfo& each) { return std::string(each.checkpoint_name); });
        if (found == std::end(kDTypes)) return false;
        array.dtype = found->dtype;
        seen |= 1;
      } else if (*key == "shape") {
        std::optional<std::vector<int64_t>> extents = numbers();
        if (!extents) return false;
        array.extents = std::move(*extents);
        seen |= 2;
      } else if (*key != "data_offsets" || !numbers()) {
        return false;
      }
      if (!take(',') && !at('}')) return false;
    }
    if (seen == 3) shapes_[name] = std::move(array);
    return seen == 3;
  }

  std::string_view rest_;
  Shapes shapes_;
};

}  // namespace

std::map<std::string, HostArray, std::less<>> checkpoint_shapes(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::ifstream file(path, std::ios::binary);
  unsigned char prefix[8] = {};
  if (!file.read(reinterpret_cast<char*>(prefix), sizeof prefix)) return {};
  uint64_t length = 0;
  for (int i = 8; i-- > 0;) length = length << 8 | prefix[i];
  if (length > kMaxHeader) return {};
  std::string header(length, '\0');
  if (!file.read(header.data(), static_cast<std::streamsize>(length))) return {};
  return HeaderReader(header).run().value_or(Shapes{});
}

}  // namespace thx
