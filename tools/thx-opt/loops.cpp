// SPDX-License-Identifier: Apache-2.0
// thx-opt on loop IR.
#include <cstdio>

#include "levels.h"
#include "schedule/parse.h"
#include "schedule/print.h"
#include "schedule/run_text.h"
#include "schedule/verify.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::opt {

std::string checked_text(const loop::Program& program) {
  const std::string text = loop::print(program);
  const Result<loop::Program> again = loop::parse_loop(text);
  THX_CHECK(again.ok(), "the printed program does not read back: {}\n{}", again.error().message(),
            text);
  const std::string second = loop::print(*again);
  THX_CHECK(second == text, "the printed program reads back differently:\n{}\nand\n{}", text,
            second);
  return text;
}

bool verify(const Session& session, const loop::Program& program) {
  for (const std::string& problem : loop::verify(program))
    session.diagnostics.report({Err::ir_invalid, {}, problem});
  return !session.diagnostics.has_errors();
}

bool run_loops(const Session& session, const loop::Program& program) {
  const Options& options = session.options;
  const Result<std::string> result = loop::run_text(
      program, {options.run, options.arguments, options.dims, options.reverse_chunks});
  if (!result) return session.fail(result.error());
  std::fputs(result->c_str(), stdout);
  return true;
}

bool process_loop(const Session& session) {
  Result<loop::Program> parsed = loop::parse_loop(session.text(), session.file);
  if (!parsed) return session.fail(parsed.error());
  loop::Program program = std::move(*parsed);
  // Before plan-memory buffers have no places, which the verifier would find to overlap.
  const std::vector<std::string>& passes = session.options.passes;
  const bool placed = passes.empty() || passes.front() != "plan-memory";
  if (placed && !verify(session, program)) return false;
  checked_text(program);
  if (session.options.compare) return compare_runs(session, std::move(program));
  if (!session.options.passes.empty() && !run_passes(session, program)) return false;
  if (!session.options.run.empty()) return run_loops(session, program);
  if (!session.options.emit.empty()) {
    return emit_kernels(session, program);
  }
  std::fputs(checked_text(program).c_str(), stdout);
  return true;
}

}  // namespace thx::opt
