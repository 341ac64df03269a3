// SPDX-License-Identifier: Apache-2.0
// Every register instruction, lane by lane the same bits as the interpreter, with and without tail.
#include "codegen/instructions.h"

#include <gtest/gtest.h>

#include "support/text.h"
#include "unit/codegen/compare_kernels.h"

namespace thx::testing {
namespace {

const std::vector<Extent::Values> kCounts = {{{"N", 0}},  {{"N", 1}},  {{"N", 15}},
                                             {{"N", 16}}, {{"N", 17}}, {{"N", 33}}};

/// A map over three operands of `dtype`: `body` makes %r, of dtype `result`, from %a, %b and %c.
std::string map_kernel(std::string_view name, DType dtype, DType result, int lanes,
                       const std::string& body) {
  const std::string_view t = spelling(dtype);
  return format(
      "kernel @{0} map (a: {1}[N] in, b: {1}[N] in, c: {1}[N] in, u: {2}[N] out) {{\n"
      "  for $i in 0..N step {3} tail = mask {{\n"
      "    %a = load a[$i : {3}] : {1}x{3}\n"
      "    %b = load b[$i : {3}] : {1}x{3}\n"
      "    %c = load c[$i : {3}] : {1}x{3}\n"
      "    {4}\n"
      "    store u[$i : {3}] = %r\n"
      "  }}\n}}\n",
      name, t, spelling(result), lanes, body);
}

struct Lanes {
  DType dtype;
  int count;
};
constexpr Lanes kAll[] = {{DType::f32, 16}, {DType::f64, 8}, {DType::i8, 16},     {DType::i16, 16},
                          {DType::i32, 16}, {DType::i64, 8}, {DType::u8, 16},     {DType::u16, 16},
                          {DType::u32, 16}, {DType::u64, 8}, {DType::boolean, 16}};

std::string typed(DType dtype, int lanes) { return format("{}x{}", spelling(dtype), lanes); }

/// `%r = name %a, %b` with as many operands as the instruction has.
std::string plain(Instruction instruction, DType result, int lanes) {
  static constexpr std::string_view kOperands[] = {"", "%a", "%a, %b", "%a, %b, %c"};
  return format("%r = {} {} : {}", name_of(instruction),
                kOperands[static_cast<size_t>(info(instruction).operands)], typed(result, lanes));
}

bool is_of_floats(Instruction i) {
  return i == Instruction::fma || (i >= Instruction::sqrt && i <= Instruction::round_even &&
                                   i != Instruction::maximum && i != Instruction::minimum);
}
bool is_of_bits(Instruction i) {
  return i >= Instruction::bit_and && i <= Instruction::shift_right;
}

/// Whether the simple form `%r = name operands` is tested for the dtype.
bool applies(Instruction i, DType dtype) {
  if (i >= Instruction::select || i == Instruction::shift_left || i == Instruction::shift_right ||
      (i == Instruction::div && !is_float(dtype)))
    return false;
  if (is_of_bits(i)) return !is_float(dtype);
  if (is_of_floats(i)) return is_float(dtype);
  if (is_bool(dtype))
    return i == Instruction::maximum || i == Instruction::minimum ||
           (i >= Instruction::equal && i <= Instruction::greater_equal);
  return true;
}

TEST(Instructions, ComputeWhatTheInterpreterComputes) {
  std::string text;
  for (const Lanes& lanes : kAll) {
    for (const InstructionInfo& row : kInstructions) {
      if (!applies(row.instruction, lanes.dtype)) continue;
      const DType result = row.result == InstructionResult::boolean ? DType::boolean : lanes.dtype;
      text += map_kernel(format("{}_{}", row.name, spelling(lanes.dtype)), lanes.dtype, result,
                         lanes.count, plain(row.instruction, result, lanes.count));
    }
  }
  compare_kernels(parse_kernels(text), kCounts);
}

TEST(Instructions, DivideAndShiftIntegers) {
  std::string text;
  for (const Lanes& lanes : kAll) {
    if (!is_integer(lanes.dtype)) continue;
    const std::string t = typed(lanes.dtype, lanes.count), m = typed(DType::boolean, lanes.count);
    const std::string_view name = spelling(lanes.dtype);
    // The divisor is made odd and positive, or 1 where it is not.
    text += map_kernel(format("div_{}", name), lanes.dtype, lanes.dtype, lanes.count,
                       format("%one = const 1 : {0}\n    %odd = bit_or %b, %one : {0}\n"
                              "    %small = less %odd, %one : {1}\n"
                              "    %d = select %small, %one, %odd : {0}\n    %r = div %a, %d : {0}",
                              t, m));
    for (std::string_view shift : {"shift_left", "shift_right"})
      text += map_kernel(format("{}_{}", shift, name), lanes.dtype, lanes.dtype, lanes.count,
                         format("%last = const {} : {}\n    %by = bit_and %b, %last : {}\n"
                                "    %r = {} %a, %by : {}",
                                8 * bytes_of(lanes.dtype) - 1, t, t, shift, t));
  }
  compare_kernels(parse_kernels(text), kCounts);
}

/// One kernel that converts one operand to every dtype that is `wanted`.
template <class Wanted>
std::string conversions(std::string_view name, const Lanes& from, Wanted&& wanted) {
  std::string parameters, body;
  for (const Lanes& to : kAll) {
    if (!wanted(to.dtype)) continue;
    const std::string_view type = spelling(to.dtype);
    parameters += format(", to_{0}: {0}[N] out", type);
    body += format(
        "    %{0} = {1} %a : {0}x{2}\n"
        "    store to_{0}[$i : {2}] = %{0}\n",
        type, name, from.count);
  }
  return format(
      "kernel @{0}_{1} map (a: {1}[N] in{2}) {{\n  for $i in 0..N step {3} tail = mask {{\n"
      "    %a = load a[$i : {3}] : {1}x{3}\n{4}  }}\n}}\n",
      name, spelling(from.dtype), parameters, from.count, body);
}

TEST(Instructions, SelectConvertAndCastBits) {
  std::string text;
  for (const Lanes& lanes : kAll) {
    const std::string t = typed(lanes.dtype, lanes.count), m = typed(DType::boolean, lanes.count);
    text += map_kernel(format("select_{}", spelling(lanes.dtype)), lanes.dtype, lanes.dtype,
                       lanes.count,
                       format("%m = not_equal %a, %c : {}\n    %r = select %m, %b, %a : {}", m, t));
    text += conversions("convert", lanes, [](DType) { return true; });
    if (!is_bool(lanes.dtype)) {
      text += conversions("bitcast", lanes, [&](DType to) {
        return bytes_of(to) == bytes_of(lanes.dtype) && !is_bool(to);
      });
    }
  }
  compare_kernels(parse_kernels(text), kCounts);
}

// Sums that nearly cancel, and halves of a last place that a second rounding would get wrong.
TEST(Instructions, FuseExactlyWithoutTheInstruction) {
  std::string text;
  int number = 0;
  for (const Lanes& lanes : {Lanes{DType::f32, 16}, Lanes{DType::f64, 8}}) {
    const std::string t = typed(lanes.dtype, lanes.count);
    for (std::string_view factor :
         {"-1.0", "-1.0000002", "16777216.0", "-4503599627370496.0", "1e-08"})
      text += map_kernel(format("fma_{}", number++), lanes.dtype, lanes.dtype, lanes.count,
                         format("%k = const {} : {}\n    %p = mul %a, %b : {}\n"
                                "    %s = mul %p, %k : {}\n    %r = fma %a, %b, %s : {}",
                                factor, t, t, t, t));
  }
  compare_kernels(parse_kernels(text), {{{"N", 4000}}});
}

}  // namespace
}  // namespace thx::testing
