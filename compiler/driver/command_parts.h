// SPDX-License-Identifier: Apache-2.0
// Options that several commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "driver/words.h"

namespace thx {

/// What a command does when the command line has been read; gives the exit code.
using Action = std::function<int(Report&)>;

/// An option that stands for a setting.
CLI::Option* add_setting(CLI::App& command, Words& words, const std::string& name,
                         const std::string& key, const std::string& meaning);
/// What every command that reads programs takes: -D, -I, --floatx, --fp, --json, --verify-each.
void add_common(CLI::App& command, Words& words);
/// --nan-guard[=BOUND] and --guard-updates.
void add_guards(CLI::App& command, Words& words);
void add_cpu(CLI::App& command, Words& words);

}  // namespace thx
