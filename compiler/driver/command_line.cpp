// SPDX-License-Identifier: Apache-2.0
// Parses the command line with CLI11, runs the command, prints diagnostics, decides the exit code.
#include "driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>

#include "driver/command_parts.h"
#include "driver/compile.h"
#include "driver/derivative_command.h"
#include "driver/explain_command.h"
#include "driver/graph_command.h"
#include "driver/options.h"
#include "driver/pipeline.h"
#include "driver/place.h"
#include "driver/run.h"
#include "driver/targets.h"
#include "driver/test.h"
#include "driver/usage.h"
#include "driver/verify_command.h"
#include "driver/words.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

// Commands of the language's tools that this compiler does not have.
constexpr std::string_view kLaterCommands[] = {"bench", "memory", "freeze", "fmt", "lsp", "repl"};

int run_build(const Words& words, Report& report) {
  const CompileOptions options =
      checked(words, words.files.front(), report.sources, report.diagnostics);
  if (report.diagnostics.has_errors()) return kUserError;
  const Compiled compiled = compile(options, report.sources, report.diagnostics);
  if (!report.diagnostics.has_errors())
    write_files(compiled, options, report.sources, report.diagnostics);
  return report.exit_code();
}

int run_check(const Words& words, Report& report) {
  for (const std::string& file : words.files) {
    Diagnostics diagnostics;
    const CompileOptions options = checked(words, file, report.sources, diagnostics);
    if (!diagnostics.has_errors()) check(options, report.sources, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) report.diagnostics.report(diagnostic);
  }
  return report.exit_code();
}

struct RunWords {
  std::string place;  // FILE:FUNCTION
  RunRequest request;
  std::vector<std::string> named;  // of --input
  std::string progress;            // what --progress= has said last
};

// Words that no option takes are inputs: --NAME=VALUE.
void add_inputs(const std::vector<std::string>& rest, RunRequest& request,
                Diagnostics& diagnostics) {
  for (const std::string& word : rest) {
    if (word.starts_with("--") && word.size() > 2)
      request.inputs.push_back(word.substr(2));
    else
      bad_option(diagnostics,
                 format("`{}` is no option of thxc run; inputs are written --NAME=VALUE", word));
  }
}

int run_run(const Words& words, RunWords& run, const std::vector<std::string>& rest,
            Report& report) {
  const FilePlace place = read_place(run.place, kFunctionPlace, report.diagnostics);
  run.request.function = place.function;
  const CompileOptions options = checked(words, place.file, report.sources, report.diagnostics);
  run.request.inputs = run.named;
  add_inputs(rest, run.request, report.diagnostics);
  if (!report.diagnostics.has_errors())
    run_function(options, run.request, report.sources, report.diagnostics);
  return report.exit_code();
}

int run_test(const Words& words, double seconds, Report& report) {
  TestCounts counts;
  for (const std::string& file : words.files) {
    Diagnostics diagnostics;
    const CompileOptions options = checked(words, file, report.sources, diagnostics);
    if (!diagnostics.has_errors()) {
      const TestCounts more = run_tests(options, seconds, report.sources, diagnostics);
      counts.tests += more.tests;
      counts.failed_tests += more.failed_tests;
      counts.expectations += more.expectations;
      counts.failed += more.failed;
      counts.broken_files += more.broken_files;
      const std::string slopes = text(more.slopes);
      if (!slopes.empty()) std::fputs(format("{}: {}\n", file, slopes).c_str(), stdout);
    }
    for (const Diagnostic& diagnostic : diagnostics.all()) report.diagnostics.report(diagnostic);
  }
  std::fputs((text(counts) + "\n").c_str(), stdout);
  return report.exit_code();
}

int explain_error(const std::string& id, Report& report) {
  if (id.empty()) {
    for (const Err error : all_errors())
      std::fputs(format("{:<20} {}\n", to_string(error), error_meaning(error)).c_str(), stdout);
    return kDone;
  }
  const std::optional<Err> error = find_error(id);
  if (!error) {
    bad_option(report.diagnostics,
               format("there is no error `{}`; `thxc help error` lists all", id));
    return kUserError;
  }
  std::fputs(format("{}: {}\n", id, error_meaning(*error)).c_str(), stdout);
  return kDone;
}

template <class Ir>
void list(std::string_view title, std::span<const Pass<Ir>> passes) {
  std::fputs(format("{}\n", title).c_str(), stdout);
  for (const Pass<Ir>& pass : passes)
    std::fputs(format("  {:<17} {}\n", pass.name, pass.why).c_str(), stdout);
}

