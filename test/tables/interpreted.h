// SPDX-License-Identifier: Apache-2.0
// The same calls by the reference interpreter, on the program as the frontend makes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/loaded.h"
#include "table.h"

namespace thx::tables {

/// A program before anything is rewritten: only gradients are resolved.
class Interpreted {
 public:
  Interpreted(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics);
  bool ok() const { return program_.has_value(); }
  /// What differs from what the call wants, each in words; `states` are the values before it.
  std::vector<std::string> check(const Call& call, const DimValues& dims,
                                 const Arguments& states) const;

 private:
  std::optional<Program> program_;
};

}  // namespace thx::tables
