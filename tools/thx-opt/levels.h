// SPDX-License-Identifier: Apache-2.0
// What thx-opt does with a text of each level.
#pragma once

#include <optional>
#include <string_view>

#include "ir/function.h"
#include "options.h"
#include "reference/evaluate.h"
#include "schedule/loop_ir.h"

namespace thx::opt {

bool process_tensor(const Session& session);
bool process_loop(const Session& session);

/// The text of `program`, after checking that reading it gives the same text.
std::string checked_text(const Program& program, const Options& options, bool functions_alone);
std::string checked_text(const loop::Program& program);
/// Reports what the verifier has to say.
bool verify(const Session& session, const Program& program);
bool verify(const Session& session, const loop::Program& program);

/// Runs the named passes; `loops` is filled, and `lowered` true, once `build-nests` has run.
bool run_passes(const Session& session, Program& program, loop::Program& loops, bool& lowered);
bool run_passes(const Session& session, loop::Program& program);

/// Prints what `options.emit` asks for. False where a kernel cannot be emitted.
bool emit_kernels(const Session& session, const loop::Program& program);

/// Prints a table of the page of operators: `functions`, `elementwise` or `arrays`.
void print_operators(std::string_view table);

/// Prints a table of the page of rewrites: `canonical`, `stability`, `inverse`, `value`, `simplify`
/// or `special`.
void print_rules(std::string_view table);

/// Evaluates `options.run` and prints what it gives.
bool run_function(const Session& session, const Program& program);
bool run_loops(const Session& session, const loop::Program& program);
/// The arguments of the command line for `function`; nothing where they do not fit, after a report.
std::optional<reference::Arguments> read_arguments(const Session& session, const Program& program,
                                                   const Function& function);
/// Outputs and updated states, a line each.
void print_outcome(const Function& function, const reference::Outcome& outcome);

/// Runs `options.run` before and after the named passes and prints both. `emit` as the last pass:
/// also as an object.
bool compare_runs(const Session& session, Program program);
bool compare_runs(const Session& session, loop::Program program);

}  // namespace thx::opt
