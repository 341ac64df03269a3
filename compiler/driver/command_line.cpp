// SPDX-License-Identifier: Apache-2.0
// Parses the command line with CLI11, runs the command, prints diagnostics, decides the exit code.
#include "driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <functional>
#include <iostream>

#include "driver/compile.h"
#include "driver/options.h"
#include "driver/pipeline.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

// Commands of the language's tools that this compiler does not have.
constexpr std::string_view kLaterCommands[] = {"run",    "test", "verify", "bench",  "explain",
                                               "memory", "grad", "graph",  "freeze", "fmt",
                                               "lsp",    "repl", "targets"};

struct Report {
  Sources sources;
  Diagnostics diagnostics;
  bool json = false;

  void print() {
    diagnostics.sort_by_place();
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      const std::string text =
          json ? render_json(diagnostic, sources) + "\n" : render_text(diagnostic, sources);
      std::fputs(text.c_str(), stderr);
    }
  }
  int exit_code() const { return diagnostics.has_errors() ? kUserError : kDone; }
};

// What the user typed, before it is checked.
struct Words {
  CompileOptions options;
  std::vector<std::string> files;
  std::vector<std::string> defines, emit;
  std::vector<std::string> later;  // options that are refused
  std::string float_x = "f32", fp = "default", error_id, blas = "none", target;
};

void bad_option(Diagnostics& diagnostics, std::string message) {
  diagnostics.report(Diagnostic(Err::bad_option, {}, std::move(message)));
}

void read_emit(const Words& words, CompileOptions& options, Diagnostics& diagnostics) {
  if (!words.emit.empty()) options.emit.clear();
  for (const std::string& list : words.emit) {
    for (const std::string_view name : split(list, ',')) {
      const auto* entry = std::ranges::find(kArtifacts, name, &ArtifactInfo::name);
      if (entry != std::end(kArtifacts)) {
        options.emit.insert(entry->artifact);
        continue;
      }
      const std::string known =
          join(kArtifacts, ", ", [](const ArtifactInfo& a) { return std::string(a.name); });
      if (name == "lib" || name == "shared" || name == "ptx" || name == "html" || name == "py")
        diagnostics.report(
            Diagnostic(Err::unsupported, {},
                       format("--emit {} is not supported yet; write one of {}", name, known)));
      else
        bad_option(diagnostics, format("--emit {}: not one of {}", name, known));
    }
  }
  if (options.output == "-" && options.emit.size() != 1)
    bad_option(diagnostics, "-o - prints one artifact; name it with --emit");
}

bool is_c_name(const std::string& name) {
  return std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::ranges::all_of(
             name, [](unsigned char c) { return c == '_' || (c < 128 && std::isalnum(c) != 0); });
}

CompileOptions checked(const Words& words, Diagnostics& diagnostics) {
  CompileOptions options = words.options;
  for (const std::string& define : words.defines) {
    const size_t at = define.find('=');
    if (at == std::string::npos || at == 0)
      bad_option(diagnostics, format("-D {}: write -D NAME=VALUE", define));
    else
      options.defines.emplace_back(define.substr(0, at), define.substr(at + 1));
  }
  if (words.float_x != "f32" && words.float_x != "f64")
    bad_option(diagnostics, format("--floatx {}: write f32 or f64", words.float_x));
  options.float_x = words.float_x == "f64" ? DType::f64 : DType::f32;
  if (words.fp == "fast")
    diagnostics.report(Diagnostic(Err::unsupported, {}, "--fp fast is not supported yet")
                           .help("write --fp default or --fp strict"));
  else if (words.fp != "default" && words.fp != "strict")
    bad_option(diagnostics, format("--fp {}: write default or strict", words.fp));
  options.strict = words.fp == "strict";
  if (words.blas != "none")
    diagnostics.report(
        Diagnostic(Err::unsupported, {}, format("--blas {} is not supported yet", words.blas))
            .help("--blas none is the default and loses nothing on small products"));
  for (const std::string& name : words.later)
    diagnostics.report(Diagnostic(Err::unsupported, {}, format("{} is not supported yet", name))
                           .help("leave it out"));
  if (!words.target.empty())
    diagnostics.report(
        Diagnostic(Err::unsupported, {}, format("--target {} is not supported yet", words.target))
            .help("leave it out: objects are made for this machine's operating system"));
  if (!options.prefix.empty() && !is_c_name(options.prefix))
    bad_option(diagnostics, format("--prefix {}: not a name of C", options.prefix));
  read_emit(words, options, diagnostics);
  for (const std::string& name : options.print_after)
    if (find_tensor_pass(name) == nullptr && find_loop_pass(name) == nullptr)
      bad_option(diagnostics,
                 format("--print-after {}: no such pass; --list-passes lists them", name));
  return options;
}

