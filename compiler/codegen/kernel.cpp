// SPDX-License-Identifier: Apache-2.0
// The frame of a kernel's function, and the statements that are neither loops nor memory.
#include "codegen/kernel.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

#include "codegen/kernel_emitter.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::codegen {

using llvm::Value;

KernelEmitter::KernelEmitter(const loop::Kernel& kernel, llvm::Function* function,
                             std::span<const std::string> dims, bool has_fma)
    : kernel_(kernel),
      function_(function),
      b_(function->getContext()),
      extents_(b_),
      instructions_(b_, has_fma),
      registers_(kernel.registers.size()) {
  b_.SetInsertPoint(block("entry"));
  const auto parameters = static_cast<unsigned>(kernel.parameter_count());
  for (size_t i = 0; i < dims.size(); ++i)
    extents_.bind(dims[i], function->getArg(parameters + static_cast<unsigned>(i)));
  for (size_t i = 0; i < kernel.buffers.size(); ++i) {
    buffers_.push_back(i < parameters ? function->getArg(static_cast<unsigned>(i))
                                      : scratch(kernel.buffers[i]));
  }
  for (size_t i = 0; i < kernel.registers.size(); ++i) {
    size_t count = 1;
    for (int64_t extent : kernel.registers[i].array) count *= static_cast<size_t>(extent);
    registers_[i].resize(count);
  }
}

void KernelEmitter::run(const KernelPart& part) {
  for (const loop::Statement* statement : part)
    std::visit([this](const auto& node) { emit(node); }, statement->node);
  b_.CreateRet(b_.getInt64(~uint64_t{0}));
}

llvm::BasicBlock* KernelEmitter::block(const char* name) {
  return llvm::BasicBlock::Create(function_->getContext(), name, function_);
}

const loop::Register& KernelEmitter::info(const loop::RegisterRef& ref) const {
  THX_CHECK(ref.reg >= 0 && static_cast<size_t>(ref.reg) < registers_.size(), "no register {}",
            ref.reg);
  return kernel_.registers[static_cast<size_t>(ref.reg)];
}

size_t KernelEmitter::element(const loop::RegisterRef& ref) const {
  const loop::Register& reg = info(ref);
  THX_CHECK(reg.array.size() == ref.index.size(), "%{} is used without its index", reg.name);
  size_t place = 0;
  for (size_t axis = 0; axis < reg.array.size(); ++axis) {
    const std::optional<int64_t> at = ref.index[axis].evaluate(unrolled_);
    THX_CHECK(at && *at >= 0 && *at < reg.array[axis], "%{}[{}] is not an element of the array",
              reg.name, ref.index[axis].text());
    place = place * static_cast<size_t>(reg.array[axis]) + static_cast<size_t>(*at);
  }
  return place;
}

Value* KernelEmitter::read(const loop::RegisterRef& ref) const {
  Value* value = registers_[static_cast<size_t>(ref.reg)][element(ref)];
  THX_CHECK(value != nullptr, "%{} is read before it is assigned", info(ref).name);
  return value;
}

void KernelEmitter::assign(const loop::RegisterRef& ref, Value* value) {
  if (!value->hasName() && !llvm::isa<llvm::Constant>(value)) value->setName(info(ref).name);
  registers_[static_cast<size_t>(ref.reg)][element(ref)] = value;
}

void KernelEmitter::emit(const loop::Block& block) {
  for (const loop::Statement& statement : block)
    std::visit([this](const auto& node) { emit(node); }, statement.node);
}

void KernelEmitter::emit(const loop::Constant& node) {
  assign(node.result, instructions_.constant(node.value, info(node.result).type.lanes));
}

void KernelEmitter::emit(const loop::IndexValue& node) {
  assign(node.result, extents_.plain(node.value));
}

void KernelEmitter::emit(const loop::Operate& node) {
  const loop::RegisterType to = info(node.result).type;
  std::vector<Value*> operands;
  for (const loop::RegisterRef& operand : node.operands) operands.push_back(read(operand));
  const size_t typed = node.instruction == Instruction::select ? 1 : 0;
  const DType from = operands.empty() ? to.dtype : info(node.operands[typed]).type.dtype;
  assign(node.result, instructions_.emit(node.instruction, from, to, operands));
}

