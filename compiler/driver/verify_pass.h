// SPDX-License-Identifier: Apache-2.0
// What a pass on tensors may change about a function, and whether it changed more.
#pragma once

#include <string>
#include <vector>

#include "driver/verify_compare.h"
#include "driver/verify_stages.h"

namespace thx {

/// What the firings of a tensor stage in the function claim, and whether one of them may use the
/// limit of a formula at infinite numbers.
struct StageClaim {
  Claim claim = Claim::rounding;
  bool limits = false;
};
StageClaim claim_of(const TensorStage& stage, const std::string& function);

/// A pass on tensors in one call of one function.
struct PassTrial {
  const TensorStage& before;
  size_t function;
  const CallData& data;
  StageClaim claim;
  const Program& last;  // of the stages, all of whose derivatives are taken
  bool wide = false;
  std::string label = {};  // of the pass in the tally

  RunResult run(const Program& program, bool limits = false) const;
};

/// Whether `after` is what the pass may make of `before`, the run of `trial.before`. What is a
/// difference at first is looked at with the limits of formulas, where the claim has them; then
/// without derivatives of what has no value, and with what the last stage makes of those that are
/// no numbers as they stand. Where special values may be dropped and the call has some, they may be
/// made too. `which`: what is compared; null for all elements.
Judgement judge_pass(const PassTrial& trial, const RunResult& before, const RunResult& after,
                     VerifyTally& tally, const std::vector<ElementAt>* which = nullptr);

}  // namespace thx
