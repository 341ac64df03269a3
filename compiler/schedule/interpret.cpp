// SPDX-License-Identifier: Apache-2.0
// Runs functions: buffers, launches, copies, loops and branches around them.
#include "schedule/interpret.h"

#include <algorithm>
#include <cstring>

#include "schedule/kernel_run.h"
#include "support/text.h"

namespace thx::loop {

namespace {

class FunctionRun {
 public:
  FunctionRun(const Function& function, const FunctionMemory& memory,
              const InterpretOptions& options)
      : function_(function), memory_(memory), options_(options) {}

  Outcome run() {
    workspace_ =
        Memory(static_cast<size_t>(std::max<int64_t>(value(function_.workspace_bytes), 0)));
    for (const FunctionBuffer& entry : function_.buffers) views_.push_back(view(entry));
    if (outcome_.error) return outcome_;
    steps(function_.checks);
    steps(function_.steps);
    steps(function_.commits);
    return outcome_;
  }

 private:
  void error(std::string message) {
    if (outcome_.finished()) outcome_.error = format("@{}: {}", function_.name, message);
  }

  int64_t value(const Extent& extent) {
    const std::optional<int64_t> value = extent.evaluate(options_.dims);
    if (!value) error(format("{} has no value", extent.text()));
    return value.value_or(0);
  }

  View view(const FunctionBuffer& entry) {
    const auto numbered = [&](const std::vector<Memory*>& from) {
      const auto index = static_cast<size_t>(entry.storage.index);
      if (index < from.size() && from[index] != nullptr) return View{from[index], 0};
      error(format("there is no memory for {}", entry.buffer.name));
      return View{};
    };
    switch (entry.storage.kind) {
      case Storage::Kind::input: return numbered(memory_.inputs);
      case Storage::Kind::output: return numbered(memory_.outputs);
      case Storage::Kind::state: return numbered(memory_.states);
      case Storage::Kind::workspace: break;
    }
    return {&workspace_, value(entry.storage.offset)};
  }

  View view(const Argument& argument) {
    View out = views_[argument.buffer];
    out.offset +=
        value(argument.offset) * bytes_of(function_.buffers[argument.buffer].buffer.dtype);
    return out;
  }

  void steps(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (!outcome_.finished()) return;
      std::visit([this](const auto& entry) { node(entry); }, step.node);
    }
  }

  void node(const Launch& launch) {
    std::vector<View> views;
    for (const Argument& argument : launch.arguments) views.push_back(view(argument));
    outcome_.late = options_.is_late();
    if (!outcome_.finished()) return;
    outcome_ = interpret(function_.kernels[launch.kernel], views, options_);
    if (outcome_.failure) outcome_.failure->input = launch.fail_input;
  }

  void node(const Copy& copy) {
    const View to = view(copy.to);
    const View from = view(copy.from);
    const DType dtype = function_.buffers[copy.to.buffer].buffer.dtype;
    const int64_t bytes = value(copy.elements) * bytes_of(dtype);
    const auto fits = [&](const View& view) {
      return view.offset >= 0 &&
             view.offset + bytes <= static_cast<int64_t>(view.memory->bytes.size());
    };
    if (!outcome_.finished()) return;
    if (bytes < 0 || !fits(to) || !fits(from)) return error("a copy leaves its buffer");
    if (bytes == 0) return;
    std::memmove(to.memory->bytes.data() + to.offset, from.memory->bytes.data() + from.offset,
                 static_cast<size_t>(bytes));
    std::memmove(to.memory->defined.data() + to.offset, from.memory->defined.data() + from.offset,
                 static_cast<size_t>(bytes));
    if (!is_bool(dtype)) return;
    // In an input any nonzero byte is true; what we write is 0 or 1.
    for (int64_t i = 0; i < bytes; ++i) {
      std::byte& truth = to.memory->bytes[static_cast<size_t>(to.offset + i)];
      truth = static_cast<std::byte>(truth != std::byte{0});
    }
  }

  void node(const For& loop) {
    const int64_t count = value(loop.extent);
    for (int64_t n = 0; n < count && outcome_.finished(); ++n) {
      options_.dims[loop.var] = loop.reverse ? count - 1 - n : n;
      steps(loop.steps);
    }
    options_.dims.erase(loop.var);
  }

  void node(const Branch& branch) {
    const View condition = view(branch.condition);
    if (!outcome_.finished()) return;
    const auto byte = static_cast<size_t>(condition.offset);
    if (byte >= condition.memory->bytes.size() || condition.memory->defined[byte] == 0)
      return error("a branch on an undefined condition");
    steps(condition.memory->bytes[byte] != std::byte{0} ? branch.then : branch.otherwise);
  }

  const Function& function_;
  const FunctionMemory& memory_;
  InterpretOptions options_;  // a copy: loops over launches add their variables to the dims
  Memory workspace_;
  std::vector<View> views_;
  Outcome outcome_;
};

}  // namespace

Outcome interpret(const Kernel& kernel, std::span<const View> views,
                  const InterpretOptions& options) {
  return KernelRun(kernel, views, options).run();
}

Outcome interpret(const Function& function, const FunctionMemory& memory,
                  const InterpretOptions& options) {
  return FunctionRun(function, memory, options).run();
}

}  // namespace thx::loop
