// SPDX-License-Identifier: Apache-2.0
// Gathers what the passes told, function by function.
#include "driver/explain.h"

#include <algorithm>
#include <map>

#include "driver/explain_values.h"
#include "driver/place.h"
#include "ir/structure.h"
#include "passes/rewrite_catalog.h"
#include "support/text.h"

namespace thx {

namespace {

// One entry for all that are alike, in the order in which the first ones came.
template <class Entry, class Same>
void add_or_count(std::vector<Entry>& entries, Entry entry, Same same) {
  const auto found =
      std::ranges::find_if(entries, [&](const Entry& each) { return same(each, entry); });
  if (found == entries.end())
    entries.push_back(std::move(entry));
  else
    ++found->count;
}

ExplainedRewrite rewrite_of(std::string_view rule, std::string_view pass, const SpanSet& spans,
                            const std::string& before) {
  ExplainedRewrite result{.pass = std::string(pass),
                          .rule = std::string(rule),
                          .cls = {},
                          .from = {},
                          .to = {},
                          .before = before,
                          .after = {},
                          .reason = {},
                          .spans = spans};
  if (const auto meaning = meaning_of_rewrite(rule)) {
    result.cls = words(meaning->cls);
    result.from = meaning->from;
    result.to = meaning->to;
  }
  return result;
}

void add_rewrite(std::vector<ExplainedRewrite>& rewrites, ExplainedRewrite rewrite) {
  add_or_count(rewrites, std::move(rewrite), [](const auto& a, const auto& b) {
    return a.rule == b.rule && a.pass == b.pass && a.reason == b.reason && a.spans == b.spans &&
           a.before == b.before && a.after == b.after;
  });
}

// What a function's steps do to its buffers.
class BufferUse {
 public:
  explicit BufferUse(const loop::Function& function)
      : writers(function.buffers.size()), readers(function.buffers.size()), function_(function) {
    for (const auto* steps : {&function.checks, &function.steps, &function.commits}) visit(*steps);
  }

  std::vector<std::vector<std::string>> writers, readers;  // by buffer: kernels, each once
  std::map<int32_t, const loop::Launch*> launches;         // by kernel: the first

 private:
  static void add(std::vector<std::string>& names, const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  void visit(const std::vector<loop::Step>& steps) {
    for (const loop::Step& step : steps)
      std::visit([this](const auto& node) { visit(node); }, step.node);
  }
  void visit(const loop::Launch& launch) {
    launches.try_emplace(launch.kernel, &launch);
    const loop::Kernel& kernel = function_.kernels[static_cast<size_t>(launch.kernel)];
    for (size_t i = 0; i < launch.arguments.size(); ++i) {
      const auto buffer = static_cast<size_t>(launch.arguments[i].buffer);
      const loop::Access access = kernel.buffers[i].access;
      if (access != loop::Access::in) add(writers[buffer], kernel.name);
      if (access != loop::Access::out) add(readers[buffer], kernel.name);
    }
  }
  void visit(const loop::Copy& copy) {
    add(writers[static_cast<size_t>(copy.to.buffer)], "copy");
    add(readers[static_cast<size_t>(copy.from.buffer)], "copy");
  }
  void visit(const loop::For& loop) { visit(loop.steps); }
  void visit(const loop::Branch& branch) {
    visit(branch.then);
    visit(branch.otherwise);
  }

  const loop::Function& function_;
};

std::string_view kind_text(loop::Storage::Kind kind) {
  switch (kind) {
    case loop::Storage::Kind::input: return "input";
    case loop::Storage::Kind::output: return "output";
    case loop::Storage::Kind::state: return "state";
    case loop::Storage::Kind::workspace: return "workspace";
  }
  return {};
}

Extent bytes_of_type(const Type& type) {
  return element_count(type.shape) * Extent(bytes_of(type.dtype));
}

class Explaining {
 public:
  Explaining(const CompiledLoops& compiled, const Sources& sources)
      : compiled_(compiled), sources_(sources) {}

