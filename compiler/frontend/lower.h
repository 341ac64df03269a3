// SPDX-License-Identifier: Apache-2.0
// From the tree of a file to tensor IR: names, types and extents are checked on the way.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "frontend/files.h"
#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

struct LowerOptions {
  DType float_x = DType::f32;
  std::vector<std::pair<std::string, std::string>> defines;  // -D NAME=VALUE
};

// Of which value of a file, and by which named values.
struct DerivativeRequest {
  std::string value;
  std::vector<std::string> targets;
};

// The file's program with one function alone, which computes a value's derivatives, the outputs
// `d_w`: the gradient where the value is a scalar, otherwise the Jacobian. Reports all errors of
// the file.
Program lower_derivative(const SourceFiles& files, const Sources& sources,
                         const LowerOptions& options, const DerivativeRequest& request,
                         Diagnostics& diagnostics);

// Reports all errors of the file; the program is whole only where there are none. `for_build`: a
// file without functions is an error.
Program lower(const SourceFiles& files, const Sources& sources, const LowerOptions& options,
              bool for_build, Diagnostics& diagnostics);
// A file without imports.
Program lower(const ast::Module& module, const Sources& sources, uint32_t file,
              const LowerOptions& options, bool for_build, Diagnostics& diagnostics);

}  // namespace thx
