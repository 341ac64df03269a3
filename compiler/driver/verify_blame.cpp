// SPDX-License-Identifier: Apache-2.0
// Finds the rule behind a difference, saves a reproducer, and puts the failure into words.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "driver/test_programs.h"
#include "driver/verify_function.h"
#include "ir/print.h"
#include "ops/copy.h"
#include "schedule/print.h"
#include "support/text.h"

namespace thx {
namespace {

struct Guilty {
  size_t number;  // of the firing, from 1
  Firing firing;
};

class Blame {
 public:
  Blame(Verification& v, const VerifyFailure& failure, const CallData& data)
      : v_(v), failure_(failure), data_(data) {
    // What has failed in time is found however long it takes.
    data_.until = std::chrono::steady_clock::time_point::max();
  }

  void report() {
    const std::optional<Guilty> guilty = find_guilty();
    const Function& function = function_at(v_.lowered(), failure_.function);
    const Difference& d = failure_.difference;
    const bool is_init = failure_.function == v_.lowered().functions.size();
    Span at = function.span;
    if (guilty && !guilty->firing.spans.empty()) at = guilty->firing.spans.first();
    std::string message =
        format("{}: {} is wrong", is_init ? "initial values" : format("`{}`", function.name),
               failure_.pass);
    if (guilty) message += format(", by its rule `{}`", guilty->firing.rule);
    Diagnostic& error =
        v_.diagnostics.report(Diagnostic(Err::verification_failed, at, std::move(message)));
    error.note(what(d));
    error.note(format("called with {} (seed {})", data_.trial.words, v_.request.seed));
    if (guilty) error.note(format("it is rewrite {} of the pass", guilty->number));
    const std::string command = save(guilty);
    if (!command.empty()) error.help(format("to see both values: {}", command));
  }

 private:
  std::string what(const Difference& d) const {
    if (d.value.empty()) return format("before it: {}; after it: {}", d.left, d.right);
    std::string words =
        format("{}{} is {} before it and {} after it", d.value, d.place, d.left, d.right);
    if (failure_.wide) words += ", in f64";
    words += d.bound == 0 ? "; their bits have to be equal"
                          : format("; they may differ by {:.3g}", d.bound);
    if (d.count > 1) append(words, "; so are {} of {} elements", d.count, d.total);
    return words;
  }

  bool is_tensor_pass() const { return failure_.check == kTensorPassCheck; }
  const std::vector<TensorStage>& stages() const {
    return failure_.wide ? v_.wide() : v_.stages.tensors();
  }
  const TensorStage& before() const { return stages()[failure_.stage - 1]; }

  // Whether the pass still fails when it makes `limit` rewrites, and which.
  bool fails(size_t limit, std::vector<Firing>& firings) const {
    Diagnostics diagnostics;
    PassContext context{.diagnostics = diagnostics,
                        .machine = v_.machine,
                        .fp = v_.options.fp,
                        .rewrites = {.limit = limit}};
    PassRunner runner({}, context);
    Program program = clone(before().program);
    runner.run(*find_tensor_pass(failure_.pass), program);
    firings = context.rewrites.firings;
    if (has_grad(program)) resolve(program);
    const PassTrial trial{before(),       failure_.function,           data_,
                          failure_.claim, stages().back().evaluable(), failure_.wide};
    VerifyTally ignored;
    return judge_pass(trial, trial.run(before().evaluable()), trial.run(program), ignored)
        .difference.has_value();
  }

  // The first firing that makes the pass fail, by halving.
  std::optional<Guilty> find_guilty() const {
    std::vector<Firing> firings;
    if (!is_tensor_pass() || !fails(SIZE_MAX, firings) || firings.empty()) return std::nullopt;
    size_t good = 0, bad = firings.size();
    while (bad - good > 1) {
      const size_t middle = good + (bad - good) / 2;
      (fails(middle, firings) ? bad : good) = middle;
    }
    fails(bad, firings);
    if (firings.size() < bad || fails(bad - 1, firings)) return std::nullopt;
    fails(bad, firings);
    return Guilty{bad, firings[bad - 1]};
  }

  std::string program_text() const {
    if (is_tensor_pass()) return print(before().program);
    if (failure_.check == kLoopPassCheck)
      return loop::print(v_.stages.loops()[failure_.stage - 1].program);
    return print(v_.stages.tensors().back().program);
  }

  // Dims, then inputs and states, as thx-opt reads them.
  std::string inputs_text() const {
    std::string out;
    for (const auto& [name, value] : data_.trial.dims) append(out, "dim {} = {}\n", name, value);
    const Function& function = function_at(v_.lowered(), failure_.function);
    const auto add = [&](const std::string& name, const HostArray& array) {
      append(out, "{} = {}\n", name, reference::text(to_reference(array, failure_.wide)));
    };
    for (const auto& [name, array] : data_.trial.inputs) add(name, array);
    for (const StateUse& use : function.states) add(use.name, data_.states.find(use.name)->second);
    return out;
  }

  std::string passes() const {
    if (failure_.check == kLevelCheck) return "build-nests,plan-memory";
    if (failure_.check == kObjectCheck) return "build-nests,plan-memory,vectorize,emit";
    return failure_.pass;
  }

  // The command that shows both values; empty where the files cannot be written.
  std::string save(const std::optional<Guilty>& guilty) const {
    const Function& function = function_at(v_.lowered(), failure_.function);
    const std::string stem =
        (std::filesystem::path(v_.request.folder) /
         format("{}.{}", std::filesystem::path(v_.options.file).stem().string(), function.name))
            .string();
    const std::string program = stem + ".reproducer.ir", inputs = stem + ".reproducer.inputs";
    std::ofstream(program, std::ios::binary) << program_text();
    std::ofstream(inputs, std::ios::binary) << inputs_text();
    if (!std::filesystem::exists(program) || !std::filesystem::exists(inputs)) return {};
    std::string command = format("thx-opt --compare --passes={} --run={} --inputs='{}'", passes(),
                                 function.name, inputs);
    append(command, " --vector-bytes={}", v_.machine.vector_bytes);
    if (!v_.machine.fma) command += " --no-fma";
    if (v_.options.fp != FpMode::standard) append(command, " --fp={}", name_of(v_.options.fp));
    if (failure_.check == kObjectCheck && !v_.options.cpu.empty())
      append(command, " --cpu={}", v_.options.cpu);
    if (guilty) append(command, " --rewrite-limit={}", guilty->number);
    return command + " '" + program + "'";
  }

  Verification& v_;
  const VerifyFailure& failure_;
  CallData data_;
};

}  // namespace

void report_failure(Verification& verification, const VerifyFailure& failure,
                    const CallData& data) {
  Blame(verification, failure, data).report();
}

}  // namespace thx
