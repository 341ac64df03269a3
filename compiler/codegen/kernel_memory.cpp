// SPDX-License-Identifier: Apache-2.0
// Loads and stores: side by side, strided or gathered lanes, whole or masked.
#include <algorithm>

#include "codegen/kernel_emitter.h"
#include "support/check.h"

namespace thx::codegen {

using llvm::Value;

namespace {

constexpr int64_t kScratchLimit = 64 * 1024;  // bytes: more would not be a stack's affair

llvm::Align align_of(DType dtype) { return llvm::Align(static_cast<uint64_t>(bytes_of(dtype))); }

}  // namespace

llvm::Type* KernelEmitter::memory_type(DType dtype, int lanes) {
  return instructions_.type({is_bool(dtype) ? DType::u8 : dtype, lanes});
}

Value* KernelEmitter::scratch(const loop::Buffer& buffer) {
  THX_CHECK(buffer.scope == loop::Scope::scratch, "{} is shared by a GPU's threads", buffer.name);
  Extent last = 1;
  for (size_t axis = 0; axis < buffer.extents.size(); ++axis)
    last += (buffer.extents[axis] - 1) * buffer.strides[axis];
  THX_CHECK(last.is_known() && last.known() * bytes_of(buffer.dtype) <= kScratchLimit,
            "scratch {} of {} elements belongs in the workspace", buffer.name, last.text());
  const int64_t elements = std::max<int64_t>(last.known(), 1);
  llvm::AllocaInst* made = b_.CreateAlloca(
      llvm::ArrayType::get(memory_type(buffer.dtype, 1), static_cast<uint64_t>(elements)));
  made->setAlignment(llvm::Align(64));
  made->setName(buffer.name);
  return made;
}

Value* KernelEmitter::offset(const loop::Place& place) {
  const loop::Buffer& buffer = kernel_.buffers[static_cast<size_t>(place.buffer)];
  THX_CHECK(place.index.size() == buffer.strides.size(), "a place of {} axes in {}",
            place.index.size(), buffer.name);
  Value* sum = nullptr;
  const auto add = [&](Value* position, const Extent& stride) {
    if (!stride.is(1)) position = b_.CreateMul(position, extents_.plain(stride));
    sum = sum == nullptr ? position : b_.CreateAdd(sum, position);
  };
  for (size_t axis = 0; axis < place.index.size(); ++axis) {
    const loop::Index& index = place.index[axis];
    if (!index.affine.is(0)) add(extents_.plain(index.affine), buffer.strides[axis]);
    if (index.reg) add(read(*index.reg), buffer.strides[axis]);
  }
  return sum == nullptr ? b_.getInt64(0) : sum;
}

Value* KernelEmitter::address(const loop::Place& place, Value* offset) {
  const loop::Buffer& buffer = kernel_.buffers[static_cast<size_t>(place.buffer)];
  Value* base = buffers_[static_cast<size_t>(place.buffer)];
  return b_.CreateInBoundsGEP(memory_type(buffer.dtype, 1), base, offset);
}

Value* KernelEmitter::addresses(const loop::Place& place) {
  Value* at = instructions_.splat(offset(place), place.lanes);
  if (place.lane_axis >= 0) {
    const loop::Buffer& buffer = kernel_.buffers[static_cast<size_t>(place.buffer)];
    Value* stride = extents_.plain(buffer.strides[static_cast<size_t>(place.lane_axis)]);
    at = b_.CreateAdd(at, b_.CreateMul(instructions_.iota(DType::i64, place.lanes),
                                       instructions_.splat(stride, place.lanes)));
  }
  return address(place, at);
}

bool KernelEmitter::is_contiguous(const loop::Place& place) const {
  const loop::Buffer& buffer = kernel_.buffers[static_cast<size_t>(place.buffer)];
  return place.lane_axis >= 0 && buffer.strides[static_cast<size_t>(place.lane_axis)].is(1);
}

Value* KernelEmitter::tail_mask(int lanes) {
  Value* mask = nullptr;
  for (const TailMask& tail : tails_) {
    if (tail.lanes != lanes) continue;
    mask = mask == nullptr ? tail.mask : b_.CreateAnd(mask, tail.mask);
  }
  return mask;
}

Value* KernelEmitter::mask_of(int lanes, const std::optional<loop::RegisterRef>& own) {
  Value* mask = lanes > 1 ? tail_mask(lanes) : nullptr;
  if (!own) return mask;
  Value* given = instructions_.splat(read(*own), lanes);
  return mask == nullptr ? given : b_.CreateAnd(mask, given);
}

Value* KernelEmitter::load(const loop::Place& place, Value* mask) {
  const DType dtype = kernel_.buffers[static_cast<size_t>(place.buffer)].dtype;
  llvm::Type* type = memory_type(dtype, place.lanes);
  llvm::Value* zero = llvm::Constant::getNullValue(type);
  if (place.lanes == 1) {
    Value* from = address(place, offset(place));
    if (mask == nullptr) return b_.CreateAlignedLoad(type, from, align_of(dtype));
    // One lane under a mask: a vector of one, which the back end turns into a branch.
    llvm::Type* one = llvm::FixedVectorType::get(type, 1);
    Value* loaded =
        b_.CreateMaskedLoad(one, from, align_of(dtype),
                            b_.CreateBitCast(mask, llvm::FixedVectorType::get(b_.getInt1Ty(), 1)),
                            llvm::Constant::getNullValue(one));
    return b_.CreateExtractElement(loaded, uint64_t{0});
  }
  if (is_contiguous(place)) {
    Value* from = address(place, offset(place));
    if (mask == nullptr) return b_.CreateAlignedLoad(type, from, align_of(dtype));
    return b_.CreateMaskedLoad(type, from, align_of(dtype), mask, zero);
  }
  Value* all = addresses(place);
  if (mask != nullptr) return b_.CreateMaskedGather(type, all, align_of(dtype), mask, zero);
  Value* result = llvm::PoisonValue::get(type);
  for (int lane = 0; lane < place.lanes; ++lane) {
    const auto l = static_cast<uint64_t>(lane);
    Value* one = b_.CreateAlignedLoad(memory_type(dtype, 1), b_.CreateExtractElement(all, l),
                                      align_of(dtype));
    result = b_.CreateInsertElement(result, one, l);
  }
  return result;
}

void KernelEmitter::store(const loop::Place& place, Value* value, Value* mask) {
  const DType dtype = kernel_.buffers[static_cast<size_t>(place.buffer)].dtype;
  if (place.lanes == 1) {
    Value* to = address(place, offset(place));
    if (mask == nullptr) {
      b_.CreateAlignedStore(value, to, align_of(dtype));
      return;
    }
    b_.CreateMaskedStore(b_.CreateBitCast(value, llvm::FixedVectorType::get(value->getType(), 1)),
                         to, align_of(dtype),
                         b_.CreateBitCast(mask, llvm::FixedVectorType::get(b_.getInt1Ty(), 1)));
    return;
  }
  if (is_contiguous(place)) {
    Value* to = address(place, offset(place));
    if (mask == nullptr)
      b_.CreateAlignedStore(value, to, align_of(dtype));
    else
      b_.CreateMaskedStore(value, to, align_of(dtype), mask);
    return;
  }
  Value* all = addresses(place);
  if (mask != nullptr) {
    b_.CreateMaskedScatter(value, all, align_of(dtype), mask);
    return;
  }
  for (int lane = 0; lane < place.lanes; ++lane) {
    const auto l = static_cast<uint64_t>(lane);
    b_.CreateAlignedStore(b_.CreateExtractElement(value, l), b_.CreateExtractElement(all, l),
                          align_of(dtype));
  }
}

void KernelEmitter::emit(const loop::Load& node) {
  Value* value = load(node.place, mask_of(node.place.lanes, node.mask));
  // Any nonzero byte is true.
  if (is_bool(info(node.result).type.dtype))
    value = b_.CreateICmpNE(value, llvm::Constant::getNullValue(value->getType()));
  assign(node.result, instructions_.splat(value, info(node.result).type.lanes));
}

void KernelEmitter::emit(const loop::Store& node) {
  const DType dtype = kernel_.buffers[static_cast<size_t>(node.place.buffer)].dtype;
  Value* value = instructions_.splat(read(node.value), node.place.lanes);
  if (is_bool(dtype)) value = b_.CreateZExt(value, memory_type(dtype, node.place.lanes));
  store(node.place, value, mask_of(node.place.lanes, node.mask));
}

void KernelEmitter::emit(const loop::Prefetch& node) {
  b_.CreateIntrinsic(
      llvm::Intrinsic::prefetch, {b_.getPtrTy()},
      {address(node.place, offset(node.place)), b_.getInt32(0), b_.getInt32(3), b_.getInt32(1)});
}

}  // namespace thx::codegen
