// SPDX-License-Identifier: Apache-2.0
// Outputs and updates: which values are written straight into them, and which are copied.
#include <algorithm>

#include "ir/structure.h"
#include "schedule/function_builder.h"

namespace thx::loop {
namespace {

size_t at(int i) { return static_cast<size_t>(i); }

}  // namespace

/// A state's old value is gone once its kernel runs: nothing may read it then.
bool FunctionBuilder::writes_in_place(size_t state) const {
  const StateUse& use = source_.states[state];
  if (function_.fallible || !use.next || !is_result(*use.next)) return false;
  const Value maker = use.next->operands[0];
  if (!is_kernel(*maker)) return false;
  for (Value root : source_.roots())
    if (root == use.current) return false;
  for (Value value : needed(source_.graph(), source_.roots())) {
    for (size_t i = 0; i < value->operands.size(); ++i) {
      if (!(value->operands[i] == use.current) || value->id < maker->id) continue;
      if (value->id > maker->id) return false;
      if (!reads_at_written_place_alone(maker, i,
                                        static_cast<size_t>(use.next->attrs.integer("index"))))
        return false;
    }
  }
  return true;
}

FunctionBuilder::Wishes FunctionBuilder::wish_roots() {
  Wishes wishes;
  for (size_t i = 0; i < source_.states.size(); ++i)
    if (writes_in_place(i))
      wishes.try_emplace(source_.states[i].next->id, Location{state_buffers_[i], 0});
  for (size_t i = 0; i < source_.outputs.size(); ++i)
    if (is_result(*source_.outputs[i].value))
      wishes.try_emplace(source_.outputs[i].value->id, Location{output_buffers_[i], 0});
  return wishes;
}

/// Whether the state that holds `value` keeps it: it is no old value that a commit may replace
/// first.
bool FunctionBuilder::is_settled(const Location& place, Value value) const {
  for (size_t i = 0; i < source_.states.size(); ++i)
    if (state_buffers_[i] == place.buffer)
      return !source_.states[i].next || source_.states[i].next == value;
  return false;
}

void FunctionBuilder::finish_roots(const Locations& locations) {
  for (size_t i = 0; i < source_.outputs.size(); ++i) {
    const Value value = source_.outputs[i].value;
    copy({output_buffers_[i], 0}, *locations[at(value->id)], value->type(), function_.steps);
  }
  for (size_t i = 0; i < source_.states.size(); ++i) {
    const Value next = source_.states[i].next;
    if (!next) continue;
    Location from = *locations[at(next->id)];
    if (from.buffer == state_buffers_[i]) continue;
    const Buffer& source = function_.buffers[at(from.buffer)].buffer;
    if (source.scope == Scope::state && !is_settled(from, next)) {
      const Location held = workspace("held", next->type());
      copy(held, from, next->type(), function_.steps);
      from = held;
    }
    guard_update(source_.states[i], from);
    copy({state_buffers_[i], 0}, from, next->type(), function_.commits);
  }
}

}  // namespace thx::loop
