// SPDX-License-Identifier: Apache-2.0
// Lifetimes over the steps in order, and a list of free rooms by their size.
#include "schedule/plan_memory.h"

#include <algorithm>
#include <map>
#include <string>

#include "support/check.h"

namespace thx::loop {
namespace {

constexpr int64_t kAlignment = 64;

struct Lifetime {
  int first = -1;
  int last = -1;
};

/// Which steps use each buffer. A buffer that a loop uses lives as long as the outermost such loop.
class Lifetimes {
 public:
  explicit Lifetimes(const Function& function) : lifetimes_(function.buffers.size()) {
    walk(function.checks);
    walk(function.steps);
    walk(function.commits);
  }
  const std::vector<Lifetime>& get() const { return lifetimes_; }
  int end() const { return now_; }

 private:
  void use(const Argument& argument) {
    Lifetime& lifetime = lifetimes_[static_cast<size_t>(argument.buffer)];
    if (lifetime.first < 0) lifetime.first = now_;
    lifetime.last = now_;
  }

  /// Nesting is shallow: it is that of the source's loops and branches.
  void walk(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (loops_ == 0) ++now_;
      if (const auto* launch = std::get_if<Launch>(&step.node)) {
        for (const Argument& argument : launch->arguments) use(argument);
      } else if (const auto* copy = std::get_if<Copy>(&step.node)) {
        use(copy->from);
        use(copy->to);
      } else if (const auto* loop = std::get_if<For>(&step.node)) {
        ++loops_;
        walk(loop->steps);
        --loops_;
      } else if (const auto* branch = std::get_if<Branch>(&step.node)) {
        use(branch->condition);
        walk(branch->then);
        walk(branch->otherwise);
      }
    }
  }

  std::vector<Lifetime> lifetimes_;
  int now_ = 0;
  int loops_ = 0;
};

Extent room_of(const Buffer& buffer) {
  const Extent bytes = bytes_of(buffer.dtype) * element_count(buffer.extents);
  return kAlignment * ceildiv(bytes, kAlignment);
}

}  // namespace

void plan_memory(Function& function) {
  const Lifetimes lifetimes(function);
  std::vector<std::vector<int32_t>> starting(static_cast<size_t>(lifetimes.end()) + 1);
  std::vector<std::vector<int32_t>> ending(starting.size());
  for (size_t i = 0; i < function.buffers.size(); ++i) {
    const Lifetime& lifetime = lifetimes.get()[i];
    if (function.buffers[i].storage.kind != Storage::Kind::workspace || lifetime.first < 0)
      continue;
    starting[static_cast<size_t>(lifetime.first)].push_back(static_cast<int32_t>(i));
    ending[static_cast<size_t>(lifetime.last)].push_back(static_cast<int32_t>(i));
  }
  Extent end = 0;
  std::map<std::string, std::vector<Extent>> free;  // offsets by the text of the size
  for (size_t now = 0; now < starting.size(); ++now) {
    for (int32_t id : starting[now]) {
      FunctionBuffer& buffer = function.buffers[static_cast<size_t>(id)];
      const Extent size = room_of(buffer.buffer);
      std::vector<Extent>& rooms = free[size.text()];
      if (rooms.empty()) {
        buffer.storage.offset = end;
        end += size;
      } else {
        buffer.storage.offset = rooms.back();
        rooms.pop_back();
      }
    }
    for (int32_t id : ending[now]) {
      const FunctionBuffer& buffer = function.buffers[static_cast<size_t>(id)];
      free[room_of(buffer.buffer).text()].push_back(buffer.storage.offset);
    }
  }
  function.output_slots.clear();
  for (const FunctionBuffer& buffer : function.buffers) {
    if (buffer.storage.kind != Storage::Kind::output) continue;
    function.output_slots.push_back(end);
    end += room_of(buffer.buffer);
  }
  function.workspace_bytes = end;
}

void plan_memory(Program& program) {
  for (Function& function : program.functions) plan_memory(function);
}

}  // namespace thx::loop