  ExplainedFunction function(const Function& source, const loop::Function& loops,
                             const std::string& name, const Extent& workspace) {
    ExplainedFunction result;
    result.name = name;
    result.signature = signature_of(source, name);
    result.span = source.span;
    result.fallible = loops.fallible;
    result.workspace = workspace;
    add_rewrites(result);
    const loop::FunctionCounts counts = loop::count(loops, compiled_.machine);
    result.total = counts.total;
    result.copied = counts.copied;
    const BufferUse use(loops);
    const std::map<std::string, Value> nodes = kernels_of(*source.body);
    for (size_t i = 0; i < loops.kernels.size(); ++i)
      result.kernels.push_back(kernel(loops, i, counts, use, nodes));
    for (size_t i = 0; i < loops.buffers.size(); ++i)
      result.buffers.push_back(buffer(source, loops, i, use, result.kernels));
    return result;
  }

 private:
  void add_rewrites(ExplainedFunction& result) const {
    for (const Firing& firing : compiled_.rewrites.firings) {
      if (firing.function != result.name) continue;
      ExplainedRewrite rewrite = rewrite_of(firing.rule, firing.pass, firing.spans, firing.before);
      rewrite.after = firing.after;
      add_rewrite(result.rewrites, std::move(rewrite));
    }
    for (const RefusedRule& refused : compiled_.rewrites.refusals) {
      if (refused.function != result.name) continue;
      ExplainedRewrite rewrite =
          rewrite_of(refused.rule, refused.pass, refused.spans, refused.before);
      rewrite.reason = words(refused.reason);
      add_rewrite(result.refused_rewrites, std::move(rewrite));
    }
    for (const Refusal& refusal : compiled_.refusals) {
      if (refusal.function != result.name) continue;
      add_or_count(result.refusals,
                   ExplainedRefusal{.producer = spelled(refusal.producer, refusal.producer_spans),
                                    .consumer = spelled(refusal.consumer, refusal.consumer_spans),
                                    .reason = std::string(to_string(refusal.reason)),
                                    .producer_spans = refusal.producer_spans,
                                    .consumer_spans = refusal.consumer_spans},
                   [](const auto& a, const auto& b) {
                     return a.producer == b.producer && a.consumer == b.consumer &&
                            a.reason == b.reason && a.consumer_spans == b.consumer_spans;
                   });
    }
  }

  // A value without a name is called by its operator and number: the source says more.
  std::string spelled(const std::string& name, const SpanSet& spans) const {
    const size_t number = name.find(" %");
    if (number == std::string::npos) return name;
    const std::string source = excerpt(spans, sources_);
    const std::string op = name.substr(0, number);
    return source.empty() ? op : format("{} in `{}`", op, source);
  }

  ExplainedKernel kernel(const loop::Function& loops, size_t index,
                         const loop::FunctionCounts& counts, const BufferUse& use,
                         const std::map<std::string, Value>& nodes) const {
    const loop::Kernel& kernel = loops.kernels[index];
    ExplainedKernel result{.name = kernel.name,
                           .kind = kernel.kind,
                           .values = {},
                           .accesses = {},
                           .counts = counts.kernels[index],
                           .runs = counts.runs[index],
                           .spans = kernel.spans};
    if (const auto node = nodes.find(kernel.name); node != nodes.end()) {
      result.values = values_of(node->second);
      result.spans = node->second->graph->spans(node->second);
    }
    const auto launch = use.launches.find(static_cast<int32_t>(index));
    if (launch == use.launches.end()) return result;
    if (result.spans.empty()) result.spans = launch->second->span;
    for (size_t i = 0; i < launch->second->arguments.size(); ++i) {
      const auto buffer = static_cast<size_t>(launch->second->arguments[i].buffer);
      result.accesses.push_back(
          {loops.buffers[buffer].buffer.name, kernel.buffers[i].access, result.counts.buffers[i]});
    }
    return result;
  }

  static SpanSet spans_of(const Function& source, const loop::FunctionBuffer& buffer,
                          const std::vector<ExplainedKernel>& kernels) {
    const auto index = static_cast<size_t>(buffer.storage.index);
    switch (buffer.storage.kind) {
      case loop::Storage::Kind::input: return source.inputs[index].span;
      case loop::Storage::Kind::output: return source.outputs[index].span;
      case loop::Storage::Kind::state: return source.states[index].span;
      case loop::Storage::Kind::workspace: break;
    }
    for (const ExplainedKernel& kernel : kernels)
      for (const ExplainedValue& value : kernel.values)
        if (value.stored && value.name == buffer.buffer.name) return value.spans;
    return {};
  }

