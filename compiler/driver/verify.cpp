// SPDX-License-Identifier: Apache-2.0
// Compiles with all stages kept, then verifies one function after the other.
#include "driver/verify.h"

#include <algorithm>
#include <chrono>

#include "driver/verify_function.h"

namespace thx {

VerifyReport run_verify(const CompileOptions& options, const VerifyRequest& request,
                        Sources& sources, Diagnostics& diagnostics) {
  using Clock = std::chrono::steady_clock;
  VerifyReport report;
  report.seed = request.seed;
  report.budget = request.seconds;
  const Clock::time_point start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  Verification verification(options, request, sources, diagnostics);
  std::optional<CompiledObject> compiled =
      compile_object(options, sources, diagnostics, verification.stages);
  if (!compiled) return report;
  verification.machine = compiled->target.machine();
  verification.program = LoadedProgram::load(std::move(*compiled), diagnostics);
  if (!verification.program) return report;
  const size_t count = function_count(verification.lowered());
  for (size_t i = 0; i < count; ++i) {
    // What one function leaves over is for the others.
    const double share = (request.seconds - seconds()) / static_cast<double>(count - i);
    const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(std::max(share, 0.0)));
    report.entries.push_back(verify_function(verification, i, until, report.out_of_time));
  }
  report.seconds = seconds();
  return report;
}

}  // namespace thx
