// SPDX-License-Identifier: Apache-2.0
// Tree statements: the balanced fold of a buffer's leading axis, in place.
#include "codegen/kernel_emitter.h"
#include "support/check.h"

namespace thx::codegen {

using llvm::Value;

void KernelEmitter::counted_loop(Value* begin, Value* end,
                                 const std::function<Value*(Value*)>& step,
                                 const std::function<void(Value*)>& body) {
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* inside = block("slots");
  llvm::BasicBlock* done = block("done");
  b_.CreateCondBr(b_.CreateICmpSLT(begin, end), inside, done);
  b_.SetInsertPoint(inside);
  llvm::PHINode* at = b_.CreatePHI(b_.getInt64Ty(), 2);
  at->addIncoming(begin, before);
  body(at);
  Value* following = step(at);
  at->addIncoming(following, b_.GetInsertBlock());
  b_.CreateCondBr(b_.CreateICmpSLT(following, end), inside, done);
  b_.SetInsertPoint(done);
}

void KernelEmitter::combine_elements(const loop::Tree& tree, Value* into, Value* from, int lanes) {
  const DType dtype = kernel_.buffers[static_cast<size_t>(tree.buffer)].dtype;
  const loop::RegisterType type{dtype, lanes};
  const llvm::Align align(static_cast<uint64_t>(bytes_of(dtype)));
  llvm::Type* memory = memory_type(dtype, lanes);
  const auto load = [&](Value* at) -> Value* {
    Value* value = b_.CreateAlignedLoad(memory, at, align);
    if (!is_bool(dtype)) return value;
    return b_.CreateICmpNE(value, llvm::Constant::getNullValue(value->getType()));
  };
  Value* operands[] = {load(into), load(from)};
  Value* value = instructions_.emit(tree.combine, dtype, type, operands);
  if (is_bool(dtype)) value = b_.CreateZExt(value, memory);
  b_.CreateAlignedStore(value, into, align);
}

void KernelEmitter::combine_slots(const loop::Tree& tree, Value* into, Value* from) {
  const loop::Buffer& buffer = kernel_.buffers[static_cast<size_t>(tree.buffer)];
  llvm::Type* element = memory_type(buffer.dtype, 1);
  const Shape kept(buffer.extents.begin() + 1, buffer.extents.end());
  const Extent count = element_count(kept);
  if (count.is(1)) return combine_elements(tree, into, from, 1);
  const Shape strides(buffer.strides.begin() + 1, buffer.strides.end());
  THX_CHECK(strides == row_major_strides(kept), "a tree over {}, whose other axes are strided",
            buffer.name);
  constexpr int64_t kLanes = 16;
  const auto by = [&](int64_t step) {
    return [this, step](Value* at) {
      return b_.CreateNSWAdd(at, b_.getInt64(static_cast<uint64_t>(step)));
    };
  };
  const auto combine = [&](int lanes) {
    return [&, lanes](Value* at) {
      combine_elements(tree, b_.CreateInBoundsGEP(element, into, at),
                       b_.CreateInBoundsGEP(element, from, at), lanes);
    };
  };
  Value* end = extents_.plain(count);
  Value* whole = b_.CreateSub(end, b_.CreateURem(end, b_.getInt64(kLanes)));
  counted_loop(b_.getInt64(0), whole, by(kLanes), combine(kLanes));
  counted_loop(whole, end, by(1), combine(1));
}

void KernelEmitter::emit(const loop::Tree& node) {
  const loop::Buffer& buffer = kernel_.buffers[static_cast<size_t>(node.buffer)];
  THX_CHECK(!buffer.extents.empty(), "a tree over a scalar");
  llvm::Type* element = memory_type(buffer.dtype, 1);
  Value* base = buffers_[static_cast<size_t>(node.buffer)];
  Value* count = extents_.plain(node.count);
  Value* stride = extents_.plain(buffer.strides[0]);
  const auto slot = [&](Value* at) {
    return b_.CreateInBoundsGEP(element, base, b_.CreateMul(at, stride));
  };
  counted_loop(
      b_.getInt64(1), count, [&](Value* s) { return b_.CreateShl(s, 1); },
      [&](Value* s) {
        Value* twice = b_.CreateShl(s, 1);
        counted_loop(
            b_.getInt64(0), b_.CreateSub(count, s),
            [&](Value* i) { return b_.CreateAdd(i, twice); },
            [&](Value* i) { combine_slots(node, slot(i), slot(b_.CreateAdd(i, s))); });
      });
}

}  // namespace thx::codegen
