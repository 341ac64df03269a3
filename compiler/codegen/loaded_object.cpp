// SPDX-License-Identifier: Apache-2.0
// Links objects with LLVM's ORC, and makes one function per entry point that unpacks slots.
#include "codegen/loaded_object.h"

#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/MemoryBuffer.h>

#include "codegen/native.h"
#include "support/check.h"

namespace thx::codegen {

namespace {

// No exported name of C has a dot.
std::string call_name(const std::string& symbol) { return symbol + ".call"; }

template <class T>
T checked(llvm::Expected<T> value) {
  if (!value) THX_CHECK(false, "cannot link: {}", llvm::toString(value.takeError()));
  return std::move(*value);
}

void checked(llvm::Error error) {
  if (error) THX_CHECK(false, "cannot link: {}", llvm::toString(std::move(error)));
}

llvm::Type* slot_type(llvm::LLVMContext& context, const Parameter& parameter) {
  switch (parameter.kind) {
    case Parameter::Kind::dim:
    case Parameter::Kind::workspace_bytes: return llvm::Type::getInt64Ty(context);
    case Parameter::Kind::scalar: break;
    default: return llvm::PointerType::get(context, 0);
  }
  if (parameter.type.dtype == DType::f32) return llvm::Type::getFloatTy(context);
  if (parameter.type.dtype == DType::f64) return llvm::Type::getDoubleTy(context);
  return llvm::Type::getIntNTy(context, static_cast<unsigned>(8 * bytes_of(parameter.type.dtype)));
}

// int32_t symbol.call(const uint64_t *slots) { return symbol(slots[0], slots[1], …); }
void add_call(llvm::Module& module, const std::string& symbol,
              std::span<const Parameter> parameters) {
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* status = llvm::Type::getInt32Ty(context);
  llvm::Type* pointer = llvm::PointerType::get(context, 0);
  std::vector<llvm::Type*> types;
  for (const Parameter& parameter : parameters) types.push_back(slot_type(context, parameter));
  llvm::Function* callee =
      llvm::Function::Create(llvm::FunctionType::get(status, types, false),
                             llvm::GlobalValue::ExternalLinkage, symbol, module);
  llvm::Function* caller =
      llvm::Function::Create(llvm::FunctionType::get(status, {pointer}, false),
                             llvm::GlobalValue::ExternalLinkage, call_name(symbol), module);
  caller->addFnAttr(llvm::Attribute::OptimizeForSize);  // the short list of passes
  llvm::IRBuilder<> ir(llvm::BasicBlock::Create(context, "", caller));
  std::vector<llvm::Value*> values;
  for (size_t i = 0; i < types.size(); ++i)
    values.push_back(ir.CreateAlignedLoad(
        types[i], ir.CreateConstGEP1_64(ir.getInt64Ty(), caller->getArg(0), i), llvm::Align(8)));
  llvm::CallInst* call = ir.CreateCall(callee, values);
  for (size_t i = 0; i < types.size(); ++i) {
    // The C ABI extends what is narrower than int.
    if (!types[i]->isIntegerTy() || types[i]->getIntegerBitWidth() >= 32) continue;
    call->addParamAttr(static_cast<unsigned>(i), is_signed(parameters[i].type.dtype)
                                                     ? llvm::Attribute::SExt
                                                     : llvm::Attribute::ZExt);
  }
  ir.CreateRet(call);
}

std::vector<Parameter> init_parameters(const Interface& interface) {
  std::vector<Parameter> parameters{{Parameter::Kind::workspace, "mem", ""},
                                    {Parameter::Kind::workspace_bytes, "mem_bytes", ""}};
  for (const int dim : interface.state_dims)
    parameters.push_back({Parameter::Kind::dim, "", "", dim});
  parameters.push_back({Parameter::Kind::exec, "opts", ""});
  parameters.push_back({Parameter::Kind::output, "out", ""});
  return parameters;
}

std::string make_calls(const Interface& interface, const Target& target) {
  NativeModule native(target, "calls");
  for (const EntryPoint& entry : interface.entries)
    add_call(native.module(), entry.symbol, entry.parameters);
  if (interface.has_state())
    add_call(native.module(), interface.prefix + "_init", init_parameters(interface));
  native.optimise();
  return native.object();
}

}  // namespace

struct LoadedObject::State {
  State()
      : session(checked(llvm::orc::SelfExecutorProcessControl::Create())),
        layer(session, checked(llvm::jitlink::InProcessMemoryManager::Create())),
        library(session.createBareJITDylib("program")) {}
  ~State() { checked(session.endSession()); }

  void add(const std::string& object) {
    checked(layer.add(library, llvm::MemoryBuffer::getMemBufferCopy(object, "object")));
  }
  void* find(const std::string& symbol) {
    return checked(session.lookup({&library}, symbol)).getAddress().toPtr<void*>();
  }

  llvm::orc::ExecutionSession session;
  llvm::orc::ObjectLinkingLayer layer;
  llvm::orc::JITDylib& library;
};

LoadedObject::LoadedObject(const std::string& object, const Interface& interface,
                           const Target& target, const Symbols& symbols)
    : state_(std::make_unique<State>()) {
  llvm::orc::SymbolMap known;
  for (const auto& [name, place] : symbols)
    known[state_->session.intern(llvm::StringRef(name.data(), name.size()))] = {
        llvm::orc::ExecutorAddr::fromPtr(place),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  for (const std::string& symbol : undefined_symbols(object))
    THX_CHECK(known.contains(state_->session.intern(symbol)),
              "the object calls `{}`, which this program does not have", symbol);
  checked(state_->library.define(llvm::orc::absoluteSymbols(std::move(known))));
  state_->add(object);
  state_->add(make_calls(interface, target));
}

LoadedObject::~LoadedObject() = default;

void* LoadedObject::address(const std::string& symbol) const { return state_->find(symbol); }

LoadedObject::Caller LoadedObject::caller(const std::string& symbol) const {
  return reinterpret_cast<Caller>(state_->find(call_name(symbol)));
}

// Sanitizers would look for a mark in front of the function; there is none, nor memory for it.
__attribute__((no_sanitize("function"))) int32_t call(LoadedObject::Caller caller,
                                                      std::span<const uint64_t> slots) {
  return caller(slots.data());
}

}  // namespace thx::codegen
