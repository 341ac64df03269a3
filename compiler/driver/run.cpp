// SPDX-License-Identifier: Apache-2.0
// One run: the program, its inputs, its model, its calls, and what comes out.
#include "driver/run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "driver/checkpoint_shapes.h"
#include "driver/loaded.h"
#include "driver/npy.h"
#include "driver/print_array.h"
#include "driver/run_inputs.h"
#include "support/text.h"

namespace thx {

namespace {

using Kind = codegen::Parameter::Kind;

// Why `path` cannot be written, as far as can be told before; the folders above a folder are made.
std::optional<std::string> unwritable(const std::filesystem::path& path, bool is_folder) {
  std::error_code error;
  if (!is_folder && std::filesystem::is_directory(path, error)) return "Is a directory";
  std::filesystem::path folder = std::filesystem::absolute(path, error);
  do folder = folder.parent_path();
  while (is_folder && !std::filesystem::exists(folder, error) && folder.has_relative_path());
  if (!std::filesystem::exists(folder, error)) return "No such file or directory";
  if (!std::filesystem::is_directory(folder, error)) return "Not a directory";
  return std::nullopt;
}

class Run {
 public:
  Run(const CompileOptions& options, const RunRequest& request, Sources& sources,
      Diagnostics& diagnostics)
      : options_(options), request_(request), sources_(sources), diagnostics_(diagnostics) {}

  void run() {
    program_ = LoadedProgram::compile(options_, sources_, diagnostics_);
    if (!program_ || !choose_function()) return;
    std::optional<RunInputs> inputs =
        read_inputs(*function_, program_->interface().fields, request_, diagnostics_);
    if (!inputs || !check_requests(*inputs)) return;
    LoadedModel* model = nullptr;
    if (function_->uses_model) {
      if (!make_model(*inputs)) return;
      model = &*model_;
    }
    Result<BoundCall> call = program_->bind(function_->name, inputs->arguments, {}, model);
    if (!call) return fail(call.error());
    if (!run_steps(*call, *inputs)) return;
    if (!request_.folder.empty())
      write_outputs(call->result());
    else
      print_outputs(call->result());
    std::fflush(stdout);  // messages come after it
    if (!request_.save.empty() && !diagnostics_.has_errors())
      if (const std::optional<Diagnostic> error = model_->save(request_.save)) fail(*error);
  }

 private:
  void fail(const Diagnostic& error) { diagnostics_.report(error); }

  bool choose_function() {
    const std::vector<std::string> names = program_->function_names();
    const std::string listed =
        join(names, ", ", [](const std::string& name) { return "`" + name + "`"; });
    if (request_.function.empty()) {
      if (names.size() == 1) {
        function_ = program_->function(names.front());
      } else {
        diagnostics_
            .report(Diagnostic(
                Err::bad_option, {},
                format("`{}` has several functions: which one is to run?", options_.file)))
            .help(
                format("write {}:{}; the functions are {}", options_.file, names.front(), listed));
      }
      return function_ != nullptr;
    }
    function_ = program_->function(request_.function);
    if (function_ == nullptr)
      diagnostics_
          .report(Diagnostic(Err::bad_option, {},
                             format("`{}` has no function `{}`", options_.file, request_.function)))
          .help("the functions are " + listed);
    return function_ != nullptr;
  }

  bool check_requests(const RunInputs& inputs) {
    for (const auto& [option, text] :
         {std::pair<std::string_view, const std::string&>{"--state", request_.state},
          {"--save", request_.save}})
      if (!text.empty() && !function_->uses_model)
        fail(Diagnostic(Err::bad_option, {},
                        format("{}: `{}` has nothing to do with state", option, function_->name)));
    // Found out before the calls, which may take hours.
    check_writable(request_.save, false);
    check_writable(request_.folder, true);
    steps_ = request_.steps.value_or(inputs.steps());
    return !diagnostics_.has_errors();
  }

  void check_writable(const std::string& path, bool is_folder) {
    if (path.empty()) return;
    if (const std::optional<std::string> why = unwritable(path, is_folder))
      fail(Diagnostic(Err::cannot_write, {}, format("cannot write `{}`: {}", path, *why)));
  }

