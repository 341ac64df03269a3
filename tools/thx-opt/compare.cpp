// SPDX-License-Identifier: Apache-2.0
// Runs a function before and after passes: what `thxc verify` prints reruns by this.
#include <cstdio>

#include "codegen/emit.h"
#include "driver/loaded.h"
#include "driver/pipeline.h"
#include "driver/test_programs.h"
#include "driver/verify_stages.h"
#include "levels.h"
#include "ops/copy.h"
#include "support/text.h"

namespace thx::opt {
namespace {

constexpr std::string_view kEmit = "emit";

void title(std::string_view words) { std::fputs(format("{}:\n", words).c_str(), stdout); }

bool is_complete(const Session& session) {
  if (!session.options.run.empty() && !session.options.passes.empty()) return true;
  return session.fail({Err::bad_option, {}, "--compare needs --run and --passes"});
}

// Gradients are differentiated as they stand: the reference interpreter knows none.
bool run_resolved(const Session& session, Program program) {
  if (has_grad(program)) resolve(program);
  return run_function(session, program);
}

bool run_object(const Session& session, Program program, const loop::Program& loops) {
  const std::optional<codegen::Target> target = codegen::find_target(session.options.cpu);
  if (!target)
    return session.fail(
        {Err::bad_option, {}, format("--cpu {}: there is no such CPU", session.options.cpu)});
  const Function* function = nullptr;
  for (const Function& each : program.functions)
    if (each.name == session.options.run) function = &each;
  if (function == nullptr)
    return session.fail({Err::bad_option,
                         {},
                         format("there is no function `{}` of an object", session.options.run)});
  const std::optional<reference::Arguments> arguments = read_arguments(session, program, *function);
  if (!arguments) return false;
  thx::Arguments inputs, states;
  for (size_t i = 0; i < function->inputs.size(); ++i)
    inputs.emplace(function->inputs[i].name, to_host(arguments->inputs[i]));
  for (size_t i = 0; i < function->states.size(); ++i)
    states.emplace(function->states[i].name, to_host(arguments->states[i]));
  CompiledObject compiled{{}, {}, *target, {}};
  compiled.interface = codegen::make_interface(program, loops, session.sources, {"", "program.thx"},
                                               session.diagnostics);
  if (session.diagnostics.has_errors()) return false;
  compiled.object = codegen::emit_code(compiled.interface, program, loops, *target, session.sources,
                                       {.object = true, .assembly = false, .llvm = false})
                        .object;
  compiled.program = clone(program);
  const auto loaded = LoadedProgram::load(std::move(compiled), session.diagnostics);
  if (!loaded) return false;
  std::optional<LoadedModel> model;
  if (loaded->has_state()) {
    Result<LoadedModel> made = loaded->make_model(arguments->dims);
    if (!made) return session.fail(made.error());
    model = std::move(*made);
    for (const auto& [name, value] : states)
      if (const auto error = model->set(name, value)) return session.fail(*error);
  }
  const Result<CallResult> result =
      loaded->call(function->name, std::move(inputs), arguments->dims, model ? &*model : nullptr);
  if (!result) return session.fail(result.error());
  if (!result->ok()) {
    title("fails: " + result->message);
    return true;
  }
  reference::Outcome outcome;
  for (const auto& [name, array] : result->outputs) outcome.outputs.push_back(to_reference(array));
  for (const StateUse& use : function->states)
    outcome.states.push_back(to_reference(*model->get(use.name)));
  print_outcome(*function, outcome);
  return true;
}

}  // namespace

bool compare_runs(const Session& session, Program program) {
  if (!is_complete(session)) return false;
  title("before");
  if (!run_resolved(session, clone(program))) return false;
  Options options = session.options;
  const bool emits = options.passes.back() == kEmit;
  if (emits) options.passes.pop_back();
  const Session inner{options, session.sources, session.file, session.diagnostics};
  loop::Program loops;
  bool lowered = false;
  if (!run_passes(inner, program, loops, lowered)) return false;
  if (!options.passes.empty()) title("after " + join(options.passes, ", "));
  if (!lowered) return run_resolved(session, std::move(program));
  if (!run_loops(session, loops)) return false;
  if (!emits) return true;
  title("after emit");
  return run_object(session, std::move(program), loops);
}

bool compare_runs(const Session& session, loop::Program program) {
  if (!is_complete(session)) return false;
  title("before");
  if (!run_loops(session, program)) return false;
  if (!run_passes(session, program)) return false;
  title("after " + join(session.options.passes, ", "));
  return run_loops(session, program);
}

}  // namespace thx::opt
