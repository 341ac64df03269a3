// SPDX-License-Identifier: Apache-2.0
// Reads what `thxc explain` is asked for and writes the report.
#include "driver/explain_command.h"

#include <cstdio>
#include <limits>
#include <memory>

#include "driver/explain.h"
#include "driver/place.h"
#include "support/text.h"

namespace thx {

namespace {

struct ExplainWords {
  std::string place;  // FILE, FILE:FUNCTION or FILE:FUNCTION:LINE
  std::string output;
  bool html = false;
};

// Words that no option takes are numbers of dims: --NAME=NUMBER.
void read_dims(const std::vector<std::string>& rest, ExplainRequest& request,
               Diagnostics& diagnostics) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const std::string& word : rest) {
    const size_t equals = word.find('=');
    const std::string text = equals == std::string::npos ? "" : word.substr(equals + 1);
    const auto number = whole_number(text, kMost);
    const bool is_digits =
        !text.empty() && text.find_first_not_of("-0123456789") == std::string::npos;
    if (word.starts_with("--") && number)
      request.dims.emplace_back(word.substr(2, equals - 2), static_cast<int64_t>(*number));
    else if (word.starts_with("--") && is_digits)
      bad_option(diagnostics, format("{}: write a whole number from 0 to {}", word, kMost));
    else
      bad_option(diagnostics,
                 format("`{}` is no option of thxc explain; numbers of dims are written "
                        "--NAME=NUMBER",
                        word));
  }
}

int run_explain(const Words& words, const ExplainWords& asked, const std::vector<std::string>& rest,
                Report& report) {
  const FilePlace place = read_place(asked.place, kLinePlace, report.diagnostics);
  ExplainRequest request{place.function, place.line, {}};
  const CompileOptions options = checked(words, place.file, report.sources, report.diagnostics);
  read_dims(rest, request, report.diagnostics);
  if (asked.html && options.json) bad_option(report.diagnostics, "--html and --json: one of them");
  if (report.diagnostics.has_errors()) return kUserError;
  const std::optional<Explanation> explanation =
      explain(options, request, report.sources, report.diagnostics);
  if (!explanation) return report.exit_code();
  const auto make = asked.html ? explain_html : options.json ? explain_json : explain_text;
  const std::string text = make(*explanation, request, report.sources);
  if (asked.output.empty() || asked.output == "-")
    std::fwrite(text.data(), 1, text.size(), stdout);
  else
    write_file(asked.output, text, report.diagnostics);
  return report.exit_code();
}

}  // namespace

void add_explain(CLI::App& app, Words& words, Action& action) {
  CLI::App* command =
      app.add_subcommand("explain", "where each optimisation was applied, and where not, and why");
  const auto asked = std::make_shared<ExplainWords>();
  command->add_option("file", asked->place, "FILE, FILE:FUNCTION, FILE:FUNCTION:LINE or FILE::LINE")
      ->required();
  add_common(*command, words);
  add_cpu(*command, words);
  add_guards(*command, words);
  command->add_flag("--html", asked->html, "one page for a browser; --json: the report as JSON");
  command->add_option("-o", asked->output, "the file to write to instead of standard output");
  command->allow_extras();
  command->footer("--NAME=NUMBER gives a dim a number, which is shown beside formulas in it.");
  command->callback([&words, &action, asked, command] {
    action = [&words, asked, command](Report& report) {
      return run_explain(words, *asked, command->remaining(), report);
    };
  });
}

}  // namespace thx
