// SPDX-License-Identifier: Apache-2.0
// Settings of a compilation by name, from thx.toml beside the source, THX_FLAGS and the command
// line: docs/settings.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "driver/options.h"
#include "support/diagnostic.h"

namespace thx {

struct Setting {
  std::string text;   // as written; lists joined by commas
  std::string shown;  // how messages call it: `--floatx`, `floatx`
  Span at;            // in thx.toml or THX_FLAGS; empty for the command line
};

/// By key: floatx, fp, …; `define.NAME` for the value of a dim or const.
using Settings = std::map<std::string, Setting>;

/// The environment variable, and what messages call its text.
inline constexpr const char* kFlagsName = "THX_FLAGS";

/// What stands in the thx.toml beside `file`, where there is one, and over it what THX_FLAGS says.
/// Reports unknown keys at their place.
Settings read_settings(const std::string& file, Sources& sources, Diagnostics& diagnostics);

/// Changes `options` as the settings say. Reports values that do not fit at their place.
void apply(const Settings& settings, CompileOptions& options, Diagnostics& diagnostics);

/// Bytes: a number, or one with K, M or G behind it. Nothing for any other text.
std::optional<int64_t> parse_bytes(std::string_view text);

}  // namespace thx
