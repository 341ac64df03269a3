// SPDX-License-Identifier: Apache-2.0
// Types of registers and instructions.
#include <algorithm>
#include <bit>

#include "schedule/print.h"
#include "schedule/verify_kernel.h"
#include "support/text.h"

namespace thx::loop {

namespace {

enum Kinds : unsigned { kBool = 1, kIntegers = 2, kFloats = 4, kAny = 7 };

/// The element types that an instruction takes, where all its operands have one type.
unsigned accepted(Instruction instruction) {
  switch (instruction) {
    case Instruction::fma:
    case Instruction::sqrt:
    case Instruction::copysign:
    case Instruction::floor:
    case Instruction::ceil:
    case Instruction::trunc:
    case Instruction::round_even: return kFloats;
    case Instruction::equal:
    case Instruction::not_equal:
    case Instruction::less:
    case Instruction::less_equal:
    case Instruction::greater:
    case Instruction::greater_equal: return kAny;
    case Instruction::bit_and:
    case Instruction::bit_or:
    case Instruction::bit_xor:
    case Instruction::bit_not: return kIntegers | kBool;
    case Instruction::shift_left:
    case Instruction::shift_right: return kIntegers;
    default: return kIntegers | kFloats;
  }
}

unsigned kind(DType dtype) {
  return is_bool(dtype) ? kBool : is_float(dtype) ? kFloats : kIntegers;
}

bool folds(Instruction instruction) {
  return info(instruction).operands == 2 && info(instruction).result == InstructionResult::same &&
         instruction != Instruction::shuffle;
}

}  // namespace

RegisterType KernelVerifier::type(const RegisterRef& ref) const {
  const bool known = ref.reg >= 0 && static_cast<size_t>(ref.reg) < kernel_.registers.size();
  return known ? kernel_.registers[ref.reg].type : RegisterType{};
}

bool KernelVerifier::is(const RegisterRef& ref, RegisterType wanted, std::string_view what) {
  if (type(ref) == wanted) return true;
  problem(format("{} is {}, not {}", what, text(type(ref)), text(wanted)));
  return false;
}

void KernelVerifier::node(const Constant& node) {
  is(node.result, {node.value.dtype, type(node.result).lanes}, "the result");
  Element* into = assign(node.result);
  const bool fits = is_integer(node.value.dtype) && node.value.dtype != DType::u64;
  if (into && fits) into->value = node.value.integer;
}

void KernelVerifier::node(const IndexValue& node) {
  is(node.result, {DType::i64, 1}, "the result");
  scoped(node.value);
  if (Element* into = assign(node.result)) into->value = bound(node.value);
}

bool KernelVerifier::same_types(const Operate& node, size_t first) {
  for (size_t i = first; i < node.operands.size(); ++i) {
    if (type(node.operands[i]) == type(node.operands[first])) continue;
    problem(format("operands of {} and {}", text(type(node.operands[first])),
                   text(type(node.operands[i]))));
    return false;
  }
  return true;
}

void KernelVerifier::instruction_types(const Operate& node) {
  const RegisterType result = type(node.result);
  const RegisterType first = node.operands.empty() ? result : type(node.operands[0]);
  switch (node.instruction) {
    case Instruction::select:
      is(node.operands[0], {DType::boolean, result.lanes}, "the mask");
      if (same_types(node, 1)) is(node.operands[1], result, "the choice");
      return;
    case Instruction::convert:
      is(node.operands[0], {first.dtype, result.lanes}, "the operand");
      return;
    case Instruction::bitcast:
      is(node.operands[0], {first.dtype, result.lanes}, "the operand");
      if (bytes_of(first.dtype) != bytes_of(result.dtype) || is_bool(first.dtype) ||
          is_bool(result.dtype))
        problem("a bitcast keeps the width, and takes no bool");
      return;
    case Instruction::splat: is(node.operands[0], {result.dtype, 1}, "the operand"); return;
    case Instruction::iota:
      if (is_bool(result.dtype)) problem("an iota counts in numbers");
      return;
    case Instruction::shuffle: shuffle(node); return;
    default: break;
  }
  if (!same_types(node, 0)) return;
  if ((accepted(node.instruction) & kind(first.dtype)) == 0)
    problem(format("there is no {} of {}", name_of(node.instruction), spelling(first.dtype)));
  const bool truth = info(node.instruction).result == InstructionResult::boolean;
  is(node.result, truth ? RegisterType{DType::boolean, first.lanes} : first, "the result");
}

/// The lane or member to read from is there whatever the distance is.
void KernelVerifier::shuffle(const Operate& node) {
  is(node.operands[0], type(node.result), "the value");
  if (!is_integer(type(node.operands[1]).dtype) || type(node.operands[1]).lanes != 1)
    return problem("the distance is an integer scalar");
  const Element* distance = element(node.operands[1]);
  Extent among = type(node.result).lanes;
  for (const Statement* owner : owners_) {
    const Loop* loop = std::get_if<Loop>(&owner->node);
    if (among.is(1) && loop && loop->kind == LoopKind::thread)
      among = ceildiv(bound(loop->end) - bound(loop->begin), std::max<int64_t>(loop->step, 1));
  }
  const bool good = distance && distance->value && distance->value->is_known() &&
                    among.is_known() && std::has_single_bit(static_cast<uint64_t>(among.known())) &&
                    distance->value->known() >= 0 && distance->value->known() < among.known();
  if (!good) problem("the distance is no number below the lanes or members, a power of two");
}

void KernelVerifier::node(const Operate& node) {
  const auto wanted = static_cast<size_t>(info(node.instruction).operands);
  if (node.operands.size() != wanted)
    return problem(format("{} takes {} operands", name_of(node.instruction), wanted));
  bool good = true;
  for (const RegisterRef& operand : node.operands) good = use(operand) && good;
  instruction_types(node);
  Element* into = assign(node.result);
  if (good && into) give_value(node, *into);
}

void KernelVerifier::node(const Fold& node) {
  use(node.value);
  if (!folds(node.combine)) problem(format("{} folds nothing", name_of(node.combine)));
  is(node.result, {type(node.value).dtype, 1}, "the result");
  assign(node.result);
}

void KernelVerifier::node(const Next& node) {
  use(node.value);
  Element* carried = use(node.carried);
  if (!carried) return;
  is(node.value, type(node.carried), "the value");
  // The loop that carries it is the innermost one, unrolled ones aside.
  for (auto owner = owners_.rbegin(); owner != owners_.rend(); ++owner) {
    const Loop* loop = std::get_if<Loop>(&(*owner)->node);
    if (!loop) break;
    const auto is_it = [&](const Carried& entry) { return entry.reg == node.carried.reg; };
    if (std::any_of(loop->carried.begin(), loop->carried.end(), is_it)) {
      ++carried->nexts;
      return;
    }
    if (loop->kind != LoopKind::unrolled) break;
  }
  problem("the innermost loop does not carry it");
}

void KernelVerifier::node(const Fail& node) {
  use(node.index);
  is(node.index, {DType::i64, 1}, "the index");
  is(node.condition, {DType::boolean, 1}, "the condition");
  if (const Element* condition = use(node.condition)) add_facts(condition->truth.when_false);
}

void KernelVerifier::node(const Barrier&) { events_.push_back({Event::Kind::barrier}); }

}  // namespace thx::loop
