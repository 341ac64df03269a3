// SPDX-License-Identifier: Apache-2.0
// One call of one function in each of its forms, with results that compare.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "driver/loaded.h"
#include "driver/verify_inputs.h"
#include "reference/error_bounds.h"
#include "schedule/interpret.h"

namespace thx {

/// Outputs, then next states (`state w`), each with bounds, which are 0 where the form has none.
struct RunResult {
  std::string status = "ok";  // or dim, index
  std::string why;            // of another status
  std::string broken;         // a run that must not be: poison, an access outside of a buffer
  std::vector<std::pair<std::string, reference::Bounded>> values;  // empty after a failure
  std::string given_up = {};  // why the interpreter did not get to the end
};

/// The numbers that a call starts from, as every form takes them.
struct CallData {
  const Trial& trial;
  Arguments states;                             // all of the program's, by name
  std::chrono::steady_clock::time_point until;  // the interpreter gives up
};

RunResult run_tensors(const Function& function, const CallData& data,
                      const reference::BoundOptions& options, bool wide);
/// Whether an input, a state, or a value that the function computes, in regions too, is one that
/// `found` tells.
bool any_number(const Function& function, const CallData& data,
                const std::function<bool(const reference::Array&)>& found);
/// `source`: the tensor function, for the shapes and names of what comes out.
RunResult run_loops(const loop::Function& function, const Function& source, const CallData& data,
                    bool reverse_chunks);
/// `without_outputs`: NULL is passed for all of them; what comes back are the states alone.
/// An error where the call cannot be made.
Result<RunResult> run_object(const LoadedProgram& program, const Function& source,
                             const CallData& data, bool without_outputs);

/// The states that the trial starts from: its own, or initial values.
Result<Arguments> starting_states(const LoadedProgram& program, const Trial& trial);
/// Initial values of a new model: those that `init` makes.
Result<RunResult> initial_by_object(const LoadedProgram& program, const Function& init,
                                    const Trial& trial);

}  // namespace thx
