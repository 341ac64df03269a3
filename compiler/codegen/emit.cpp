// SPDX-License-Identifier: Apache-2.0
// A whole object: every kernel, every entry point, the functions of the model.
#include "codegen/emit.h"

#include "codegen/emit_kernels.h"
#include "codegen/entry.h"
#include "codegen/kernel.h"
#include "codegen/native.h"
#include "support/text.h"

namespace thx::codegen {

namespace {

std::vector<std::string> dims_of(const Program& program) {
  std::vector<std::string> names;
  for (const Dim& dim : program.dims) names.push_back(dim.name);
  return names;
}

std::vector<KernelCode> emit_kernels(llvm::Module& module, const loop::Function& function,
                                     std::span<const std::string> dims, const Target& target) {
  std::vector<KernelCode> codes;
  for (const loop::Kernel& kernel : function.kernels) {
    if (is_call(kernel)) {
      codes.emplace_back();
      continue;
    }
    KernelCode code{nullptr, kernel_dims(kernel, dims)};
    code.function =
        emit_kernel(module, kernel, format("{}.{}", function.name, kernel.name), code.dims, target);
    codes.push_back(std::move(code));
  }
  return codes;
}

}  // namespace

Code emit_code(const Interface& interface, const Program& program, const loop::Program& loops,
               const Target& target, const Sources& sources, const CodeRequest& request) {
  NativeModule native(target, interface.source_name, request.llvm);
  EntryContext context{native.module(), interface, program, loops, {}};
  const std::vector<std::string> dims = dims_of(program);
  for (const loop::Function& function : loops.functions)
    context.kernels.push_back(emit_kernels(native.module(), function, dims, target));
  emit_calls(context, sources);
  emit_model_functions(context, sources);
  emit_value_name(context);
  native.optimise();
  Code code;
  if (request.llvm) code.llvm = native.llvm_text();
  if (request.assembly) code.assembly = native.assembly();
  if (request.object) {
    code.object = native.object();
    code.undefined_symbols = undefined_symbols(code.object);
  }
  return code;
}

}  // namespace thx::codegen
