// SPDX-License-Identifier: Apache-2.0
// One compilation: from the path of a .thx file to the bytes of what it compiles to.
#pragma once

#include <map>
#include <string>

#include "driver/options.h"
#include "support/diagnostic.h"

namespace thx {

/// The files of a build, by name, complete in memory before any is written.
struct Compiled {
  std::string stem;  // of the files' names
  std::map<std::string, std::string> files;
};

/// Compiles `options.file`. Errors of the user are reported; then the result is not to be used.
/// PassFailure or InternalError where the compiler itself is at fault.
Compiled compile(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics);

/// Parses, checks, types and differentiates; writes nothing.
void check(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics);

/// Writes all files of a build, each beside its final name and renamed when all are complete.
/// Reports error[cannot_write] and leaves nothing behind.
void write_files(const Compiled& compiled, const CompileOptions& options, Diagnostics& diagnostics);

}  // namespace thx
