// SPDX-License-Identifier: Apache-2.0
// Finds where the file ends: at the last colon behind which none of it stands.
#include "driver/place.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "driver/words.h"
#include "support/text.h"

namespace thx {

namespace {

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

std::optional<uint32_t> line_of(std::string_view text) {
  const auto line = whole_number(text, std::numeric_limits<uint32_t>::max());
  return line ? std::optional(static_cast<uint32_t>(*line)) : std::nullopt;
}

}  // namespace

bool check_function(const Program& program, const std::string& function, const std::string& file,
                    Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const Function& each : program.functions) names.push_back(each.name);
  if (program.init) names.emplace_back("init");
  if (function.empty() || std::ranges::find(names, function) != names.end()) return true;
  diagnostics
      .report(Diagnostic(Err::bad_option, {}, format("`{}` has no function `{}`", file, function)))
      .help("its functions are " +
            join(names, ", ", [](const std::string& each) { return "`" + each + "`"; }));
  return false;
}

std::string existing_file(const std::string& text) {
  for (size_t colon = text.rfind(':'); colon != std::string::npos && colon > 0;
       colon = text.rfind(':', colon - 1))
    if (exists(text.substr(0, colon))) return text.substr(0, colon);
  return {};
}

FilePlace read_place(const std::string& text, std::string_view form, Diagnostics& diagnostics) {
  FilePlace place{text, {}, {}};
  if (exists(text) || text.find(':') == std::string::npos) return place;
  place.file = existing_file(text);
  if (place.file.empty()) place.file = text.substr(0, text.find(':'));
  const std::string_view rest = std::string_view(text).substr(place.file.size() + 1);
  const auto refuse = [&](std::string_view why) {
    bad_option(diagnostics, format("{}: {}; write {}", text, why, form));
    return place;
  };
  std::vector<std::string_view> parts = split(rest, ':');
  if (parts.back().empty()) return refuse("nothing stands behind the colon");
  if (form == kLinePlace && (parts.size() > 1 || line_of(parts.back()))) {
    place.line = line_of(parts.back());
    if (!place.line) return refuse(format("`{}` is no line", parts.back()));
    parts.pop_back();
  }
  if (parts.size() > 1) return refuse(format("`:{}` is too much", parts.back()));
  if (!parts.empty()) place.function = parts.front();
  return place;
}

}  // namespace thx
