// SPDX-License-Identifier: Apache-2.0
// The steps of a function in LLVM IR: launches, copies, loops and branches around them.
#include <llvm/IR/Intrinsics.h>

#include "codegen/entry.h"
#include "support/check.h"

namespace thx::codegen {

namespace {

using llvm::BasicBlock;
using llvm::Value;

int status_of(loop::FailStatus status) {
  switch (status) {
    case loop::FailStatus::index: return kStatusIndex;
    case loop::FailStatus::domain: return kStatusDomain;
    case loop::FailStatus::nonfinite: return kStatusNonfinite;
  }
  THX_UNREACHABLE("a failure without a status");
}

// The status of the first Fail in a block, if there is one: kernels have one kind of failure.
std::optional<int> failure_of(const loop::Block& block) {
  for (const loop::Statement& statement : block) {
    if (const auto* fail = std::get_if<loop::Fail>(&statement.node)) return status_of(fail->status);
    const loop::Block* inside = nullptr;
    if (const auto* loop = std::get_if<loop::Loop>(&statement.node)) inside = &loop->body;
    if (inside != nullptr)
      if (const std::optional<int> found = failure_of(*inside)) return found;
    if (const auto* branch = std::get_if<loop::If>(&statement.node)) {
      if (const std::optional<int> found = failure_of(branch->then)) return found;
      if (const std::optional<int> found = failure_of(branch->otherwise)) return found;
    }
  }
  return std::nullopt;
}

const loop::Call* call_of(const loop::Kernel& kernel) {
  if (kernel.body.size() != 1) return nullptr;
  return std::get_if<loop::Call>(&kernel.body.front().node);
}

uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ULL;
  return hash;
}

class StepEmitter {
 public:
  explicit StepEmitter(StepScope& scope)
      : scope_(scope), entry_(scope.entry), ir_(scope.entry.ir()) {}

  void emit(const std::vector<loop::Step>& steps) {
    for (const loop::Step& step : steps)
      std::visit([this](const auto& node) { emit(node); }, step.node);
  }

 private:
  Value* address(const loop::Argument& argument) {
    const auto id = static_cast<size_t>(argument.buffer);
    Value* base = scope_.buffers[id];
    if (argument.offset.is(0)) return base;
    const int bytes = bytes_of(scope_.function.buffers[id].buffer.dtype);
    return entry_.at(base, entry_.extents().plain(argument.offset * Extent(bytes)));
  }

  int line_of(Span span) const {
    return span.empty() ? 0 : static_cast<int>(scope_.sources.locate(span).line);
  }

  void emit(const loop::Launch& launch) {
    const auto id = static_cast<size_t>(launch.kernel);
    const loop::Kernel& kernel = scope_.function.kernels[id];
    if (const loop::Call* call = call_of(kernel)) return emit_call(*call, kernel, launch);
    const KernelCode& code = scope_.kernels[id];
    std::vector<Value*> arguments;
    for (const loop::Argument& argument : launch.arguments) arguments.push_back(address(argument));
    for (const std::string& dim : code.dims) arguments.push_back(entry_.extents().symbol(dim));
    Value* failed_at = ir_.CreateCall(code.function, arguments);
    const std::optional<int> failure = failure_of(kernel.body);
    if (!failure) return;
    const int argument = launch.fail_input < 0 ? 0 : scope_.argument_of_input(launch.fail_input);
    Value* higher = ir_.CreateAdd(failed_at, entry_.number(1));
    Value* index =
        ir_.CreateSelect(ir_.CreateICmpSLT(failed_at, entry_.number(0)), higher, failed_at);
    const int value = launch.guarded.empty() ? 0
                                             : scope_.interface.number_of(guarded_value(
                                                   scope_.function.name, launch, scope_.sources));
    entry_.fail_when(ir_.CreateICmpNE(failed_at, entry_.number(-1)), *failure, argument,
                     line_of(launch.span), index, value);
  }