void KernelEmitter::emit(const loop::Fold& node) {
  const loop::RegisterType from = info(node.value).type;
  assign(node.result, instructions_.fold(node.combine, from.dtype, from.lanes, read(node.value)));
}

void KernelEmitter::emit(const loop::Next& node) {
  Value* value = instructions_.splat(read(node.value), info(node.carried).type.lanes);
  const bool fresh =
      next_.emplace(std::pair(node.carried.reg, element(node.carried)), value).second;
  THX_CHECK(fresh, "%{} has a second next", info(node.carried).name);
}

void KernelEmitter::emit(const loop::Fail& node) {
  llvm::BasicBlock* failed = block("failed");
  llvm::BasicBlock* good = block("good");
  b_.CreateCondBr(read(node.condition), failed, good);
  b_.SetInsertPoint(failed);
  // -1 is for success alone: a negative index goes one lower, the least of all stays.
  Value* index = read(node.index);
  Value* lower = b_.CreateBinaryIntrinsic(llvm::Intrinsic::ssub_sat, index, b_.getInt64(1));
  b_.CreateRet(b_.CreateSelect(b_.CreateICmpSLT(index, b_.getInt64(0)), lower, index));
  b_.SetInsertPoint(good);
}

void KernelEmitter::emit(const loop::Call& node) {
  THX_UNREACHABLE("{} is called where the kernel is launched", node.symbol);
}

void KernelEmitter::emit(const loop::Barrier&) {
  THX_UNREACHABLE("a barrier on a machine without thread blocks");
}

void KernelEmitter::emit(const loop::If& node) {
  llvm::BasicBlock* then = block("then");
  llvm::BasicBlock* otherwise = block("else");
  llvm::BasicBlock* joined = block("joined");
  b_.CreateCondBr(read(node.condition), then, otherwise);
  const auto before = next_;
  b_.SetInsertPoint(then);
  emit(node.then);
  const auto of_then = std::exchange(next_, before);
  llvm::BasicBlock* then_end = b_.GetInsertBlock();
  b_.CreateBr(joined);
  b_.SetInsertPoint(otherwise);
  emit(node.otherwise);
  llvm::BasicBlock* otherwise_end = b_.GetInsertBlock();
  b_.CreateBr(joined);
  b_.SetInsertPoint(joined);
  THX_CHECK(of_then.size() == next_.size(), "a next in one branch alone");
  for (auto& [carried, value] : next_) {
    Value* other = of_then.at(carried);
    if (other == value) continue;
    llvm::PHINode* phi = b_.CreatePHI(value->getType(), 2);
    phi->addIncoming(other, then_end);
    phi->addIncoming(value, otherwise_end);
    value = phi;
  }
}

namespace {

void collect(const loop::Block& block, std::set<std::string>& used, std::set<std::string>& bound);

struct SymbolCollector {
  std::set<std::string>& used;
  std::set<std::string>& bound;

  void add(const loop::Place& place) {
    for (const loop::Index& index : place.index) index.affine.collect_symbols(used);
  }
  void operator()(const loop::IndexValue& node) { node.value.collect_symbols(used); }
  void operator()(const loop::Load& node) { add(node.place); }
  void operator()(const loop::Store& node) { add(node.place); }
  void operator()(const loop::Prefetch& node) { add(node.place); }
  void operator()(const loop::Tree& node) { node.count.collect_symbols(used); }
  void operator()(const loop::Loop& node) {
    node.begin.collect_symbols(used);
    node.end.collect_symbols(used);
    bound.insert(node.var);
    collect(node.body, used, bound);
  }
  void operator()(const loop::If& node) {
    collect(node.then, used, bound);
    collect(node.otherwise, used, bound);
  }
  template <class Node>
  void operator()(const Node&) {}  // registers alone
};

void collect(const loop::Block& block, std::set<std::string>& used, std::set<std::string>& bound) {
  SymbolCollector collector{used, bound};
  for (const loop::Statement& statement : block) std::visit(collector, statement.node);
}

/// What the optimiser may rely on, buffer by buffer.
void add_parameter_attributes(llvm::Function& function, const loop::Kernel& kernel) {
  for (int i = 0; i < kernel.parameter_count(); ++i) {
    const loop::Buffer& buffer = kernel.buffers[static_cast<size_t>(i)];
    llvm::AttrBuilder attributes(function.getContext());
    attributes.addAttribute(llvm::Attribute::NoAlias);
    attributes.addAttribute(llvm::Attribute::NoCapture);
    attributes.addAlignmentAttr(static_cast<unsigned>(bytes_of(buffer.dtype)));
    if (buffer.access == loop::Access::in) attributes.addAttribute(llvm::Attribute::ReadOnly);
    function.addParamAttrs(static_cast<unsigned>(i), attributes);
    function.getArg(static_cast<unsigned>(i))->setName(buffer.name);
  }
}

}  // namespace

