// SPDX-License-Identifier: Apache-2.0
// Loads a compiled program, solves dims from arrays, and binds calls.
#include "driver/loaded.h"

#include <algorithm>

#include "codegen/loaded_object.h"
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

/// The symbol that an extent is, if it is nothing more.
std::optional<std::string> bare_symbol(const Extent& extent) {
  std::set<std::string> symbols;
  extent.collect_symbols(symbols);
  if (symbols.size() != 1 || extent != Extent::symbol(*symbols.begin())) return std::nullopt;
  return *symbols.begin();
}

/// Dims bound so far, and by whom.
class DimSolver {
 public:
  DimSolver(const DimValues& given) : values_(given) {}

  /// Binds what stands bare; an error where an axis is not what is bound already.
  std::optional<Diagnostic> bind(const codegen::Parameter& parameter, const HostArray& array) {
    const Type& type = parameter.type;
    if (array.dtype != type.dtype)
      return Diagnostic(Err::dtype_mismatch, {},
                        format("argument `{}` is {}, but the function takes {}", parameter.name,
                               type_text(array), text(type)));
    if (array.rank() != type.rank())
      return Diagnostic(
          Err::shape_mismatch, {},
          format("argument `{}` is {}, but the function takes {}: {} instead of {}", parameter.name,
                 type_text(array), text(type), axes(array.rank()), type.rank()));
    for (size_t axis = 0; axis < type.shape.size(); ++axis) {
      const std::optional<std::string> symbol = bare_symbol(type.shape[axis]);
      if (!symbol || values_.contains(*symbol)) continue;
      values_[*symbol] = array.extents[axis];
      binders_[*symbol] = parameter.name;
    }
    return std::nullopt;
  }

  /// Compares every axis whose extent is known by now.
  std::optional<Diagnostic> compare(const codegen::Parameter& parameter,
                                    const HostArray& array) const {
    const Type& type = parameter.type;
    for (size_t axis = 0; axis < type.shape.size(); ++axis) {
      const Extent& extent = type.shape[axis];
      const std::optional<int64_t> expected = extent.evaluate(values_);
      if (!expected || *expected == array.extents[axis]) continue;
      return Diagnostic(Err::shape_mismatch, {},
                        format("argument `{}` is {}, but the function takes {}: axis {} is {}{}",
                               parameter.name, type_text(array), text(type), axis,
                               array.extents[axis], expectation(extent, *expected)));
    }
    return std::nullopt;
  }

  const DimValues& values() const { return values_; }

 private:
  static std::string axes(int count) {
    return format("{} {}", count, count == 1 ? "axis" : "axes");
  }

  // " instead of 5", ", and N is 5 in `y`", ", and 2*N is 10, where N is 5 in `y`"
  std::string expectation(const Extent& extent, int64_t expected) const {
    if (extent.is_known()) return format(" instead of {}", expected);
    if (const std::optional<std::string> symbol = bare_symbol(extent))
      return format(", and {} is {}", *symbol, source_of(*symbol));
    std::set<std::string> symbols;
    extent.collect_symbols(symbols);
    return format(", and {} is {} where ", extent.text(), expected) +
           join(symbols, ", ", [this](const std::string& symbol) {
             return format("{} is {}", symbol, source_of(symbol));
           });
  }
  std::string source_of(const std::string& symbol) const {
    const auto binder = binders_.find(symbol);
    const int64_t value = values_.find(symbol)->second;
    return binder == binders_.end() ? std::to_string(value)
                                    : format("{} in `{}`", value, binder->second);
  }

  DimValues values_;
  std::map<std::string, std::string, std::less<>> binders_;
};

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
                                            const Arguments& arguments,
                                            const DimValues& given) const {
  const std::vector<std::string> inputs = input_names(function);
  for (const auto& [name, array] : arguments)
    if (std::ranges::find(inputs, name) == inputs.end())
      return Diagnostic(Err::bad_argument, {},
                        format("`{}` has no input `{}`", function.name, name))
          .help("its inputs are " + list(inputs));
  DimSolver solver(given);
  const auto each = [&](auto&& visit) -> std::optional<Diagnostic> {
    for (const codegen::Parameter& parameter : function.parameters) {
      if (!is_input(parameter)) continue;
      const auto argument = arguments.find(parameter.name);
      if (argument == arguments.end())
        return Diagnostic(
            Err::missing_argument, {},
            format("`{}` needs `{}`: {}", function.name, parameter.name, text(parameter.type)));
      if (std::optional<Diagnostic> error = visit(parameter, argument->second)) return error;
    }
    return std::nullopt;
  };
  std::optional<Diagnostic> error =
      each([&](const auto& parameter, const auto& array) { return solver.bind(parameter, array); });
  if (!error)
    error = each(
        [&](const auto& parameter, const auto& array) { return solver.compare(parameter, array); });
  if (error) return std::move(*error);
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
