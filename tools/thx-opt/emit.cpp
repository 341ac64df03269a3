// SPDX-License-Identifier: Apache-2.0
// Prints the kernels of a loop program as LLVM IR, assembly or an object.
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "codegen/emit_kernels.h"
#include "levels.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::opt {
namespace {

// What a processor's kernel cannot have, as messages call it; empty where there is none of it.
std::string_view foreign_part(const loop::Kernel& kernel) {
  if (codegen::is_call(kernel)) return {};
  std::vector<const loop::Block*> blocks = {&kernel.body};
  while (!blocks.empty()) {
    const loop::Block& block = *blocks.back();
    blocks.pop_back();
    for (const loop::Statement& statement : block) {
      if (std::holds_alternative<loop::Barrier>(statement.node)) return "`barrier`";
      if (std::holds_alternative<loop::Call>(statement.node))
        return "`call` beside other statements";
      if (const auto* branch = std::get_if<loop::If>(&statement.node)) {
        blocks.push_back(&branch->then);
        blocks.push_back(&branch->otherwise);
      } else if (const auto* loop = std::get_if<loop::Loop>(&statement.node)) {
        const bool threads =
            loop->kind == loop::LoopKind::block || loop->kind == loop::LoopKind::thread;
        if (threads || loop->kind == loop::LoopKind::grid) return "a loop over a GPU's grid";
        blocks.push_back(&loop->body);
      }
    }
  }
  return {};
}

bool can_emit(const Session& session, const loop::Program& program) {
  for (const loop::Function& function : program.functions) {
    for (const loop::Kernel& kernel : function.kernels) {
      const std::string_view part = foreign_part(kernel);
      if (part.empty()) continue;
      Diagnostic diagnostic(
          Err::unsupported, {},
          format("kernel `{}` has {}: code is made for processors", kernel.name, part));
      diagnostic.help("leave --emit out, or run it with --run");
      return session.fail(std::move(diagnostic));
    }
  }
  return true;
}

}  // namespace

bool emit_kernels(const Session& session, const loop::Program& program) {
  static constexpr std::pair<std::string_view, codegen::Form> kForms[] = {
      {"llvm", codegen::Form::llvm},
      {"optimised-llvm", codegen::Form::optimised_llvm},
      {"asm", codegen::Form::assembly},
      {"obj", codegen::Form::object},
  };
  const std::optional<codegen::Target> target = codegen::find_target(session.options.cpu);
  if (!target) {
    return session.fail(
        {Err::bad_option, {}, format("--cpu {}: there is no such CPU", session.options.cpu)});
  }
  if (!can_emit(session, program)) return false;
  for (const auto& [name, form] : kForms) {
    if (name != session.options.emit) continue;
    const std::string text = codegen::emit_kernels(program, *target, form);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return true;
  }
  THX_UNREACHABLE("there is no form {}", session.options.emit);
}

}  // namespace thx::opt
