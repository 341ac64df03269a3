// SPDX-License-Identifier: Apache-2.0
// Runs functions by the interpreters and as objects.
#include "driver/verify_runs.h"

#include <algorithm>

#include "driver/test_programs.h"
#include "driver/verify_draws.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

using reference::Array;
using reference::Bounded;

Bounded exact(Array array) {
  std::vector<double> error(array.elements.size(), 0);
  return {std::move(array), std::move(error)};
}

std::string state_name(const StateUse& use) { return "state " + use.name; }

const HostArray& at(const Arguments& arguments, const std::string& name) {
  const auto found = arguments.find(name);
  THX_CHECK(found != arguments.end(), "no value for {}", name);
  return found->second;
}

reference::Arguments reference_arguments(const Function& function, const CallData& data,
                                         bool wide) {
  reference::Arguments arguments;
  arguments.dims = data.trial.dims;
  arguments.seed = data.trial.seed;
  arguments.draw = draw_for_reference;
  arguments.until = data.until;
  for (const Input& input : function.inputs)
    arguments.inputs.push_back(to_reference(at(data.trial.inputs, input.name), wide));
  for (const StateUse& use : function.states)
    arguments.states.push_back(to_reference(at(data.states, use.name), wide));
  return arguments;
}

std::string status_of(reference::Status status) {
  switch (status) {
    case reference::Status::ok: return "ok";
    case reference::Status::dim: return "dim";
    case reference::Status::index: return "index";
    case reference::Status::size: return "size";
    case reference::Status::time: return "time";
  }
  THX_UNREACHABLE("a status without a word");
}

std::string status_of(thx_status status) {
  switch (status) {
    case THX_OK: return "ok";
    case THX_E_DIM: return "dim";
    case THX_E_INDEX: return "index";
    case THX_E_NONFINITE: return "nonfinite";
    default: return thx_status_name(status);
  }
}

loop::Memory memory_of(const HostArray& array) {
  loop::Memory memory(array.bytes.size());
  memory.bytes = array.bytes;
  memory.defined.assign(memory.defined.size(), 1);
  return memory;
}

std::vector<int64_t> extents_of(const Type& type, const DimValues& dims) {
  std::vector<int64_t> extents;
  for (const Extent& extent : type.shape)
    extents.push_back(std::max<int64_t>(0, extent.evaluate(dims).value_or(0)));
  return extents;
}

HostArray array_of(const loop::Memory& memory, const Type& type, const DimValues& dims) {
  return {type.dtype, extents_of(type, dims), memory.bytes};
}

// The memory of one run of loop IR, and what it holds at the end.
class LoopRun {
 public:
  LoopRun(const Function& source, const CallData& data) : source_(source), data_(data) {
    for (const Input& input : source.inputs)
      inputs_.push_back(memory_of(at(data.trial.inputs, input.name)));
    for (const StateUse& use : source.states)
      states_.push_back(memory_of(at(data.states, use.name)));
    for (const Output& output : source.outputs) {
      const Type& type = output.value->type();
      const HostArray empty = HostArray::zeros(type.dtype, extents_of(type, data.trial.dims));
      outputs_.emplace_back(empty.bytes.size());  // all poison
    }
  }

  RunResult run(const loop::Function& function, bool reverse_chunks) {
    loop::FunctionMemory memory;
    for (loop::Memory& one : inputs_) memory.inputs.push_back(&one);
    for (loop::Memory& one : states_) memory.states.push_back(&one);
    for (loop::Memory& one : outputs_) memory.outputs.push_back(&one);
    loop::InterpretOptions options;
    options.dims = data_.trial.dims;
    options.reverse_chunks = reverse_chunks;
    options.until = data_.until;
    options.call = [&](const loop::Call& call, DType dtype, std::span<std::byte> bytes) {
      return draw_for_loops(call, dtype, data_.trial.dims, data_.trial.seed, bytes);
    };
    const loop::Outcome outcome = interpret(function, memory, options);
    RunResult result;
    if (outcome.error) result.broken = *outcome.error;
    if (outcome.failure) fail(result, *outcome.failure);
    if (outcome.late) result.given_up = "it takes too long in the interpreter";
    if (outcome.finished()) collect(result);
    return result;
  }

 private:
  void fail(RunResult& result, const loop::Failure& failure) const {
    result.status = failure.status == loop::FailStatus::index       ? "index"
                    : failure.status == loop::FailStatus::nonfinite ? "nonfinite"
                                                                    : "another failure";
    result.why = format("index {}", failure.index);
    for (size_t i = 0; i < states_.size(); ++i)
      if (states_[i].bytes != at(data_.states, source_.states[i].name).bytes)
        result.broken = format("the failed call has changed state {}", source_.states[i].name);
  }

