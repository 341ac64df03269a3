// SPDX-License-Identifier: Apache-2.0
// Options that several commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "driver/words.h"

namespace thx {

/// What a command does when the command line has been read; gives the exit code.
using Action = std::function<int(Report&)>;

/// An option that stands for a setting.
CLI::Option* add_setting(CLI::App& command, Words& words, const std::string& name,
                         const std::string& key, const std::string& meaning);
/// The number that an option's text is; throws with the words for the user where it is none, or
/// lies outside of `least` and `most`.
uint64_t number_of_option(std::string_view option, std::string_view text, uint64_t least,
                          uint64_t most = std::numeric_limits<int64_t>::max());
/// An option that takes a whole number of at least `least`.
template <class Number>
CLI::Option* add_number(CLI::App& command, const std::string& name, Number& into, uint64_t least,
                        const std::string& meaning) {
  constexpr uint64_t kMost = std::numeric_limits<
      std::conditional_t<std::is_same_v<Number, uint64_t>, uint64_t, int64_t>>::max();
  return command.add_option_function<std::string>(
      name,
      [&into, name, least](const std::string& text) {
        into = static_cast<Number>(number_of_option(name, text, least, kMost));
      },
      meaning);
}
/// What is wrong about `--NAME=VALUE` of an option that stands for itself, before anything is read:
/// a value where it takes none, or an empty one.
std::optional<std::string> flag_mistake(const CLI::App& app, int argc, const char* const* argv);

/// What every command that reads programs takes: -D, -I, --floatx, --fp, --json, --verify-each.
void add_common(CLI::App& command, Words& words);
/// An option that takes seconds, at least 0.
void add_seconds(CLI::App& command, const std::string& name, double& into, const std::string& help);
/// --nan-guard[=BOUND] and --guard-updates.
void add_guards(CLI::App& command, Words& words);
void add_cpu(CLI::App& command, Words& words);

}  // namespace thx
