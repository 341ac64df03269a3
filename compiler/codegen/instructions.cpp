// SPDX-License-Identifier: Apache-2.0
// What each register instruction is in LLVM IR.
#include "codegen/instructions.h"

#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Module.h>

#include <cstdlib>

#include "support/check.h"

namespace thx::codegen {

using llvm::Value;
using Values = std::span<Value* const>;

namespace {

int lanes_of(const Value* value) {
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
  return vector == nullptr ? 1 : static_cast<int>(vector->getNumElements());
}

// THX_WRONG_CODE=INSTRUCTION in the environment makes the last bit of its float results wrong, so
// that tests see that wrong code is caught.
bool is_wrong(Instruction instruction) {
  if constexpr (!THX_VERIFY_EACH) return false;
  const char* wrong = std::getenv("THX_WRONG_CODE");
  return wrong != nullptr && name_of(instruction) == wrong;
}

/// The same lanes with another scalar type.
llvm::Type* like(const Value* value, llvm::Type* scalar) {
  return value->getType()->getWithNewType(scalar);
}

}  // namespace

llvm::Type* InstructionEmitter::type(loop::RegisterType type) const {
  llvm::Type* scalar = nullptr;
  if (type.dtype == DType::f32)
    scalar = b_.getFloatTy();
  else if (type.dtype == DType::f64)
    scalar = b_.getDoubleTy();
  else
    scalar =
        b_.getIntNTy(is_bool(type.dtype) ? 1 : 8 * static_cast<unsigned>(bytes_of(type.dtype)));
  if (type.lanes == 1) return scalar;
  return llvm::FixedVectorType::get(scalar, static_cast<unsigned>(type.lanes));
}

Value* InstructionEmitter::constant(const Scalar& value, int lanes) {
  llvm::Type* scalar = type({value.dtype, 1});
  llvm::Constant* one = is_float(value.dtype)
                            ? llvm::ConstantFP::get(scalar, value.real)
                            : llvm::ConstantInt::get(scalar, static_cast<uint64_t>(value.integer));
  if (lanes == 1) return one;
  return llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(static_cast<unsigned>(lanes)),
                                        one);
}

Value* InstructionEmitter::splat(Value* scalar, int lanes) {
  if (lanes == 1 || scalar->getType()->isVectorTy()) return scalar;
  return b_.CreateVectorSplat(static_cast<unsigned>(lanes), scalar);
}

Value* InstructionEmitter::iota(DType dtype, int lanes) {
  llvm::Type* scalar = type({dtype, 1});
  std::vector<llvm::Constant*> numbers;
  for (int lane = 0; lane < lanes; ++lane) {
    numbers.push_back(is_float(dtype)
                          ? llvm::ConstantFP::get(scalar, lane)
                          : llvm::ConstantInt::get(scalar, static_cast<uint64_t>(lane)));
  }
  return lanes == 1 ? numbers[0] : llvm::ConstantVector::get(numbers);
}

Value* InstructionEmitter::emit(Instruction instruction, DType from, loop::RegisterType to,
                                Values operands) {
  std::vector<Value*> v;
  for (Value* operand : operands) v.push_back(splat(operand, to.lanes));
  switch (instruction) {
    case Instruction::equal:
    case Instruction::not_equal:
    case Instruction::less:
    case Instruction::less_equal:
    case Instruction::greater:
    case Instruction::greater_equal: return compare(instruction, from, v[0], v[1]);
    case Instruction::select: return b_.CreateSelect(v[0], v[1], v[2]);
    case Instruction::convert: return convert(from, to, v[0]);
    case Instruction::bitcast: return b_.CreateBitCast(v[0], type(to));
    case Instruction::splat: return v[0];
    case Instruction::iota: return iota(to.dtype, to.lanes);
    case Instruction::shuffle: return exchange(v[0], operands[1]);
    default: return arithmetic(instruction, from, v);
  }
}

