// SPDX-License-Identifier: Apache-2.0
// Programs without derivatives as text of the language, which has to compile to the same values.
#include <algorithm>

#include "arguments.h"
#include "check.h"
#include "dice.h"
#include "driver/derivative_sites.h"
#include "driver/pipeline.h"
#include "driver/source_text.h"
#include "driver/verify_compare.h"
#include "ir/print.h"
#include "support/text.h"

namespace thx::random {

namespace {

class TextCheck {
 public:
  TextCheck(const Case& source, Tally& tally) : source_(source), tally_(tally) {}

  std::optional<Failure> run() {
    try {
      if (!flatten()) ++tally_.refused;
      for (const Function& function : flat_.functions) {
        if (!failure_) check(function);
      }
    } catch (const std::exception& error) {
      fail(Failure::Kind::thrown, error.what());
    }
    return std::move(failure_);
  }

 private:
  void fail(Failure::Kind kind, std::string what) {
    if (!failure_) failure_ = Failure{kind, "text", std::move(what), print(flat_), {}, false};
  }

  // The functions with states and updates as inputs and outputs, differentiated as they stand. None
  // where there is no derivative.
  bool flatten() {
    flat_.module = source_.program.module;
    flat_.dims = source_.program.dims;
    for (const Function& function : source_.program.functions) {
      flat_.functions.push_back(
          extract(*function.body, {}, function.roots(), function.requirements));
      flat_.functions.back().name = function.name;
    }
    if (!has_grad(flat_)) return true;
    Diagnostics diagnostics;
    PassContext context{.diagnostics = diagnostics};
    PassRunner runner({}, context);
    for (int round = 0; round < 8 && has_grad(flat_); ++round)
      for (const TensorPass& pass : differentiation_passes())
        if (!runner.run(pass, flat_)) break;
    if (has_grad(flat_) || diagnostics.has_errors()) flat_.functions.clear();
    return !flat_.functions.empty();
  }

  void check(const Function& function) {
    const Result<std::string> text = source_text(flat_, function);
    if (!text) {
      ++tally_.unspelled;
      return;
    }
    Sources sources;
    Result<Program> again = read_source_text(*text, sources);
    if (!again) return fail(Failure::Kind::refused, again.error().message() + "\n" + *text);
    give_all_inputs(again->functions[0], function);
    for (const bool odd : {false, true}) {
      const Extent::Values& dims = odd ? source_.odd_dims : source_.dims;
      const reference::Arguments arguments =
          arguments_for(function, dims, mixed(source_.seed + (odd ? 1 : 0)));
      compare(function, again->functions[0], arguments);
      if (!failure_) continue;
      failure_->what += "\n" + *text;
      failure_->function = function.name;
      failure_->odd_dims = odd;
      return;
    }
  }

  // A text has no inputs that it does not read.
  static void give_all_inputs(Function& printed, const Function& function) {
    std::vector<Input> inputs;
    for (const Input& input : function.inputs) {
      const auto own = std::ranges::find(printed.inputs, input.name, &Input::name);
      inputs.push_back(input);
      inputs.back().value = own != printed.inputs.end()
                                ? own->value
                                : printed.graph().parameter(input.value->type(), input.name);
    }
    printed.inputs = std::move(inputs);
    printed.body->parameters.clear();
    for (const Input& input : printed.inputs) printed.body->parameters.push_back(input.value);
  }

  void compare(const Function& function, const Function& printed,
               const reference::Arguments& arguments) {
    const reference::Outcome before = reference::evaluate(function, arguments);
    const reference::Outcome after = reference::evaluate(printed, arguments);
    ++tally_.calls;
    if (before.status != reference::Status::ok) ++tally_.failed_calls;
    std::string why = exact_difference(function, before, after);
    if (!why.empty()) why = bounded_difference(function, printed, arguments);
    if (!why.empty()) fail(Failure::Kind::value, why);
  }

  // Some operators are printed as formulas that the passes make them of; these round differently.
  static std::string bounded_difference(const Function& function, const Function& printed,
                                        const reference::Arguments& arguments) {
    VerifyTally tally;
    const auto found = compare_bounds(bounded(function, arguments), bounded(printed, arguments),
                                      Claim::rounding, true, {}, tally)
                           .difference;
    if (!found) return "";
    return format("{}{} was {}, is {}", found->value, found->place, found->left, found->right);
  }

  static RunResult bounded(const Function& function, const reference::Arguments& arguments) {
    reference::BoundedOutcome outcome = reference::evaluate_bounded(function, arguments);
    RunResult run;
    if (outcome.status != reference::Status::ok) run.status = outcome.why;
    for (size_t i = 0; i < outcome.outputs.size(); ++i)
      run.values.emplace_back(function.outputs[i].name, std::move(outcome.outputs[i]));
    return run;
  }

  const Case& source_;
  Tally& tally_;
  Program flat_;
  std::optional<Failure> failure_;
};

}  // namespace

std::optional<Failure> check_text(const Case& source, Tally& tally) {
  return TextCheck(source, tally).run();
}

}  // namespace thx::random
