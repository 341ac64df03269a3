// SPDX-License-Identifier: Apache-2.0
// The runner: verification, printing, timing and a reproducer around every pass.
#include "driver/pipeline.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "driver/wrong_pass.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "ops/control.h"
#include "ops/verify.h"
#include "schedule/print.h"
#include "schedule/verify.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

std::vector<std::string> problems_of(const Program& program) { return verify_program(program); }
std::vector<std::string> problems_of(const loop::Program& program) { return loop::verify(program); }

std::string text_of(const Program& program) { return print(program); }
std::string text_of(const loop::Program& program) { return loop::print(program); }

// THX_BREAK_PASS=NAME in the environment breaks that pass, so that tests see what happens then.
void break_on_demand(std::string_view name) {
  if constexpr (THX_VERIFY_EACH) {
    const char* broken = std::getenv("THX_BREAK_PASS");
    if (broken != nullptr && name == broken)
      throw InternalError(format("{} is broken by THX_BREAK_PASS", name));
  }
}

bool body_has_grad(const Body& body) {
  std::vector<const Body*> left{&body};
  while (!left.empty()) {
    const Body* next = left.back();
    left.pop_back();
    for (const Value value : needed(next->graph, next->results)) {
      if (is_replaced_by_differentiation(value)) return true;
      for (const Region& region : value->regions) left.push_back(region.get());
    }
  }
  return false;
}

}  // namespace

bool has_grad(const Program& program) {
  for (const Function& function : program.functions)
    if (body_has_grad(*function.body)) return true;
  return program.init && body_has_grad(*program.init->body);
}

std::string PassRunner::command_for(std::string_view name) const {
  const std::string file = "'" + options_.reproducer + "'";
  if (name == "emit") return format("thx-opt --emit=obj --cpu={} {}", options_.cpu, file);
  return format("thx-opt --passes={} --vector-bytes={}{}{} {}", name, context_.machine.vector_bytes,
                context_.machine.fma ? "" : " --no-fma",
                context_.fp == FpMode::standard ? "" : format(" --fp={}", name_of(context_.fp)),
                file);
}

void PassRunner::step(std::string_view name, const std::function<void()>& body,
                      const std::function<std::string()>& input_text) {
  const bool is_kept = name == options_.broken;
  const std::string before = is_kept ? input_text() : std::string();
  const auto start = std::chrono::steady_clock::now();
  try {
    break_on_demand(name);
    body();
  } catch (const InternalError& error) {
    std::string command;
    if (is_kept) {
      std::ofstream file(options_.reproducer, std::ios::binary);
      file << before;
      if (file.flush()) command = command_for(name);
    }
    throw PassFailure(std::string(name), command, error.what());
  }
  times_.push_back({name, milliseconds_since(start)});
}

template <class Ir>
bool PassRunner::run_pass(const Pass<Ir>& pass, Ir& program) {
  step(
      pass.name,
      [&] {
        context_.rewrites.pass = pass.name;
        pass.run(program, context_);
        spoil_on_demand(pass.name, program);
        if (!options_.verify_each || context_.diagnostics.has_errors()) return;
        const std::vector<std::string> problems = problems_of(program);
        THX_CHECK(problems.empty(), "after {}: {}", pass.name, join(problems, "; "));
      },
      [&] { return text_of(program); });
  for (const std::string& name : options_.print_after)
    if (name == pass.name && !context_.diagnostics.has_errors())
      std::fputs(format("// after {}\n{}", pass.name, text_of(program)).c_str(), stdout);
  if (options_.observer != nullptr && !context_.diagnostics.has_errors())
    options_.observer->after(pass.name, program, context_);
  return !context_.diagnostics.has_errors();
}

bool PassRunner::run(const TensorPass& pass, Program& program) { return run_pass(pass, program); }
bool PassRunner::run(const LoopPass& pass, loop::Program& program) {
  return run_pass(pass, program);
}

bool PassRunner::run_tensor_passes(Program& program) {
  for (const TensorPass& pass : opening_passes())
    if (!run(pass, program)) return false;
  do {
    for (const TensorPass& pass : differentiation_passes())
      if (!run(pass, program)) return false;
  } while (has_grad(program));
  for (const TensorPass& pass : lowering_passes())
    if (!run(pass, program)) return false;
  return true;
}

bool PassRunner::run_loop_passes(loop::Program& program) {
  for (const LoopPass& pass : loop_passes())
    if (!run(pass, program)) return false;
  return true;
}

}  // namespace thx
