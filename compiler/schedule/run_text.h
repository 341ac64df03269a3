// SPDX-License-Identifier: Apache-2.0
// Runs a kernel or function of a loop IR text on buffers that are given and printed as text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schedule/interpret.h"
#include "support/result.h"

namespace thx::loop {

struct RunRequest {
  std::string name;  // of a kernel or, where there is none of that name, of a function
  /// Values by name of the buffer: numbers with any brackets and commas between them; `?` leaves
  /// an element undefined. A buffer that is not named starts undefined.
  std::vector<std::pair<std::string, std::string>> buffers;
  Extent::Values dims;
  bool reverse_chunks = false;
};

/// The buffers that the run may have written, a line each: `y: f32[3] = [1.0, 2.0, ?]`. A failure
/// is a line in front of them, `fails: index 3`; an error of the run is the only line.
Result<std::string> run_text(const Program& program, const RunRequest& request);
Result<std::string> run_text(std::string_view text, const RunRequest& request);

}  // namespace thx::loop
