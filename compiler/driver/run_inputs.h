// SPDX-License-Identifier: Apache-2.0
// The inputs of `thxc run`: from NAME=VALUE to arrays that a function takes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "driver/loaded.h"
#include "driver/run.h"

namespace thx {

struct RunInputs {
  struct Range {
    int64_t first, count;
  };

  Arguments arguments;
  Arguments states;                     // values for the model, after its initial ones
  std::map<std::string, Range> ranges;  // integer scalars that change from call to call

  /// As many calls as the longest range has numbers; 1 without ranges.
  int64_t steps() const;
  /// Gives each range the number of that call, from 0; after its last comes its first.
  void set_ranges(int64_t step, BoundCall& call) const;
};

/// Reads what a request says of inputs and states: NAME=VALUE, where VALUE is a literal, a file
/// (PATH, PATH:MEMBER), or FIRST:END for an integer input. Reports all that are missing, unknown,
/// given twice or not of their type, and notes conversions.
std::optional<RunInputs> read_inputs(const codegen::EntryPoint& function,
                                     const std::vector<codegen::Field>& fields,
                                     const RunRequest& request, Diagnostics& diagnostics);

}  // namespace thx
