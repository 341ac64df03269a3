// SPDX-License-Identifier: Apache-2.0
// Machine code against the interpreter of loop IR, bit for bit; many functions in one object.
#include <algorithm>

#include "arguments.h"
#include "check.h"
#include "codegen/emit.h"
#include "dice.h"
#include "driver/loaded.h"
#include "driver/pipeline.h"
#include "loop_run.h"
#include "ops/control.h"
#include "ops/copy.h"
#include "reference/entry.h"
#include "schedule/build_nests.h"
#include "support/text.h"

namespace thx::random {

namespace {

/// False where the program has a gradient that there is none of.
bool differentiable(const Program& program, const Manner& manner) {
  if (!has_grad(program)) return true;
  Program copy = clone(program);
  Diagnostics diagnostics;
  PassContext context{.diagnostics = diagnostics, .machine = manner.machine, .fp = manner.fp};
  PassRunner runner({}, context);
  for (int round = 0; round < 8 && has_grad(copy); ++round)
    for (const TensorPass& pass : differentiation_passes())
      if (!runner.run(pass, copy)) return false;
  return true;
}

class ObjectCheck {
 public:
  ObjectCheck(const std::vector<Case>& sources, Tally& tally)
      : sources_(sources), tally_(tally), manner_(manner_of(sources[0].seed)) {}

  std::optional<Failure> run(size_t& culprit) {
    merge();
    if (program_.functions.empty()) return std::nullopt;
    try {
      if (compile()) {
        call_all(false);
        call_all(true);
      }
    } catch (const std::exception& error) {
      fail(Failure::Kind::thrown, step_, error.what(), 0);
    }
    culprit = culprit_;
    return std::move(failure_);
  }

 private:
  void fail(Failure::Kind kind, std::string_view step, std::string what, size_t function) {
    if (failure_) return;
    failure_ = Failure{kind, std::string(step), std::move(what), {}, {}, false};
    if (function < owners_.size()) culprit_ = owners_[function];
  }

  // One program of all functions: names are unique within a bundle of seeds.
  void merge() {
    program_.module = "random";
    program_.dims = sources_[0].program.dims;
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (!differentiable(sources_[i].program, manner_)) {
        ++tally_.refused;
        continue;
      }
      Program one = clone(sources_[i].program);
      for (size_t d = 0; d < one.dims.size(); ++d)
        program_.dims[d].of_state |= one.dims[d].of_state;
      program_.states.insert(program_.states.end(), one.states.begin(), one.states.end());
      for (Function& function : one.functions) {
        program_.functions.push_back(std::move(function));
        owners_.push_back(i);
      }
    }
  }

  codegen::Target target() {
    const int bytes = manner_.machine.vector_bytes;
    const std::string_view name = bytes == 16   ? "x86-64-v2"
                                  : bytes == 32 ? "x86-64-v3"
                                                : "x86-64-v4";
    const std::optional<codegen::Target> wanted = codegen::find_target(name);
    return wanted && codegen::host_runs(*wanted) ? *wanted : codegen::default_target();
  }

  bool compile() {
    Diagnostics diagnostics;
    CompiledObject made;
    made.target = target();
    PassContext context{
        .diagnostics = diagnostics, .machine = made.target.machine(), .fp = manner_.fp};
    PassRunner runner({}, context);
    step_ = "passes";
    const bool good = runner.run_tensor_passes(program_);
    if (good) {
      step_ = "build-nests";
      loop::Machine machine = context.machine;
      machine.fma = context.fuses();
      loops_ = loop::build_loops(program_, machine);
      step_ = "loop passes";
      runner.run_loop_passes(loops_);
    }
    step_ = "emit";
    Sources sources;
    if (!diagnostics.has_errors())
      made.interface =
          codegen::make_interface(program_, loops_, sources, {"", "random.thx"}, diagnostics);
    if (diagnostics.has_errors()) {
      fail(Failure::Kind::refused, step_, diagnostics.all()[0].message(), 0);
      return false;
    }
    made.object =
        codegen::emit_code(made.interface, program_, loops_, made.target, sources, {.object = true})
            .object;
    made.program = clone(program_);
    step_ = "object";
    object_ = LoadedProgram::load(std::move(made), diagnostics);
    return object_ != nullptr;
  }

