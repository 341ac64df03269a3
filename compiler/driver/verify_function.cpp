// SPDX-License-Identifier: Apache-2.0
// The rounds of one function: which form is held against which.
#include "driver/verify_function.h"

#include <algorithm>

#include "driver/verify_guards.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLeast{1};  // for the first call of a function
constexpr double kLargestWork =
    THX_VERIFY_EACH ? 2e4 : 1e5;  // of a call, where dims leave a choice

class FunctionCheck {
 public:
  FunctionCheck(Verification& v, size_t function) : v_(v), index_(function) {
    const Program& lowered = v.stages.tensors().front().evaluable();
    is_init_ = index_ == lowered.functions.size();
    entry_.function = is_init_ ? "initial values" : function_at(lowered, index_).name;
    const int lanes = v.machine.vector_bytes / bytes_of(DType::f32);
    maker_.emplace(v.lowered(), function_at(v.lowered(), index_), v.request.seed + index_,
                   kLargestWork, lanes);
  }

  VerifyEntry run(Clock::time_point until, bool& out_of_time) {
    for (int64_t round = 0; round < v_.request.rounds; ++round) {
      if (round > 0 && Clock::now() >= until) {
        out_of_time = true;
        break;
      }
      // The first call has some time, however long the functions before took.
      until_ = round == 0 ? std::max(until, Clock::now() + kLeast) : until;
      const std::optional<Trial> trial = maker_->next();
      if (!trial) {
        if (maker_->too_large()) {
          report_too_large();
        } else {
          entry_.notes.push_back(maker_->refusal());
        }
        break;
      }
      if (!run_round(*trial)) {
        entry_.failed = true;
        break;
      }
      entry_.rounds += given_up_ ? 0 : 1;
    }
    if (!entry_.failed && entry_.rounds > 0 && !is_init_) note_gradients(v_, index_, entry_);
    return std::move(entry_);
  }

 private:
  // Where dims that the file fixes leave nothing smaller.
  void report_too_large() {
    Diagnostic& error = v_.diagnostics.report(
        Diagnostic(Err::unsupported, source().span,
                   format("`{}` is too large to be verified", entry_.function)));
    error.note(maker_->refusal());
    error.help("`-D DIM=VALUE` gives a dim that the file fixes a smaller value");
    entry_.notes.emplace_back("not called: too large");
  }

  const Function& source() const { return function_at(v_.stages.tensors().back().program, index_); }
  VerifyTally& tally(std::string_view check) { return entry_.checks[std::string(check)]; }

  // False after a difference, which is reported.
  bool run_round(const Trial& trial) {
    Result<Arguments> states = is_init_ ? Arguments() : starting_states(*v_.program, trial);
    if (!states) return note_error(states.error());
    CallData data{trial, std::move(*states), until_};
    if (is_init_) add_zeros(data);
    if (!check_tensor_passes(data)) return false;
    if (given_up_) return true;
    if (tensors_.back()->status == "dim") ++entry_.refused;
    const bool entered = tensors_.back()->status != "dim";
    if (entered && !check_loops(data)) return false;
    if (given_up_) return true;
    if (!check_object(data, entered)) return false;
    return is_init_ || !entered || verify_gradients(v_, index_, data, entry_);
  }

  // Initial values are updates of states that hold zeros.
  void add_zeros(CallData& data) const {
    for (const StateUse& use : source().states) {
      std::vector<int64_t> extents;
      for (const Extent& extent : use.current->type().shape)
        extents.push_back(std::max<int64_t>(0, extent.evaluate(data.trial.dims).value_or(0)));
      data.states.emplace(use.name, HostArray::zeros(use.current->dtype(), std::move(extents)));
    }
  }

  bool note_error(const Diagnostic& error) {
    return note(format("not called: {}", error.message()));
  }

  bool note(const std::string& note) {
    if (std::ranges::find(entry_.notes, note) == entry_.notes.end()) entry_.notes.push_back(note);
    return true;
  }

  bool fail(VerifyFailure failure, const CallData& data) {
    failure.function = index_;
    report_failure(v_, failure, data);
    return false;
  }

  // Whether the interpreter has not got to the end of a run, which is noted.
  bool gives_up(const RunResult& result) {
    given_up_ = !result.given_up.empty();
    if (given_up_) note(format("not compared: {}", result.given_up));
    return given_up_;
  }

  bool check_tensor_passes(const CallData& data) {
    const std::vector<TensorStage>& stages = v_.stages.tensors();
    tensors_.clear();
    for (size_t i = 0; i < stages.size(); ++i) {
      if (v_.stages.is_unchanged(i, index_)) {
        tensors_.push_back(tensors_.back());
        continue;
      }
      const Function& function = function_at(stages[i].evaluable(), index_);
      tensors_.push_back(std::make_shared<RunResult>(run_tensors(function, data, {}, false)));
      if (gives_up(*tensors_.back())) return true;
      if (i > 0 && !check_tensor_pass(i, data)) return false;
    }
    return true;
  }

  bool check_tensor_pass(size_t i, const CallData& data) {
    const TensorStage& before = v_.stages.tensors()[i - 1];
    const TensorStage& after = v_.stages.tensors()[i];
    const StageClaim claim = claim_of(after, function_at(before.evaluable(), index_).name);
    VerifyTally& tally = this->tally(kTensorPassCheck);
    VerifyFailure failure{kTensorPassCheck, {}, index_, i, after.pass, false, claim};
    const Judgement judgement = judge_pass(
        {before, index_, data, claim, v_.stages.tensors().back().evaluable(), false, after.pass},
        *tensors_[i - 1], *tensors_[i], tally);
    if (judgement.difference) {
      failure.difference = *judgement.difference;
      return fail(std::move(failure), data);
    }
    return judgement.undecided.empty() || check_in_f64(failure, judgement.undecided, data, tally);
  }

