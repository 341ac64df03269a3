// SPDX-License-Identifier: Apache-2.0
// The tensor passes: verifier, text, repetition and values after each.
#include <algorithm>
#include <map>

#include "arguments.h"
#include "check.h"
#include "contents.h"
#include "dice.h"
#include "driver/pipeline.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ops/copy.h"
#include "ops/verify.h"
#include "passes/canonicalize.h"
#include "passes/rule.h"
#include "support/text.h"

namespace thx::random {

namespace {

/// What a pass promises beyond a right program.
struct Promise {
  std::string_view pass;
  bool exact;     // the same bits; otherwise it may round differently
  bool repeated;  // a second run changes nothing
};
constexpr Promise kPromises[] = {
    {"canonicalize", false, true},   {"stabilize", false, true},
    {"differentiate", false, false}, {"simplify", false, true},
    {"restabilize", false, true},    {"expand", false, true},
    {"bind-dims", true, true},       {"order-reductions", false, true},
    {"fold-constants", true, true},  {"form-fma", false, true},
    {"drop-dead", true, true},       {"group", true, false},
};

Promise promise_of(std::string_view pass) {
  for (const Promise& promise : kPromises)
    if (promise.pass == pass) return promise;
  return {pass, false, false};
}

/// Whether all rewrites that were made keep every bit.
bool all_exact(const RewriteLog& log) {
  static const std::map<std::string_view, RuleClass> classes = [] {
    std::map<std::string_view, RuleClass> all;
    for (const auto rules : {canonical_rules(), stability_rules(), simplify_rules()})
      for (const Rule& rule : rules) all[rule.name] = rule.cls;
    for (const NamedStep& step : canonical_steps()) all[step.name] = step.cls;
    return all;
  }();
  return !log.firings.empty() && std::ranges::all_of(log.firings, [](const Firing& firing) {
    const auto found = classes.find(firing.rule);
    return found != classes.end() && found->second == RuleClass::exact;
  });
}

class PassCheck {
 public:
  PassCheck(const Case& source, Tally& tally)
      : source_(source), tally_(tally), manner_(manner_of(source.seed)) {}

  /// False after a failure.
  bool start(Program& program, Lowered& lowered) {
    text_ = print(program);
    lowered.calls.resize(program.functions.size());
    for (size_t i = 0; i < program.functions.size(); ++i)
      for (const bool odd : {false, true})
        lowered.calls[i][odd].arguments =
            arguments_for(program.functions[i], odd ? source_.odd_dims : source_.dims,
                          mixed(source_.seed + (odd ? 1 : 0)));
    const bool good = guarded("generate", [&] {
      verified("generate", program);
      reads_back("generate", text_);
      if (!has_derivative(program)) evaluate(program, lowered);
    });
    return good;
  }

  bool run(const TensorPass& pass, Program& program, Lowered& lowered) {
    const Promise promise = promise_of(pass.name);
    Diagnostics diagnostics;
    PassContext context = context_for(diagnostics);
    const std::string before = text_;
    guarded(pass.name, [&] {
      pass.run(program, context);
      if (diagnostics.has_errors()) {
        lowered.refused = true;
        return;
      }
      text_ = print(program);
      const bool changed = text_ != before;
      if (!changed && evaluated_) return;
      verified(pass.name, program);
      if (changed) reads_back(pass.name, text_);
      if (promise.repeated && changed && !failure_) repeats(pass);
      if (!has_derivative(program) && !failure_)
        compare(pass.name, before, program, lowered, promise.exact || all_exact(context.rewrites));
    });
    if (failure_) failure_->before = before;
    return !failure_ && !lowered.refused;
  }

  std::optional<Failure> take() { return std::move(failure_); }

 private:
  PassContext context_for(Diagnostics& diagnostics) const {
    return {.diagnostics = diagnostics, .machine = manner_.machine, .fp = manner_.fp};
  }

  template <class Body>
  bool guarded(std::string_view step, Body&& body) {
    try {
      body();
    } catch (const std::exception& error) {
      fail(Failure::Kind::thrown, step, error.what());
    }
    return !failure_;
  }

  void fail(Failure::Kind kind, std::string_view step, std::string what) {
    if (!failure_) failure_ = Failure{kind, std::string(step), std::move(what), text_, {}, false};
  }

  void verified(std::string_view step, const Program& program) {
    const std::vector<std::string> problems = verify_program(program);
    if (!problems.empty()) fail(Failure::Kind::verifier, step, join(problems, "; "));
  }

