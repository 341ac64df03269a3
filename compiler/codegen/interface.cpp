// SPDX-License-Identifier: Apache-2.0
// Decides the names, the layout of models and the parameter lists of the C interface.
#include "codegen/interface.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "codegen/kernel.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::codegen {

namespace {

// Keywords of C99 to C23 and C++11 to C++20, and names that <thx/thx.h> and its includes define in
// a way that a parameter would meet.
constexpr std::string_view kReserved[] = {"alignas",
                                          "alignof",
                                          "and",
                                          "and_eq",
                                          "asm",
                                          "assert",
                                          "atomic_cancel",
                                          "atomic_commit",
                                          "atomic_noexcept",
                                          "auto",
                                          "bitand",
                                          "bitor",
                                          "bool",
                                          "break",
                                          "case",
                                          "catch",
                                          "char",
                                          "char16_t",
                                          "char32_t",
                                          "char8_t",
                                          "class",
                                          "co_await",
                                          "co_return",
                                          "co_yield",
                                          "compl",
                                          "concept",
                                          "const",
                                          "const_cast",
                                          "consteval",
                                          "constexpr",
                                          "constinit",
                                          "continue",
                                          "decltype",
                                          "default",
                                          "delete",
                                          "do",
                                          "double",
                                          "dynamic_cast",
                                          "else",
                                          "enum",
                                          "errno",
                                          "explicit",
                                          "export",
                                          "extern",
                                          "false",
                                          "float",
                                          "for",
                                          "friend",
                                          "goto",
                                          "if",
                                          "inline",
                                          "int",
                                          "linux",
                                          "long",
                                          "mutable",
                                          "namespace",
                                          "new",
                                          "noexcept",
                                          "not",
                                          "not_eq",
                                          "nullptr",
                                          "operator",
                                          "or",
                                          "or_eq",
                                          "private",
                                          "protected",
                                          "public",
                                          "register",
                                          "reinterpret_cast",
                                          "requires",
                                          "restrict",
                                          "return",
                                          "short",
                                          "signed",
                                          "sizeof",
                                          "static",
                                          "static_assert",
                                          "static_cast",
                                          "stderr",
                                          "stdin",
                                          "stdout",
                                          "struct",
                                          "switch",
                                          "template",
                                          "this",
                                          "thread_local",
                                          "throw",
                                          "true",
                                          "try",
                                          "typedef",
                                          "typeid",
                                          "typename",
                                          "typeof",
                                          "union",
                                          "unix",
                                          "unsigned",
                                          "using",
                                          "virtual",
                                          "void",
                                          "volatile",
                                          "wchar_t",
                                          "while",
                                          "xor",
                                          "xor_eq",
                                          "i386",
                                          "main",
                                          "int8_t",
                                          "int16_t",
                                          "int32_t",
                                          "int64_t",
                                          "uint8_t",
                                          "uint16_t",
                                          "uint32_t",
                                          "uint64_t",
                                          "size_t",
                                          "intptr_t",
                                          "uintptr_t",
                                          "ptrdiff_t",
                                          "thx",
                                          "std",
                                          "thx_device",
                                          "thx_error",
                                          "thx_exec",
                                          "thx_init",
                                          "thx_read_at_fn",
                                          "thx_status",
                                          "thx_write_fn"};

// Parameters that every entry point may have beside the user's.
constexpr std::string_view kOwnParameters[] = {"m",    "ws",  "ws_bytes", "ex",  "mem", "mem_bytes",
                                               "opts", "out", "bytes",    "dst", "src"};

// What the interface itself defines behind the prefix.
constexpr std::string_view kOwnFunctions[] = {"init", "attach", "bytes", "save", "load"};

// A name that is safe as a C parameter: capital names may be macros, keywords are not names.
std::string parameter_name(const std::string& name) {
  const bool own = std::ranges::find(kOwnParameters, name) != std::end(kOwnParameters);
  return is_capital(name) || is_reserved_word(name) || own ? name + "_" : name;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::string pascal(std::string_view text) {
  std::string result;
  bool start = true;
  for (const char c : text) {
    if (c == '_') {
      start = true;
      continue;
    }
    result += start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    start = false;
  }
  return result.empty() || (std::isdigit(static_cast<unsigned char>(result[0])) != 0) ? "M" + result
                                                                                      : result;
}

int line_of(const Sources& sources, Span span) {
  return span.empty() ? 0 : static_cast<int>(sources.locate(span).line);
}

uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ULL;
  return hash;
}

Extent round_up(const Extent& bytes) { return Extent(kAlign) * ceildiv(bytes, kAlign); }

class Maker {
 public:
  Maker(const Program& program, const loop::Program& loops, const Sources& sources,
        const InterfaceOptions& options, Diagnostics& diagnostics)
      : program_(program),
        loops_(loops),
        sources_(sources),
        options_(options),
        diagnostics_(diagnostics) {}