  // What f32 leaves undecided, in f64.
  bool check_in_f64(VerifyFailure failure, const std::vector<ElementAt>& undecided,
                    const CallData& data, VerifyTally& tally) {
    const std::vector<TensorStage>& wide = v_.wide();
    if (wide.size() != v_.stages.tensors().size() || is_init_) {
      tally.undecided += static_cast<int64_t>(undecided.size());
      return true;
    }
    const PassTrial trial{wide[failure.stage - 1], index_, data, failure.claim,
                          wide.back().evaluable(), true};
    const Judgement judgement =
        judge_pass(trial, trial.run(trial.before.evaluable()),
                   trial.run(wide[failure.stage].evaluable()), tally, &undecided);
    tally.undecided += static_cast<int64_t>(judgement.undecided.size());
    tally.in_f64 += static_cast<int64_t>(undecided.size() - judgement.undecided.size());
    if (!judgement.difference) return true;
    failure.wide = true;
    failure.difference = *judgement.difference;
    return fail(std::move(failure), data);
  }

  bool check_loops(const CallData& data) {
    const std::vector<LoopStage>& stages = v_.stages.loops();
    std::vector<RunResult> results;
    for (const LoopStage& stage : stages) {
      results.push_back(run_loops(stage.program.functions[index_], source(), data, false));
      if (gives_up(results.back())) return true;
    }
    const bool guarded = has_guards(v_.options) && !is_init_;
    const bool stopped = guarded && results[0].status == "nonfinite";
    if (guarded)
      if (const auto found = guard_difference(v_.options, source(), data, results[0]))
        return fail({kLevelCheck, *found, index_, 0, "build-nests"}, data);
    if (stopped) ++entry_.refused;
    return (stopped || check_level(data, results[0])) && check_loop_passes(data, results);
  }

  bool check_level(const CallData& data, const RunResult& loops) {
    // Both levels round, each by its own.
    RunResult first = loops;
    for (size_t i = 0; i < first.values.size(); ++i)
      first.values[i].second.error = tensors_.back()->values[i].second.error;
    VerifyTally& level = tally(kLevelCheck);
    const Judgement judgement =
        compare_bounds(*tensors_.back(), tensors_.back()->status == "ok" ? first : loops,
                       Claim::rounding, true, "build-nests", level);
    level.undecided += static_cast<int64_t>(judgement.undecided.size());
    if (judgement.difference)
      return fail({kLevelCheck, *judgement.difference, index_, 0, "build-nests"}, data);
    return true;
  }

  bool check_loop_passes(const CallData& data, std::vector<RunResult>& results) {
    const std::vector<LoopStage>& stages = v_.stages.loops();
    for (size_t i = 1; i < results.size(); ++i)
      if (const auto found = compare_bits(results[i - 1], results[i], tally(kLoopPassCheck)))
        return fail({kLoopPassCheck, *found, index_, i, stages[i].pass}, data);
    const RunResult reversed =
        run_loops(stages.back().program.functions[index_], source(), data, true);
    if (gives_up(reversed)) return true;
    if (const auto found = compare_bits(results.back(), reversed, tally(kLoopPassCheck)))
      return fail({kLoopPassCheck, *found, index_, results.size(), "an other order of chunks"},
                  data);
    loops_ = std::move(results.back());
    return true;
  }

  bool check_object(const CallData& data, bool entered) {
    if (is_init_ && !entered) return true;  // there is no model to look at
    Result<RunResult> object = is_init_ ? initial_by_object(*v_.program, source(), data.trial)
                                        : run_object(*v_.program, source(), data, false);
    if (!object) return note_error(object.error());
    const RunResult& expected = entered ? loops_ : *tensors_.back();
    if (const auto found = compare_bits(expected, *object, tally(kObjectCheck)))
      return fail({kObjectCheck, *found, index_, 0, "emit"}, data);
    if (is_init_ || source().outputs.empty()) return true;
    Result<RunResult> bare = run_object(*v_.program, source(), data, true);
    if (!bare) return note_error(bare.error());
    RunResult states = expected;
    std::erase_if(states.values,
                  [](const auto& value) { return !value.first.starts_with("state "); });
    if (const auto found = compare_bits(states, *bare, tally(kObjectCheck)))
      return fail({kObjectCheck, *found, index_, 0, "emit, with NULL for the outputs"}, data);
    return true;
  }

  Verification& v_;
  size_t index_;
  bool is_init_ = false;
  std::optional<TrialMaker> maker_;
  VerifyEntry entry_;
  Clock::time_point until_;  // the interpreter gives a call up
  bool given_up_ = false;
  std::vector<std::shared_ptr<const RunResult>> tensors_;  // of this round, by stage
  RunResult loops_;                                        // by the last stage
};

}  // namespace

const std::vector<TensorStage>& Verification::wide() {
  if (wide_.empty()) wide_ = wide_stages(lowered(), options);
  return wide_;
}

VerifyEntry verify_function(Verification& verification, size_t function, Clock::time_point until,
                            bool& out_of_time) {
  return FunctionCheck(verification, function).run(until, out_of_time);
}

}  // namespace thx
