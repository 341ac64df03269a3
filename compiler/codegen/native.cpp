// SPDX-License-Identifier: Apache-2.0
// The target machine, the short list of LLVM passes, and emission.
#include "codegen/native.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/check.h"

// The one target that is needed: initialising all of LLVM's takes longer than a compilation.
extern "C" {
void LLVMInitializeX86TargetInfo();
void LLVMInitializeX86Target();
void LLVMInitializeX86TargetMC();
void LLVMInitializeX86AsmPrinter();
}

namespace thx::codegen {

namespace {

// LLVM would abort; an internal error ends with exit code 2.
void give_up(void*, const char* reason, bool) {
  std::fprintf(stderr, "internal error: LLVM: %s\n", reason);
  std::_Exit(2);
}

std::unique_ptr<llvm::TargetMachine> make_machine(const Target& target) {
  static const bool kInitialised = [] {
    llvm::install_fatal_error_handler(give_up);
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
  THX_CHECK(kInitialised, "no target");
  std::string error;
  const llvm::Target* found = llvm::TargetRegistry::lookupTarget(target.triple, error);
  THX_CHECK(found != nullptr, "{}", error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;  // fused multiply-adds are ours to form
  return std::unique_ptr<llvm::TargetMachine>(
      found->createTargetMachine(target.triple, target.cpu, target.features, options,
                                 llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Default));
}

void add_attributes(llvm::Function& function, const Target& target) {
  function.addFnAttr("target-cpu", target.cpu);
  function.addFnAttr("tune-cpu", target.tune);
  if (!target.features.empty()) function.addFnAttr("target-features", target.features);
  const std::string bits = std::to_string(target.vector_bits);
  function.addFnAttr("prefer-vector-width", bits);
  function.addFnAttr("min-legal-vector-width", bits);
  function.addFnAttr("no-builtins");  // nothing here means a function of libm
  function.addFnAttr(llvm::Attribute::NoUnwind);
}

/// What cleans up after the emitter of kernels. Loops, vectors and masks are as the schedule wants
/// them: no pass that vectorises, unrolls or makes calls.
llvm::FunctionPassManager kernel_passes() {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()),
                                                       /*UseMemorySSA=*/true));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  return passes;
}

/// Entry points are checks and calls: chains of overflow flags, on which InstCombine takes longer
/// than everything else together and finds nothing.
llvm::FunctionPassManager entry_passes() {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::SimplifyCFGPass());
  return passes;
}

void run_passes(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::FunctionPassManager for_kernels = kernel_passes();
  llvm::FunctionPassManager for_entries = entry_passes();
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      (function.hasOptSize() ? for_entries : for_kernels).run(function, functions);
}

}  // namespace

struct NativeModule::State {
  State(const Target& target, const std::string& name)
      : target(target), machine(make_machine(target)), module(name, context) {}
  Target target;
  std::unique_ptr<llvm::TargetMachine> machine;
  llvm::LLVMContext context;
  llvm::Module module;
  bool optimised = false;
};

NativeModule::NativeModule(const Target& target, const std::string& name, bool keep_names)
    : state_(std::make_unique<State>(target, name)) {
  state_->context.setDiscardValueNames(!keep_names);
  state_->module.setSourceFileName(name);
  state_->module.setTargetTriple(target.triple);
  state_->module.setDataLayout(state_->machine->createDataLayout());
}
NativeModule::~NativeModule() = default;
NativeModule::NativeModule(NativeModule&&) noexcept = default;

llvm::Module& NativeModule::module() { return state_->module; }
const Target& NativeModule::target() const { return state_->target; }

std::string NativeModule::llvm_text() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  state_->module.print(stream, nullptr);
  return text;
}

void NativeModule::optimise() {
  THX_CHECK(!state_->optimised, "the module is optimised already");
  state_->optimised = true;
  for (llvm::Function& function : state_->module)
    if (!function.isDeclaration()) add_attributes(function, state_->target);
  std::string errors;
  llvm::raw_string_ostream stream(errors);
  THX_CHECK(!llvm::verifyModule(state_->module, &stream), "malformed LLVM IR: {}", stream.str());
  run_passes(state_->module, *state_->machine);
}

std::string NativeModule::emit(bool object) {
  THX_CHECK(state_->optimised, "the module is not optimised yet");
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  const auto kind =
      object ? llvm::CodeGenFileType::ObjectFile : llvm::CodeGenFileType::AssemblyFile;
  // Emission changes the module: a copy of it is used up.
  const std::unique_ptr<llvm::Module> copy = llvm::CloneModule(state_->module);
  llvm::legacy::PassManager passes;
  const bool refused = state_->machine->addPassesToEmitFile(passes, stream, nullptr, kind,
                                                            /*DisableVerify=*/true);
  THX_CHECK(!refused, "the target emits no such file");
  passes.run(*copy);
  return {bytes.begin(), bytes.end()};
}

std::string NativeModule::assembly() { return emit(false); }
std::string NativeModule::object() { return emit(true); }

std::vector<std::string> undefined_symbols(const std::string& object) {
  const llvm::MemoryBufferRef buffer(object, "object");
  auto file = llvm::object::ObjectFile::createObjectFile(buffer);
  THX_CHECK(static_cast<bool>(file), "an object that cannot be read");
  std::vector<std::string> names;
  for (const llvm::object::SymbolRef& symbol : (*file)->symbols()) {
    const auto flags = llvm::cantFail(symbol.getFlags());
    if ((flags & llvm::object::SymbolRef::SF_Undefined) == 0) continue;
    const llvm::StringRef name = llvm::cantFail(symbol.getName());
    if (!name.empty() && name != "_GLOBAL_OFFSET_TABLE_") names.push_back(name.str());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace thx::codegen