Value* InstructionEmitter::fold(Instruction combine, DType dtype, int lanes, Value* value) {
  while (lanes > 1) {
    THX_CHECK(lanes % 2 == 0, "a fold of {} lanes", lanes);
    lanes /= 2;
    std::vector<int> low, high;
    for (int lane = 0; lane < lanes; ++lane) low.push_back(lane), high.push_back(lane + lanes);
    Value* halves[] = {b_.CreateShuffleVector(value, low), b_.CreateShuffleVector(value, high)};
    value = emit(combine, dtype, {dtype, lanes}, halves);
    if (lanes == 1 && value->getType()->isVectorTy())
      value = b_.CreateExtractElement(value, uint64_t{0});
  }
  return value;
}

Value* InstructionEmitter::arithmetic(Instruction instruction, DType dtype, Values v) {
  if (!is_float(dtype)) return of_integers(instruction, is_signed(dtype), v);
  Value* result = of_floats(instruction, v);
  if (!is_wrong(instruction)) return result;
  llvm::Type* bits = like(result, b_.getIntNTy(8 * static_cast<unsigned>(bytes_of(dtype))));
  Value* flipped = b_.CreateXor(b_.CreateBitCast(result, bits), llvm::ConstantInt::get(bits, 1));
  return b_.CreateBitCast(flipped, result->getType());
}

Value* InstructionEmitter::of_floats(Instruction instruction, Values v) {
  using namespace llvm;
  const auto unary = [&](Intrinsic::ID id) { return b_.CreateUnaryIntrinsic(id, v[0]); };
  const auto binary = [&](Intrinsic::ID id) { return b_.CreateBinaryIntrinsic(id, v[0], v[1]); };
  switch (instruction) {
    case Instruction::add: return b_.CreateFAdd(v[0], v[1]);
    case Instruction::sub: return b_.CreateFSub(v[0], v[1]);
    case Instruction::mul: return b_.CreateFMul(v[0], v[1]);
    case Instruction::div: return b_.CreateFDiv(v[0], v[1]);
    case Instruction::fma:
      if (!has_fma_) return fma_without_instruction(v);
      return b_.CreateIntrinsic(Intrinsic::fma, {v[0]->getType()}, {v[0], v[1], v[2]});
    case Instruction::neg: return b_.CreateFNeg(v[0]);
    case Instruction::abs: return unary(Intrinsic::fabs);
    case Instruction::sqrt: return unary(Intrinsic::sqrt);
    case Instruction::copysign: return binary(Intrinsic::copysign);
    case Instruction::maximum: return binary(Intrinsic::maximum);
    case Instruction::minimum: return binary(Intrinsic::minimum);
    case Instruction::floor: return unary(Intrinsic::floor);
    case Instruction::ceil: return unary(Intrinsic::ceil);
    case Instruction::trunc: return unary(Intrinsic::trunc);
    case Instruction::round_even: return unary(Intrinsic::roundeven);
    default: THX_UNREACHABLE("{} of floats", name_of(instruction));
  }
}

Value* InstructionEmitter::of_integers(Instruction instruction, bool is_signed, Values v) {
  using namespace llvm;
  const auto binary = [&](Intrinsic::ID id) { return b_.CreateBinaryIntrinsic(id, v[0], v[1]); };
  switch (instruction) {
    case Instruction::add: return b_.CreateAdd(v[0], v[1]);
    case Instruction::sub: return b_.CreateSub(v[0], v[1]);
    case Instruction::mul: return b_.CreateMul(v[0], v[1]);
    case Instruction::div: return divide_integers(v[0], v[1], is_signed);
    case Instruction::fma: return b_.CreateAdd(b_.CreateMul(v[0], v[1]), v[2]);
    case Instruction::neg: return b_.CreateNeg(v[0]);
    case Instruction::abs:
      return is_signed ? b_.CreateBinaryIntrinsic(Intrinsic::abs, v[0], b_.getFalse()) : v[0];
    case Instruction::maximum: return binary(is_signed ? Intrinsic::smax : Intrinsic::umax);
    case Instruction::minimum: return binary(is_signed ? Intrinsic::smin : Intrinsic::umin);
    case Instruction::floor:
    case Instruction::ceil:
    case Instruction::trunc:
    case Instruction::round_even: return v[0];
    case Instruction::bit_and: return b_.CreateAnd(v[0], v[1]);
    case Instruction::bit_or: return b_.CreateOr(v[0], v[1]);
    case Instruction::bit_xor: return b_.CreateXor(v[0], v[1]);
    case Instruction::bit_not: return b_.CreateNot(v[0]);
    case Instruction::shift_left: return b_.CreateShl(v[0], v[1]);
    case Instruction::shift_right:
      return is_signed ? b_.CreateAShr(v[0], v[1]) : b_.CreateLShr(v[0], v[1]);
    default: THX_UNREACHABLE("{} of integers", name_of(instruction));
  }
}

