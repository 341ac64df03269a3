// SPDX-License-Identifier: Apache-2.0
// Buffers from text and to text, around a run of the interpreter.
#include "schedule/run_text.h"

#include <algorithm>

#include "schedule/arithmetic.h"
#include "schedule/loop_scanner.h"
#include "schedule/parse.h"
#include "schedule/print.h"
#include "support/text.h"

namespace thx::loop {

namespace {

std::string element_text(const Memory& memory, size_t byte, DType dtype) {
  for (int i = 0; i < bytes_of(dtype); ++i)
    if (memory.defined[byte + static_cast<size_t>(i)] == 0) return "?";
  const Scalar value = scalar_of(load_lane(memory.bytes.data() + byte, dtype), dtype);
  if (dtype == DType::f32) return format_float(static_cast<float>(value.real));
  if (dtype == DType::f64) return format_double(value.real);
  if (is_bool(dtype)) return value.integer != 0 ? "true" : "false";
  return is_signed(dtype) ? format("{}", value.integer)
                          : format("{}", static_cast<uint64_t>(value.integer));
}

class TextRun {
 public:
  explicit TextRun(const RunRequest& request) : request_(request) {
    options_.dims = request.dims;
    options_.reverse_chunks = request.reverse_chunks;
  }

  Result<std::string> run(const Kernel& kernel) {
    std::vector<const Buffer*> buffers;
    for (int i = 0; i < kernel.parameter_count(); ++i) buffers.push_back(&kernel.buffers[i]);
    if (!fill(buffers)) return *error_;
    std::vector<View> views;
    for (Memory& memory : memories_) views.push_back({&memory, 0});
    return report(buffers, interpret(kernel, views, options_));
  }

  Result<std::string> run(const Function& function) {
    std::vector<const Buffer*> buffers;
    std::vector<const Storage*> storages;
    for (const FunctionBuffer& entry : function.buffers) {
      if (entry.storage.kind == Storage::Kind::workspace) continue;
      buffers.push_back(&entry.buffer);
      storages.push_back(&entry.storage);
    }
    if (!fill(buffers)) return *error_;
    FunctionMemory memory;
    for (size_t i = 0; i < buffers.size(); ++i) {
      auto& into = storages[i]->kind == Storage::Kind::input    ? memory.inputs
                   : storages[i]->kind == Storage::Kind::output ? memory.outputs
                                                                : memory.states;
      const auto index = static_cast<size_t>(storages[i]->index);
      if (into.size() <= index) into.resize(index + 1);
      into[index] = &memories_[i];
    }
    return report(buffers, interpret(function, memory, options_));
  }

 private:
  bool refuse(std::string message) {
    error_.emplace(Err::bad_option, Span{}, std::move(message));
    return false;
  }

  bool fill(const std::vector<const Buffer*>& buffers) {
    for (const auto& [name, values] : request_.buffers) {
      const auto known = [&name = name](const Buffer* buffer) { return buffer->name == name; };
      if (std::none_of(buffers.begin(), buffers.end(), known))
        return refuse(format("there is no buffer `{}`", name));
    }
    for (const Buffer* buffer : buffers) {
      Extent last = 1;
      for (size_t axis = 0; axis < buffer->extents.size(); ++axis)
        last += (buffer->extents[axis] - 1) * buffer->strides[axis];
      const std::optional<int64_t> elements = last.evaluate(request_.dims);
      if (!elements) return refuse(format("the extents of {} need more dims", buffer->name));
      const bool empty = element_count(buffer->extents).evaluate(request_.dims).value_or(0) == 0;
      const int64_t count = empty ? 0 : std::max<int64_t>(*elements, 0);
      memories_.emplace_back(static_cast<size_t>(count * bytes_of(buffer->dtype)));
      for (const auto& [name, values] : request_.buffers)
        if (name == buffer->name && !fill(*buffer, values, count)) return false;
    }
    return true;
  }

  bool fill(const Buffer& buffer, std::string values, int64_t count) {
    std::replace_if(
        values.begin(), values.end(),
        [](char c) { return c == '[' || c == ']' || c == ',' || c == '\n'; }, ' ');
    LoopScanner scan(values, 0);
    Memory& memory = memories_.back();
    int64_t n = 0;
    for (; !scan.at_end(); ++n) {
      const std::string literal(scan.literal());
      if (n >= count) return refuse(format("{} has only {} elements", buffer.name, count));
      if (literal == "?") continue;
      const Scalar scalar = scan.scalar(literal, buffer.dtype);
      if (!scan.ok()) return refuse(scan.take_error().message());
      const auto byte = static_cast<size_t>(n * bytes_of(buffer.dtype));
      store_lane(memory.bytes.data() + byte, buffer.dtype, bits_of(scalar));
      for (int i = 0; i < bytes_of(buffer.dtype); ++i)
        memory.defined[byte + static_cast<size_t>(i)] = 1;
    }
    if (n != count) return refuse(format("{} has {} elements, not {}", buffer.name, count, n));
    return true;
  }

  std::string values(const Buffer& buffer, const Memory& memory, size_t axis, int64_t element) {
    if (axis == buffer.extents.size())
      return element_text(memory, static_cast<size_t>(element * bytes_of(buffer.dtype)),
                          buffer.dtype);
    const int64_t extent = buffer.extents[axis].evaluate(request_.dims).value_or(0);
    const int64_t stride = buffer.strides[axis].evaluate(request_.dims).value_or(0);
    std::string out = "[";
    for (int64_t i = 0; i < extent; ++i)
      out += (i == 0 ? "" : ", ") + values(buffer, memory, axis + 1, element + i * stride);
    return out + "]";
  }

  std::string report(const std::vector<const Buffer*>& buffers, const Outcome& outcome) {
    if (outcome.error) return "error: " + *outcome.error + "\n";
    std::string out;
    if (outcome.failure)
      append(out, "fails: {} {}\n", text(outcome.failure->status), outcome.failure->index);
    for (size_t i = 0; i < buffers.size(); ++i) {
      if (buffers[i]->access == Access::in) continue;
      Type type{buffers[i]->dtype, {}};
      for (const Extent& extent : buffers[i]->extents)
        type.shape.emplace_back(extent.evaluate(request_.dims).value_or(0));
      append(out, "{}: {} = {}\n", buffers[i]->name, text(type),
             values(*buffers[i], memories_[i], 0, 0));
    }
    return out;
  }

  const RunRequest& request_;
  InterpretOptions options_;
  std::vector<Memory> memories_;
  std::optional<Diagnostic> error_;
};

}  // namespace

Result<std::string> run_text(const Program& program, const RunRequest& request) {
  for (const Function& function : program.functions)
    for (const Kernel& kernel : function.kernels)
      if (kernel.name == request.name) return TextRun(request).run(kernel);
  for (const Function& function : program.functions)
    if (function.name == request.name) return TextRun(request).run(function);
  return Diagnostic(Err::bad_option, {},
                    format("there is no kernel or function `{}`", request.name));
}

Result<std::string> run_text(std::string_view text, const RunRequest& request) {
  Result<Program> program = parse_loop(text);
  if (!program) return program.error();
  return run_text(*program, request);
}

}  // namespace thx::loop
