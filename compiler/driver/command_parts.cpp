// SPDX-License-Identifier: Apache-2.0
// Options that several commands share.
#include "driver/command_parts.h"

namespace thx {

// An option that stands for a setting.
CLI::Option* add_setting(CLI::App& command, Words& words, const std::string& name,
                         const std::string& key, const std::string& meaning) {
  return command.add_option_function<std::string>(
      name,
      [&words, name, key](const std::string& text) { words.settings[key] = {text, name, {}}; },
      meaning);
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
