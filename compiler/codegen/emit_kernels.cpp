// SPDX-License-Identifier: Apache-2.0
// Kernels alone, each in any of the forms that a module takes.
#include "codegen/emit_kernels.h"

#include "codegen/kernel.h"
#include "codegen/native.h"

namespace thx::codegen {

bool is_call(const loop::Kernel& kernel) {
  return kernel.body.size() == 1 && std::holds_alternative<loop::Call>(kernel.body.front().node);
}

std::string emit_kernels(const loop::Program& program, const Target& target, Form form) {
  const bool is_text = form == Form::llvm || form == Form::optimised_llvm;
  NativeModule native(target, "kernels", is_text);
  for (const loop::Function& function : program.functions) {
    for (const loop::Kernel& kernel : function.kernels) {
      if (is_call(kernel)) continue;
      const std::string symbol =
          function.name.empty() ? kernel.name : function.name + "." + kernel.name;
      emit_kernel(native.module(), kernel, symbol, free_symbols(kernel), target)
          ->setLinkage(llvm::GlobalValue::ExternalLinkage);
    }
  }
  if (form == Form::llvm) return native.llvm_text();
  native.optimise();
  switch (form) {
    case Form::assembly: return native.assembly();
    case Form::object: return native.object();
    default: return native.llvm_text();
  }
}

}  // namespace thx::codegen
