// SPDX-License-Identifier: Apache-2.0
// Loops: unrolled ones copy by copy, serial ones as a guarded loop with one copy for the tail.
#include <algorithm>

#include "codegen/kernel_emitter.h"
#include "support/check.h"

namespace thx::codegen {

using llvm::Value;

KernelEmitter::CarriedValues KernelEmitter::initial_values(const loop::Loop& loop) const {
  CarriedValues values;
  for (const loop::Carried& carried : loop.carried) {
    const size_t count = registers_[static_cast<size_t>(carried.reg)].size();
    values.insert(values.end(), count, read(carried.init));
  }
  return values;
}

void KernelEmitter::bind_carried(const loop::Loop& loop, const CarriedValues& values) {
  size_t at = 0;
  for (const loop::Carried& carried : loop.carried)
    for (Value*& element : registers_[static_cast<size_t>(carried.reg)]) element = values[at++];
}

KernelEmitter::CarriedValues KernelEmitter::take_next(const loop::Loop& loop) {
  CarriedValues values;
  for (const loop::Carried& carried : loop.carried) {
    for (size_t i = 0; i < registers_[static_cast<size_t>(carried.reg)].size(); ++i) {
      const auto found = next_.find({carried.reg, i});
      THX_CHECK(found != next_.end(), "%{} has no next in the loop over {}",
                kernel_.registers[static_cast<size_t>(carried.reg)].name, loop.var);
      values.push_back(found->second);
      next_.erase(found);
    }
  }
  return values;
}

KernelEmitter::CarriedValues KernelEmitter::keep_inactive(const loop::Loop& loop, Value* mask,
                                                          const CarriedValues& old,
                                                          CarriedValues next) {
  size_t at = 0;
  for (const loop::Carried& carried : loop.carried) {
    const bool masked = kernel_.registers[static_cast<size_t>(carried.reg)].type.lanes == loop.step;
    for (size_t i = 0; i < registers_[static_cast<size_t>(carried.reg)].size(); ++i, ++at)
      if (masked && loop.step > 1) next[at] = b_.CreateSelect(mask, next[at], old[at]);
  }
  return next;
}

void KernelEmitter::emit(const loop::Loop& loop) {
  switch (loop.kind) {
    case loop::LoopKind::unrolled: return emit_unrolled(loop);
    case loop::LoopKind::serial:
    case loop::LoopKind::chunk: return emit_serial(loop);
    case loop::LoopKind::grid:
    case loop::LoopKind::block:
    case loop::LoopKind::thread:
      THX_UNREACHABLE("the loop over {} is one of a GPU's grid", loop.var);
  }
}

KernelEmitter::CarriedValues KernelEmitter::emit_body(const loop::Loop& loop, Value* at,
                                                      const CarriedValues& values) {
  extents_.bind(loop.var, at);
  bind_carried(loop, values);
  auto outer_next = std::exchange(next_, {});
  emit(loop.body);
  CarriedValues next = take_next(loop);
  THX_CHECK(next_.empty(), "a next in the loop over {} is of another loop", loop.var);
  next_ = std::move(outer_next);
  return next;
}

void KernelEmitter::emit_unrolled(const loop::Loop& loop) {
  const std::optional<int64_t> begin = loop.begin.evaluate(unrolled_);
  const std::optional<int64_t> end = loop.end.evaluate(unrolled_);
  THX_CHECK(begin && end, "the unrolled loop over {} has no known bounds", loop.var);
  std::vector<int64_t> positions;
  for (int64_t at = *begin; at < *end; at += loop.step) positions.push_back(at);
  if (loop.reverse) std::reverse(positions.begin(), positions.end());
  CarriedValues values = initial_values(loop);
  // Values for the next of the loops around may be set in here: unlike in a serial loop, each copy
  // is part of their one iteration.
  for (const int64_t at : positions) {
    unrolled_[loop.var] = at;
    extents_.bind(loop.var, b_.getInt64(static_cast<uint64_t>(at)));
    bind_carried(loop, values);
    if (!loop.masked_tail || *end - at >= loop.step) {
      emit(loop.body);
      values = take_next(loop);
      continue;
    }
    llvm::SmallVector<llvm::Constant*> active;
    for (int64_t lane = 0; lane < loop.step; ++lane) active.push_back(b_.getInt1(at + lane < *end));
    Value* mask = llvm::ConstantVector::get(active);
    tails_.push_back({static_cast<int>(loop.step), mask});
    emit(loop.body);
    tails_.pop_back();
    values = keep_inactive(loop, mask, values, take_next(loop));
  }
  bind_carried(loop, values);
  unrolled_.erase(loop.var);
  extents_.unbind(loop.var);
}

void KernelEmitter::emit_serial(const loop::Loop& loop) {
  CarriedValues values = initial_values(loop);
  Value* begin = extents_.plain(loop.begin);
  Value* end = extents_.plain(loop.end);
  const auto step = static_cast<uint64_t>(loop.step);
  if (loop.masked_tail) {
    // Whole iterations below full, a partial one from there on. An empty range has neither.
    Value* count =
        b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, b_.CreateSub(end, begin), b_.getInt64(0));
    Value* full = b_.CreateSub(end, b_.CreateURem(count, b_.getInt64(step)));
    if (loop.reverse) {
      values = emit_tail(loop, full, end, std::move(values));
      values =
          emit_iterations(loop, b_.CreateSub(full, b_.getInt64(step)), begin, std::move(values));
    } else {
      values = emit_iterations(loop, begin, full, std::move(values));
      values = emit_tail(loop, full, end, std::move(values));
    }
  } else if (loop.reverse) {
    Value* count = b_.CreateSDiv(b_.CreateAdd(b_.CreateSub(end, begin), b_.getInt64(step - 1)),
                                 b_.getInt64(step));
    Value* last =
        b_.CreateAdd(begin, b_.CreateMul(b_.CreateSub(count, b_.getInt64(1)), b_.getInt64(step)));
    values = emit_iterations(loop, last, begin, std::move(values));
  } else {
    values = emit_iterations(loop, begin, end, std::move(values));
  }
  bind_carried(loop, values);
  extents_.unbind(loop.var);
}