  void collect(RunResult& result) const {
    const DimValues& dims = data_.trial.dims;
    const auto add = [&](const std::string& name, const loop::Memory& memory, const Type& type) {
      if (std::ranges::find(memory.defined, 0) != memory.defined.end())
        result.broken = format("{} is not written whole", name);
      result.values.emplace_back(name, exact(to_reference(array_of(memory, type, dims))));
    };
    for (size_t i = 0; i < outputs_.size(); ++i)
      add(source_.outputs[i].name, outputs_[i], source_.outputs[i].value->type());
    for (size_t i = 0; i < states_.size(); ++i)
      if (source_.states[i].next)
        add(state_name(source_.states[i]), states_[i], source_.states[i].current->type());
  }

  const Function& source_;
  const CallData& data_;
  std::vector<loop::Memory> inputs_, states_, outputs_;
};

// A model that starts from the trial's states. Without a value where the program has no state.
Result<std::optional<LoadedModel>> model_for(const LoadedProgram& program, const CallData& data) {
  if (!program.has_state()) return std::optional<LoadedModel>();
  Result<LoadedModel> model = program.make_model(data.trial.dims, data.trial.seed);
  if (!model) return model.error();
  for (const auto& [name, value] : data.states)
    if (std::optional<Diagnostic> error = model->set(name, value)) return std::move(*error);
  return std::optional<LoadedModel>(std::move(*model));
}

}  // namespace

RunResult run_tensors(const Function& function, const CallData& data,
                      const reference::BoundOptions& options, bool wide) {
  reference::BoundedOutcome outcome =
      evaluate_bounded(function, reference_arguments(function, data, wide), options);
  RunResult result{status_of(outcome.status), outcome.why, {}, {}};
  if (outcome.status == reference::Status::size || outcome.status == reference::Status::time)
    result.given_up = outcome.why;
  if (outcome.status != reference::Status::ok) return result;
  for (size_t i = 0; i < function.outputs.size(); ++i)
    result.values.emplace_back(function.outputs[i].name, std::move(outcome.outputs[i]));
  for (size_t i = 0; i < function.states.size(); ++i)
    if (function.states[i].next)
      result.values.emplace_back(state_name(function.states[i]), std::move(outcome.states[i]));
  return result;
}

bool any_number(const Function& function, const CallData& data,
                const std::function<bool(const Array&)>& found) {
  reference::Arguments arguments = reference_arguments(function, data, false);
  arguments.until.reset();  // it has been computed in time before
  bool any =
      std::ranges::any_of(arguments.inputs, found) || std::ranges::any_of(arguments.states, found);
  arguments.visit = [&](const Node&, reference::Arguments::Operands, Array& made) {
    any = any || found(made);
  };
  const reference::Outcome outcome = evaluate(function, arguments);
  return any || std::ranges::any_of(outcome.outputs, found) ||
         std::ranges::any_of(outcome.states, found);
}

RunResult run_loops(const loop::Function& function, const Function& source, const CallData& data,
                    bool reverse_chunks) {
  return LoopRun(source, data).run(function, reverse_chunks);
}

Result<RunResult> run_object(const LoadedProgram& program, const Function& source,
                             const CallData& data, bool without_outputs) {
  Result<std::optional<LoadedModel>> model = model_for(program, data);
  if (!model) return model.error();
  LoadedModel* held = *model ? &**model : nullptr;
  Result<BoundCall> call = program.bind(source.name, data.trial.inputs, data.trial.dims, held);
  if (!call) return call.error();
  std::vector<std::byte> before;
  if (held != nullptr) before.assign(held->bytes().begin(), held->bytes().end());
  if (without_outputs) call->omit_outputs();
  const CallResult& done = call->run();
  RunResult result{status_of(done.status), done.message, {}, {}};
  if (!done.ok()) {
    if (held != nullptr && !std::ranges::equal(before, held->bytes()))
      result.broken = "the failed call has changed the model";
    return result;
  }
  if (!without_outputs)
    for (const auto& [name, array] : done.outputs)
      result.values.emplace_back(name, exact(to_reference(array)));
  for (const StateUse& use : source.states) {
    if (!use.next) continue;
    Result<HostArray> value = held->get(use.name);
    if (!value) return value.error();
    result.values.emplace_back(state_name(use), exact(to_reference(*value)));
  }
  return result;
}

Result<Arguments> starting_states(const LoadedProgram& program, const Trial& trial) {
  Arguments states = trial.states;
  if (!states.empty() || !program.has_state()) return states;
  Result<LoadedModel> model = program.make_model(trial.dims, trial.seed);
  if (!model) return model.error();
  for (const std::string& name : model->states()) {
    Result<HostArray> value = model->get(name);
    if (!value) return value.error();
    states.emplace(name, std::move(*value));
  }
  return states;
}

Result<RunResult> initial_by_object(const LoadedProgram& program, const Function& init,
                                    const Trial& trial) {
  Result<LoadedModel> model = program.make_model(trial.dims, trial.seed);
  if (!model) return model.error();
  RunResult result;
  for (const StateUse& use : init.states) {
    if (!use.next) continue;
    Result<HostArray> value = model->get(use.name);
    if (!value) return value.error();
    result.values.emplace_back(state_name(use), exact(to_reference(*value)));
  }
  return result;
}

}  // namespace thx