  // The runtime's draws: thx_philox_normal_f32(dst, first, n, key, step) for `call
  // thx_random_normal`, with the bounds behind where there are bounds.
  void emit_call(const loop::Call& call, const loop::Kernel& kernel, const loop::Launch& launch) {
    constexpr std::string_view kPrefix = "thx_random_";
    THX_CHECK(call.symbol.starts_with(kPrefix), "{} is no draw", call.symbol);
    const loop::Buffer& buffer = kernel.buffers[static_cast<size_t>(call.buffer)];
    const bool seeded = call.attrs.has("seed");
    THX_CHECK(seeded || scope_.seed != nullptr, "a draw outside of initial values");
    Value* seed = seeded ? entry_.number(call.attrs.integer("seed")) : scope_.seed;
    Value* hash = entry_.number(static_cast<int64_t>(fnv1a(call.attrs.word("name"))));
    Value* key = entry_.call("thx_draw_key", ir_.getInt64Ty(), {seed, hash, entry_.number(0)});
    std::string symbol = "thx_philox_" + call.symbol.substr(kPrefix.size());
    if (is_float(buffer.dtype)) symbol += format("_{}", spelling(buffer.dtype));
    std::vector<Value*> arguments = {
        address(launch.arguments[static_cast<size_t>(call.buffer)]), entry_.number(0),
        entry_.extents().plain(element_count(buffer.extents)), key, entry_.number(0)};
    for (const std::string_view bound : {"low", "high"})
      if (call.attrs.has(bound))
        arguments.push_back(entry_.extents().plain(call.attrs.get<Extent>(bound)));
    entry_.call(symbol, ir_.getVoidTy(), arguments);
  }

  void emit(const loop::Copy& copy) {
    const DType dtype = scope_.function.buffers[static_cast<size_t>(copy.to.buffer)].buffer.dtype;
    const loop::Storage& from =
        scope_.function.buffers[static_cast<size_t>(copy.from.buffer)].storage;
    if (is_bool(dtype) && from.kind == loop::Storage::Kind::input) return emit_truths(copy);
    const llvm::MaybeAlign align(static_cast<uint64_t>(bytes_of(dtype)));
    ir_.CreateMemCpy(address(copy.to), align, address(copy.from), align,
                     entry_.extents().plain(copy.elements * Extent(bytes_of(dtype))));
  }

  BasicBlock* block(const char* name) {
    return BasicBlock::Create(ir_.getContext(), name, ir_.GetInsertBlock()->getParent());
  }

  // In an input any nonzero byte is true; what we write is 0 or 1.
  void emit_truths(const loop::Copy& copy) {
    Value* to = address(copy.to);
    Value* from = address(copy.from);
    iterate(entry_.extents().plain(copy.elements), [&](Value* i) {
      Value* byte = ir_.CreateLoad(ir_.getInt8Ty(), ir_.CreateGEP(ir_.getInt8Ty(), from, i));
      Value* truth = ir_.CreateZExt(ir_.CreateICmpNE(byte, ir_.getInt8(0)), ir_.getInt8Ty());
      ir_.CreateStore(truth, ir_.CreateGEP(ir_.getInt8Ty(), to, i));
    });
  }

  // Emits body(i) for i from 0 up to `extent`.
  void iterate(Value* extent, llvm::function_ref<void(Value*)> body) {
    BasicBlock* before = ir_.GetInsertBlock();
    BasicBlock* head = block("for");
    BasicBlock* inside = block("body");
    BasicBlock* done = block("done");
    ir_.CreateBr(head);
    ir_.SetInsertPoint(head);
    llvm::PHINode* count = ir_.CreatePHI(ir_.getInt64Ty(), 2);
    count->addIncoming(entry_.number(0), before);
    ir_.CreateCondBr(ir_.CreateICmpSLT(count, extent), inside, done);
    ir_.SetInsertPoint(inside);
    body(count);
    count->addIncoming(ir_.CreateAdd(count, entry_.number(1)), ir_.GetInsertBlock());
    ir_.CreateBr(head);
    ir_.SetInsertPoint(done);
  }

  void emit(const loop::For& loop) {
    Value* extent = entry_.extents().plain(loop.extent);
    iterate(extent, [&](Value* count) {
      Value* position =
          loop.reverse ? ir_.CreateSub(ir_.CreateSub(extent, entry_.number(1)), count) : count;
      entry_.extents().bind(loop.var, position);
      emit(loop.steps);
      entry_.extents().unbind(loop.var);
    });
  }

  void emit(const loop::Branch& branch) {
    Value* flag = ir_.CreateLoad(ir_.getInt8Ty(), address(branch.condition));
    BasicBlock* then = block("then");
    BasicBlock* otherwise = block("else");
    BasicBlock* joined = block("joined");
    ir_.CreateCondBr(ir_.CreateICmpNE(flag, ir_.getInt8(0)), then, otherwise);
    ir_.SetInsertPoint(then);
    emit(branch.then);
    ir_.CreateBr(joined);
    ir_.SetInsertPoint(otherwise);
    emit(branch.otherwise);
    ir_.CreateBr(joined);
    ir_.SetInsertPoint(joined);
  }

  StepScope& scope_;
  EntryBuilder& entry_;
  llvm::IRBuilder<>& ir_;
};

}  // namespace

void emit_steps(StepScope& scope, const std::vector<loop::Step>& steps) {
  StepEmitter(scope).emit(steps);
}

}  // namespace thx::codegen
