// SPDX-License-Identifier: Apache-2.0
// Extents in entry points: computed once, with every overflow and bad divisor noted.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

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

  /// With overflow noted. Each operation is emitted once: call it only at places that dominate
  /// later ones.
  llvm::Value* checked(const Extent& extent);
  /// Without checks: for extents whose parts were checked at entry, and positions in loops.
  llvm::Value* plain(const Extent& extent);
  /// A place in memory whose size was checked, by its distance from one of the last such places.
  /// As checked(), only where it dominates what comes later.
  llvm::Value* place(const Extent& extent);
  void bind_place(const Extent& extent, llvm::Value* value);
  /// How many terms are between `extent` and the nearest of those places.
  size_t distance(const Extent& extent) const;

  /// An i1: something emitted by checked() overflowed or divided by nothing. Starts over.
  llvm::Value* take_fault();
  void note(llvm::Value* fault);
  /// Notes as a fault that `extent` is negative; it must be checked here.
  void note_negative(const Extent& extent);

 private:
  llvm::Value* emit(const Extent& extent, bool check);
  llvm::Value* sum_of(std::span<const Extent::Term> terms, bool check, bool freezes);
  llvm::Value* long_sum(const Extent& extent, std::span<const Extent::Term> terms);
  llvm::Value* growing_sum(std::span<const Extent::Term> terms);
  llvm::Value* product(const Extent::Term& term, bool check);
  llvm::Value* factor(const Extent::Factor& factor, bool check);
  llvm::Value* divide(llvm::Value* a, llvm::Value* b, bool modulo, bool check);
  llvm::Value* arithmetic(llvm::Intrinsic::ID checked, llvm::Value* a, llvm::Value* b, bool check);
  llvm::Value* function(ExtentFunction function, llvm::Value* a, llvm::Value* b, bool check);
  struct Step {
    llvm::Value* from = nullptr;  // null: from 0
    std::vector<Extent::Term> terms;
  };
  Step step_to(const Extent& extent) const;
  template <class Make>
  llvm::Value* once(int operation, llvm::Value* a, llvm::Value* b, bool check, Make make);

  llvm::IRBuilder<>& builder_;
  std::map<std::string, llvm::Value*> symbols_;
  std::map<Extent, llvm::Value*> cache_;
  /// The operations of checked extents: the room of an array stands in many sums.
  std::map<std::tuple<int, llvm::Value*, llvm::Value*>, llvm::Value*> operations_;
  std::set<Extent> not_negative_;
  std::map<Extent, llvm::Value*> long_sums_;  // where they stand at the function's entry
  std::pair<Extent, llvm::Value*> last_long_sum_;
  bool hoists_ = false;                                  // while a long sum is made there
  std::vector<std::pair<Extent, llvm::Value*>> places_;  // the last few
  llvm::Value* fault_ = nullptr;
  llvm::Value* signs_ = nullptr;  // negative where a sum of what is not negative overflowed
};

}  // namespace thx::codegen
