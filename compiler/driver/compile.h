// SPDX-License-Identifier: Apache-2.0
// One compilation: from the path of a .thx file to the bytes of what it compiles to.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "codegen/interface.h"
#include "codegen/target.h"
#include "driver/options.h"
#include "grouping/reasons.h"
#include "passes/rewrite_log.h"
#include "support/diagnostic.h"

namespace thx {

class PassObserver;

/// The files of a build, by name, complete in memory before any is written.
struct Compiled {
  std::string stem;  // of the files' names
  std::map<std::string, std::string> files;
};

/// Compiles `options.file`. Errors of the user are reported; then the result is not to be used.
/// PassFailure or InternalError where the compiler itself is at fault.
Compiled compile(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics);

/// A program compiled as far as its object, for use in this process.
struct CompiledObject {
  Program program;  // as its functions are called: types hold, bodies are lowered
  codegen::Interface interface;
  codegen::Target target;
  std::string object;  // the bytes that a build writes
};

/// The same as far as the object; nothing where there are errors.
std::optional<CompiledObject> compile_object(const CompileOptions& options, Sources& sources,
                                             Diagnostics& diagnostics);
/// With an observer, which sees the program as it is lowered and after each pass, and no
/// reproducers of internal errors.
std::optional<CompiledObject> compile_object(const CompileOptions& options, Sources& sources,
                                             Diagnostics& diagnostics, PassObserver& observer);
/// From a program as the frontend makes it, which need stand in no file.
std::optional<CompiledObject> compile_object(Program program, const CompileOptions& options,
                                             Sources& sources, Diagnostics& diagnostics);

/// A program compiled as far as its loops, with what the passes told.
struct CompiledLoops {
  Program program;  // grouped: its kernels are those of `loops`, by name
  loop::Program loops;
  codegen::Interface interface;
  loop::Machine machine;
  std::string cpu;
  std::vector<Refusal> refusals;  // of the grouping
  RewriteLog rewrites;            // with refusals
};
std::optional<CompiledLoops> compile_loops(const CompileOptions& options, Sources& sources,
                                           Diagnostics& diagnostics);
/// The program that a file spells, before any pass.
std::optional<Program> program_as_written(const CompileOptions& options, Sources& sources,
                                          Diagnostics& diagnostics);

/// Parses, checks, types and differentiates; writes nothing.
void check(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics);

/// Writes one file, beside its final name and renamed when it is complete; its folder is made.
void write_file(const std::string& path, const std::string& bytes, Diagnostics& diagnostics);

/// Writes all files of a build, each beside its final name and renamed when all are complete.
/// Reports error[cannot_write] and leaves nothing behind.
void write_files(const Compiled& compiled, const CompileOptions& options, const Sources& sources,
                 Diagnostics& diagnostics);

}  // namespace thx
