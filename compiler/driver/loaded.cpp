// SPDX-License-Identifier: Apache-2.0
// Loads a compiled program, solves dims from arrays, and binds calls.
#include "driver/loaded.h"

#include <algorithm>

#include "codegen/loaded_object.h"
#include "driver/dim_solver.h"
#include "driver/memory.h"
#include "driver/runtime_symbols.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

using Kind = codegen::Parameter::Kind;

bool is_input(const codegen::Parameter& parameter) {
  return parameter.kind == Kind::scalar || parameter.kind == Kind::array;
}

std::string list(const std::vector<std::string>& names) {
  return names.empty() ? "none"
                       : join(names, ", ", [](const std::string& n) { return "`" + n + "`"; });
}

std::vector<std::string> input_names(const codegen::EntryPoint& function) {
  std::vector<std::string> names;
  for (const codegen::Parameter& parameter : function.parameters)
    if (is_input(parameter)) names.push_back(parameter.name);
  return names;
}

}  // namespace

const HostArray* CallResult::output(std::string_view name) const {
  for (const auto& [given, array] : outputs)
    if (given == name) return &array;
  return nullptr;
}

std::unique_ptr<LoadedProgram> LoadedProgram::compile(const CompileOptions& options,
                                                      Sources& sources, Diagnostics& diagnostics) {
  std::optional<CompiledObject> compiled = compile_object(options, sources, diagnostics);
  if (!compiled) return nullptr;
  return load(std::move(*compiled), diagnostics);
}

std::unique_ptr<LoadedProgram> LoadedProgram::compile(Program program,
                                                      const CompileOptions& options,
                                                      Sources& sources, Diagnostics& diagnostics) {
  std::optional<CompiledObject> compiled =
      compile_object(std::move(program), options, sources, diagnostics);
  if (!compiled) return nullptr;
  return load(std::move(*compiled), diagnostics);
}

std::unique_ptr<LoadedProgram> LoadedProgram::load(CompiledObject compiled,
                                                   Diagnostics& diagnostics) {
  if (!codegen::host_runs(compiled.target)) {
    diagnostics.report(
        Diagnostic(Err::bad_option, {},
                   format("this machine cannot run code for {}", compiled.target.name))
            .help("choose a lower level with --cpu"));
    return nullptr;
  }
  return std::make_unique<LoadedProgram>(std::move(compiled));
}

LoadedProgram::LoadedProgram(CompiledObject compiled)
    : compiled_(std::move(compiled)),
      object_(std::make_unique<codegen::LoadedObject>(compiled_.object, compiled_.interface,
                                                      compiled_.target, runtime_symbols())) {}

LoadedProgram::~LoadedProgram() = default;

