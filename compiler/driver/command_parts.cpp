// SPDX-License-Identifier: Apache-2.0
// Options that several commands share.
#include "driver/command_parts.h"

#include <algorithm>

#include "support/text.h"

namespace thx {

// An option that stands for a setting.
CLI::Option* add_setting(CLI::App& command, Words& words, const std::string& name,
                         const std::string& key, const std::string& meaning) {
  return command.add_option_function<std::string>(
      name,
      [&words, name, key](const std::string& text) { words.settings[key] = {text, name, {}}; },
      meaning);
}

uint64_t number_of_option(std::string_view option, std::string_view text, uint64_t least,
                          uint64_t most) {
  const std::optional<uint64_t> number = whole_number(text, most);
  if (number && *number >= least) return *number;
  const bool is_large = !number && is_digits(text);
  throw CLI::ValidationError(format("{} {}: write a whole number of at {} {}", option, text,
                                    is_large ? "most" : "least", is_large ? most : least));
}

std::optional<std::string> flag_mistake(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* command = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const size_t equals = word.find('=');
    if (!word.starts_with("-")) {
      for (const CLI::App* inner : command->get_subcommands({}))
        if (inner->get_name() == word) command = inner;
      continue;
    }
    if (equals == std::string::npos) continue;
    const std::string name = word.substr(0, equals), value = word.substr(equals + 1);
    const CLI::Option* option = command->get_option_no_throw(name);
    if (option == nullptr || option->get_items_expected_max() != 0) continue;
    const bool takes_none =
        option->get_flag_value(name.substr(name.find_first_not_of('-')), "") == "true";
    if (takes_none) return format("{}={}: it takes no value", name, value);
    if (value.empty()) return format("{0}=: write a value behind the `=`, or {0} alone", name);
  }
  return std::nullopt;
}

void add_common(CLI::App& command, Words& words) {
  command.add_option("-D", words.defines, "NAME=VALUE: the value of a dim or const")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command.add_option("-I", words.folders, "a folder where imports are looked for")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  add_setting(command, words, "--floatx", "floatx", "what floatX is: f32 (default) or f64");
  add_setting(command, words, "--fp", "fp", "default, strict or fast");
  command.add_flag("--json", words.options.json, "diagnostics as JSON, one object a line");
  command.add_flag("--verify-each", words.options.verify_each,
                   "verify the program after each pass");
}

void add_seconds(CLI::App& command, const std::string& name, double& into,
                 const std::string& help) {
  command.add_option_function<std::string>(
      name,
      [name, &into](const std::string& text) {
        const std::optional<double> seconds = parse_double(text);
        if (!seconds || !(*seconds >= 0))
          throw CLI::ValidationError(format("{} {}: write seconds, at least 0", name, text));
        into = std::min(*seconds, 1e9);  // what clocks can add
      },
      help);
}

void add_guards(CLI::App& command, Words& words) {
  command
      .add_flag("--nan-guard{1e10}", words.nan_guard,
                "fail at NaN, infinities and magnitudes over =BOUND (1e10), and name the value")
      ->each([&words](const std::string& bound) {
        words.settings["nan_guard"] = {bound, "--nan-guard", {}};
      });
  command.add_flag_callback(
      "--guard-updates",
      [&words] { words.settings["guard_updates"] = {"", "--guard-updates", {}}; },
      "fail where an update is NaN or infinite, and keep the state");
}

void add_cpu(CLI::App& command, Words& words) {
  add_setting(command, words, "--cpu", "cpu",
              "x86-64-v2, x86-64-v3 (default), x86-64-v4 or native");
}

}  // namespace thx
