// SPDX-License-Identifier: Apache-2.0
// Declarations of what a function reads, its values, and the function.
#include "driver/source_text.h"

#include <algorithm>
#include <set>

#include "driver/source_text_block.h"
#include "frontend/files.h"
#include "frontend/lower.h"
#include "ir/extent_symbols.h"
#include "ops/copy.h"
#include "passes/drop_dead.h"
#include "support/text.h"

namespace thx {
namespace {

using source::Block;
using source::Names;

std::string dims_text(const Program& program, const Function& function) {
  std::set<std::string> symbols;
  collect_symbols(*function.body, function.roots(), symbols);
  for (const Value parameter : function.body->parameters) {
    for (const Extent& extent : parameter->shape()) extent.collect_symbols(symbols);
  }
  std::string text;
  for (const Dim& dim : program.dims) {
    if (!symbols.contains(dim.name)) continue;
    append(text, "dim {}", dim.name);
    if (dim.bound) append(text, " <= {}", dim.bound->text());
    if (dim.source_value) append(text, " = {}", *dim.source_value);
    text += "\n";
  }
  return text;
}

std::string write(const Program& program, const Function& function) {
  Names names;
  for (const Dim& dim : program.dims) names.fresh(dim.name);
  std::vector<std::string> definitions, inputs;
  const std::vector<Value> roots = function.roots();
  std::string text = format("module {}\n\n{}", function.name, dims_text(program, function));
  Block block(*function.body, roots, names, definitions, "");
  const std::vector<Value> read = needed(function.graph(), roots);
  for (const Input& input : function.inputs) {
    // A function does not name what it does not read.
    if (std::ranges::find(read, input.value) == read.end()) continue;
    inputs.push_back(names.fresh(input.name));
    block.name(input.value, inputs.back());
    append(text, "input {} : {}\n", inputs.back(), thx::text(input.value->type()));
  }
  for (const StateUse& state : function.states) {
    const std::string name = names.fresh(state.name);
    block.name(state.current, name);
    append(text, "shared {} : {}\n", name, thx::text(state.current->type()));
  }
  block.write();
  text += "\n";
  for (const std::string& definition : definitions) text += definition + "\n";
  for (const std::string& line : block.lines()) text += line + "\n";
  std::vector<std::string> outputs;
  for (const Output& output : function.outputs) {
    const std::string value = block.typed(output.value);
    const std::string name = value == output.name ? value : names.fresh(output.name);
    outputs.push_back(value == name ? name : format("{} = {}", name, value));
  }
  append(text, "function {}({}) -> {}\n", names.fresh("evaluate"), join(inputs, ", "),
         outputs.size() == 1 ? outputs[0] : format("({})", join(outputs, ", ")));
  return text;
}

}  // namespace

Result<std::string> source_text(const Program& program, const Function& function) {
  // What a region is given and does not read is no part of the text.
  Program living;
  living.functions.push_back(Copier().copy(function));
  drop_dead(living);
  try {
    return write(program, living.functions[0]);
  } catch (const source::NoSpelling& missing) {
    return Diagnostic(Err::unsupported, {}, missing.what());
  }
}

Result<Program> read_source_text(const std::string& text, Sources& sources) {
  Diagnostics diagnostics;
  const uint32_t file = sources.add("printed.thx", text);
  const SourceFiles files = read_files(sources, file, {}, diagnostics);
  Program program = lower(files, sources, {}, true, diagnostics);
  if (diagnostics.all().empty()) return program;
  const Diagnostic& first = diagnostics.all().front();
  return Diagnostic(first.id(), {}, render_text(first, sources));
}

}  // namespace thx
