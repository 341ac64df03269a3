// SPDX-License-Identifier: Apache-2.0
// The exported C functions of an object, in LLVM IR: contracts first, then the program's steps.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <functional>
#include <string>
#include <vector>

#include "codegen/checked_extents.h"
#include "codegen/interface.h"

namespace thx::codegen {

/// A compiled kernel: its parameters are one pointer per buffer, then these dims as i64. It
/// returns -1, or the index that it failed at, less one where negative.
struct KernelCode {
  llvm::Function* function = nullptr;
  std::vector<std::string> dims;
};

/// What all exported functions of one object share.
struct EntryContext {
  llvm::Module& module;
  const Interface& interface;
  const Program& program;
  const loop::Program& loops;
  /// By function of the loop program and kernel.
  std::vector<std::vector<KernelCode>> kernels;
};

/// An exported function while it is being built: its arguments, extents and ways out.
class EntryBuilder {
 public:
  EntryBuilder(EntryContext& context, const std::string& symbol, llvm::Type* result,
               const std::vector<llvm::Type*>& parameters);

  llvm::IRBuilder<>& ir() { return ir_; }
  CheckedExtents& extents() { return extents_; }
  llvm::Value* argument(int position) const;  // from 1

  // ---- types and values ----
  llvm::Type* pointer() { return ir_.getPtrTy(); }
  llvm::Value* null() { return llvm::ConstantPointerNull::get(ir_.getPtrTy()); }
  llvm::Value* number(int64_t value) { return ir_.getInt64(static_cast<uint64_t>(value)); }
  llvm::Value* status(int value) { return ir_.getInt32(static_cast<uint32_t>(value)); }
  llvm::Value* at(llvm::Value* base, llvm::Value* bytes) { return ir_.CreatePtrAdd(base, bytes); }
  llvm::Value* at(llvm::Value* base, int64_t bytes) { return at(base, number(bytes)); }
  /// In the entry block, so that loops do not grow the stack.
  llvm::AllocaInst* stack(llvm::Type* type, int64_t count, int align);
  llvm::Constant* text(const std::string& bytes);

  // ---- calls of the runtime ----
  llvm::Value* call(const std::string& symbol, llvm::Type* result,
                    const std::vector<llvm::Value*>& arguments);

  // ---- ways out ----
  /// The hooks argument for error records; null for functions without one.
  void set_exec(llvm::Value* exec) { exec_ = exec; }
  llvm::Value* exec() { return exec_ == nullptr ? null() : exec_; }
  /// Returns `status` where `condition` holds; with an error record where there are hooks.
  void fail_when(llvm::Value* condition, int status, int argument, int line,
                 llvm::Value* index = nullptr, int value = 0);
  /// Returns the i32 `status` where it is not THX_OK.
  void return_unless_ok(llvm::Value* status);
  /// The same for a status that has no error record yet.
  void fail_unless_ok(llvm::Value* status, int argument, int line);

  // ---- extents ----
  /// Binds the dims of the model at `model` by what its header holds.
  void bind_state_dims(llvm::Value* model);
  /// Where a state lies in the model, in bytes; far inside, its accessor says it.
  llvm::Value* place_in_model(llvm::Value* model, const Extent& offset);
  /// Binds a dim that is an argument; fails where it is negative or above its bound.
  void bind_dim(int dim, llvm::Value* value, int argument, int line);
  /// The bytes of an array, with overflow and negative extents noted as faults.
  llvm::Value* checked_bytes(const Type& type);
  /// The bytes of a function's workspace and of its arrays outside of it, in the same way. An array
  /// within is no larger than the workspace: its extents alone are looked at.
  void check_sizes(const loop::Function& function);
  void fail_on_fault(int line);

 private:
  EntryContext& context_;
  llvm::Function* function_;
  llvm::IRBuilder<> ir_;
  CheckedExtents extents_;
  llvm::Value* exec_ = nullptr;
};

// Status codes of thx/thx.h that generated code answers with itself.
inline constexpr int kStatusDim = 1;
inline constexpr int kStatusNull = 2;
inline constexpr int kStatusWorkspace = 4;
inline constexpr int kStatusAbi = 6;
inline constexpr int kStatusIndex = 7;
inline constexpr int kStatusDomain = 8;
inline constexpr int kStatusNonfinite = 9;

/// A table of thx_range on the stack, filled in order of arguments.
class RangeTable {
 public:
  static constexpr int kWritten = 1, kOptional = 2, kWorkspace = 4;
  RangeTable(EntryBuilder& entry, int capacity);
  void add(llvm::Value* begin, llvm::Value* bytes, int align, int flags, int argument,
           llvm::Value* given = nullptr);
  /// Calls thx_check_ranges and returns on a fault.
  void check(int line);

 private:
  EntryBuilder& entry_;
  llvm::AllocaInst* table_;
  int capacity_;
  int count_ = 0;
};

/// Runs a function's steps; buffers hold the base pointers of loop::Function::buffers.
struct StepScope {
  EntryBuilder& entry;
  const loop::Function& function;
  const std::vector<KernelCode>& kernels;
  const std::vector<llvm::Value*>& buffers;
  llvm::Value* seed = nullptr;                // for draws of initial values without one
  std::function<int(int)> argument_of_input;  // place in the C parameter list of an input
  const Sources& sources;
  const Interface& interface;
};
void emit_steps(StepScope& scope, const std::vector<loop::Step>& steps);

/// The entry points and their *_ws_bytes.
void emit_calls(EntryContext& context, const Sources& sources);
/// What a launch guards.
GuardedValue guarded_value(const std::string& function, const loop::Launch& launch,
                           const Sources& sources);
/// <prefix>_value_name, where values are guarded.
void emit_value_name(EntryContext& context);
/// init, attach, bytes, dims, accessors, get, set, save, load.
void emit_model_functions(EntryContext& context, const Sources& sources);

}  // namespace thx::codegen
