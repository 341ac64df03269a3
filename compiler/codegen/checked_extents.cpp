// SPDX-License-Identifier: Apache-2.0
// Extents in entry points: computed once, with every overflow and bad divisor noted.
#include "codegen/checked_extents.h"

#include <llvm/IR/Intrinsics.h>

#include <algorithm>
#include <optional>

#include "support/check.h"

namespace thx::codegen {

using llvm::Value;

namespace {

// True where no minus occurs: dims are not negative, and overflow is noted apart.
bool never_negative(std::span<const Extent::Term> terms) {
  return std::ranges::all_of(terms, [](const Extent::Term& term) {
    return term.coefficient >= 0 &&
           std::ranges::all_of(term.factors, [](const Extent::Factor& factor) {
             return !factor.symbol.empty() ||
                    (never_negative(factor.a->terms()) && never_negative(factor.b->terms()));
           });
  });
}

// The divisor, where it is a power of two that divides the coefficient of the quotient.
std::optional<int64_t> divisor_in(const Extent::Term& term) {
  if (term.factors.empty() || !term.factors[0].symbol.empty()) return std::nullopt;
  const Extent::Factor& quotient = term.factors[0];
  if (quotient.function != ExtentFunction::floordiv || !quotient.b->is_known()) return std::nullopt;
  const int64_t divisor = quotient.b->known();
  if (divisor <= 0 || (divisor & (divisor - 1)) != 0 || term.coefficient % divisor != 0)
    return std::nullopt;
  return divisor;
}

// Whether the variable of a loop stands in it.
bool varies(const Extent::Term& term) {
  return std::ranges::any_of(term.factors, [](const Extent::Factor& factor) {
    if (!factor.symbol.empty()) return factor.symbol.starts_with("$");
    return std::ranges::any_of(factor.a->terms(), varies) ||
           std::ranges::any_of(factor.b->terms(), varies);
  });
}

Extent extent_of(std::span<const Extent::Term> terms) {
  Extent sum;
  for (const Extent::Term& term : terms) {
    Extent product = term.coefficient;
    for (const Extent::Factor& factor : term.factors)
      product *= factor.symbol.empty() ? Extent::apply(factor.function, *factor.a, *factor.b)
                                       : Extent::symbol(factor.symbol);
    sum += product;
  }
  return sum;
}

}  // namespace

Value* CheckedExtents::symbol(const std::string& name) const {
  const auto found = symbols_.find(name);
  THX_CHECK(found != symbols_.end(), "the extent {} is not known where it is needed", name);
  return found->second;
}

Value* CheckedExtents::checked(const Extent& extent) {
  Value*& made = cache_[extent];
  if (made == nullptr) made = emit(extent, true);
  return made;
}

Value* CheckedExtents::plain(const Extent& extent) {
  if (const auto made = cache_.find(extent); made != cache_.end()) return made->second;
  return emit(extent, false);
}

CheckedExtents::Step CheckedExtents::step_to(const Extent& extent) const {
  Step best{nullptr, extent.terms()};
  for (const auto& [place, value] : places_) {
    std::vector<Extent::Term> between = (extent - place).terms();
    if (between.size() < best.terms.size()) best = {value, std::move(between)};
  }
  return best;
}

size_t CheckedExtents::distance(const Extent& extent) const {
  return cache_.contains(extent) ? 0 : step_to(extent).terms.size();
}

void CheckedExtents::bind_place(const Extent& extent, Value* value) {
  constexpr size_t kRemembered = 8;
  cache_[extent] = value;
  if (places_.size() == kRemembered) places_.erase(places_.begin());
  places_.emplace_back(extent, value);
}

Value* CheckedExtents::place(const Extent& extent) {
  if (const auto made = cache_.find(extent); made != cache_.end()) return made->second;
  Step step = step_to(extent);
  Value* at = step.from;
  for (Extent::Term& term : step.terms) {
    const bool less = term.coefficient < 0 && at != nullptr;
    if (less) term.coefficient = -term.coefficient;
    Value* distance = product(term, false);
    if (at == nullptr)
      at = distance;
    else
      at = less ? builder_.CreateSub(at, distance) : builder_.CreateAdd(at, distance);
  }
  if (at == nullptr) at = builder_.getInt64(0);
  bind_place(extent, at);
  return at;
}

Value* CheckedExtents::take_fault() {
  if (signs_ != nullptr) note(builder_.CreateICmpSLT(signs_, builder_.getInt64(0)));
  signs_ = nullptr;
  Value* fault = fault_ == nullptr ? builder_.getFalse() : fault_;
  fault_ = nullptr;
  return fault;
}

void CheckedExtents::note(Value* fault) {
  fault_ = fault_ == nullptr ? fault : builder_.CreateOr(fault_, fault);
}

void CheckedExtents::note_negative(const Extent& extent) {
  if (extent.is_known() || !not_negative_.insert(extent).second) return;
  if (!never_negative(extent.terms()))
    note(builder_.CreateICmpSLT(checked(extent), builder_.getInt64(0)));
}

// An operation with checks is emitted where it is first met, and its faults are noted there.
template <class Make>
Value* CheckedExtents::once(int operation, Value* a, Value* b, bool check, Make make) {
  if (!check) {
    const auto known = operations_.find({operation, a, b});
    if (known == operations_.end()) return make();
    // At the function's entry only what stands there too comes before.
    const auto* instruction = llvm::dyn_cast<llvm::Instruction>(known->second);
    const bool is_before =
        !hoists_ || instruction == nullptr || instruction->getParent() == builder_.GetInsertBlock();
    return is_before ? known->second : make();
  }
  Value*& made = operations_[{operation, a, b}];
  if (made == nullptr) made = make();
  return made;
}

Value* CheckedExtents::arithmetic(llvm::Intrinsic::ID id, Value* a, Value* b, bool check) {
  return once(static_cast<int>(id), a, b, check, [&]() -> Value* {
    if (!check)
      return id == llvm::Intrinsic::smul_with_overflow ? builder_.CreateMul(a, b)
                                                       : builder_.CreateAdd(a, b);
    Value* pair = builder_.CreateBinaryIntrinsic(id, a, b);
    note(builder_.CreateExtractValue(pair, 1));
    return builder_.CreateExtractValue(pair, 0);
  });
}

// Rounds towards minus infinity, for a divisor that is positive.
Value* CheckedExtents::divide(Value* a, Value* b, bool modulo, bool check) {
  const auto* known = llvm::dyn_cast<llvm::ConstantInt>(b);
  if (known != nullptr && known->getValue().isPowerOf2() && !known->isNegative())
    return modulo ? builder_.CreateAnd(a, known->getSExtValue() - 1)
                  : builder_.CreateAShr(a, known->getValue().logBase2());
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

Value* CheckedExtents::function(ExtentFunction function, Value* a, Value* b, bool check) {
  switch (function) {
    case ExtentFunction::floordiv: return divide(a, b, false, check);
    case ExtentFunction::mod: return divide(a, b, true, check);
    case ExtentFunction::min: return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b);
    case ExtentFunction::max: return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
  }
  THX_UNREACHABLE("an extent function without code");
}

Value* CheckedExtents::factor(const Extent::Factor& factor, bool check) {
  if (!factor.symbol.empty()) return symbol(factor.symbol);
  Value* a = emit(*factor.a, check);
  Value* b = emit(*factor.b, check);
  // Below the numbers of LLVM's intrinsics, with which operations_ names the others.
  const int operation = -1 - static_cast<int>(factor.function);
  return once(operation, a, b, check, [&] { return function(factor.function, a, b, check); });
}

Value* CheckedExtents::product(const Extent::Term& term, bool check) {
  const std::optional<int64_t> divisor = divisor_in(term);
  const int64_t coefficient = term.coefficient / divisor.value_or(1);
  Value* product = coefficient == 1 && !term.factors.empty()
                       ? nullptr
                       : builder_.getInt64(static_cast<uint64_t>(coefficient));
  for (const Extent::Factor& part : term.factors) {
    Value* value = nullptr;
    if (divisor && &part == &term.factors[0])
      value = builder_.CreateAnd(emit(*part.a, check), static_cast<uint64_t>(-*divisor));
    else
      value = factor(part, check);
    product = product == nullptr
                  ? value
                  : arithmetic(llvm::Intrinsic::smul_with_overflow, product, value, check);
  }
  return product;
}

// Terms that are not negative: a partial sum that overflowed is. One look at the signs of all of
// them is less than one at the flag of each.
Value* CheckedExtents::growing_sum(std::span<const Extent::Term> terms) {
  Value* sum = nullptr;
  for (const Extent::Term& term : terms) {
    Value* value = product(term, true);
    if (sum != nullptr) {
      value = once(llvm::Intrinsic::sadd_with_overflow, sum, value, true, [&] {
        Value* grown = builder_.CreateAdd(sum, value);
        signs_ = signs_ == nullptr ? grown : builder_.CreateOr(signs_, grown);
        return grown;
      });
    }
    sum = value;
  }
  return sum;
}

Value* CheckedExtents::sum_of(std::span<const Extent::Term> terms, bool check, bool freezes) {
  constexpr size_t kLongestSum = 16;
  Value* sum = nullptr;
  for (size_t i = 0; i < terms.size(); ++i) {
    Value* value = product(terms[i], check);
    sum =
        sum == nullptr ? value : arithmetic(llvm::Intrinsic::sadd_with_overflow, sum, value, check);
    const bool is_long = i % kLongestSum == kLongestSum - 1 || i + 1 == terms.size();
    if (freezes && is_long) sum = builder_.CreateFreeze(sum);
  }
  return sum;
}

// Parts of a concatenation stand behind sums of which each is the one before it and a term: of dims
// alone, one stands at the function's entry, once, as what it adds to the last one.
Value* CheckedExtents::long_sum(const Extent& extent, std::span<const Extent::Term> terms) {
  std::set<std::string> names;
  extent.collect_symbols(names);
  const bool is_hoisted = std::ranges::all_of(
      names, [&](const std::string& name) { return llvm::isa<llvm::Argument>(symbol(name)); });
  if (!is_hoisted) return sum_of(terms, false, true);
  Value*& made = long_sums_[extent];
  if (made != nullptr) return made;
  const llvm::IRBuilder<>::InsertPointGuard guard(builder_);
  llvm::BasicBlock& entry = builder_.GetInsertBlock()->getParent()->getEntryBlock();
  if (llvm::Instruction* last = entry.getTerminator())
    builder_.SetInsertPoint(last);
  else
    builder_.SetInsertPoint(&entry);
  hoists_ = true;
  const auto& [before, value] = last_long_sum_;
  const std::vector<Extent::Term> more = (extent - before).terms();
  made = value != nullptr && more.size() < terms.size()
             ? builder_.CreateFreeze(builder_.CreateAdd(value, sum_of(more, false, false)))
             : sum_of(terms, false, true);
  hoists_ = false;
  last_long_sum_ = {extent, made};
  return made;
}

// A long sum that no loop changes comes first in a position, and is frozen: analyses of loops look
// into sums, for a time that grows much faster than the sums, but not through this.
Value* CheckedExtents::emit(const Extent& extent, bool check) {
  constexpr size_t kLongSum = 8;
  const std::vector<Extent::Term> terms = extent.terms();
  std::vector<Extent::Term> fixed, varying;
  for (const Extent::Term& term : terms) (varies(term) ? varying : fixed).push_back(term);
  if (check || fixed.size() < kLongSum) {
    Value* sum = check && never_negative(terms) ? growing_sum(terms) : sum_of(terms, check, false);
    return sum == nullptr ? builder_.getInt64(0) : sum;
  }
  Value* sum = long_sum(extent - extent_of(varying), fixed);
  return varying.empty() ? sum : builder_.CreateAdd(sum, sum_of(varying, false, false));
}

}  // namespace thx::codegen