// Inactive lanes hold 0, and MIN / -1 wraps: neither may reach the divide instruction.
Value* InstructionEmitter::divide_integers(Value* a, Value* d, bool is_signed) {
  Value* zero = llvm::Constant::getNullValue(d->getType());
  Value* one = llvm::ConstantInt::get(d->getType(), 1);
  Value* is_zero = b_.CreateICmpEQ(d, zero);
  if (!is_signed) return b_.CreateUDiv(a, b_.CreateSelect(is_zero, one, d));
  Value* is_minus_one = b_.CreateICmpEQ(d, llvm::Constant::getAllOnesValue(d->getType()));
  Value* safe = b_.CreateSelect(b_.CreateOr(is_zero, is_minus_one), one, d);
  return b_.CreateSelect(is_minus_one, b_.CreateNeg(a), b_.CreateSDiv(a, safe));
}

Value* InstructionEmitter::compare(Instruction instruction, DType dtype, Value* a, Value* b) {
  using llvm::CmpInst;
  struct Row {
    Instruction instruction;
    CmpInst::Predicate of_float, of_signed, of_unsigned;
  };
  static constexpr Row kRows[] = {
      {Instruction::equal, CmpInst::FCMP_OEQ, CmpInst::ICMP_EQ, CmpInst::ICMP_EQ},
      {Instruction::not_equal, CmpInst::FCMP_UNE, CmpInst::ICMP_NE, CmpInst::ICMP_NE},
      {Instruction::less, CmpInst::FCMP_OLT, CmpInst::ICMP_SLT, CmpInst::ICMP_ULT},
      {Instruction::less_equal, CmpInst::FCMP_OLE, CmpInst::ICMP_SLE, CmpInst::ICMP_ULE},
      {Instruction::greater, CmpInst::FCMP_OGT, CmpInst::ICMP_SGT, CmpInst::ICMP_UGT},
      {Instruction::greater_equal, CmpInst::FCMP_OGE, CmpInst::ICMP_SGE, CmpInst::ICMP_UGE},
  };
  for (const Row& row : kRows) {
    if (row.instruction != instruction) continue;
    if (is_float(dtype)) return b_.CreateFCmp(row.of_float, a, b);
    return b_.CreateICmp(is_signed(dtype) ? row.of_signed : row.of_unsigned, a, b);
  }
  THX_UNREACHABLE("{} compares nothing", name_of(instruction));
}

Value* InstructionEmitter::convert(DType from, loop::RegisterType to, Value* value) {
  llvm::Type* result = type(to);
  Value* zero = llvm::Constant::getNullValue(value->getType());
  if (from == to.dtype) return value;
  if (is_float(from)) {
    if (is_bool(to.dtype)) return b_.CreateFCmpUNE(value, zero);
    if (is_float(to.dtype)) return b_.CreateFPCast(value, result);
    const auto saturating =
        is_signed(to.dtype) ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
    return b_.CreateIntrinsic(saturating, {result, value->getType()}, {value});
  }
  if (is_bool(to.dtype)) return b_.CreateICmpNE(value, zero);
  if (!is_float(to.dtype)) return b_.CreateIntCast(value, result, is_signed(from));
  return is_signed(from) ? b_.CreateSIToFP(value, result) : b_.CreateUIToFP(value, result);
}

