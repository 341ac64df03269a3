// SPDX-License-Identifier: Apache-2.0
// What the user typed, before it is checked, and what a command has to say at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driver/options.h"
#include "driver/settings.h"
#include "support/diagnostic.h"

namespace thx {

struct Words {
  CompileOptions options;  // what needs no check
  std::vector<std::string> files;
  Settings settings;
  std::vector<std::string> defines, folders;
  std::string error_id;
  std::string nan_guard;  // what --nan-guard= has said last
};

/// The messages of one command and the sources that they point into.
struct Report {
  Sources sources;
  Diagnostics diagnostics;
  bool json = false;

  void print();
  int exit_code() const;
};

/// Whether the text is digits, and at least one.
bool is_digits(std::string_view text);
/// The number of at most `most` that the text is, in digits alone.
std::optional<uint64_t> whole_number(std::string_view text, uint64_t most);

void bad_option(Diagnostics& diagnostics, std::string message);

/// The options to compile `file` with: the words over THX_FLAGS over the thx.toml beside it.
CompileOptions checked(const Words& words, const std::string& file, Sources& sources,
                       Diagnostics& diagnostics);

}  // namespace thx
