// SPDX-License-Identifier: Apache-2.0
// thx-opt: reads the text of an intermediate representation, checks that it reads back, runs named
// passes on it and prints what comes out, or runs it on literal arguments.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "levels.h"
#include "options.h"
#include "schedule/parse.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::opt {
namespace {

std::optional<std::string> read_text(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  if (!std::filesystem::is_regular_file(file)) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// `NAME=VALUE` in two parts; a CLI error where there is no `=`.
std::pair<std::string, std::string> split_assignment(const std::string& text) {
  const size_t at = text.find('=');
  if (at == std::string::npos) throw CLI::ValidationError(text, "expected NAME=VALUE");
  return {text.substr(0, at), text.substr(at + 1)};
}

void declare(CLI::App& app, Options& options) {
  app.add_option("file", options.file, "Tensor IR or loop IR; - is standard input");
  app.add_option("--passes", options.passes, "Passes in the order in which they run")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--spans", options.spans, "Print where values come from");
  app.add_option_function<std::string>(
         "--fp",
         [&options](const std::string& name) {
           const std::optional<FpMode> mode = find_fp_mode(name);
           if (!mode) throw CLI::ValidationError("--fp", "expected default, strict or fast");
           options.fp = *mode;
         },
         "As of thxc: default, strict or fast")
      ->allow_extra_args(false);
  app.add_flag_callback("--strict", [&options] { options.fp = FpMode::strict; }, "--fp=strict");
  app.add_option("--rewrite-limit", options.rewrite_limit,
                 "Rewrites to be made in all, over the named passes");
  app.add_flag("--print-rewrites", options.print_rewrites,
               "Print the rewrites that were made or refused to standard error");
  app.add_flag("!--no-fma", options.fma, "A machine without fused multiply-add");
  app.add_option("--vector-bytes", options.vector_bytes, "Bytes of the machine's vectors")
      ->check(CLI::IsMember({16, 32, 64}));
  app.add_option("--emit", options.emit,
                 "Loop IR: print its kernels as llvm, optimised-llvm, asm, obj")
      ->check(CLI::IsMember({"llvm", "optimised-llvm", "asm", "obj"}));
  app.add_option("--cpu", options.cpu, "With --emit: the level of CPU");
  app.add_option("--run", options.run, "Run this function (or kernel) instead of printing");
  app.add_option_function<std::vector<std::string>>(
         "--arg",
         [&options](const std::vector<std::string>& texts) {
           for (const std::string& text : texts)
             options.arguments.push_back(split_assignment(text));
         },
         "NAME=VALUE, as x=[[1, 2], [3, 4]]")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option_function<std::vector<std::string>>(
         "--dim",
         [&options](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const auto [name, value] = split_assignment(text);
             const std::optional<Extent> extent = Extent::parse(value);
             if (!extent || !extent->is_known())
               throw CLI::ValidationError(text, "expected NAME=INTEGER");
             options.dims[name] = extent->known();
           }
         },
         "NAME=INTEGER, where the arguments' extents do not say it")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--inputs", options.inputs,
                 "A file of `dim NAME = INTEGER` and `NAME = VALUE`, a line each");
  app.add_flag("--compare", options.compare,
               "With --run and --passes: run before and after the passes");
  app.add_option("--difference", options.difference,
                 "With --run: differences of the first output by this parameter");
  app.add_flag("--reverse-chunks", options.reverse_chunks,
               "With --run: iterations that may run in any order run backwards");
  app.add_option("--rules", options.rules, "Print a table of the page of rewrites")
      ->check(CLI::IsMember({"canonical", "stability", "inverse", "value", "simplify", "special"}));
  app.add_option("--operators", options.operators, "Print a table of the page of operators")
      ->check(CLI::IsMember({"functions", "elementwise", "arrays"}));
}

// Adds what the file of inputs says. False where a line is none.
bool read_inputs(Options& options, Diagnostics& diagnostics) {
  const std::optional<std::string> text = read_text(options.inputs);
  if (!text) {
    diagnostics.report({Err::cannot_read, {}, format("cannot read `{}`", options.inputs)});
    return false;
  }
  int number = 0;
  for (const std::string_view line : split(*text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    const size_t at = line.find('=');
    const std::string name(trim(line.substr(0, at)));
    const std::string value(at == std::string_view::npos ? "" : trim(line.substr(at + 1)));
    const bool is_dim = name.starts_with("dim ");
    const std::optional<Extent> extent = is_dim ? Extent::parse(value) : std::nullopt;
    if (value.empty() || (is_dim && (!extent || !extent->is_known()))) {
      diagnostics.report({Err::bad_option,
                          {},
                          format("{}:{}: expected `dim NAME = INTEGER` or `NAME = VALUE`",
                                 options.inputs, number)});
      return false;
    }
    if (is_dim)
      options.dims[std::string(trim(std::string_view(name).substr(4)))] = extent->known();
    else
      options.arguments.emplace_back(name, value);
  }
  return true;
}

int process(Options& options) {
  if (!options.rules.empty()) {
    print_rules(options.rules);
    return 0;
  }
  if (!options.operators.empty()) {
    print_operators(options.operators);
    return 0;
  }
  Sources sources;
  Diagnostics diagnostics;
  const std::optional<std::string> text = read_text(options.file);
  bool good = text.has_value() && (options.inputs.empty() || read_inputs(options, diagnostics));
  if (text && !good) {
    // It has been reported.
  } else if (text) {
    const uint32_t file = sources.add(options.file == "-" ? "<stdin>" : options.file, *text);
    const Session session{options, sources, file, diagnostics};
    good = loop::is_loop_text(*text) ? process_loop(session) : process_tensor(session);
  } else {
    diagnostics.report({Err::cannot_read, {}, format("cannot read `{}`", options.file)});
  }
  for (const Diagnostic& diagnostic : diagnostics.all())
    std::fputs(render_text(diagnostic, sources).c_str(), stderr);
  return good && !diagnostics.has_errors() ? 0 : 1;
}

}  // namespace
}  // namespace thx::opt

int main(int argc, char** argv) {
  try {
    CLI::App app("Runs passes on the text form of an intermediate representation.", "thx-opt");
    thx::opt::Options options;
    thx::opt::declare(app, options);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 1;
    }
    return thx::opt::process(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "thx-opt: internal error: %s\n", error.what());
    return 2;
  }
}