  // Every function is called with the seed of its own case, whatever stands beside it.
  void call_all(bool odd) {
    std::optional<LoadedModel> model;
    const Case& first = sources_[0];
    const Extent::Values& dims = odd ? first.odd_dims : first.dims;
    if (object_->has_state()) {
      Result<LoadedModel> made = object_->make_model(dims);
      if (!made) return;  // a state that cannot be with these dims
      model = std::move(*made);
    }
    for (size_t i = 0; i < program_.functions.size() && !failure_; ++i) {
      const Function& function = program_.functions[i];
      const uint64_t seed = mixed(sources_[owners_[i]].seed + (odd ? 1 : 0));
      const reference::Arguments arguments = arguments_for(function, dims, seed);
      ++tally_.calls;
      const std::string why = compare(i, arguments, model ? &*model : nullptr);
      if (why.empty()) continue;
      fail(Failure::Kind::value, "object", why, i);
      failure_->function = function.name;
      failure_->odd_dims = odd;
    }
  }

  std::string compare(size_t i, const reference::Arguments& arguments, LoadedModel* model) {
    const Function& function = program_.functions[i];
    thx::Arguments given;
    for (size_t k = 0; k < function.inputs.size(); ++k)
      given.emplace(function.inputs[k].name, to_host(arguments.inputs[k]));
    for (size_t k = 0; k < function.states.size(); ++k)
      if (std::optional<Diagnostic> error =
              model->set(function.states[k].name, to_host(arguments.states[k])))
        return error->message();
    const Result<CallResult> call =
        object_->call(function.name, std::move(given), arguments.dims, model);
    if (!call) return call.error().message();
    const std::string refused = reference::refusal_at_entry(function, arguments.dims);
    if (call->status != THX_OK || !refused.empty()) ++tally_.failed_calls;
    if (!refused.empty()) return call->status == THX_E_DIM ? "" : "not refused: " + refused;
    if (call->status == THX_E_DIM) return "refused: " + call->message;

    std::string error;
    const reference::Outcome expected =
        run_loops(loops_.functions[i], function, arguments, false, error);
    if (!error.empty()) return error;
    const bool failed = expected.status != reference::Status::ok;
    if (failed != (call->status == THX_E_INDEX))
      return failed ? "should fail: " + expected.why : "fails: " + call->message;
    reference::Outcome wanted = expected, got;
    wanted.status = reference::Status::ok;
    for (const Output& output : function.outputs) {
      if (failed) {
        wanted.outputs.push_back({output.value->dtype(), {0}, {}});
        got.outputs.push_back(wanted.outputs.back());
      } else {
        got.outputs.push_back(from_host(*call->output(output.name)));
      }
    }
    for (const StateUse& use : function.states) {
      const Result<HostArray> state = model->get(use.name);
      if (!state) return state.error().message();
      got.states.push_back(from_host(*state));
    }
    return exact_difference(function, wanted, got);
  }

  const std::vector<Case>& sources_;
  Tally& tally_;
  const Manner manner_;
  Program program_;
  std::vector<size_t> owners_;  // by function: its case
  loop::Program loops_;
  std::unique_ptr<LoadedProgram> object_;
  std::string step_;
  std::optional<Failure> failure_;
  size_t culprit_ = 0;
};

}  // namespace

std::optional<Failure> check_object(const std::vector<Case>& sources, Tally& tally,
                                    size_t& culprit) {
  return ObjectCheck(sources, tally).run(culprit);
}

}  // namespace thx::random
