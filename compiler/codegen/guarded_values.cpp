// SPDX-License-Identifier: Apache-2.0
// Numbers guarded values, and makes the function that names them.
#include <algorithm>

#include "codegen/entry.h"

namespace thx::codegen {

namespace {

class Collector {
 public:
  Collector(const std::string& function, const Sources& sources, std::vector<GuardedValue>& into)
      : function_(function), sources_(sources), into_(into) {}

  void visit(const std::vector<loop::Step>& steps) {
    for (const loop::Step& step : steps)
      std::visit([this](const auto& node) { visit(node); }, step.node);
  }

 private:
  void visit(const loop::Launch& launch) {
    if (launch.guarded.empty()) return;
    const GuardedValue value = guarded_value(function_, launch, sources_);
    if (std::ranges::find(into_, value) == into_.end()) into_.push_back(value);
  }
  void visit(const loop::Copy&) {}
  void visit(const loop::For& loop) { visit(loop.steps); }
  void visit(const loop::Branch& branch) {
    visit(branch.then);
    visit(branch.otherwise);
  }

  const std::string& function_;
  const Sources& sources_;
  std::vector<GuardedValue>& into_;
};

}  // namespace

GuardedValue guarded_value(const std::string& function, const loop::Launch& launch,
                           const Sources& sources) {
  const Span span = launch.span;
  return {function, launch.guarded, span.empty() ? 0 : static_cast<int>(sources.locate(span).line),
          launch.bound};
}

std::vector<GuardedValue> guarded_values(const loop::Program& loops, const Sources& sources) {
  std::vector<GuardedValue> result;
  for (const loop::Function& function : loops.functions) {
    Collector collector(function.name, sources, result);
    for (const auto* steps : {&function.checks, &function.steps, &function.commits})
      collector.visit(*steps);
  }
  return result;
}

int Interface::number_of(const GuardedValue& value) const {
  const auto found = std::ranges::find(guarded, value);
  return found == guarded.end() ? 0 : static_cast<int>(found - guarded.begin()) + 1;
}

void emit_value_name(EntryContext& context) {
  const std::vector<GuardedValue>& guarded = context.interface.guarded;
  if (guarded.empty()) return;
  llvm::LLVMContext& llvm = context.module.getContext();
  EntryBuilder entry(context, context.interface.prefix + "_value_name",
                     llvm::PointerType::get(llvm, 0), {llvm::Type::getInt32Ty(llvm)});
  llvm::IRBuilder<>& ir = entry.ir();
  llvm::Function* function = ir.GetInsertBlock()->getParent();
  for (size_t i = 0; i < guarded.size(); ++i) {
    auto* found = llvm::BasicBlock::Create(llvm, "found", function);
    auto* next = llvm::BasicBlock::Create(llvm, "next", function);
    ir.CreateCondBr(ir.CreateICmpEQ(entry.argument(1), entry.status(static_cast<int>(i) + 1)),
                    found, next);
    ir.SetInsertPoint(found);
    ir.CreateRet(entry.text(guarded[i].name));
    ir.SetInsertPoint(next);
  }
  ir.CreateRet(entry.null());
}

}  // namespace thx::codegen