int run_build(const Words& words, Report& report) {
  CompileOptions options = checked(words, report.diagnostics);
  if (report.diagnostics.has_errors()) return kUserError;
  options.file = words.files.front();
  const Compiled compiled = compile(options, report.sources, report.diagnostics);
  if (!report.diagnostics.has_errors()) write_files(compiled, options, report.diagnostics);
  return report.exit_code();
}

int run_check(const Words& words, Report& report) {
  CompileOptions options = checked(words, report.diagnostics);
  if (report.diagnostics.has_errors()) return kUserError;
  for (const std::string& file : words.files) {
    Diagnostics diagnostics;
    options.file = file;
    check(options, report.sources, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) report.diagnostics.report(diagnostic);
  }
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

void add_common(CLI::App& command, Words& words) {
  command.add_option("-D", words.defines, "NAME=VALUE: the value of a dim or const")
      ->expected(1)
      ->take_all();
  command.add_option("--floatx", words.float_x, "what floatX is: f32 (default) or f64");
  command.add_option("--fp", words.fp, "default or strict");
  command.add_flag("--json", words.options.json, "diagnostics as JSON, one object a line");
  command.add_flag("--verify-each", words.options.verify_each,
                   "verify the program after each pass");
}

// Options of the language's tools that this compiler does not have: taken, and refused by name.
void add_later_options(CLI::App& command, Words& words) {
  const auto refuse = [&words](std::string name) {
    return [&words, name](const auto&) { words.later.push_back(name); };
  };
  for (const std::string name : {"--max-workspace", "-I", "-O"})
    command.add_option_function<std::string>(name, refuse(name))->group("");
  for (const std::string name : {"-g", "--guard-updates"})
    command.add_flag_function(name, refuse(name))->group("");
}

void add_build(CLI::App& app, Words& words, std::function<int(Report&)>& action) {
  CLI::App* build =
      app.add_subcommand("build", "compile a file to an object, headers and a manifest");
  build->add_option("file", words.files, "the .thx file")->required()->expected(1);
  add_common(*build, words);
  build->add_option("-o", words.options.output, "the folder to write to; - prints one artifact");
  build
      ->add_option("--emit", words.emit,
                   "what to write: obj,header,hpp,json,tensor-ir,loop-ir,llvm,asm")
      ->take_all();
  build->add_option("--cpu", words.options.cpu,
                    "x86-64-v2, x86-64-v3 (default), x86-64-v4 or native");
  build->add_option("--target", words.target, "the machine to compile for");
  build->add_option("--blas", words.blas, "none");
  build->add_option("--prefix", words.options.prefix,
                    "of every C name instead of the module's name");
  build->add_option("--depfile", words.options.depfile, "write a make rule of what was read");
  build->add_option("--print-after", words.options.print_after, "print the program after a pass")
      ->take_all();
  build->add_flag("--time-passes", words.options.time_passes, "print how long each pass took");
  build->add_flag("--print-refusals", words.options.print_refusals,
                  "print what was not fused, and why");
  add_later_options(*build, words);
  build->callback([&] { action = [&](Report& report) { return run_build(words, report); }; });
}

void add_check(CLI::App& app, Words& words, std::function<int(Report&)>& action) {
  CLI::App* check = app.add_subcommand("check", "report every error of the files; writes nothing");
  check->add_option("file", words.files, "the .thx files")->required();
  add_common(*check, words);
  check->callback([&] { action = [&](Report& report) { return run_check(words, report); }; });
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
  add_help(app, words, action);
  add_later(app, action);
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    Report report;
    bad_option(report.diagnostics, error.what());
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
  return code;
}

}  // namespace thx
