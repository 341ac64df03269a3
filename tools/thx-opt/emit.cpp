// SPDX-License-Identifier: Apache-2.0
// thx-opt --emit: kernels of loop IR as LLVM IR, assembly or object code.
#include <cstdio>
#include <utility>

#include "codegen/emit_kernels.h"
#include "levels.h"
#include "support/check.h"

namespace thx::opt {

void emit_kernels(const Session& session, const loop::Program& program) {
  static constexpr std::pair<std::string_view, codegen::Form> kForms[] = {
      {"llvm", codegen::Form::llvm},
      {"optimised-llvm", codegen::Form::optimised_llvm},
      {"asm", codegen::Form::assembly},
      {"obj", codegen::Form::object},
  };
  const std::optional<codegen::Target> target = codegen::find_target(session.options.cpu);
  THX_CHECK(target, "there is no CPU {}", session.options.cpu);
  for (const auto& [name, form] : kForms) {
    if (name != session.options.emit) continue;
    const std::string text = codegen::emit_kernels(program, *target, form);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  THX_UNREACHABLE("there is no form {}", session.options.emit);
}

}  // namespace thx::opt