  static ExplainedBuffer buffer(const Function& source, const loop::Function& loops, size_t index,
                                const BufferUse& use, const std::vector<ExplainedKernel>& kernels) {
    const loop::FunctionBuffer& buffer = loops.buffers[index];
    const Type type{buffer.buffer.dtype, buffer.buffer.extents};
    ExplainedBuffer result{.name = buffer.buffer.name,
                           .type = text(type),
                           .kind = std::string(kind_text(buffer.storage.kind)),
                           .bytes = bytes_of_type(type),
                           .offset = buffer.storage.offset,
                           .writers = use.writers[index],
                           .readers = use.readers[index],
                           .spans = spans_of(source, buffer, kernels)};
    if (!result.spans.empty() || result.writers.empty()) return result;
    for (const ExplainedKernel& kernel : kernels)
      if (kernel.name == result.writers.front()) result.spans = kernel.spans;
    return result;
  }

  const CompiledLoops& compiled_;
  const Sources& sources_;
};

bool is_wanted(const ExplainRequest& request, const std::string& name) {
  return request.function.empty() || request.function == name;
}

// What of the request the file does not have.
bool check_request(const ExplainRequest& request, const CompiledLoops& compiled, uint32_t file,
                   const Sources& sources, Diagnostics& diagnostics) {
  const auto bad = [&](std::string message, std::string help) {
    diagnostics.report(Diagnostic(Err::bad_option, {}, std::move(message))).help(std::move(help));
    return false;
  };
  if (!check_function(compiled.program, request.function, sources.name(file), diagnostics))
    return false;
  const auto last = static_cast<uint32_t>(std::ranges::count(sources.text(file), '\n')) + 1;
  if (request.line && (*request.line == 0 || *request.line > last))
    return bad(format("`{}` has no line {}", sources.name(file), *request.line),
               format("it has {}", last));
  for (const auto& [name, value] : request.dims) {
    const Dim* dim = compiled.program.dim(name);
    if (dim == nullptr)
      return bad(format("--{}={}: the program has no dim `{}`", name, value, name),
                 "a number for a dim is written --NAME=NUMBER");
    if (dim->value && *dim->value != value)
      return bad(format("--{}={}: `{}` is {} in this program", name, value, name, *dim->value),
                 format("`-D {}={}` compiles it for that number", name, value));
  }
  return true;
}

}  // namespace

std::optional<Explanation> explain(const CompileOptions& options, const ExplainRequest& request,
                                   Sources& sources, Diagnostics& diagnostics) {
  const std::optional<CompiledLoops> compiled = compile_loops(options, sources, diagnostics);
  if (!compiled) return std::nullopt;
  uint32_t file = 0;
  for (uint32_t each = 1; each <= sources.size() && file == 0; ++each)
    if (sources.name(each) == options.file) file = each;
  if (!check_request(request, *compiled, file, sources, diagnostics)) return std::nullopt;
  const Program& program = compiled->program;
  Explanation result;
  result.module = program.module;
  result.fp = name_of(options.fp);
  result.cpu = compiled->cpu;
  result.file = file;
  result.fused = compiled->machine.fma;
  result.state = compiled->interface.state_bytes;
  for (const Dim& dim : program.dims) {
    result.dims.emplace_back(dim.name, dim.value);
    if (dim.value) result.values[dim.name] = *dim.value;
  }
  for (const auto& [name, value] : request.dims) result.values[name] = value;
  for (const codegen::Field& field : compiled->interface.fields)
    result.states.push_back({.name = field.name,
                             .type = text(field.type),
                             .kind = "state",
                             .bytes = bytes_of_type(field.type),
                             .offset = field.offset,
                             .writers = {},
                             .readers = {},
                             .spans = program.state(field.name).span});
  Explaining explaining(*compiled, sources);
  for (const codegen::EntryPoint& entry : compiled->interface.entries) {
    const auto place = static_cast<size_t>(entry.function);
    if (is_wanted(request, entry.name))
      result.functions.push_back(explaining.function(program.functions[place],
                                                     compiled->loops.functions[place], entry.name,
                                                     entry.workspace_bytes));
  }
  if (program.init && is_wanted(request, "init"))
    result.functions.push_back(explaining.function(*program.init, compiled->loops.functions.back(),
                                                   "init",
                                                   compiled->interface.init_workspace_bytes));
  return result;
}

}  // namespace thx
