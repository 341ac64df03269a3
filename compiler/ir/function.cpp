// SPDX-License-Identifier: Apache-2.0
// Look-ups in functions and programs.
#include "ir/function.h"

#include <algorithm>

#include "support/check.h"

namespace thx {

std::vector<Value> Function::roots() const {
  std::vector<Value> result;
  result.reserve(outputs.size() + states.size());
  for (const Output& output : outputs) result.push_back(output.value);
  for (const StateUse& state : states)
    if (state.next) result.push_back(state.next);
  return result;
}

bool Function::updates_state() const {
  return std::any_of(states.begin(), states.end(),
                     [](const StateUse& state) { return static_cast<bool>(state.next); });
}

const State& Program::state(std::string_view name) const {
  for (const State& state : states)
    if (state.name == name) return state;
  THX_UNREACHABLE("no state {}", name);
}

const Dim* Program::dim(std::string_view name) const {
  for (const Dim& dim : dims)
    if (dim.name == name) return &dim;
  return nullptr;
}

}  // namespace thx
