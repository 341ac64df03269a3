// SPDX-License-Identifier: Apache-2.0
// Reads settings from thx.toml, with toml++, and from the environment.
#include "driver/settings_sources.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

// An error is a value here, and no container crosses into a library that is built otherwise.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
// Its assertions do not hold for every text (`[[[` breaks one), and the code behind them reports
// the error; with NDEBUG they would be assumptions.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include "driver/read_source.h"
#include "support/text.h"

namespace thx {

namespace {

namespace fs = std::filesystem;

std::string key_of(std::string_view written) {
  std::string key(written);
  std::ranges::replace(key, '-', '_');
  return key;
}

// The bytes of a text that toml++ names by lines and columns.
Span span_of(const Sources& sources, uint32_t file, const toml::source_region& region) {
  if (region.begin.line == 0 || region.begin.column == 0) return {};
  const uint32_t line = sources.line_start(file, region.begin.line);
  const auto size = static_cast<uint32_t>(sources.text(file).size());
  auto at = [&](const toml::source_position& place) {
    return std::min(size, line + static_cast<uint32_t>(place.column) - 1);
  };
  const uint32_t begin = at(region.begin);
  const bool one_line = region.end.line == region.begin.line && region.end.column > 0;
  return {file, begin, std::max(begin + 1, one_line ? at(region.end) : begin + 1)};
}

class TomlReader {
 public:
  TomlReader(Sources& sources, uint32_t file, Settings& settings, Diagnostics& diagnostics)
      : sources_(sources), file_(file), settings_(settings), diagnostics_(diagnostics) {}

  void read() {
    const toml::parse_result result = toml::parse(sources_.text(file_));
    if (!result) {
      diagnostics_.report(Diagnostic(Err::bad_option,
                                     span_of(sources_, file_, result.error().source()),
                                     std::string(result.error().description())));
      return;
    }
    for (const auto& [key, node] : result.table()) {
      const toml::table* defines = node.as_table();
      if (defines == nullptr || key_of(key.str()) != "define") {
        add(key_of(key.str()), key, node);
        continue;
      }
      for (const auto& [name, value] : *defines)
        add("define." + std::string(name.str()), name, value);
    }
  }

 private:
  void add(const std::string& key, const toml::key& written, const toml::node& node) {
    Setting setting{"", std::string(written.str()), span_of(sources_, file_, written.source())};
    const std::optional<std::string> text = text_of(node, key == "include");
    const size_t before = diagnostics_.error_count();
    check_known(key, setting, true, diagnostics_);
    if (diagnostics_.error_count() != before) return;
    if (text && text->empty() && node.is_string()) {
      diagnostics_.report(Diagnostic(Err::bad_option, span_of(sources_, file_, node.source()),
                                     format("{}: the text is empty", setting.shown)));
      return;
    }
    if (!text) {
      diagnostics_.report(Diagnostic(Err::bad_option, span_of(sources_, file_, node.source()),
                                     format("`{}` takes a text, a number, a truth value or a list "
                                            "of texts",
                                            setting.shown)));
      return;
    }
    if (node.is_boolean() && *text == "false" && !key.starts_with("define.")) return;
    setting.text = node.is_boolean() && !key.starts_with("define.") ? "" : *text;
    setting.at = span_of(sources_, file_, node.source());
    settings_[key] = std::move(setting);
  }

  std::optional<std::string> text_of(const toml::node& node, bool folders) const {
    if (const auto* text = node.as_string()) return folders ? beside(text->get()) : text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* number = node.as_floating_point()) return format_double(number->get());
    if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    const toml::array* list = node.as_array();
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> parts;
    for (const toml::node& part : *list) {
      if (!part.is_string()) return std::nullopt;
      const std::string& text = part.as_string()->get();
      parts.push_back(folders ? beside(text) : text);
    }
    return join(parts, ",");
  }

  // Folders are meant from the file that names them.
  std::string beside(const std::string& folder) const {
    return (fs::path(sources_.name(file_)).parent_path() / folder).string();
  }

  Sources& sources_;
  uint32_t file_;
  Settings& settings_;
  Diagnostics& diagnostics_;
};

// `floatx=f64,fp=strict,nan_guard`
void read_flags(const std::string& flags, Sources& sources, Settings& settings,
                Diagnostics& diagnostics) {
  const uint32_t file = sources.add(kFlagsName, flags);
  size_t begin = 0;
  for (const std::string_view word : split(sources.text(file), ',')) {
    const std::string_view trimmed = trim(word);
    const size_t at = begin + static_cast<size_t>(trimmed.data() - word.data());
    begin += word.size() + 1;
    if (trimmed.empty()) continue;
    const size_t equals = trimmed.find('=');
    const bool has_value = equals != std::string_view::npos;
    const std::string_view name = trim(trimmed.substr(0, equals));
    Setting setting{has_value ? std::string(trim(trimmed.substr(equals + 1))) : "",
                    std::string(name),
                    {file, static_cast<uint32_t>(at), static_cast<uint32_t>(at + trimmed.size())}};
    const std::string key = key_of(name);
    const size_t before = diagnostics.error_count();
    check_known(key, setting, has_value, diagnostics);
    if (diagnostics.error_count() == before && has_value && setting.text.empty())
      diagnostics.report(Diagnostic(Err::bad_option, setting.at,
                                    format("{}=: a value is missing behind the `=`", name)));
    if (diagnostics.error_count() == before) settings[key] = std::move(setting);
  }
}

}  // namespace

Settings read_settings(const std::string& file, Sources& sources, Diagnostics& diagnostics) {
  Settings settings;
  const fs::path path = fs::path(file).parent_path() / "thx.toml";
  std::error_code ec;
  if (fs::exists(path, ec))
    if (const std::optional<uint32_t> toml = read_source(path.string(), sources, diagnostics))
      TomlReader(sources, *toml, settings, diagnostics).read();
  if (const char* flags = std::getenv(kFlagsName))
    if (*flags != 0) read_flags(flags, sources, settings, diagnostics);
  return settings;
}

}  // namespace thx
