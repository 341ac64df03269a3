// SPDX-License-Identifier: Apache-2.0
// A compiled program in this process: functions are called by name, on arrays by name.
//
//   auto program = LoadedProgram::compile(options, sources, diagnostics);   // null: see
//   diagnostics auto model = program->make_model({{"F", 30}}, /*seed=*/0);              // where it
//   has state auto result = program->call("train", {{"x", x}, {"y", y}}, {}, &*model); if (result
//   && result->ok()) use(*result->output("xent"));
//
// What runs is the object that `thxc build` writes under the same options, byte for byte.
#pragma once

#include <thx/thx.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codegen/interface.h"
#include "driver/compile.h"
#include "driver/host_array.h"
#include "support/diagnostic.h"
#include "support/result.h"

namespace thx {

namespace codegen {
class LoadedObject;
}

using Arguments = std::map<std::string, HostArray, std::less<>>;
using DimValues = Extent::Values;  // by the names of the source

/// What a call did.
struct CallResult {
  thx_status status = THX_OK;
  thx_error where = {};  // as the function wrote it; zeros where the call was done
  std::string message;   // status, argument and line in words; empty where the call was done
  std::vector<std::pair<std::string, HostArray>> outputs;  // in order; unspecified after a failure

  bool ok() const { return status == THX_OK; }
  /// The output of that name, or null.
  const HostArray* output(std::string_view name) const;
};

class LoadedProgram;

/// The state of one model. The program that made it must outlive it. States are called by the names
/// that checkpoints use.
class LoadedModel {
 public:
  LoadedModel(LoadedModel&&) = default;
  LoadedModel& operator=(LoadedModel&&) = default;
  const DimValues& dims() const { return dims_; }
  std::vector<std::string> states() const;
  /// The state of that name: an error where there is none.
  Result<HostArray> get(std::string_view state) const;
  /// An error where there is no such state, or dtype or shape are not its own.
  std::optional<Diagnostic> set(std::string_view state, const HostArray& value);
  /// Writes a checkpoint in the safetensors format, whole or not at all.
  std::optional<Diagnostic> save(const std::string& path) const;
  /// Reads one. After an error the model is as it was.
  std::optional<Diagnostic> load(const std::string& path);
  /// The model's bytes: two models are the same where these are.
  std::span<const std::byte> bytes() const;

 private:
  friend class LoadedProgram;
  friend class BoundCall;
  LoadedModel(const LoadedProgram& program) : program_(&program) {}
  const codegen::Field* field(std::string_view state) const;
  HostArray shaped(const codegen::Field& field) const;
  /// What a checkpoint of this model holds: `w: f32[3], n: i64`.
  std::string saved_states() const;
  Diagnostic no_state(std::string_view state) const;

  const LoadedProgram* program_;
  DimValues dims_;
  std::vector<std::byte> memory_;
  void* model_ = nullptr;  // inside memory_
};

/// A call whose arguments fit, with memory for outputs and workspace: run as often as wanted.
class BoundCall {
 public:
  /// Runs the function; what it returns is good until the next run.
  const CallResult& run();
  /// From now on NULL is passed for every output.
  void omit_outputs() { omits_outputs_ = true; }
  /// An input, to be changed between runs; its dtype and extents are fixed.
  HostArray& argument(std::string_view name);
  const CallResult& result() const { return result_; }
  CallResult take_result() { return std::move(result_); }
  const DimValues& dims() const { return dims_; }

 private:
  friend class LoadedProgram;
  std::optional<Diagnostic> allocate();
  std::string failure() const;
  std::string broken_requirement() const;
  uint64_t slot_of(const codegen::Parameter& parameter, const thx_exec& exec);

  const LoadedProgram* program_ = nullptr;
  const codegen::EntryPoint* entry_ = nullptr;
  int32_t (*caller_)(const uint64_t* slots) = nullptr;
  LoadedModel* model_ = nullptr;
  Arguments arguments_;
  DimValues dims_;
  std::vector<std::byte> workspace_;
  CallResult result_;
  bool omits_outputs_ = false;
};

class LoadedProgram {
 public:
  /// Compiles `options.file` and loads it. Null where there are errors, which are reported.
  static std::unique_ptr<LoadedProgram> compile(const CompileOptions& options, Sources& sources,
                                                Diagnostics& diagnostics);
  /// The same from a program that is lowered already: functions that stand in no file.
  static std::unique_ptr<LoadedProgram> compile(Program program, const CompileOptions& options,
                                                Sources& sources, Diagnostics& diagnostics);
  /// The same from an object that is there. Null where this machine cannot run it.
  static std::unique_ptr<LoadedProgram> load(CompiledObject compiled, Diagnostics& diagnostics);
  explicit LoadedProgram(CompiledObject compiled);
  ~LoadedProgram();
  LoadedProgram(const LoadedProgram&) = delete;

  const codegen::Interface& interface() const { return compiled_.interface; }
  const Program& program() const { return compiled_.program; }
  const std::string& object() const { return compiled_.object; }
  /// The function of that name, or null.
  const codegen::EntryPoint* function(std::string_view name) const;
  std::vector<std::string> function_names() const;
  bool has_state() const { return compiled_.interface.has_state(); }

  /// The dims of a call: those that are given (a model's are), and those that stand bare in a shape
  /// of an input, by its array. An error where arrays are missing, unknown, of another dtype, or do
  /// not fit; dims that stay unknown are left out.
  /// `states` bind as inputs do: values that a model's states are to get.
  Result<DimValues> solve_dims(const codegen::EntryPoint& function, const Arguments& arguments,
                               const DimValues& given = {}, const Arguments& states = {}) const;
  /// A model with its initial values; `seed` serves draws that name none. `dims` needs those of
  /// state; others are ignored. An error where one is missing or init answers a status.
  Result<LoadedModel> make_model(const DimValues& dims, uint64_t seed = 0) const;
  /// Checks all arguments against the function. Dims of state are the model's; a function without
  /// state takes no model.
  Result<BoundCall> bind(std::string_view function, Arguments arguments, const DimValues& dims = {},
                         LoadedModel* model = nullptr) const;
  /// One call. An error where it could not be made (unknown function, arguments that do not fit);
  /// a result whose status says what the function answered otherwise.
  Result<CallResult> call(std::string_view function, Arguments arguments,
                          const DimValues& dims = {}, LoadedModel* model = nullptr) const;

 private:
  friend class LoadedModel;
  friend class BoundCall;
  Diagnostic no_function(std::string_view name) const;
  static Diagnostic missing_dim(std::string_view name);

  CompiledObject compiled_;
  std::unique_ptr<codegen::LoadedObject> object_;
};

}  // namespace thx
