// SPDX-License-Identifier: Apache-2.0
// What the exported functions share: arguments, statuses, checks of dims and ranges.
#include "codegen/entry.h"

#include <algorithm>

#include "support/check.h"

namespace thx::codegen {

using llvm::Value;

EntryBuilder::EntryBuilder(EntryContext& context, const std::string& symbol, llvm::Type* result,
                           const std::vector<llvm::Type*>& parameters)
    : context_(context),
      function_(llvm::cast<llvm::Function>(
          context.module
              .getOrInsertFunction(symbol, llvm::FunctionType::get(result, parameters, false))
              .getCallee())),  // declared already where another function calls it
      ir_(context.module.getContext()),
      extents_(ir_) {
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  function_->addFnAttr(llvm::Attribute::OptimizeForSize);  // runs once a call, beside kernels
  ir_.SetInsertPoint(llvm::BasicBlock::Create(context.module.getContext(), "entry", function_));
}

Value* EntryBuilder::argument(int position) const {
  return function_->getArg(static_cast<unsigned>(position - 1));
}

llvm::AllocaInst* EntryBuilder::stack(llvm::Type* type, int64_t count, int align) {
  llvm::BasicBlock& first = function_->getEntryBlock();
  llvm::IRBuilder<> at_entry(&first, first.begin());
  llvm::AllocaInst* made =
      at_entry.CreateAlloca(type, at_entry.getInt64(static_cast<uint64_t>(count)));
  made->setAlignment(llvm::Align(static_cast<uint64_t>(align)));
  return made;
}

llvm::Constant* EntryBuilder::text(const std::string& bytes) {
  return ir_.CreateGlobalString(bytes, "text");
}

Value* EntryBuilder::call(const std::string& symbol, llvm::Type* result,
                          const std::vector<Value*>& arguments) {
  std::vector<llvm::Type*> types;
  types.reserve(arguments.size());
  for (const Value* argument : arguments) types.push_back(argument->getType());
  llvm::FunctionCallee callee =
      context_.module.getOrInsertFunction(symbol, llvm::FunctionType::get(result, types, false));
  if (auto* function = llvm::dyn_cast<llvm::Function>(callee.getCallee()))
    function->addFnAttr(llvm::Attribute::NoUnwind);
  return ir_.CreateCall(callee, arguments);
}

void EntryBuilder::fail_when(Value* condition, int code, int argument, int line, Value* index,
                             int value) {
  if (const auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition); known && known->isZero())
    return;
  llvm::LLVMContext& context = context_.module.getContext();
  auto* failed = llvm::BasicBlock::Create(context, "failed", function_);
  auto* good = llvm::BasicBlock::Create(context, "good", function_);
  ir_.CreateCondBr(condition, failed, good);
  ir_.SetInsertPoint(failed);
  Value* result = status(code);
  if (exec_ != nullptr) {
    std::vector<Value*> arguments = {exec_, result, status(argument), status(line),
                                     index == nullptr ? number(0) : index};
    if (value != 0) arguments.push_back(status(value));
    result = call(value != 0 ? "thx_fail_value" : "thx_fail", ir_.getInt32Ty(), arguments);
  }
  ir_.CreateRet(result);
  ir_.SetInsertPoint(good);
}

void EntryBuilder::return_unless_ok(Value* code) {
  llvm::LLVMContext& context = context_.module.getContext();
  auto* failed = llvm::BasicBlock::Create(context, "failed", function_);
  auto* good = llvm::BasicBlock::Create(context, "good", function_);
  ir_.CreateCondBr(ir_.CreateICmpNE(code, status(0)), failed, good);
  ir_.SetInsertPoint(failed);
  ir_.CreateRet(code);
  ir_.SetInsertPoint(good);
}

void EntryBuilder::fail_unless_ok(Value* code, int argument, int line) {
  llvm::LLVMContext& context = context_.module.getContext();
  auto* failed = llvm::BasicBlock::Create(context, "failed", function_);
  auto* good = llvm::BasicBlock::Create(context, "good", function_);
  ir_.CreateCondBr(ir_.CreateICmpNE(code, status(0)), failed, good);
  ir_.SetInsertPoint(failed);
  ir_.CreateRet(call("thx_fail", ir_.getInt32Ty(),
                     {exec(), code, status(argument), status(line), number(0)}));
  ir_.SetInsertPoint(good);
}

