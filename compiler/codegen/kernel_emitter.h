// SPDX-License-Identifier: Apache-2.0
// One kernel on its way to LLVM IR: registers as values, loops as blocks.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "codegen/checked_extents.h"
#include "codegen/instructions.h"
#include "codegen/kernel_parts.h"
#include "schedule/loop_ir.h"

namespace thx::codegen {

class KernelEmitter {
 public:
  /// `function` has the kernel's parameters and dims as arguments and no blocks yet.
  KernelEmitter(const loop::Kernel& kernel, llvm::Function* function,
                std::span<const std::string> dims, bool has_fma);
  /// The statements of the part, and the end of the function.
  void run(const KernelPart& part);

 private:
  // ---- kernel.cpp: statements ----
  void emit(const loop::Block& block);
  void emit(const loop::Constant& node);
  void emit(const loop::IndexValue& node);
  void emit(const loop::Operate& node);
  void emit(const loop::Load& node);
  void emit(const loop::Store& node);
  void emit(const loop::Fold& node);
  void emit(const loop::Tree& node);
  void emit(const loop::Next& node);
  void emit(const loop::Fail& node);
  void emit(const loop::Call& node);
  void emit(const loop::Barrier& node);
  void emit(const loop::Prefetch& node);
  void emit(const loop::Loop& node);
  void emit(const loop::If& node);

  // ---- registers ----
  const loop::Register& info(const loop::RegisterRef& ref) const;
  /// The place of an element of a register array, 0 for a plain register.
  size_t element(const loop::RegisterRef& ref) const;
  llvm::Value* read(const loop::RegisterRef& ref) const;
  void assign(const loop::RegisterRef& ref, llvm::Value* value);
  llvm::BasicBlock* block(const char* name);

  // ---- kernel_loops.cpp ----
  /// The values of a loop's carried registers, element after element of one after the other.
  using CarriedValues = std::vector<llvm::Value*>;
  CarriedValues initial_values(const loop::Loop& loop) const;
  void bind_carried(const loop::Loop& loop, const CarriedValues& values);
  /// What the iteration just emitted gives to the next one.
  CarriedValues take_next(const loop::Loop& loop);
  void emit_unrolled(const loop::Loop& loop);
  void emit_serial(const loop::Loop& loop);
  /// Iterations from `first` on while they are below `end`, or down to `end` included.
  CarriedValues emit_iterations(const loop::Loop& loop, llvm::Value* first, llvm::Value* end,
                                CarriedValues values);
  /// The partial iteration at `at`, where there is one.
  CarriedValues emit_tail(const loop::Loop& loop, llvm::Value* at, llvm::Value* end,
                          CarriedValues values);
  CarriedValues emit_body(const loop::Loop& loop, llvm::Value* at, const CarriedValues& values);
  /// Carried registers of as many lanes as the mask keep their old value in inactive ones.
  CarriedValues keep_inactive(const loop::Loop& loop, llvm::Value* mask, const CarriedValues& old,
                              CarriedValues next);

  // ---- kernel_memory.cpp ----
  llvm::Type* memory_type(DType dtype, int lanes);
  llvm::Value* scratch(const loop::Buffer& buffer);
  /// Elements from the buffer's start to the first lane.
  llvm::Value* offset(const loop::Place& place);
  llvm::Value* address(const loop::Place& place, llvm::Value* offset);
  /// All lanes' addresses, for lanes that do not lie side by side.
  llvm::Value* addresses(const loop::Place& place);
  bool is_contiguous(const loop::Place& place) const;
  /// What masks an access of that many lanes: the tails that it is in, and its own mask.
  llvm::Value* mask_of(int lanes, const std::optional<loop::RegisterRef>& mask);
  llvm::Value* tail_mask(int lanes);
  llvm::Value* load(const loop::Place& place, llvm::Value* mask);
  void store(const loop::Place& place, llvm::Value* value, llvm::Value* mask);

  // ---- kernel_tree.cpp ----
  void combine_slots(const loop::Tree& tree, llvm::Value* into, llvm::Value* from);
  void combine_elements(const loop::Tree& tree, llvm::Value* into, llvm::Value* from, int lanes);
  /// A loop over i64 values below `end`; the body gets each.
  void counted_loop(llvm::Value* begin, llvm::Value* end,
                    const std::function<llvm::Value*(llvm::Value*)>& step,
                    const std::function<void(llvm::Value*)>& body);

  const loop::Kernel& kernel_;
  llvm::Function* function_;
  llvm::IRBuilder<> b_;
  CheckedExtents extents_;
  InstructionEmitter instructions_;
  Extent::Values unrolled_;                           // variables of the unrolled loops around
  std::vector<llvm::Value*> buffers_;                 // by buffer
  std::vector<std::vector<llvm::Value*>> registers_;  // by register and element
  std::map<std::pair<int32_t, size_t>, llvm::Value*> next_;
  struct TailMask {
    int lanes;
    llvm::Value* mask;
  };
  std::vector<TailMask> tails_;  // of the masked iterations around
};

}  // namespace thx::codegen