std::vector<std::string> free_symbols(const loop::Kernel& kernel) {
  std::set<std::string> used, bound;
  for (const loop::Buffer& buffer : kernel.buffers)
    for (const Extent& stride : buffer.strides) stride.collect_symbols(used);
  collect(kernel.body, used, bound);
  std::vector<std::string> free;
  std::set_difference(used.begin(), used.end(), bound.begin(), bound.end(),
                      std::back_inserter(free));
  return free;
}

std::vector<std::string> kernel_dims(const loop::Kernel& kernel,
                                     std::span<const std::string> dims) {
  const std::vector<std::string> free = free_symbols(kernel);
  std::vector<std::string> used;
  for (const std::string& dim : dims)
    if (std::binary_search(free.begin(), free.end(), dim)) used.push_back(dim);
  THX_CHECK(used.size() == free.size(), "kernel @{} uses a symbol that is no dim", kernel.name);
  return used;
}

namespace {

llvm::Function* declare(llvm::Module& module, const loop::Kernel& kernel, const std::string& symbol,
                        std::span<const std::string> dims) {
  llvm::LLVMContext& context = module.getContext();
  std::vector<llvm::Type*> parameters(static_cast<size_t>(kernel.parameter_count()),
                                      llvm::PointerType::getUnqual(context));
  llvm::Type* number = llvm::Type::getInt64Ty(context);
  parameters.insert(parameters.end(), dims.size(), number);
  auto* function = llvm::Function::Create(llvm::FunctionType::get(number, parameters, false),
                                          llvm::GlobalValue::InternalLinkage, symbol, module);
  add_parameter_attributes(*function, kernel);
  for (size_t i = 0; i < dims.size(); ++i)
    function->getArg(static_cast<unsigned>(kernel.parameter_count()) + static_cast<unsigned>(i))
        ->setName(dims[i]);
  return function;
}

/// Calls the parts with the arguments of `function`, up to the first that fails.
void call_parts(llvm::Function& function, std::span<llvm::Function* const> parts) {
  llvm::LLVMContext& context = function.getContext();
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", &function));
  llvm::SmallVector<Value*> arguments;
  for (llvm::Argument& argument : function.args()) arguments.push_back(&argument);
  Value* good = b.getInt64(~uint64_t{0});
  for (llvm::Function* part : parts) {
    Value* status = b.CreateCall(part, arguments);
    llvm::BasicBlock* failed = llvm::BasicBlock::Create(context, "failed", &function);
    llvm::BasicBlock* next = llvm::BasicBlock::Create(context, "next", &function);
    b.CreateCondBr(b.CreateICmpEQ(status, good), next, failed);
    b.SetInsertPoint(failed);
    b.CreateRet(status);
    b.SetInsertPoint(next);
  }
  b.CreateRet(good);
}

}  // namespace

llvm::Function* emit_kernel(llvm::Module& module, const loop::Kernel& kernel,
                            const std::string& symbol, std::span<const std::string> dims,
                            const Target& target) {
  llvm::Function* function = declare(module, kernel, symbol, dims);
  const std::vector<KernelPart> parts = parts_of(kernel);
  if (parts.size() == 1) {
    KernelEmitter(kernel, function, dims, target.fma).run(parts[0]);
    return function;
  }
  std::vector<llvm::Function*> functions;
  for (const KernelPart& part : parts) {
    functions.push_back(declare(module, kernel, format("{}.{}", symbol, functions.size()), dims));
    KernelEmitter(kernel, functions.back(), dims, target.fma).run(part);
  }
  call_parts(*function, functions);
  return function;
}

}  // namespace thx::codegen
