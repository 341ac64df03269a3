// SPDX-License-Identifier: Apache-2.0
// Compiles, links with the C compiler and opens: the way that generated code takes in applications.
#include "unit/codegen/native_kernels.h"

#include <dlfcn.h>
#include <llvm/IR/IRBuilder.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "codegen/kernel.h"
#include "codegen/native.h"
#include "support/check.h"

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

  char directory[] = "/tmp/thx-kernels-XXXXXX";
  THX_CHECK(mkdtemp(directory) != nullptr, "no directory for the object");
  const std::string base = directory;
  std::ofstream(base + "/kernels.o", std::ios::binary) << object;
  std::ofstream(base + "/fma.c") << kFma;
  const std::string command = "cc -O1 -shared -fPIC -o " + base + "/kernels.so " + base +
                              "/kernels.o " + base + "/fma.c -lm";
  THX_CHECK(std::system(command.c_str()) == 0, "{} failed", command);
  library_ = dlopen((base + "/kernels.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  std::filesystem::remove_all(base);
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