  void reads_back(std::string_view step, const std::string& text) {
    const Result<Program> again = parse_program(text);
    if (!again) return fail(Failure::Kind::round_trip, step, again.error().message());
    if (print(*again) != text) fail(Failure::Kind::round_trip, step, "it reads back differently");
  }

  void repeats(const TensorPass& pass) {
    Result<Program> again = parse_program(text_);
    if (!again) return;
    Diagnostics diagnostics;
    PassContext context = context_for(diagnostics);
    pass.run(*again, context);
    if (print(*again) == text_) return;
    const std::string_view rule =
        context.rewrites.firings.empty() ? "" : context.rewrites.firings[0].rule;
    fail(Failure::Kind::repeated, pass.name, format("a second run changes something: {}", rule));
  }

  void evaluate(const Program& program, Lowered& lowered) {
    for (size_t i = 0; i < program.functions.size(); ++i)
      for (Lowered::Call& call : lowered.calls[i]) {
        call.outcome = reference::evaluate(program.functions[i], call.arguments);
        ++tally_.calls;
        if (call.outcome.status != reference::Status::ok) ++tally_.failed_calls;
      }
    evaluated_ = true;
  }

  void compare(std::string_view step, const std::string& before, const Program& program,
               Lowered& lowered, bool exact) {
    if (!evaluated_) return evaluate(program, lowered);
    std::optional<Program> old;  // as it was: made where something differs
    for (size_t i = 0; i < program.functions.size(); ++i)
      for (const bool odd : {false, true}) {
        const Function& function = program.functions[i];
        Lowered::Call& call = lowered.calls[i][odd];
        reference::Outcome outcome = reference::evaluate(function, call.arguments);
        std::string why = exact_difference(function, call.outcome, outcome);
        if (!why.empty() && !exact) {
          if (!old) old = std::move(*parse_program(before));
          why = rounded_difference(old->functions[i], function, call.arguments, call.outcome,
                                   outcome);
        }
        if (!why.empty()) {
          fail(Failure::Kind::value, step, why);
          failure_->function = function.name;
          failure_->odd_dims = odd;
          return;
        }
        if (outcome.status == reference::Status::ok) call.outcome = std::move(outcome);
      }
  }

  const Case& source_;
  Tally& tally_;
  const Manner manner_;
  std::string text_;  // of the program as it stands
  bool evaluated_ = false;
  std::optional<Failure> failure_;
};

}  // namespace

std::string_view to_string(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::verifier: return "breaks a rule";
    case Failure::Kind::round_trip: return "does not read back";
    case Failure::Kind::repeated: return "is not done at once";
    case Failure::Kind::value: return "changes a value";
    case Failure::Kind::thrown: return "fails";
    case Failure::Kind::refused: return "refuses a program";
  }
  return "";
}

Manner manner_of(uint64_t seed) {
  Dice dice(seed / 64, "manner");
  static constexpr int kBytes[] = {16, 32, 32, 64};
  Manner manner;
  manner.fp = dice.chance(15) ? FpMode::strict : FpMode::standard;
  manner.machine.vector_bytes = dice.one_of(kBytes);
  manner.machine.fma = manner.machine.vector_bytes > 16 && manner.fp != FpMode::strict;
  return manner;
}

std::optional<Failure> check_passes(const Case& source, Lowered& lowered, Tally& tally) {
  PassCheck check(source, tally);
  lowered.program = clone(source.program);
  Program& program = lowered.program;
  const auto all = [&](std::span<const TensorPass> passes) {
    return std::ranges::all_of(
        passes, [&](const TensorPass& pass) { return check.run(pass, program, lowered); });
  };
  bool good = check.start(program, lowered) && all(opening_passes());
  for (int round = 0; good; ++round) {
    good = all(differentiation_passes());
    if (!has_grad(program) || round == 8) break;
  }
  if (good) all(lowering_passes());
  if (lowered.refused) ++tally.refused;
  return check.take();
}

std::optional<Failure> check_pass(const Case& source, std::string_view pass) {
  const TensorPass* found = find_tensor_pass(pass);
  if (found == nullptr) return std::nullopt;
  Tally tally;
  Lowered lowered;
  lowered.program = clone(source.program);
  PassCheck check(source, tally);
  if (check.start(lowered.program, lowered)) check.run(*found, lowered.program, lowered);
  std::optional<Failure> failure = check.take();
  if (failure && failure->step != pass) return std::nullopt;
  return failure;
}

}  // namespace thx::random
