// SPDX-License-Identifier: Apache-2.0
// The register instructions that operators are emitted to, and the builder interface for them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ir/dtype.h"

namespace thx {

enum class Instruction : uint8_t {
#define THX_INSTRUCTION(instruction, operands, result) instruction,
#include "ops/instructions.def"
};

enum class InstructionResult : uint8_t { same, boolean, given };

struct InstructionInfo {
  Instruction instruction;
  std::string_view name;
  int operands;
  InstructionResult result;
};

inline constexpr InstructionInfo kInstructions[] = {
#define THX_INSTRUCTION(instruction, operands, result) \
  {Instruction::instruction, #instruction, operands, InstructionResult::result},
#include "ops/instructions.def"
};

constexpr const InstructionInfo& info(Instruction i) {
  return kInstructions[static_cast<size_t>(i)];
}
constexpr std::string_view name_of(Instruction i) { return info(i).name; }
constexpr std::optional<Instruction> instruction_named(std::string_view name) {
  for (const InstructionInfo& entry : kInstructions)
    if (entry.name == name) return entry.instruction;
  return std::nullopt;
}

/// A register of whoever builds: loop IR, or numbers on the host in tests.
struct Lane {
  int32_t id = -1;
  friend bool operator==(Lane, Lane) = default;
};

/// Emits register instructions. Elementwise operators and the math functions (ops/math_*.cpp) are
/// written against it once, so that scalar, vector, interpreter and every target agree bit for bit.
/// All lanes of one builder have one lane count, which the functions never see.
class LaneBuilder {
 public:
  virtual ~LaneBuilder() = default;

  /// `result` is read for instructions whose result dtype is `given`.
  virtual Lane emit(Instruction instruction, std::span<const Lane> operands, DType result) = 0;
  /// The value in every lane; floats by `real`, integers and bool by `integer`.
  virtual Lane constant_real(DType dtype, double real) = 0;
  virtual Lane constant_integer(DType dtype, int64_t integer) = 0;
  virtual DType dtype(Lane lane) const = 0;
  /// Whether contracted forms may be used (false under --fp=strict and where the target has none).
  virtual bool fuses() const = 0;

  Lane op(Instruction i, Lane a) { return emit_as(i, {a}); }
  Lane op(Instruction i, Lane a, Lane b) { return emit_as(i, {a, b}); }
  Lane op(Instruction i, Lane a, Lane b, Lane c) { return emit_as(i, {a, b, c}); }
  Lane add(Lane a, Lane b) { return op(Instruction::add, a, b); }
  Lane sub(Lane a, Lane b) { return op(Instruction::sub, a, b); }
  Lane mul(Lane a, Lane b) { return op(Instruction::mul, a, b); }
  Lane div(Lane a, Lane b) { return op(Instruction::div, a, b); }
  Lane neg(Lane a) { return op(Instruction::neg, a); }
  Lane abs(Lane a) { return op(Instruction::abs, a); }
  /// a * b + c: fused where allowed, a multiply and an add otherwise.
  Lane mul_add(Lane a, Lane b, Lane c) {
    return fuses() ? op(Instruction::fma, a, b, c) : add(mul(a, b), c);
  }
  Lane select(Lane mask, Lane a, Lane b) { return op(Instruction::select, mask, a, b); }
  Lane convert(Lane a, DType to) { return emit(Instruction::convert, std::span(&a, 1), to); }
  Lane bitcast(Lane a, DType to) { return emit(Instruction::bitcast, std::span(&a, 1), to); }
  /// A constant of the dtype of `like`.
  Lane number(Lane like, double value) {
    const DType d = dtype(like);
    return is_float(d) ? constant_real(d, value) : constant_integer(d, static_cast<int64_t>(value));
  }

 private:
  Lane emit_as(Instruction i, std::initializer_list<Lane> operands) {
    const std::vector<Lane> lanes(operands);
    const Lane like = i == Instruction::select ? lanes[1] : lanes[0];
    return emit(i, lanes,
                info(i).result == InstructionResult::boolean ? DType::boolean : dtype(like));
  }
};

}  // namespace thx