KernelEmitter::CarriedValues KernelEmitter::emit_iterations(const loop::Loop& loop, Value* first,
                                                            Value* end, CarriedValues values) {
  const auto goes_on = [&](Value* at) {
    return loop.reverse ? b_.CreateICmpSGE(at, end) : b_.CreateICmpSLT(at, end);
  };
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* enter = block("enter");
  llvm::BasicBlock* body = block("body");
  llvm::BasicBlock* done = block("done");
  b_.CreateCondBr(goes_on(first), enter, done);
  b_.SetInsertPoint(enter);
  b_.CreateBr(body);
  b_.SetInsertPoint(body);
  llvm::PHINode* at = b_.CreatePHI(b_.getInt64Ty(), 2);
  at->addIncoming(first, enter);
  if (!at->getContext().shouldDiscardValueNames()) at->setName(loop.var.substr(1));
  std::vector<llvm::PHINode*> phis;
  CarriedValues inside;
  for (Value* value : values) {
    phis.push_back(b_.CreatePHI(value->getType(), 2));
    phis.back()->addIncoming(value, enter);
    inside.push_back(phis.back());
  }
  const CarriedValues next = emit_body(loop, at, inside);
  Value* step = b_.getInt64(static_cast<uint64_t>(loop.reverse ? -loop.step : loop.step));
  Value* following = b_.CreateNSWAdd(at, step);
  llvm::BasicBlock* latch = b_.GetInsertBlock();
  b_.CreateCondBr(goes_on(following), body, done);
  at->addIncoming(following, latch);
  for (size_t i = 0; i < phis.size(); ++i) phis[i]->addIncoming(next[i], latch);
  b_.SetInsertPoint(done);
  for (size_t i = 0; i < values.size(); ++i) {
    llvm::PHINode* result = b_.CreatePHI(values[i]->getType(), 2);
    result->addIncoming(values[i], before);
    result->addIncoming(next[i], latch);
    values[i] = result;
  }
  return values;
}

KernelEmitter::CarriedValues KernelEmitter::emit_tail(const loop::Loop& loop, Value* at, Value* end,
                                                      CarriedValues values) {
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* tail = block("tail");
  llvm::BasicBlock* done = block("done");
  b_.CreateCondBr(b_.CreateICmpSLT(at, end), tail, done);
  b_.SetInsertPoint(tail);
  const auto lanes = static_cast<int>(loop.step);
  Value* rest = b_.CreateTrunc(b_.CreateSub(end, at), b_.getInt32Ty());
  Value* mask =
      b_.CreateICmpULT(instructions_.iota(DType::i32, lanes), instructions_.splat(rest, lanes));
  tails_.push_back({lanes, mask});
  const CarriedValues next = keep_inactive(loop, mask, values, emit_body(loop, at, values));
  tails_.pop_back();
  llvm::BasicBlock* tail_end = b_.GetInsertBlock();
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
  for (size_t i = 0; i < values.size(); ++i) {
    llvm::PHINode* result = b_.CreatePHI(values[i]->getType(), 2);
    result->addIncoming(values[i], before);
    result->addIncoming(next[i], tail_end);
    values[i] = result;
  }
  return values;
}

}  // namespace thx::codegen
