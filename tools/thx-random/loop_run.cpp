// SPDX-License-Identifier: Apache-2.0
// Arrays as bytes and back, around the interpreter of loop IR.
#include "loop_run.h"

#include "reference/array_rules.h"
#include "schedule/arithmetic.h"
#include "schedule/interpret.h"
#include "support/text.h"

namespace thx::random {

using reference::Array;

HostArray to_host(const Array& array) {
  HostArray host{array.dtype, array.extents, {}};
  const auto width = static_cast<size_t>(bytes_of(array.dtype));
  host.bytes.resize(array.elements.size() * width);
  for (size_t i = 0; i < array.elements.size(); ++i)
    loop::store_lane(host.bytes.data() + i * width, array.dtype, loop::bits_of(array.elements[i]));
  return host;
}

Array from_host(const HostArray& host) {
  Array array{host.dtype, host.extents, {}};
  const auto width = static_cast<size_t>(bytes_of(host.dtype));
  for (size_t byte = 0; byte < host.bytes.size(); byte += width)
    array.elements.push_back(
        loop::scalar_of(loop::load_lane(host.bytes.data() + byte, host.dtype), host.dtype));
  return array;
}

namespace {

loop::Memory memory_of(const Array& array) {
  loop::Memory memory;
  memory.bytes = to_host(array).bytes;
  memory.defined.assign(memory.bytes.size(), 1);
  return memory;
}

loop::Memory empty_memory(const Type& type, const Extent::Values& dims) {
  const int64_t count = reference::count(reference::numbers(type.shape, dims));
  return loop::Memory(static_cast<size_t>(count * bytes_of(type.dtype)));
}

Array array_of(const loop::Memory& memory, const Type& type, const Extent::Values& dims,
               std::string_view name, std::string& error) {
  for (size_t byte = 0; byte < memory.defined.size(); ++byte)
    if (memory.defined[byte] == 0 && error.empty())
      error = format("byte {} of {} is not written", byte, name);
  return from_host({type.dtype, reference::numbers(type.shape, dims), memory.bytes});
}

}  // namespace

reference::Outcome run_loops(const loop::Function& function, const Function& source,
                             const reference::Arguments& arguments, bool reverse,
                             std::string& error) {
  std::vector<loop::Memory> inputs, states, outputs;
  for (const Array& array : arguments.inputs) inputs.push_back(memory_of(array));
  for (const Array& array : arguments.states) states.push_back(memory_of(array));
  for (const Output& output : source.outputs)
    outputs.push_back(empty_memory(output.value->type(), arguments.dims));
  loop::FunctionMemory memory;
  for (loop::Memory& one : inputs) memory.inputs.push_back(&one);
  for (loop::Memory& one : states) memory.states.push_back(&one);
  for (loop::Memory& one : outputs) memory.outputs.push_back(&one);
  loop::InterpretOptions options;
  options.dims = arguments.dims;
  options.reverse_chunks = reverse;
  const loop::Outcome run = loop::interpret(function, memory, options);
  reference::Outcome outcome;
  if (run.error) error = *run.error;
  if (run.failure) {
    outcome.status = reference::Status::index;
    outcome.why = format("index {}", run.failure->index);
  }
  if (!error.empty()) return outcome;
  for (size_t i = 0; i < source.states.size(); ++i)
    outcome.states.push_back(array_of(states[i], source.states[i].current->type(), arguments.dims,
                                      source.states[i].name, error));
  if (run.failure) return outcome;
  for (size_t i = 0; i < source.outputs.size(); ++i)
    outcome.outputs.push_back(array_of(outputs[i], source.outputs[i].value->type(), arguments.dims,
                                       source.outputs[i].name, error));
  return outcome;
}

}  // namespace thx::random