void list_passes() {
  list("on tensor IR:", opening_passes());
  list("on tensor IR, repeated until no grad is left:", differentiation_passes());
  list("on tensor IR:", lowering_passes());
  std::fputs(
      "from tensor IR to loop IR:\n  build-nests       one loop nest per kernel, from the "
      "operators' rows\n",
      stdout);
  list("on loop IR:", loop_passes());
}

// Options of the language's tools that this compiler does not have: taken, and refused by name.
void add_later_options(CLI::App& command, Words& words) {
  add_setting(command, words, "-O", "optimize", "")->group("");
  const std::pair<std::string, std::string> flags[] = {{"-g", "debug"}};
  for (const auto& [name, key] : flags)
    command
        .add_flag_callback(
            name, [&words, name, key] { words.settings[key] = {"", name, {}}; }, "")
        ->group("");
}

void add_build(CLI::App& app, Words& words, std::function<int(Report&)>& action) {
  CLI::App* build =
      app.add_subcommand("build", "compile a file to an object, headers and a manifest");
  build->add_option("file", words.files, "the .thx file")->required()->expected(1);
  add_common(*build, words);
  build->add_option("-o", words.options.output, "the folder to write to; - prints one artifact");
  build
      ->add_option_function<std::vector<std::string>>(
          "--emit",
          [&words](const std::vector<std::string>& lists) {
            words.settings["emit"] = {join(lists, ","), "--emit", {}};
          },
          "what to write: obj,lib,shared,header,hpp,json,tensor-ir,loop-ir,llvm,asm")
      ->take_all();
  add_setting(*build, words, "--cpu", "cpu", "x86-64-v2, x86-64-v3 (default), x86-64-v4 or native");
  add_setting(*build, words, "--target", "target", "the machine to compile for");
  add_setting(*build, words, "--blas", "blas", "none");
  add_setting(*build, words, "--prefix", "prefix", "of every C name instead of the module's name");
  add_setting(*build, words, "--max-workspace", "max_workspace",
              "bytes that no function's workspace may exceed, as 65536 or 64K");
  build->add_option("--depfile", words.options.depfile, "write a make rule of what was read");
  build->add_option("--print-after", words.options.print_after, "print the program after a pass")
      ->take_all();
  build->add_flag("--time-passes", words.options.time_passes, "print how long each pass took");
  build->add_flag("--print-refusals", words.options.print_refusals,
                  "print what was not fused, and why");
  add_guards(*build, words);
  add_later_options(*build, words);
  build->callback([&] { action = [&](Report& report) { return run_build(words, report); }; });
}

void add_check(CLI::App& app, Words& words, std::function<int(Report&)>& action) {
  CLI::App* check = app.add_subcommand("check", "report every error of the files; writes nothing");
  check->add_option("file", words.files, "the .thx files")->required();
  add_common(*check, words);
  check->callback([&] { action = [&](Report& report) { return run_check(words, report); }; });
}

void add_run(CLI::App& app, Words& words, RunWords& run, std::function<int(Report&)>& action) {
  CLI::App* command = app.add_subcommand("run", "call a function of a file on arrays and numbers");
  command->add_option("file", run.place, "FILE:FUNCTION, or FILE where it has one function")
      ->required();
  add_common(*command, words);
  add_setting(*command, words, "--cpu", "cpu",
              "x86-64-v2, x86-64-v3 (default), x86-64-v4 or native");
  add_guards(*command, words);
  RunRequest& request = run.request;
  command->add_option("--input", run.named, "NAME=VALUE: as --NAME=VALUE, for any name")
      ->expected(1)
      ->take_all();
  command->add_option("--set", request.states, "STATE=VALUE: instead of the state's initial value")
      ->expected(1)
      ->take_all();
  add_number(*command, "--steps", request.steps, 1, "how many calls, on the same state");
  command->add_flag("--progress{1}", run.progress,
                    "print the outputs that are numbers after every call, or after every =N calls");
  command->parse_complete_callback([&run] {
    if (!run.progress.empty())
      run.request.progress = number_of_option("--progress", run.progress, 1);
  });
  command->add_option("--state", request.state, "a checkpoint to start from");
  command->add_option("--save", request.save, "a checkpoint to write at the end");
  add_number(*command, "--seed", request.seed, 0,
             "of initial values that name no seed of their own");
  command->add_option("-o", request.folder, "a folder: outputs go to NAME.npy in it");
  command->allow_extras();
  command->footer(
      "Inputs: --NAME=VALUE, where VALUE is a number or a list of numbers, a .npy file, or\n"
      "FILE.npz:ARRAY; FIRST:END for an integer gives every call the next number.");
  command->callback([&, command] {
    action = [&, command](Report& report) {
      return run_run(words, run, command->remaining(), report);
    };
  });
}

