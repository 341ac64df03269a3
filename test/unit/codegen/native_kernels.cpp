// SPDX-License-Identifier: Apache-2.0
// Compiles, links with the C compiler and opens: the way that generated code takes in applications.
#include "unit/codegen/native_kernels.h"

#include <dlfcn.h>
#include <llvm/IR/IRBuilder.h>

#include "codegen/kernel.h"
#include "codegen/native.h"
#include "support/check.h"
#include "support/system_program.h"

namespace thx::testing {

namespace {

/// Exports `i64 run_<kernel>(ptr* buffers, i64* dims)`.
void add_entry(llvm::Module& module, const loop::Kernel& kernel, llvm::Function* function,
               size_t dims) {
  llvm::IRBuilder<> b(module.getContext());
  auto* type = llvm::FunctionType::get(b.getInt64Ty(), {b.getPtrTy(), b.getPtrTy()}, false);
  auto* entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage,
                                       "run_" + kernel.name, module);
  b.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", entry));
  std::vector<llvm::Value*> arguments;
  for (int i = 0; i < kernel.parameter_count(); ++i)
    arguments.push_back(b.CreateLoad(
        b.getPtrTy(),
        b.CreateConstGEP1_64(b.getPtrTy(), entry->getArg(0), static_cast<uint64_t>(i))));
  for (size_t i = 0; i < dims; ++i)
    arguments.push_back(
        b.CreateLoad(b.getInt64Ty(), b.CreateConstGEP1_64(b.getInt64Ty(), entry->getArg(1), i)));
  b.CreateRet(b.CreateCall(function, arguments));
}

// The freestanding runtime's function for targets without the instruction.
constexpr std::string_view kFma =
    "double thx_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }\n";

}  // namespace

NativeKernels::NativeKernels(const loop::Program& program, const codegen::Target& target) {
  codegen::NativeModule native(target, "kernels");
  for (const loop::Kernel& kernel : program.functions.at(0).kernels) {
    const std::vector<std::string> dims = codegen::free_symbols(kernel);
    llvm::Function* function =
        codegen::emit_kernel(native.module(), kernel, "test." + kernel.name, dims, target);
    add_entry(native.module(), kernel, function, dims.size());
  }
  native.optimise();
  const std::string object = native.object();
  undefined_ = codegen::undefined_symbols(object);

  const TemporaryFolder folder;
  THX_CHECK(folder.exists(), "no folder for the object");
  const std::string made = folder.file("kernels.o"), fma = folder.file("fma.c"),
                    library = folder.file("kernels.so");
  THX_CHECK(write_bytes(made, object) && write_bytes(fma, std::string(kFma)), "nothing written");
  const std::filesystem::path messages = folder.file("messages");
  const std::optional<int> status =
      run_program({"cc", "-O1", "-shared", "-fPIC", "-o", library, made, fma, "-lm"}, messages);
  THX_CHECK(status == 0, "cc failed: {}", read_bytes(messages).value_or(""));
  library_ = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  THX_CHECK(library_ != nullptr, "{}", dlerror());
}

NativeKernels::~NativeKernels() { dlclose(library_); }

int64_t NativeKernels::run(const loop::Kernel& kernel, std::vector<void*> buffers,
                           const std::map<std::string, int64_t, std::less<>>& dims) const {
  using Entry = int64_t (*)(void**, const int64_t*);
  const auto entry = reinterpret_cast<Entry>(dlsym(library_, ("run_" + kernel.name).c_str()));
  THX_CHECK(entry != nullptr, "no kernel @{}", kernel.name);
  std::vector<int64_t> values;
  for (const std::string& symbol : codegen::free_symbols(kernel)) values.push_back(dims.at(symbol));
  return entry(buffers.data(), values.data());
}

}  // namespace thx::testing