  Interface run() {
    made_.module = program_.module;
    made_.prefix = options_.prefix.empty() ? program_.module : options_.prefix;
    if (is_reserved_word(made_.prefix)) made_.prefix += "_";
    made_.macro_prefix = upper(made_.prefix);
    made_.class_name = pascal(made_.prefix);
    made_.source_name = options_.source_name;
    for (const Dim& dim : program_.dims) made_.dim_names.push_back(parameter_name(dim.name));
    place_states();
    for (size_t i = 0; i < program_.functions.size(); ++i) add_entry(static_cast<int>(i));
    if (program_.init) made_.init_workspace_bytes = loops_.functions.back().workspace_bytes;
    made_.program_hash = fnv1a(fingerprint());
    return std::move(made_);
  }

 private:
  void place_states() {
    for (size_t i = 0; i < program_.dims.size(); ++i)
      if (program_.dims[i].of_state && !program_.dims[i].value)
        made_.state_dims.push_back(static_cast<int>(i));
    Extent offset = round_up(Extent(kModelHeaderBytes) +
                             Extent(8 * static_cast<int64_t>(made_.state_dims.size())));
    for (const State& state : program_.states) {
      const std::string c_name = state.name;
      claim("the accessor of state", state.name, made_.prefix + "_" + c_name, state.span);
      claim("the accessor of state", state.name, made_.prefix + "_" + c_name + "_const",
            state.span);
      claim("the reader of state", state.name, made_.prefix + "_get_" + c_name, state.span);
      claim("the writer of state", state.name, made_.prefix + "_set_" + c_name, state.span);
      made_.fields.push_back(
          {state.name, c_name, state.type, offset, state.saved, line_of(sources_, state.span)});
      offset += round_up(element_count(state.type.shape) * Extent(bytes_of(state.type.dtype)));
    }
    made_.state_bytes = made_.fields.empty() ? Extent(0) : offset;
    for (const int dim : made_.state_dims) {
      const Dim& declared = program_.dims[static_cast<size_t>(dim)];
      claim("the reader of dim", declared.name, made_.prefix + "_dim_" + declared.name,
            declared.span);
    }
    if (!made_.fields.empty())
      for (const std::string_view own : kOwnFunctions)
        claim("the interface's own", std::string(own), made_.prefix + "_" + std::string(own), {});
  }

  // Two things of one C name cannot both be had.
  void claim(std::string_view what, const std::string& name, const std::string& symbol, Span span) {
    const auto [place, fresh] = symbols_.try_emplace(symbol, format("{} `{}`", what, name));
    if (fresh) return;
    diagnostics_
        .report(Diagnostic(
            Err::reserved_name, span,
            format("{} `{}` and {} are both `{}` in C", what, name, place->second, symbol)))
        .help("rename one of them");
  }

  std::set<std::string> symbols_of(const Function& function) const {
    std::set<std::string> symbols;
    auto add = [&](const Type& type) {
      for (const Extent& extent : type.shape) extent.collect_symbols(symbols);
    };
    for (const Input& input : function.inputs) add(input.value->type());
    for (const StateUse& use : function.states) add(use.current->type());
    for (const Output& output : function.outputs) add(output.value->type());
    return symbols;
  }

  static void collect_symbols(const std::vector<loop::Step>& steps, std::set<std::string>& into) {
    for (const loop::Step& step : steps) {
      if (const auto* copy = std::get_if<loop::Copy>(&step.node)) {
        copy->elements.collect_symbols(into);
      } else if (const auto* loop = std::get_if<loop::For>(&step.node)) {
        loop->extent.collect_symbols(into);
        collect_symbols(loop->steps, into);
      } else if (const auto* branch = std::get_if<loop::Branch>(&step.node)) {
        collect_symbols(branch->then, into);
        collect_symbols(branch->otherwise, into);
      }
    }
  }

  // What its code reads: a dim may be a number in an expression, or only count the steps of a scan.
  static void collect_symbols(const loop::Function& loops, std::set<std::string>& into) {
    loops.workspace_bytes.collect_symbols(into);
    for (const loop::FunctionBuffer& buffer : loops.buffers)
      for (const Extent& extent : buffer.buffer.extents) extent.collect_symbols(into);
    for (const loop::Kernel& kernel : loops.kernels)
      for (const std::string& symbol : free_symbols(kernel)) into.insert(symbol);
    for (const auto* steps : {&loops.checks, &loops.steps, &loops.commits})
      collect_symbols(*steps, into);
  }