  bool make_model(const RunInputs& inputs) {
    Arguments shapes = inputs.states;
    if (!request_.state.empty()) shapes.merge(checkpoint_shapes(request_.state));
    Result<DimValues> dims = program_->solve_dims(*function_, inputs.arguments, {}, shapes);
    if (!dims) return fail(dims.error()), false;
    Result<LoadedModel> model = program_->make_model(*dims, request_.seed);
    if (!model) return fail(model.error()), false;
    model_ = std::move(*model);
    std::optional<Diagnostic> error;
    if (!request_.state.empty()) error = model_->load(request_.state);
    for (const auto& [name, value] : inputs.states)
      if (!error) error = model_->set(name, value);
    if (error) fail(*error);
    return !error;
  }

  bool run_steps(BoundCall& call, const RunInputs& inputs) {
    for (int64_t step = 0; step < steps_; ++step) {
      inputs.set_ranges(step, call);
      const CallResult& result = call.run();
      if (!result.ok()) return fail(failure(result, step)), false;
      if (request_.progress && (step + 1) % *request_.progress == 0) print_progress(step, result);
    }
    return true;
  }

  // With the line of the source, where it is known to be of this file.
  Diagnostic failure(const CallResult& result, int64_t step) const {
    Span at;
    const std::optional<uint32_t> file = only_module();
    if (result.where.line > 0 && file) {
      const auto line = static_cast<uint32_t>(result.where.line);
      const uint32_t begin = sources_.line_start(*file, line);
      const std::string_view text = sources_.line(*file, line);
      const size_t first = text.find_first_not_of(" \t\r");
      if (first != std::string_view::npos)
        at = {*file, begin + static_cast<uint32_t>(first),
              begin + static_cast<uint32_t>(text.find_last_not_of(" \t\r") + 1)};
    }
    std::string message = result.message;
    if (steps_ > 1) message += format(", in step {}", step + 1);
    return Diagnostic(Err::call_failed, at, message);
  }

  // The .thx file, where there is one: the line of a failure does not say in which it stands.
  std::optional<uint32_t> only_module() const {
    std::optional<uint32_t> found;
    for (uint32_t file = 1; file <= sources_.size(); ++file) {
      if (!sources_.name(file).ends_with(".thx")) continue;
      if (found) return std::nullopt;
      found = file;
    }
    return found;
  }

  static double mean(const HostArray& array) {
    double sum = 0;
    for (int64_t i = 0; i < array.count(); ++i)
      sum += array.dtype == DType::f32 ? array.at<float>(i) : array.at<double>(i);
    return sum / static_cast<double>(array.count());
  }

  // Scalars; where there are none, means of arrays of floats.
  void print_progress(int64_t step, const CallResult& result) const {
    std::string line = format("step {}", step + 1);
    const bool any_scalar = std::ranges::any_of(
        result.outputs, [](const auto& output) { return output.second.rank() == 0; });
    for (const auto& [name, array] : result.outputs) {
      if (array.rank() == 0)
        append(line, "  {} = {}", name, array_text(array));
      else if (!any_scalar && is_float(array.dtype))
        append(line, "  mean of {} = {:.6g}", name, mean(array));
    }
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
  }

  static void print_outputs(const CallResult& result) {
    for (const auto& [name, array] : result.outputs) {
      const bool is_block = array.rank() > 0 && array.count() > 0;
      std::fputs(
          format("{}: {} ={}{}\n", name, type_text(array), is_block ? "\n" : " ", array_text(array))
              .c_str(),
          stdout);
    }
  }

  void write_outputs(const CallResult& result) {
    Compiled files;
    for (const auto& [name, array] : result.outputs) files.files[name + ".npy"] = npy_text(array);
    CompileOptions options;
    options.output = request_.folder;
    write_files(files, options, sources_, diagnostics_);
  }

  const CompileOptions& options_;
  const RunRequest& request_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  std::unique_ptr<LoadedProgram> program_;
  const codegen::EntryPoint* function_ = nullptr;
  std::optional<LoadedModel> model_;
  int64_t steps_ = 1;
};

}  // namespace

void run_function(const CompileOptions& options, const RunRequest& request, Sources& sources,
                  Diagnostics& diagnostics) {
  Run(options, request, sources, diagnostics).run();
}

}  // namespace thx
