// SPDX-License-Identifier: Apache-2.0
// Register instructions recorded once and run on host numbers, a block of values at a time.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "ops/instruction.h"
#include "support/check.h"

namespace thx::testing {

/// Values are kept by their bits, one 64-bit word each, whatever their dtype.
class LaneTape : public LaneBuilder {
 public:
  explicit LaneTape(bool fuses) : fuses_(fuses) {}

  Lane input(DType dtype) { return append({Kind::input, Instruction::add, dtype, {}, 0}); }
  Lane emit(Instruction instruction, std::span<const Lane> operands, DType result) override {
    Step step = {Kind::operate, instruction, result, {}, 0};
    for (size_t i = 0; i < operands.size(); ++i) step.operands[i] = operands[i].id;
    return append(step);
  }
  Lane constant_real(DType dtype, double real) override {
    const uint64_t bits = dtype == DType::f32 ? std::bit_cast<uint32_t>(static_cast<float>(real))
                                              : std::bit_cast<uint64_t>(real);
    return append({Kind::constant, Instruction::add, dtype, {}, bits});
  }
  Lane constant_integer(DType dtype, int64_t integer) override {
    uint64_t bits = static_cast<uint64_t>(integer);
    if (bytes_of(dtype) < 8) bits &= (uint64_t{1} << (8 * bytes_of(dtype))) - 1;
    return append({Kind::constant, Instruction::add, dtype, {}, bits});
  }
  DType dtype(Lane lane) const override { return steps_[static_cast<size_t>(lane.id)].dtype; }
  bool fuses() const override { return fuses_; }

  /// The results of `result`; `inputs` in order of their recording, one span each.
  std::vector<uint64_t> run(Lane result, std::vector<std::span<const uint64_t>> inputs);

  size_t instructions() const;

 private:
  enum class Kind : uint8_t { input, constant, operate };
  struct Step {
    Kind kind;
    Instruction instruction;
    DType dtype;
    int32_t operands[3] = {-1, -1, -1};
    uint64_t bits;
  };
  Lane append(const Step& step) {
    steps_.push_back(step);
    return {static_cast<int32_t>(steps_.size()) - 1};
  }
  void operate(const Step& step, size_t count, std::vector<uint64_t>& out) const;
  template <class T>
  void floats(const Step& step, size_t count, std::vector<uint64_t>& out) const;
  template <class T>
  void integers(const Step& step, size_t count, std::vector<uint64_t>& out) const;

  bool fuses_;
  std::vector<Step> steps_;
  std::vector<std::vector<uint64_t>> values_;
};

}  // namespace thx::testing
