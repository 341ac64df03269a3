// SPDX-License-Identifier: Apache-2.0
// thxc run: a function of a file, called in this process on the user's arrays.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driver/options.h"
#include "support/diagnostic.h"

namespace thx {

/// What `thxc run` was asked for, besides how to compile.
struct RunRequest {
  std::string function;             // empty: the only one of the file
  std::vector<std::string> inputs;  // NAME=VALUE, in order
  std::vector<std::string> states;  // the same for states, over initial values and --state
  std::optional<int64_t> steps;     // calls, on the same state
  std::optional<int64_t> progress;  // after every so many calls, a line
  std::string state;                // a checkpoint to start from
  std::string save;                 // a checkpoint to write at the end
  std::string folder;               // for outputs as .npy; empty: printed
  uint64_t seed = 0;
};

/// Compiles, calls, and prints or writes the outputs. What goes wrong is reported.
void run_function(const CompileOptions& options, const RunRequest& request, Sources& sources,
                  Diagnostics& diagnostics);

}  // namespace thx
