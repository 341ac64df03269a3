// SPDX-License-Identifier: Apache-2.0
// thx-opt on tensor IR.
#include <cstdio>

#include "ir/cursor.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "levels.h"
#include "ops/verify.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::opt {

std::string checked_text(const Program& program, const Options& options, bool functions_alone) {
  const std::string text = print(program);
  const Result<Program> again = parse_program(text);
  THX_CHECK(again.ok(), "the printed program does not read back: {}\n{}", again.error().message(),
            text);
  const std::string second = print(*again);
  THX_CHECK(second == text, "the printed program reads back differently:\n{}\nand\n{}", text,
            second);
  const PrintOptions printing{options.spans};
  if (!functions_alone) return options.spans ? print(program, printing) : text;
  std::string functions;
  for (const Function& function : program.functions) functions += print(function, printing);
  return functions;
}

bool verify(const Session& session, const Program& program) {
  for (const std::string& problem : verify_program(program))
    session.diagnostics.report({Err::ir_invalid, {}, problem});
  return !session.diagnostics.has_errors();
}

bool process_tensor(const Session& session) {
  Result<Program> parsed = parse_program(session.text(), session.file);
  if (!parsed) return session.fail(parsed.error());
  Program program = std::move(*parsed);
  const bool functions_alone = Cursor(session.text(), 0).sees_word("func");  // and stay alone
  if (!verify(session, program)) return false;
  checked_text(program, session.options, functions_alone);
  if (session.options.compare) return compare_runs(session, std::move(program));
  loop::Program loops;
  bool lowered = false;
  if (!session.options.passes.empty() && !run_passes(session, program, loops, lowered))
    return false;
  if (lowered) {
    if (!session.options.run.empty()) return run_loops(session, loops);
    std::fputs(checked_text(loops).c_str(), stdout);
    return true;
  }
  if (!session.options.run.empty()) return run_function(session, program);
  std::fputs(checked_text(program, session.options, functions_alone).c_str(), stdout);
  return true;
}

}  // namespace thx::opt
