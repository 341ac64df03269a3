// SPDX-License-Identifier: Apache-2.0
// Loop IR as it is built and as it is scheduled, against the tensor program and each other.
#include "arguments.h"
#include "check.h"
#include "ir/print.h"
#include "loop_run.h"
#include "schedule/build_nests.h"
#include "schedule/parse.h"
#include "schedule/plan_memory.h"
#include "schedule/print.h"
#include "schedule/vectorize.h"
#include "schedule/verify.h"
#include "support/text.h"

namespace thx::random {

namespace {

class LoopCheck {
 public:
  LoopCheck(const Case& source, const Lowered& lowered)
      : lowered_(lowered), machine_(manner_of(source.seed).machine) {}

  std::optional<Failure> run(loop::Program& loops) {
    std::string step = "build-nests";
    std::string before;
    try {
      before = print(lowered_.program);
      loops = loop::build_loops(lowered_.program, machine_);
      loop::plan_memory(loops);
      std::vector<Results> built;
      if (keeps_rules(step, loops)) built = interpreted(step, loops, nullptr);
      if (!failure_) {
        step = "vectorize";
        before = loop::print(loops);
        loop::vectorize(loops, machine_);
        if (keeps_rules(step, loops) && repeats(loops)) interpreted(step, loops, &built);
      }
    } catch (const std::exception& error) {
      fail(Failure::Kind::thrown, step, error.what());
    }
    if (failure_) failure_->before = before;
    return std::move(failure_);
  }

 private:
  using Results = std::array<reference::Outcome, 2>;

  bool fail(Failure::Kind kind, std::string_view step, std::string what) {
    if (!failure_) failure_ = Failure{kind, std::string(step), std::move(what), {}, {}, false};
    return false;
  }

  bool keeps_rules(std::string_view step, const loop::Program& loops) {
    const std::vector<std::string> problems = loop::verify(loops);
    if (!problems.empty()) return fail(Failure::Kind::verifier, step, join(problems, "; "));
    const std::string text = loop::print(loops);
    const Result<loop::Program> again = loop::parse_loop(text);
    if (!again) return fail(Failure::Kind::round_trip, step, again.error().message());
    if (loop::print(*again) != text)
      return fail(Failure::Kind::round_trip, step, "it reads back differently");
    return true;
  }

  bool repeats(const loop::Program& loops) {
    const std::string text = loop::print(loops);
    Result<loop::Program> again = loop::parse_loop(text);
    loop::vectorize(*again, machine_);
    if (loop::print(*again) == text) return true;
    return fail(Failure::Kind::repeated, "vectorize", "a second run changes something");
  }

  /// Against `built` bit for bit; without it against the tensor program, within rounding: functions
  /// such as exp are computed in another way.
  std::vector<Results> interpreted(std::string_view step, const loop::Program& loops,
                                   const std::vector<Results>* built) {
    std::vector<Results> all(lowered_.calls.size());
    for (size_t i = 0; i < lowered_.calls.size(); ++i)
      for (const bool odd : {false, true}) {
        const Function& function = lowered_.program.functions[i];
        const Lowered::Call& call = lowered_.calls[i][odd];
        if (call.outcome.status == reference::Status::dim) continue;
        std::string error;
        reference::Outcome& outcome = all[i][odd];
        outcome = run_loops(loops.functions[i], function, call.arguments, built != nullptr, error);
        std::string why = error;
        const reference::Outcome& expected = built != nullptr ? (*built)[i][odd] : call.outcome;
        if (why.empty()) why = difference(function, call.arguments, expected, outcome, built);
        if (why.empty()) continue;
        fail(Failure::Kind::value, step, why);
        failure_->function = function.name;
        failure_->odd_dims = odd;
        return all;
      }
    return all;
  }

  static std::string difference(const Function& function, const reference::Arguments& arguments,
                                const reference::Outcome& expected,
                                const reference::Outcome& outcome, const void* built) {
    if (expected.status != reference::Status::ok) {
      if (outcome.status == reference::Status::ok) return "should fail: " + expected.why;
      reference::Outcome kept, left;
      kept.states = arguments.states;
      left.states = outcome.states;
      for (const Output& output : function.outputs) {
        kept.outputs.push_back({output.value->dtype(), {0}, {}});
        left.outputs.push_back(kept.outputs.back());
      }
      return exact_difference(function, kept, left);
    }
    std::string why = exact_difference(function, expected, outcome);
    if (why.empty() || built != nullptr) return why;
    return rounded_difference(function, function, arguments, expected, outcome);
  }

  const Lowered& lowered_;
  const loop::Machine machine_;
  std::optional<Failure> failure_;
};

}  // namespace

std::optional<Failure> check_loops(const Case& source, const Lowered& lowered,
                                   loop::Program& loops) {
  return LoopCheck(source, lowered).run(loops);
}

}  // namespace thx::random
