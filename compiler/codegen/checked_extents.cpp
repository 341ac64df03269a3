// SPDX-License-Identifier: Apache-2.0
// Extents in entry points: computed once, with every overflow and bad divisor noted.
#include "codegen/checked_extents.h"

#include <llvm/IR/Intrinsics.h>

#include "support/check.h"

namespace thx::codegen {

using llvm::Value;

Value* CheckedExtents::symbol(const std::string& name) const {
  const auto found = symbols_.find(name);
  THX_CHECK(found != symbols_.end(), "the extent {} is not known where it is needed", name);
  return found->second;
}

Value* CheckedExtents::checked(const Extent& extent) {
  if (Value*& made = cache_[extent.text()]; made != nullptr) return made;
  Value* value = emit(extent, true);
  cache_[extent.text()] = value;
  return value;
}

Value* CheckedExtents::plain(const Extent& extent) {
  if (const auto made = cache_.find(extent.text()); made != cache_.end()) return made->second;
  return emit(extent, false);
}

Value* CheckedExtents::take_fault() {
  Value* fault = fault_ == nullptr ? builder_.getFalse() : fault_;
  fault_ = nullptr;
  return fault;
}

void CheckedExtents::note(Value* fault) {
  fault_ = fault_ == nullptr ? fault : builder_.CreateOr(fault_, fault);
}

Value* CheckedExtents::arithmetic(llvm::Intrinsic::ID id, Value* a, Value* b, bool check) {
  if (!check) {
    return id == llvm::Intrinsic::smul_with_overflow ? builder_.CreateMul(a, b)
                                                     : builder_.CreateAdd(a, b);
  }
  Value* pair = builder_.CreateBinaryIntrinsic(id, a, b);
  note(builder_.CreateExtractValue(pair, 1));
  return builder_.CreateExtractValue(pair, 0);
}

// Rounds towards minus infinity, for a divisor that is positive.
Value* CheckedExtents::divide(Value* a, Value* b, bool modulo, bool check) {
  if (check) {
    Value* bad = builder_.CreateICmpSLE(b, builder_.getInt64(0));
    note(bad);
    b = builder_.CreateSelect(bad, builder_.getInt64(1), b);
  }
  Value* rest = builder_.CreateSRem(a, b);
  Value* below = builder_.CreateICmpSLT(rest, builder_.getInt64(0));
  if (modulo) return builder_.CreateSelect(below, builder_.CreateAdd(rest, b), rest);
  return builder_.CreateSub(builder_.CreateSDiv(a, b),
                            builder_.CreateZExt(below, builder_.getInt64Ty()));
}

Value* CheckedExtents::factor(const Extent::Factor& factor, bool check) {
  if (!factor.symbol.empty()) return symbol(factor.symbol);
  Value* a = emit(*factor.a, check);
  Value* b = emit(*factor.b, check);
  switch (factor.function) {
    case ExtentFunction::floordiv: return divide(a, b, false, check);
    case ExtentFunction::mod: return divide(a, b, true, check);
    case ExtentFunction::min: return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b);
    case ExtentFunction::max: return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
  }
  THX_UNREACHABLE("an extent function without code");
}

Value* CheckedExtents::emit(const Extent& extent, bool check) {
  Value* sum = nullptr;
  for (const Extent::Term& term : extent.terms()) {
    Value* product = term.coefficient == 1 && !term.factors.empty()
                         ? nullptr
                         : builder_.getInt64(static_cast<uint64_t>(term.coefficient));
    for (const Extent::Factor& part : term.factors) {
      Value* value = factor(part, check);
      product = product == nullptr
                    ? value
                    : arithmetic(llvm::Intrinsic::smul_with_overflow, product, value, check);
    }
    sum = sum == nullptr ? product
                         : arithmetic(llvm::Intrinsic::sadd_with_overflow, sum, product, check);
  }
  return sum == nullptr ? builder_.getInt64(0) : sum;
}

}  // namespace thx::codegen
