// SPDX-License-Identifier: Apache-2.0
// Reads what `thxc grad` is asked for and prints the derivative.
#include "driver/derivative_command.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "driver/derivative.h"
#include "driver/place.h"
#include "support/text.h"

namespace thx {

namespace {

struct GradWords {
  std::string place;  // FILE:VALUE
  std::vector<std::string> targets;
};

int run_grad(const Words& words, const GradWords& grad, Report& report) {
  const FilePlace place = read_place(grad.place, kValuePlace, report.diagnostics);
  DerivativeRequest request{place.function, {}};
  for (const std::string& target : grad.targets) {
    const std::string name(trim(target));
    if (name.empty()) bad_option(report.diagnostics, "--wrt: a name is missing");
    if (std::ranges::find(request.targets, name) != request.targets.end())
      bad_option(report.diagnostics, format("--wrt: `{}` is named twice", name));
    request.targets.push_back(name);
  }
  const CompileOptions options = checked(words, place.file, report.sources, report.diagnostics);
  if (request.value.empty() && !report.diagnostics.has_errors()) {
    bad_option(report.diagnostics, "`thxc grad` needs a value: FILE:J");
  }
  if (!report.diagnostics.has_errors()) {
    const std::string text = derivative_text(options, request, report.sources, report.diagnostics);
    std::fputs(text.c_str(), stdout);
  }
  return report.exit_code();
}

}  // namespace

void add_grad(CLI::App& app, Words& words, Action& action) {
  const auto grad = std::make_shared<GradWords>();
  CLI::App* command = app.add_subcommand("grad", "print the derivative of a value as Thx text");
  command->add_option("file", grad->place, "FILE:VALUE")->required();
  command
      ->add_option("--wrt", grad->targets, "what to differentiate by: names, with commas between")
      ->required()
      ->delimiter(',');
  add_common(*command, words);
  command->callback([&words, &action, grad] {
    action = [&words, grad](Report& report) { return run_grad(words, *grad, report); };
  });
}

}  // namespace thx
