// SPDX-License-Identifier: Apache-2.0
// The table of register instructions in LLVM IR: values of any lane count.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <span>

#include "ir/attrs.h"
#include "ops/instruction.h"
#include "schedule/loop_ir.h"

namespace thx::codegen {

/// Emits at the builder's position. No instruction becomes a call of libm or compiler-rt; a fused
/// multiply-add of f64 that the target lacks is thx_fma of the freestanding runtime.
class InstructionEmitter {
 public:
  InstructionEmitter(llvm::IRBuilder<>& builder, bool has_fma) : b_(builder), has_fma_(has_fma) {}

  /// bool: i1, others as wide as they are in memory.
  llvm::Type* type(loop::RegisterType type) const;
  llvm::Value* constant(const Scalar& value, int lanes);
  llvm::Value* splat(llvm::Value* scalar, int lanes);
  /// 0, 1, 2, …
  llvm::Value* iota(DType dtype, int lanes);

  /// `from` is the dtype of the operands (of the values, for select).
  llvm::Value* emit(Instruction instruction, DType from, loop::RegisterType to,
                    std::span<llvm::Value* const> operands);
  /// A scalar from lanes: l with l + L/2, until one is left.
  llvm::Value* fold(Instruction combine, DType dtype, int lanes, llvm::Value* value);

 private:
  llvm::Value* arithmetic(Instruction instruction, DType dtype, std::span<llvm::Value* const> v);
  llvm::Value* of_floats(Instruction instruction, std::span<llvm::Value* const> v);
  llvm::Value* of_integers(Instruction instruction, bool is_signed,
                           std::span<llvm::Value* const> v);
  llvm::Value* compare(Instruction instruction, DType dtype, llvm::Value* a, llvm::Value* b);
  llvm::Value* convert(DType from, loop::RegisterType to, llvm::Value* value);
  llvm::Value* divide_integers(llvm::Value* a, llvm::Value* b, bool is_signed);
  llvm::Value* fma_without_instruction(std::span<llvm::Value* const> v);
  llvm::Value* fma_of_f32(llvm::Value* a, llvm::Value* b, llvm::Value* c);
  llvm::Value* exchange(llvm::Value* value, llvm::Value* distance);

  llvm::IRBuilder<>& b_;
  bool has_fma_;
};

}  // namespace thx::codegen
