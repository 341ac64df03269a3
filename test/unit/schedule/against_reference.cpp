// SPDX-License-Identifier: Apache-2.0
// Compares the loop interpreter with the reference interpreter.
#include "against_reference.h"

#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "grouping/group.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ops/verify.h"
#include "passes/bind_dims.h"
#include "passes/form_fma.h"
#include "passes/order_reductions.h"
#include "schedule/build_nests.h"
#include "schedule/interpret.h"
#include "schedule/plan_memory.h"
#include "schedule/print.h"
#include "schedule/vectorize.h"
#include "schedule/verify.h"
#include "support/check.h"

namespace thx::loop {
namespace {

using reference::Array;

void check_verified(const std::vector<std::string>& problems, const std::string& text) {
  THX_CHECK(problems.empty(), "{}\n{}",
            join(problems, "\n", [](const std::string& p) { return p; }), text);
}

Array filled(const Type& type, const Trial& trial, std::mt19937& random) {
  reference::Index extents;
  for (const Extent& extent : type.shape) extents.push_back(*extent.evaluate(trial.dims));
  Array array = Array::filled(type.dtype, extents, Scalar::of(type.dtype, 0));
  std::uniform_real_distribution<double> real(-1.5, 1.5);
  std::uniform_int_distribution<int64_t> integer(
      0, is_bool(type.dtype) ? 1 : std::max<int64_t>(trial.index_below - 1, 0));
  for (Scalar& element : array.elements)
    element = is_float(type.dtype) ? Scalar::of(type.dtype, real(random))
                                   : Scalar::of_integer(type.dtype, integer(random));
  return array;
}

void put(std::byte* to, const Scalar& value) {
  if (value.dtype == DType::f32) {
    const auto single = static_cast<float>(value.real);
    std::memcpy(to, &single, sizeof single);
  } else if (value.dtype == DType::f64) {
    std::memcpy(to, &value.real, sizeof value.real);
  } else {
    std::memcpy(to, &value.integer, static_cast<size_t>(bytes_of(value.dtype)));
  }
}

Scalar got(const std::byte* from, DType dtype) {
  Scalar value = Scalar::of(dtype, 0);
  if (dtype == DType::f32) {
    float single = 0;
    std::memcpy(&single, from, sizeof single);
    value.real = single;
  } else if (dtype == DType::f64) {
    std::memcpy(&value.real, from, sizeof value.real);
  } else {
    int64_t bits = 0;
    std::memcpy(&bits, from, static_cast<size_t>(bytes_of(dtype)));
    value = Scalar::of_integer(dtype, bits);
  }
  return value;
}

Memory memory_of(const Array& array, bool defined) {
  const auto width = static_cast<size_t>(bytes_of(array.dtype));
  Memory memory(array.elements.size() * width);
  if (!defined) return memory;
  for (size_t i = 0; i < array.elements.size(); ++i)
    put(memory.bytes.data() + i * width, array.elements[i]);
  memory.defined.assign(memory.defined.size(), 1);
  return memory;
}

bool agree(const Scalar& a, const Scalar& b, const Trial& trial) {
  if (a == b) return true;
  if (!is_float(a.dtype)) return false;
  if (std::isnan(a.real) && std::isnan(b.real)) return true;
  if (trial.exact) return false;
  return std::abs(a.real - b.real) <= trial.tolerance * std::max(1.0, std::abs(b.real));
}

std::string compare(std::string_view name, const Memory& memory, const Array& expected,
                    const Trial& trial) {
  const auto width = static_cast<size_t>(bytes_of(expected.dtype));
  for (size_t i = 0; i < expected.elements.size(); ++i) {
    for (size_t byte = 0; byte < width; ++byte)
      if (memory.defined[i * width + byte] == 0) return format("{}[{}] is not written", name, i);
    const Scalar value = got(memory.bytes.data() + i * width, expected.dtype);
    if (!agree(value, expected.elements[i], trial))
      return format("{}[{}] is {}, not {}", name, i, text(value), text(expected.elements[i]));
  }
  return {};
}

}  // namespace

Lowered lower(std::string_view text, const Trial& trial) {
  Result<thx::Program> program = parse_program(text);
  THX_CHECK(program.ok(), "{}", program.error().message());
  return lower(std::move(*program), trial);
}

Lowered lower(thx::Program program, const Trial& trial) {
  check_verified(verify_program(program), print(program));
  order_reductions(program);
  form_fma(program, trial.fma);
  bind_dims(program);
  check_verified(verify_program(program), print(program));
  Lowered lowered;
  lowered.tensor = std::move(*parse_program(print(program)));
  group(program);
  check_verified(verify_program(program), print(program));
  lowered.loops = build_loops(program, {trial.vector_bytes, trial.fma});
  plan_memory(lowered.loops);
  if (trial.vectorized) vectorize(lowered.loops, {trial.vector_bytes, trial.fma});
  lowered.grouped = std::move(program);
  check_verified(verify(lowered.loops), print(lowered.grouped) + print(lowered.loops));
  return lowered;
}

std::string kernel_kinds(const Function& function) {
  std::map<std::string, int> count;
  for (const Kernel& kernel : function.kernels) ++count[kernel.kind];
  return join(count, ", ",
              [](const auto& entry) { return format("{} {}", entry.first, entry.second); });
}

std::string difference(const Lowered& lowered, const Trial& trial) {
  const thx::Function& source = lowered.tensor.functions.front();
  std::mt19937 random(7);
  reference::Arguments arguments;
  arguments.dims = trial.dims;
  for (const Input& input : source.inputs)
    arguments.inputs.push_back(filled(input.value->type(), trial, random));
  for (const StateUse& use : source.states)
    arguments.states.push_back(filled(use.current->type(), trial, random));
  if (trial.arguments) trial.arguments(arguments);
  const reference::Outcome expected = reference::evaluate(source, arguments);

  std::vector<Memory> inputs, states, outputs;
  for (const Array& array : arguments.inputs) inputs.push_back(memory_of(array, true));
  for (const Array& array : arguments.states) states.push_back(memory_of(array, true));
  for (const Output& output : source.outputs)
    outputs.push_back(memory_of(filled(output.value->type(), trial, random), false));
  FunctionMemory memory;
  for (Memory& one : inputs) memory.inputs.push_back(&one);
  for (Memory& one : states) memory.states.push_back(&one);
  for (Memory& one : outputs) memory.outputs.push_back(&one);
  InterpretOptions options;
  options.dims = trial.dims;
  const Outcome outcome = interpret(lowered.loops.functions.front(), memory, options);
  if (outcome.error) return *outcome.error;
  if (expected.status == reference::Status::dim) return "refused at entry: " + expected.why;
  if (outcome.failure) {
    if (expected.status == reference::Status::ok) return "fails, but should not";
    for (size_t i = 0; i < states.size(); ++i)
      if (std::string why = compare(source.states[i].name, states[i], arguments.states[i], trial);
          !why.empty())
        return "after a failure: " + why;
    return {};
  }
  if (expected.status != reference::Status::ok) return "should fail: " + expected.why;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (std::string why = compare(source.outputs[i].name, outputs[i], expected.outputs[i], trial);
        !why.empty())
      return why;
  for (size_t i = 0; i < states.size(); ++i)
    if (std::string why = compare(source.states[i].name, states[i], expected.states[i], trial);
        !why.empty())
      return why;
  return {};
}

}  // namespace thx::loop