void add_test(CLI::App& app, Words& words, std::function<int(Report&)>& action) {
  CLI::App* test =
      app.add_subcommand("test", "run the test blocks of the files and check their derivatives");
  test->add_option("file", words.files, "the .thx files")->required();
  add_common(*test, words);
  add_setting(*test, words, "--cpu", "cpu", "x86-64-v2, x86-64-v3 (default), x86-64-v4 or native");
  const auto seconds = std::make_shared<double>(60);
  add_seconds(*test, "--time", *seconds,
              "seconds after which a test stops, and for the derivatives of a file, each of which "
              "is looked at in any case (default 60)");
  test->callback([&words, &action, seconds] {
    action = [&words, seconds](Report& report) { return run_test(words, *seconds, report); };
  });
}

void add_help(CLI::App& app, Words& words, std::function<int(Report&)>& action) {
  CLI::App* help = app.add_subcommand("help", "what an error means: help error ID");
  CLI::App* error = help->add_subcommand("error", "the meaning of an error, or of all");
  error->add_option("id", words.error_id, "as printed in brackets");
  help->require_subcommand(1);
  error->callback(
      [&] { action = [&](Report& report) { return explain_error(words.error_id, report); }; });
}

void add_later(CLI::App& app, std::function<int(Report&)>& action) {
  for (const std::string_view name : kLaterCommands) {
    CLI::App* later = app.add_subcommand(std::string(name), "")->group("");
    later->prefix_command();
    later->callback([&action, name] {
      action = [name](Report& report) {
        report.diagnostics.report(
            Diagnostic(Err::unsupported, {}, format("`thxc {}` is not supported yet", name))
                .help("`thxc build` and `thxc check` are"));
        return static_cast<int>(kUserError);
      };
    });
  }
}

void add_targets(CLI::App& app, std::function<int(Report&)>& action) {
  CLI::App* targets = app.add_subcommand("targets", "the machines that code can be made for");
  targets->callback([&action] {
    action = [](Report&) {
      std::fputs(describe_targets().c_str(), stdout);
      return static_cast<int>(kDone);
    };
  });
}

int guarded(const std::function<int(Report&)>& action, Report& report) {
  try {
    return action(report);
  } catch (const PassFailure& failure) {
    std::fputs(format("internal error in pass {}: {}\n", failure.pass, failure.what()).c_str(),
               stderr);
    if (!failure.command.empty())
      std::fputs(format("  = the program from before it is saved; to run the pass again:\n    {}\n",
                        failure.command)
                     .c_str(),
                 stderr);
    return kOurError;
  } catch (const std::exception& error) {
    std::fputs(format("internal error: {}\n", error.what()).c_str(), stderr);
    return kOurError;
  }
}

}  // namespace

int run_command_line(int argc, char** argv) {
  Words words;
  std::function<int(Report&)> action;
  CLI::App app("Thx: compiles .thx programs to objects with a C interface", "thxc");
  app.formatter(help_layout());
  app.set_version_flag("--version", std::string("thxc ") + THX_VERSION);
  app.add_flag_callback(
      "--list-passes",
      [&] {
        action = [](Report&) {
          list_passes();
          return static_cast<int>(kDone);
        };
      },
      "print every pass, in order, with the reason for its place");
  add_build(app, words, action);
  add_check(app, words, action);
  RunWords run;
  add_run(app, words, run, action);
  add_test(app, words, action);
  add_grad(app, words, action);
  add_explain(app, words, action);
  add_verify(app, words, action);
  add_graph(app, words, action);
  add_help(app, words, action);
  add_targets(app, action);
  add_later(app, action);
  app.require_subcommand(0, 1);
  try {
    if (const auto mistake = flag_mistake(app, argc, argv)) throw CLI::ValidationError(*mistake);
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    Report report;
    // What CLI11 has read up to the mistake does not say whether --json stands behind it.
    report.json = std::any_of(argv + 1, argv + argc,
                              [](const char* word) { return std::string_view(word) == "--json"; });
    report_usage(app, argc, argv, error, report.diagnostics);
    report.print();
    return kUserError;
  }
  if (!action) {
    std::cout << app.help();
    return kDone;
  }
  Report report;
  report.json = words.options.json;
  const int code = guarded(action, report);
  report.print();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  Report unprinted;
  unprinted.json = report.json;
  unprinted.diagnostics.report(
      Diagnostic(Err::cannot_write, {}, "cannot write the standard output"));
  unprinted.print();
  return std::max<int>(code, kUserError);
}

}  // namespace thx
