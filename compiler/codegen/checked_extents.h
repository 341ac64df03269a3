// SPDX-License-Identifier: Apache-2.0
// Extents in entry points: computed once, with every overflow and bad divisor noted.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <map>
#include <string>

#include "ir/extent.h"

namespace thx::codegen {

/// Emits extents as i64 values at the builder's position. Symbols are bound by bind(). Until
/// fault() is asked, everything wrong is collected in it: overflow, a divisor that is not positive.
class CheckedExtents {
 public:
  explicit CheckedExtents(llvm::IRBuilder<>& builder) : builder_(builder) {}

  void bind(const std::string& symbol, llvm::Value* value) { symbols_[symbol] = value; }
  void unbind(const std::string& symbol) { symbols_.erase(symbol); }
  llvm::Value* symbol(const std::string& name) const;

  /// With overflow noted. Cached: call it only at places that dominate later ones.
  llvm::Value* checked(const Extent& extent);
  /// Without checks: for extents whose parts were checked at entry, and positions in loops.
  llvm::Value* plain(const Extent& extent);

  /// An i1: something emitted by checked() overflowed or divided by nothing. Starts over.
  llvm::Value* take_fault();
  void note(llvm::Value* fault);

 private:
  llvm::Value* emit(const Extent& extent, bool check);
  llvm::Value* factor(const Extent::Factor& factor, bool check);
  llvm::Value* divide(llvm::Value* a, llvm::Value* b, bool modulo, bool check);
  llvm::Value* arithmetic(llvm::Intrinsic::ID checked, llvm::Value* a, llvm::Value* b, bool check);

  llvm::IRBuilder<>& builder_;
  std::map<std::string, llvm::Value*> symbols_;
  std::map<std::string, llvm::Value*> cache_;
  llvm::Value* fault_ = nullptr;
};

}  // namespace thx::codegen
