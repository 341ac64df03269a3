// SPDX-License-Identifier: Apache-2.0
// Decides the names, the layout of models and the parameter lists of the C interface.
#include "codegen/interface.h"

#include <algorithm>
#include <map>
#include <set>

#include "codegen/c_names.h"
#include "codegen/kernel.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::codegen {

namespace {

// Parameters that every entry point may have beside the user's.
constexpr std::string_view kOwnParameters[] = {"m",    "ws",  "ws_bytes", "ex",  "mem", "mem_bytes",
                                               "opts", "out", "bytes",    "dst", "src"};

// What the interface itself defines behind the prefix.
constexpr std::string_view kOwnFunctions[] = {"init", "attach", "bytes", "save", "load"};

constexpr std::string_view kOwnMacros[] = {"ABI_VERSION", "ALIGN", "API",
                                           "H",           "HPP",   "STATE_BYTES"};

// `w.m`, the m that a rule keeps for w, is `w_m` in C.
std::string c_name_of(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

// A name that is safe as a C parameter: capital names may be macros, keywords are not names.
std::string parameter_name(const std::string& name) {
  const bool own = std::ranges::find(kOwnParameters, name) != std::end(kOwnParameters);
  return is_capital(name) || is_reserved_word(name) || own ? name + "_" : name;
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
    name_program();
    made_.source_name = options_.source_name;
    for (const Dim& dim : program_.dims) add_dim_name(parameter_name(dim.name));
    place_states();
    for (size_t i = 0; i < program_.functions.size(); ++i) add_entry(static_cast<int>(i));
    if (program_.init) made_.init_workspace_bytes = loops_.functions.back().workspace_bytes;
    made_.guarded = guarded_values(loops_, sources_);
    if (!made_.guarded.empty())
      claim("the interface's own", "value_name", made_.prefix + "_value_name", {});
    made_.program_hash = fnv1a(fingerprint());
    return std::move(made_);
  }

 private:
  void name_program() {
    made_.stem = made_.prefix;
    // The prefix alone is the name of the model's type.
    if (is_reserved_word(made_.prefix) || is_library_name(made_.prefix)) made_.prefix += "_";
    if (made_.prefix.starts_with("thx_"))
      diagnostics_
          .report(
              Diagnostic(Err::reserved_name, {},
                         format("names that start with `{}_` belong to the runtime", made_.prefix)))
          .help("choose another `module`, or give one with --prefix");
    made_.macro_prefix = in_capitals(made_.prefix);
    made_.class_name = as_class(made_.prefix);
    if (made_.class_name == made_.prefix) made_.class_name += "Model";
    for (const std::string_view own : kOwnMacros)
      claim("the interface's own", std::string(own), made_.macro_prefix + "_" + std::string(own),
            {});
  }

  // Macros have all dims as parameters, so that these need different names.
  void add_dim_name(std::string name) {
    while (std::ranges::find(made_.dim_names, name) != made_.dim_names.end()) name += "_";
    made_.dim_names.push_back(std::move(name));
  }

  void place_states() {
    for (size_t i = 0; i < program_.dims.size(); ++i)
      if (program_.dims[i].of_state && !program_.dims[i].value)
        made_.state_dims.push_back(static_cast<int>(i));
    Extent end = round_up(Extent(kModelHeaderBytes) +
                          Extent(8 * static_cast<int64_t>(made_.state_dims.size())));
    for (const State& state : program_.states) {
      Field field{state.name,  c_name_of(state.name),        state.type, end, state.saved,
                  state.param, line_of(sources_, state.span)};
      if (state.param) {
        field.offset = place_param(state, end);
      } else {
        end += round_up(bytes_of(state.type));
      }
      claim_accessors("state", state.name, field.c_name, state.span);
      made_.fields.push_back(std::move(field));
    }
    made_.state_bytes = made_.fields.empty() ? Extent(0) : end;
    for (const int dim : made_.state_dims) {
      const Dim& declared = program_.dims[static_cast<size_t>(dim)];
      claim("the reader of dim", declared.name, made_.prefix + "_dim_" + declared.name,
            declared.span);
    }
    if (!made_.fields.empty())
      for (const std::string_view own : kOwnFunctions)
        claim("the interface's own", std::string(own), made_.prefix + "_" + std::string(own), {});
  }

  static Extent bytes_of(const Type& type) {
    return element_count(type.shape) * Extent(thx::bytes_of(type.dtype));
  }

  // Where a param lies: in the block of its dtype, which the first of them begins. Blocks are
  // whole before anything behind them is placed.
  Extent place_param(const State& param, Extent& end) {
    const DType dtype = param.type.dtype;
    const std::string name = "params_" + std::string(spelling(dtype));
    Extent before = 0, all = 0;
    bool passed = false;
    for (const State& other : program_.states) {
      if (!other.param || other.type.dtype != dtype) continue;
      passed = passed || other.name == param.name;
      if (!passed) before += element_count(other.type.shape);
      all += element_count(other.type.shape);
    }
    auto block = std::ranges::find(made_.params, name, &Field::c_name);
    if (block == made_.params.end()) {
      claim_accessors("all params, ", name, name, param.span);
      claim("the number of params", name, made_.macro_prefix + "_N_" + in_capitals(name),
            param.span);
      made_.params.push_back({name, name, {dtype, {all}}, end, false, true, 0});
      end += round_up(all * Extent(thx::bytes_of(dtype)));
      block = std::prev(made_.params.end());
    }
    return block->offset + before * Extent(thx::bytes_of(dtype));
  }

  void claim_accessors(const std::string& what, const std::string& name, const std::string& c_name,
                       Span span) {
    // One message where they all clash.
    if (claim("the accessor of " + what, name, made_.prefix + "_" + c_name, span) &&
        claim("the accessor of " + what, name, made_.prefix + "_" + c_name + "_const", span) &&
        claim("the reader of " + what, name, made_.prefix + "_get_" + c_name, span))
      claim("the writer of " + what, name, made_.prefix + "_set_" + c_name, span);
  }

  // Two things of one C name cannot both be had. Whether it was free.
  bool claim(std::string_view what, const std::string& name, const std::string& symbol, Span span) {
    const auto [place, fresh] = symbols_.try_emplace(symbol, format("{} `{}`", what, name));
    if (fresh) return true;
    diagnostics_
        .report(Diagnostic(
            Err::reserved_name, span,
            format("{} `{}` and {} are both `{}` in C", what, name, place->second, symbol)))
        .help("rename one of them");
    return false;
  }

  std::set<std::string> symbols_of(const Function& function) const {
    std::set<std::string> symbols;
    auto add = [&](const Type& type) {
      for (const Extent& extent : type.shape) extent.collect_symbols(symbols);
    };
    for (const Input& input : function.inputs) add(input.value->type());
    for (const StateUse& use : function.states) add(use.current->type());
    for (const Output& output : function.outputs) add(output.value->type());
    for (const Requirement& requirement : function.requirements) {  // also of what is not left
      requirement.left.collect_symbols(symbols);
      requirement.right.collect_symbols(symbols);
    }
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
          made_.macro_prefix + "_" + in_capitals(function.name) + "_WS_BYTES", function.span);
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

std::vector<Field> Interface::fields_by_offset() const {
  std::vector<Field> result;
  for (const Field& field : fields) {
    const bool placed = std::ranges::find(result, field.name, &Field::name) != result.end();
    if (placed) continue;
    if (!field.param) result.push_back(field);
    // The first param of a dtype brings its block.
    for (const Field& other : fields)
      if (field.param && other.param && other.type.dtype == field.type.dtype)
        result.push_back(other);
  }
  return result;
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
