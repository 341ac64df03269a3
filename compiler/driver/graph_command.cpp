// SPDX-License-Identifier: Apache-2.0
// Reads what `thxc graph` is asked for and writes the picture.
#include "driver/graph_command.h"

#include <cstdio>
#include <memory>

#include "driver/compile.h"
#include "driver/graph.h"
#include "driver/place.h"
#include "support/text.h"

namespace thx {

namespace {

struct GraphWords {
  std::string place;   // FILE or FILE:FUNCTION
  std::string output;  // .svg or .dot; `-`: the text on standard output
  bool optimized = false;
};

std::optional<Program> program_of(const CompileOptions& options, bool optimized, Report& report) {
  if (!optimized) return program_as_written(options, report.sources, report.diagnostics);
  std::optional<CompiledLoops> compiled =
      compile_loops(options, report.sources, report.diagnostics);
  if (!compiled) return std::nullopt;
  return std::move(compiled->program);
}

int run_graph(const Words& words, const GraphWords& asked, Report& report) {
  const FilePlace place = read_place(asked.place, kFunctionPlace, report.diagnostics);
  const CompileOptions options = checked(words, place.file, report.sources, report.diagnostics);
  const bool is_svg = asked.output.ends_with(".svg");
  if (!is_svg && !asked.output.ends_with(".dot") && asked.output != "-")
    bad_option(report.diagnostics,
               format("-o {}: a picture ends in .svg, its text in .dot; `-o -` prints the text",
                      asked.output));
  if (report.diagnostics.has_errors()) return kUserError;
  const std::optional<Program> program = program_of(options, asked.optimized, report);
  if (!program || report.diagnostics.has_errors() ||
      !check_function(*program, place.function, place.file, report.diagnostics))
    return report.exit_code();
  std::optional<std::string> bytes = graph_text(*program, place.function);
  if (is_svg) bytes = graph_svg(*bytes, report.diagnostics);
  if (!bytes) return report.exit_code();
  if (asked.output == "-")
    std::fwrite(bytes->data(), 1, bytes->size(), stdout);
  else
    write_file(asked.output, *bytes, report.diagnostics);
  return report.exit_code();
}

}  // namespace

void add_graph(CLI::App& app, Words& words, Action& action) {
  CLI::App* command = app.add_subcommand("graph", "a picture of the program, by Graphviz");
  const auto asked = std::make_shared<GraphWords>();
  command->add_option("file", asked->place, "FILE or FILE:FUNCTION")->required();
  add_common(*command, words);
  add_cpu(*command, words);
  command->add_flag(
      "--optimized", asked->optimized,
      "the program that code is made of, with its kernels, instead of the written one");
  command->add_option("-o", asked->output, "FILE.svg, or FILE.dot for Graphviz's text")->required();
  command->callback([&words, &action, asked] {
    action = [&words, asked](Report& report) { return run_graph(words, *asked, report); };
  });
}

}  // namespace thx
