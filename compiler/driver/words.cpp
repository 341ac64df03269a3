// SPDX-License-Identifier: Apache-2.0
// Puts settings of all origins together and checks what they say.
#include "driver/words.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "driver/pipeline.h"
#include "support/text.h"

namespace thx {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<uint64_t> whole_number(std::string_view text, uint64_t most) {
  uint64_t number = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
  if (!is_digits(text) || error != std::errc() || number > most) return std::nullopt;
  return number;
}

void bad_option(Diagnostics& diagnostics, std::string message) {
  diagnostics.report(Diagnostic(Err::bad_option, {}, std::move(message)));
}

void Report::print() {
  diagnostics.sort_by_place();
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    const std::string text =
        json ? render_json(diagnostic, sources) + "\n" : render_text(diagnostic, sources);
    std::fputs(text.c_str(), stderr);
  }
}

int Report::exit_code() const {
  if (!diagnostics.has_errors()) return kDone;
  const bool budget_alone = std::ranges::all_of(diagnostics.all(), [](const Diagnostic& each) {
    return each.severity() != Severity::error || each.id() == Err::over_budget;
  });
  return budget_alone ? kBudgetExceeded : kUserError;
}

namespace {

void add_defines(const Words& words, Settings& settings, Diagnostics& diagnostics) {
  for (const std::string& define : words.defines) {
    const size_t at = define.find('=');
    if (at == std::string::npos || at == 0)
      bad_option(diagnostics, format("-D {}: write -D NAME=VALUE", define));
    else
      settings["define." + define.substr(0, at)] = {define.substr(at + 1), "-D", {}};
  }
}

}  // namespace

CompileOptions checked(const Words& words, const std::string& file, Sources& sources,
                       Diagnostics& diagnostics) {
  CompileOptions options = words.options;
  options.file = file;
  Settings settings = read_settings(file, sources, diagnostics);
  for (const auto& [key, setting] : words.settings) settings[key] = setting;
  add_defines(words, settings, diagnostics);
  apply(settings, options, diagnostics);
  options.include.insert(options.include.begin(), words.folders.begin(), words.folders.end());
  if (options.output == "-" && options.emit.size() != 1)
    bad_option(diagnostics, "-o - prints one artifact; name it with --emit");
  for (const std::string& name : options.print_after)
    if (find_tensor_pass(name) == nullptr && find_loop_pass(name) == nullptr)
      bad_option(diagnostics,
                 format("--print-after {}: no such pass; --list-passes lists them", name));
  return options;
}

}  // namespace thx