  void add_entry(int index) {
    const Function& function = program_.functions[static_cast<size_t>(index)];
    const loop::Function& loops = loops_.functions[static_cast<size_t>(index)];
    EntryPoint entry{.name = function.name,
                     .symbol = made_.prefix + "_" + function.name,
                     .function = index,
                     .uses_model = !function.states.empty(),
                     .updates = function.updates_state(),
                     .fallible = loops.fallible,
                     .parameters = {},
                     .dims = made_.state_dims,
                     .workspace_bytes = loops.workspace_bytes,
                     .line = line_of(sources_, function.span)};
    claim("function", function.name, entry.symbol, function.span);
    claim("the workspace of function", function.name, entry.symbol + "_ws_bytes", function.span);
    claim("the workspace of function", function.name,
          made_.macro_prefix + "_" + upper(function.name) + "_WS_BYTES", function.span);
    if (!entry.uses_model) entry.dims.clear();
    std::set<std::string> used = symbols_of(function);
    collect_symbols(loops, used);
    if (entry.uses_model) entry.parameters.push_back({Parameter::Kind::model, "m", "m"});
    for (size_t i = 0; i < program_.dims.size(); ++i) {
      const Dim& dim = program_.dims[i];
      const bool bound = std::ranges::find(entry.dims, static_cast<int>(i)) != entry.dims.end();
      if (dim.value || bound || !used.contains(dim.name)) continue;
      entry.dims.push_back(static_cast<int>(i));
      entry.parameters.push_back(
          {Parameter::Kind::dim, made_.dim_names[i], dim.name, static_cast<int>(i)});
    }
    std::ranges::sort(entry.dims);
    add_values(function, entry);
    entry.parameters.push_back({Parameter::Kind::workspace, "ws", "ws"});
    entry.parameters.push_back({Parameter::Kind::workspace_bytes, "ws_bytes", "ws_bytes"});
    entry.parameters.push_back({Parameter::Kind::exec, "ex", "ex"});
    tell_apart(entry);
    made_.entries.push_back(std::move(entry));
  }

  static void add_values(const Function& function, EntryPoint& entry) {
    for (size_t i = 0; i < function.inputs.size(); ++i) {
      const Input& input = function.inputs[i];
      const Type& type = input.value->type();
      entry.parameters.push_back(
          {type.is_scalar() ? Parameter::Kind::scalar : Parameter::Kind::array,
           parameter_name(input.name), input.name, static_cast<int>(i), type});
    }
    for (size_t i = 0; i < function.outputs.size(); ++i) {
      const Output& output = function.outputs[i];
      entry.parameters.push_back({Parameter::Kind::output, parameter_name(output.name), output.name,
                                  static_cast<int>(i), output.value->type()});
    }
  }

  // Parameters of one function need different names: an output may be named as an input is.
  static void tell_apart(EntryPoint& entry) {
    std::set<std::string> taken;
    for (Parameter& parameter : entry.parameters)
      while (!taken.insert(parameter.c_name).second) parameter.c_name += "_";
  }

  // What must agree for a model's bytes to fit: names, types and order of state, and its dims.
  std::string fingerprint() const {
    std::string result = made_.module;
    for (const Field& field : made_.fields)
      result += format("\n{}: {} at {}", field.name, thx::text(field.type), field.offset.text());
    for (const int dim : made_.state_dims)
      result += format("\ndim {}", program_.dims[static_cast<size_t>(dim)].name);
    return result;
  }

  const Program& program_;
  const loop::Program& loops_;
  const Sources& sources_;
  const InterfaceOptions& options_;
  Diagnostics& diagnostics_;
  Interface made_;
  std::map<std::string, std::string> symbols_;
};

}  // namespace

bool is_reserved_word(std::string_view name) {
  return std::ranges::find(kReserved, name) != std::end(kReserved);
}

bool is_capital(std::string_view name) {
  return std::ranges::none_of(name, [](unsigned char c) { return std::islower(c) != 0; });
}

int EntryPoint::position(Parameter::Kind kind, int index) const {
  for (size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].kind == kind && (index < 0 || parameters[i].index == index))
      return static_cast<int>(i) + 1;
  return 0;
}

Interface make_interface(const Program& program, const loop::Program& loops, const Sources& sources,
                         const InterfaceOptions& options, Diagnostics& diagnostics) {
  THX_CHECK(loops.functions.size() == program.functions.size() + (program.init ? 1 : 0),
            "the loop program has {} functions for {}", loops.functions.size(),
            program.functions.size());
  return Maker(program, loops, sources, options, diagnostics).run();
}

}  // namespace thx::codegen