const codegen::EntryPoint* LoadedProgram::function(std::string_view name) const {
  for (const codegen::EntryPoint& entry : compiled_.interface.entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

std::vector<std::string> LoadedProgram::function_names() const {
  std::vector<std::string> names;
  for (const codegen::EntryPoint& entry : compiled_.interface.entries) names.push_back(entry.name);
  return names;
}

Diagnostic LoadedProgram::no_function(std::string_view name) const {
  return Diagnostic(Err::undefined_name, {}, format("there is no function `{}`", name))
      .help("the functions are " + list(function_names()));
}

Result<DimValues> LoadedProgram::solve_dims(const codegen::EntryPoint& function,
                                            const Arguments& arguments, const DimValues& given,
                                            const Arguments& states) const {
  const std::vector<std::string> inputs = input_names(function);
  for (const auto& [name, array] : arguments)
    if (std::ranges::find(inputs, name) == inputs.end())
      return Diagnostic(Err::bad_argument, {},
                        format("`{}` has no input `{}`", function.name, name))
          .help("its inputs are " + list(inputs));
  std::vector<Claim> claims;
  for (const codegen::Parameter& parameter : function.parameters) {
    if (!is_input(parameter)) continue;
    const auto argument = arguments.find(parameter.name);
    if (argument == arguments.end())
      return Diagnostic(
          Err::missing_argument, {},
          format("`{}` needs `{}`: {}", function.name, parameter.name, text(parameter.type)));
    claims.push_back({parameter.name, format("input `{}`", parameter.name),
                      format("`{}` takes", function.name), parameter.type, argument->second});
  }
  for (const codegen::Field& field : compiled_.interface.fields)
    if (const auto state = states.find(field.name); state != states.end())
      claims.push_back({field.name, format("state `{}`", field.name), "it is declared", field.type,
                        state->second});
  DimSolver solver(given);
  for (const Claim& claim : claims)
    if (std::optional<Diagnostic> error = solver.bind(claim)) return std::move(*error);
  for (const Claim& claim : claims)
    if (std::optional<Diagnostic> error = solver.compare(claim)) return std::move(*error);
  return solver.values();
}

Result<BoundCall> LoadedProgram::bind(std::string_view name, Arguments arguments,
                                      const DimValues& dims, LoadedModel* model) const {
  const codegen::EntryPoint* entry = function(name);
  if (entry == nullptr) return no_function(name);
  THX_CHECK(!entry->uses_model || model != nullptr, "`{}` needs a model", name);
  DimValues given = dims;
  if (entry->uses_model)
    for (const auto& [dim, value] : model->dims()) given[dim] = value;
  Result<DimValues> solved = solve_dims(*entry, arguments, given);
  if (!solved) return solved.error();
  for (const int dim : entry->dims) {
    const std::string& dim_name = compiled_.program.dims[static_cast<size_t>(dim)].name;
    if (!solved->contains(dim_name)) return missing_dim(dim_name);
  }
  BoundCall call;
  call.program_ = this;
  call.entry_ = entry;
  call.caller_ = object_->caller(entry->symbol);
  call.model_ = entry->uses_model ? model : nullptr;
  call.arguments_ = std::move(arguments);
  call.dims_ = std::move(*solved);
  if (std::optional<Diagnostic> error = call.allocate()) return std::move(*error);
  return call;
}

Diagnostic LoadedProgram::missing_dim(std::string_view name) {
  return Diagnostic(Err::missing_argument, {},
                    format("dim `{}` stands bare in no input's shape: its value is needed", name))
      .help(format("give it with -D {}=VALUE", name));
}

Result<CallResult> LoadedProgram::call(std::string_view function, Arguments arguments,
                                       const DimValues& dims, LoadedModel* model) const {
  Result<BoundCall> bound = bind(function, std::move(arguments), dims, model);
  if (!bound) return bound.error();
  bound->run();
  return bound->take_result();
}

std::optional<Diagnostic> BoundCall::allocate() {
  // Sizes that cannot be are the function's to refuse, before it looks at a pointer.
  uint64_t total = 0;
  for (const codegen::Parameter& parameter : entry_->parameters) {
    if (parameter.kind != Kind::output) continue;
    std::vector<int64_t> extents;
    for (const Extent& extent : parameter.type.shape)
      extents.push_back(extent.evaluate(dims_).value_or(-1));
    const std::optional<int64_t> bytes = byte_count(parameter.type.dtype, extents);
    total += static_cast<uint64_t>(bytes.value_or(0));
    if (!fits_memory(total)) return too_large(total, format("output `{}`", parameter.name));
    result_.outputs.emplace_back(parameter.name,
                                 bytes ? HostArray::zeros(parameter.type.dtype, std::move(extents))
                                       : HostArray{parameter.type.dtype, std::move(extents), {}});
  }
  const int64_t workspace =
      std::max<int64_t>(0, entry_->workspace_bytes.evaluate(dims_).value_or(0));
  total += static_cast<uint64_t>(workspace);
  if (!fits_memory(total)) return too_large(total, "a workspace");
  workspace_.resize(static_cast<size_t>(workspace) + codegen::kAlign - 1);
  return std::nullopt;
}

}  // namespace thx