void EntryBuilder::bind_state_dims(Value* model) {
  int64_t place = kModelHeaderBytes;
  for (const int dim : context_.interface.state_dims) {
    Value* value = ir_.CreateAlignedLoad(ir_.getInt64Ty(), at(model, place), llvm::Align(8));
    extents_.bind(context_.program.dims[static_cast<size_t>(dim)].name, value);
    place += 8;
  }
}

Value* EntryBuilder::place_in_model(Value* model, const Extent& offset) {
  constexpr size_t kFar = 6;
  if (extents_.distance(offset) > kFar) {
    const auto& fields = context_.interface.fields;
    const auto field = std::ranges::find(fields, offset, &Field::offset);
    if (field != fields.end()) {
      Value* place = call(context_.interface.prefix + "_" + field->c_name, pointer(), {model});
      extents_.bind_place(offset, ir_.CreatePtrDiff(ir_.getInt8Ty(), place, model));
    }
  }
  return extents_.place(offset);
}

void EntryBuilder::bind_dim(int dim, Value* value, int argument, int line) {
  const Dim& declared = context_.program.dims[static_cast<size_t>(dim)];
  extents_.bind(declared.name, value);
  fail_when(ir_.CreateICmpSLT(value, number(0)), kStatusDim, argument, line, value);
  if (declared.bound && declared.bound->is_known())
    fail_when(ir_.CreateICmpSGT(value, number(declared.bound->known())), kStatusDim, argument, line,
              value);
}

Value* EntryBuilder::checked_bytes(const Type& type) {
  for (const Extent& extent : type.shape) extents_.note_negative(extent);
  return extents_.checked(element_count(type.shape) * Extent(bytes_of(type.dtype)));
}

void EntryBuilder::check_sizes(const loop::Function& function) {
  extents_.checked(function.workspace_bytes);
  for (const loop::FunctionBuffer& entry : function.buffers) {
    if (entry.storage.kind == loop::Storage::Kind::workspace)
      for (const Extent& extent : entry.buffer.extents) extents_.note_negative(extent);
    else
      checked_bytes({entry.buffer.dtype, entry.buffer.extents});
  }
}

void EntryBuilder::fail_on_fault(int line) {
  fail_when(extents_.take_fault(), kStatusDim, 0, line);
}

namespace {
// thx_range, as thx/object.h lays it out.
constexpr int64_t kRangeBytes = 40;
constexpr int64_t kRangeBegin = 0, kRangeSize = 8, kRangeGiven = 16, kRangeFacts = 24;
}  // namespace

RangeTable::RangeTable(EntryBuilder& entry, int capacity)
    : entry_(entry),
      table_(entry.stack(entry.ir().getInt8Ty(), kRangeBytes * capacity, 8)),
      capacity_(capacity) {}

void RangeTable::add(Value* begin, Value* bytes, int align, int flags, int argument, Value* given) {
  THX_CHECK(count_ < capacity_, "a table of {} ranges is too small", capacity_);
  Value* row = entry_.at(table_, kRangeBytes * count_++);
  auto put = [&](int64_t offset, Value* value) {
    entry_.ir().CreateAlignedStore(value, entry_.at(row, offset), llvm::Align(8));
  };
  // Alignment, flags, argument and the reserved field: known here, and one store together.
  const uint32_t known[] = {static_cast<uint32_t>(align), static_cast<uint32_t>(flags),
                            static_cast<uint32_t>(argument), 0};
  llvm::Constant* facts = llvm::ConstantDataVector::get(entry_.ir().getContext(), known);
  put(kRangeBegin, begin);
  put(kRangeSize, bytes);
  put(kRangeGiven, given == nullptr ? entry_.number(0) : given);
  put(kRangeFacts, facts);
}

void RangeTable::check(int line) {
  if (count_ == 0) return;
  entry_.return_unless_ok(
      entry_.call("thx_check_ranges", entry_.ir().getInt32Ty(),
                  {table_, entry_.status(count_), entry_.exec(), entry_.status(line)}));
}

}  // namespace thx::codegen
