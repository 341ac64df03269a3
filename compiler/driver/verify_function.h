// SPDX-License-Identifier: Apache-2.0
// One function through all its forms, round after round.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "driver/verify.h"
#include "driver/verify_pass.h"
#include "driver/verify_slopes.h"

namespace thx {

/// What all functions of a file are verified with.
struct Verification {
  const CompileOptions& options;
  const VerifyRequest& request;
  Sources& sources;
  Diagnostics& diagnostics;
  Stages stages = {};
  std::unique_ptr<LoadedProgram> program = nullptr;
  loop::Machine machine = {};

  Verification(const CompileOptions& options, const VerifyRequest& request, Sources& sources,
               Diagnostics& diagnostics)
      : options(options), request(request), sources(sources), diagnostics(diagnostics) {}

  /// The tensor stages in f64, made when they are first asked for.
  const std::vector<TensorStage>& wide();
  /// The gradients of a function, cut out when they are first asked for.
  std::vector<GradientPrograms>& gradients(size_t function);
  const Program& lowered() const { return stages.tensors().front().program; }

 private:
  std::vector<TensorStage> wide_ = {};
  std::map<size_t, std::vector<GradientPrograms>> gradients_ = {};
};

/// A difference with what is known of where it comes from.
struct VerifyFailure {
  std::string_view check;
  Difference difference;
  size_t function;
  size_t stage = 0;   // of tensors or loops: the one after the guilty pass
  std::string pass;   // the guilty one, or "emit"
  bool wide = false;  // seen in f64 alone
  StageClaim claim = {};
};

/// Rounds until `until`. Reports the first difference.
VerifyEntry verify_function(Verification& verification, size_t function,
                            std::chrono::steady_clock::time_point until, bool& out_of_time);

/// Finds the rule that is to blame, saves a reproducer and reports the failure.
void report_failure(Verification& verification, const VerifyFailure& failure, const CallData& data);

/// Gradients of the function at the trial's numbers; false after a difference, which is reported.
bool verify_gradients(Verification& verification, size_t function, const CallData& data,
                      VerifyEntry& entry);
/// Notes of gradients that were not compared, or not with everything.
void note_gradients(Verification& verification, size_t function, VerifyEntry& entry);

}  // namespace thx
