// SPDX-License-Identifier: Apache-2.0
// Reads what `thxc verify` is asked for and prints what it found.
#include "driver/verify_command.h"

#include <cstdio>
#include <memory>

#include "driver/verify.h"
#include "support/text.h"

namespace thx {

namespace {

int run_verify_command(const Words& words, const VerifyRequest& request, Report& report) {
  const CompileOptions options =
      checked(words, words.files.front(), report.sources, report.diagnostics);
  if (report.diagnostics.has_errors()) return kUserError;
  const VerifyReport found = run_verify(options, request, report.sources, report.diagnostics);
  if (!found.entries.empty())
    std::fputs((options.json ? verify_json(found) : verify_table(found)).c_str(), stdout);
  std::fflush(stdout);
  return report.exit_code();
}

}  // namespace

void add_verify(CLI::App& app, Words& words, Action& action) {
  const auto request = std::make_shared<VerifyRequest>();
  CLI::App* verify = app.add_subcommand(
      "verify", "check the compiler on a file: every form of every function on the same inputs");
  verify->add_option("file", words.files, "the .thx file")->required()->expected(1);
  add_common(*verify, words);
  add_setting(*verify, words, "--cpu", "cpu",
              "x86-64-v2, x86-64-v3 (default), x86-64-v4 or native");
  add_guards(*verify, words);
  add_number(*verify, "--seed", request->seed, 0, "of inputs, states and dims (default 1)");
  add_number(*verify, "--rounds", request->rounds, 1, "calls of each function (default 40)");
  add_seconds(*verify, "--time", request->seconds,
              "seconds for all functions together (default 60)");
  verify->add_option("-o", request->folder, "the folder for reproducers (default .)");
  verify->callback([&words, &action, request] {
    action = [&words, request](Report& report) {
      return run_verify_command(words, *request, report);
    };
  });
}

}  // namespace thx