Value* InstructionEmitter::fma_without_instruction(Values v) {
  if (v[0]->getType()->getScalarType()->isFloatTy()) return fma_of_f32(v[0], v[1], v[2]);
  llvm::Type* scalar = b_.getDoubleTy();
  llvm::Module& module = *b_.GetInsertBlock()->getModule();
  const llvm::FunctionCallee callee = module.getOrInsertFunction(
      "thx_fma", llvm::FunctionType::get(scalar, {scalar, scalar, scalar}, false));
  const int lanes = lanes_of(v[0]);
  if (lanes == 1) return b_.CreateCall(callee, {v[0], v[1], v[2]});
  Value* result = llvm::PoisonValue::get(v[0]->getType());
  for (int lane = 0; lane < lanes; ++lane) {
    const auto at = static_cast<uint64_t>(lane);
    std::vector<Value*> arguments;
    for (Value* operand : v) arguments.push_back(b_.CreateExtractElement(operand, at));
    result = b_.CreateInsertElement(result, b_.CreateCall(callee, arguments), at);
  }
  return result;
}

// The product is exact in f64. Its sum with c is rounded to odd there: it then keeps on which side
// of every f32 and of every middle of two it lies, so that rounding it again is right.
Value* InstructionEmitter::fma_of_f32(Value* a, Value* b, Value* c) {
  llvm::Type* wide = like(a, b_.getDoubleTy());
  llvm::Type* bits = like(a, b_.getInt64Ty());
  Value* product = b_.CreateFMul(b_.CreateFPExt(a, wide), b_.CreateFPExt(b, wide));
  Value* addend = b_.CreateFPExt(c, wide);
  Value* sum = b_.CreateFAdd(product, addend);
  Value* addend_part = b_.CreateFSub(sum, product);
  Value* product_part = b_.CreateFSub(sum, addend_part);
  Value* error =
      b_.CreateFAdd(b_.CreateFSub(product, product_part), b_.CreateFSub(addend, addend_part));
  Value* zero = llvm::Constant::getNullValue(wide);
  Value* raw = b_.CreateBitCast(sum, bits);
  Value* one = llvm::ConstantInt::get(bits, 1);
  Value* even = b_.CreateICmpEQ(b_.CreateAnd(raw, one), llvm::Constant::getNullValue(bits));
  // Not where the error is NaN: the sum is infinite or NaN then.
  Value* moves = b_.CreateAnd(even, b_.CreateFCmpONE(error, zero));
  Value* away = b_.CreateXor(b_.CreateFCmpOGT(error, zero), b_.CreateFCmpOLT(sum, zero));
  Value* moved = b_.CreateSelect(away, b_.CreateAdd(raw, one), b_.CreateSub(raw, one));
  Value* odd = b_.CreateBitCast(b_.CreateSelect(moves, moved, raw), wide);
  return b_.CreateFPTrunc(odd, a->getType());
}

Value* InstructionEmitter::exchange(Value* value, Value* distance) {
  const auto* known = llvm::dyn_cast<llvm::ConstantInt>(distance);
  if (const auto* vector = llvm::dyn_cast<llvm::Constant>(distance);
      known == nullptr && vector != nullptr && vector->getSplatValue() != nullptr) {
    known = llvm::dyn_cast<llvm::ConstantInt>(vector->getSplatValue());
  }
  THX_CHECK(known != nullptr, "a shuffle by a distance that is not known");
  std::vector<int> from;
  for (int lane = 0; lane < lanes_of(value); ++lane)
    from.push_back(lane ^ static_cast<int>(known->getSExtValue()));
  return from.size() == 1 ? value : b_.CreateShuffleVector(value, from);
}

}  // namespace thx::codegen
