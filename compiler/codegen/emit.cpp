// SPDX-License-Identifier: Apache-2.0
// A whole object: every kernel, every entry point, the functions of the model.
#include "codegen/emit.h"

#include <unordered_map>

#include "codegen/emit_kernels.h"
#include "codegen/entry.h"
#include "codegen/kernel.h"
#include "codegen/native.h"
#include "schedule/print.h"
#include "support/text.h"

namespace thx::codegen {

namespace {

std::vector<std::string> dims_of(const Program& program) {
  std::vector<std::string> names;
  for (const Dim& dim : program.dims) names.push_back(dim.name);
  return names;
}

/// Kernels that differ in names alone are one function: a function of a program and its derivative,
/// or two of them, compute much alike.
class KernelTable {
 public:
  KernelTable(llvm::Module& module, std::span<const std::string> dims, const Target& target)
      : module_(module), dims_(dims), target_(target) {}

  std::vector<KernelCode> codes_of(const loop::Function& function) {
    std::vector<KernelCode> codes;
    for (const loop::Kernel& kernel : function.kernels)
      codes.push_back(is_call(kernel) ? KernelCode{} : code_of(function, kernel));
    return codes;
  }

 private:
  const KernelCode& code_of(const loop::Function& function, const loop::Kernel& kernel) {
    const auto [found, fresh] = made_.try_emplace(unnamed_text(kernel));
    KernelCode& code = found->second;
    if (!fresh) return code;
    code.dims = kernel_dims(kernel, dims_);
    code.function = emit_kernel(module_, kernel, format("{}.{}", function.name, kernel.name),
                                code.dims, target_);
    return code;
  }

  static std::string unnamed_text(loop::Kernel kernel) {
    kernel.name = "k";
    kernel.plan.clear();
    for (size_t i = 0; i < kernel.buffers.size(); ++i) kernel.buffers[i].name = format("b{}", i);
    for (size_t i = 0; i < kernel.registers.size(); ++i)
      kernel.registers[i].name = format("r{}", i);
    return print(kernel);
  }

  llvm::Module& module_;
  std::span<const std::string> dims_;
  const Target& target_;
  std::unordered_map<std::string, KernelCode> made_;  // by text
};

}  // namespace

Code emit_code(const Interface& interface, const Program& program, const loop::Program& loops,
               const Target& target, const Sources& sources, const CodeRequest& request) {
  NativeModule native(target, interface.source_name, request.llvm);
  EntryContext context{native.module(), interface, program, loops, {}};
  const std::vector<std::string> dims = dims_of(program);
  KernelTable kernels(native.module(), dims, target);
  for (const loop::Function& function : loops.functions)
    context.kernels.push_back(kernels.codes_of(function));
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
