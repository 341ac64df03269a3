// SPDX-License-Identifier: Apache-2.0
// Claims of rules, and the judgement of a pass by them.
#include "driver/verify_pass.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "driver/derivative_domain.h"
#include "driver/test_programs.h"
#include "ops/control.h"
#include "passes/canonicalize.h"
#include "passes/fold_constants.h"
#include "passes/rule.h"

namespace thx {
namespace {

std::map<std::string, RuleClass, std::less<>> classes_of_rules() {
  std::map<std::string, RuleClass, std::less<>> classes;
  for (const auto& rules : {canonical_rules(), stability_rules(), simplify_rules(),
                            special_value_rules(), wrong_rules_in_force()})
    for (const Rule& rule : rules) classes.emplace(rule.name, rule.cls);
  for (const NamedStep& step : canonical_steps()) classes.emplace(step.name, step.cls);
  return classes;
}

// A step without a row is taken to round.
RuleClass class_of(std::string_view rule) {
  static const auto classes = classes_of_rules();
  const auto found = classes.find(rule);
  return found == classes.end() ? RuleClass::rounding : found->second;
}

// Whether the function sums, in any form: then equal formulas may differ in their order.
bool has_sums(const Function& function) {
  std::vector<const Body*> open = {function.body.get()};
  while (!open.empty()) {
    const Body& body = *open.back();
    open.pop_back();
    for (const Value value : needed(body.graph, body.results)) {
      const Family family = value->family();
      if (family == Family::reduction || family == Family::contraction ||
          family == Family::composite || family == Family::cumulative || family == Family::indexing)
        return true;
      for (const Region& region : value->regions) open.push_back(region.get());
    }
  }
  return false;
}

bool has_derivatives(const Body& body) {
  return std::ranges::any_of(needed(body.graph, body.results), [](Value value) {
    return is_derivative(value) || std::ranges::any_of(value->regions, [](const Region& region) {
             return has_derivatives(*region);
           });
  });
}

// Of the values of a run: whether derivatives that are still to be taken go into them.
std::vector<bool> are_derived(const Function& function) {
  const Graph& graph = function.graph();
  std::vector<bool> derived(static_cast<size_t>(graph.size()));
  for (const Value value : needed(graph, function.roots())) {
    derived[static_cast<size_t>(value->id)] =
        is_derivative(value) ||
        std::ranges::any_of(value->operands,
                            [&](Value of) { return derived[static_cast<size_t>(of->id)]; }) ||
        std::ranges::any_of(value->regions,
                            [](const Region& region) { return has_derivatives(*region); });
  }
  std::vector<bool> made;
  for (const Output& output : function.outputs)
    made.push_back(derived[static_cast<size_t>(output.value->id)]);
  for (const StateUse& use : function.states)
    if (use.next) made.push_back(derived[static_cast<size_t>(use.next->id)]);
  return made;
}

// Nothing is known of derivatives where `domains`, the same call of the program with domains, has
// none: the pass rewrites formulas, not derivatives.
void forget_undefined(const Function& function, RunResult& run, const RunResult& domains) {
  const std::vector<bool> derived = are_derived(function);
  for (size_t v = 0; v < run.values.size(); ++v) {
    const std::vector<Scalar>& defined = domains.values[v].second.value.elements;
    std::vector<double>& error = run.values[v].second.error;
    for (size_t i = 0; derived[v] && i < error.size(); ++i) {
      if (is_float(defined[i].dtype) && std::isnan(defined[i].real))
        error[i] = std::numeric_limits<double>::infinity();
    }
  }
}

// Whether `after` is nearer to `before` than `last` is, or as near.
bool is_nearer(double before, double after, double last) {
  if (std::isnan(before)) return std::isnan(after) || !std::isnan(last);
  return after == before || std::fabs(after - before) <= std::fabs(last - before);
}

// Derivatives as the last stage has them, where these are nearer to what they were: passes that
// come later make tanh of sinh / cosh.
void mend_derivatives(const Function& function, const RunResult& before, RunResult& after,
                      const RunResult& last) {
  const std::vector<bool> derived = are_derived(function);
  for (size_t v = 0; v < after.values.size() && v < last.values.size(); ++v) {
    const std::vector<Scalar>& old = before.values[v].second.value.elements;
    reference::Bounded& made = after.values[v].second;
    const reference::Bounded& other = last.values[v].second;
    for (size_t i = 0; derived[v] && i < made.error.size(); ++i) {
      Scalar& element = made.value.elements[i];
      const Scalar& end = other.value.elements[i];
      if (!is_float(element.dtype) || is_nearer(old[i].real, element.real, end.real)) continue;
      element = end;
      made.error[i] = other.error[i];
    }
  }
}

bool has_special_numbers(const Arguments& arguments) {
  return std::ranges::any_of(arguments, [](const auto& each) {
    const reference::Array array = to_reference(each.second);
    return is_float(array.dtype) && std::ranges::any_of(array.elements, [](const Scalar& scalar) {
             return !std::isfinite(scalar.real);
           });
  });
}

// Nothing is known where `after` has no number.
void forget_special(RunResult& run, const RunResult& after) {
  for (size_t v = 0; v < run.values.size(); ++v) {
    const std::vector<Scalar>& made = after.values[v].second.value.elements;
    for (size_t i = 0; i < made.size(); ++i) {
      if (is_float(made[i].dtype) && !std::isfinite(made[i].real))
        run.values[v].second.error[i] = std::numeric_limits<double>::infinity();
    }
  }
}

}  // namespace

StageClaim claim_of(const TensorStage& stage, const std::string& function) {
  StageClaim claim;
  bool any = false, improves = false, rounds = false, drops = false;
  for (const Firing& firing : stage.firings) {
    if (firing.function != function) continue;
    any = true;
    const RuleClass cls = class_of(firing.rule);
    improves = improves || cls == RuleClass::more_accurate;
    rounds = rounds || cls == RuleClass::rounding;
    drops = drops || cls == RuleClass::special_values;
  }
  claim.limits = improves;
  if (drops)
    claim.claim = Claim::fast;
  else if (any && !rounds)
    claim.claim = improves ? Claim::more_accurate : Claim::bits;
  return claim;
}

RunResult PassTrial::run(const Program& program, bool limits) const {
  return run_tensors(function_at(program, function), data, {.limits = limits}, wide);
}

Judgement judge_pass(const PassTrial& trial, const RunResult& before, const RunResult& after,
                     VerifyTally& tally, const std::vector<ElementAt>* which) {
  const auto gave_up = [&] {  // nothing is known then
    return Judgement{{}, which != nullptr ? *which : std::vector<ElementAt>()};
  };
  if (!before.given_up.empty() || !after.given_up.empty()) return gave_up();
  // The bits of derivatives are decided by how they are differentiated.
  const bool derives = trial.before.has_gradients;
  const bool rounds = derives && trial.claim.claim == Claim::bits;
  const Claim claim = rounds ? Claim::rounding : trial.claim.claim;
  const bool sums = has_sums(function_at(trial.before.evaluable(), trial.function));
  VerifyTally own;
  const auto judge = [&](const RunResult& left, const RunResult& right) {
    own = {};
    return which != nullptr ? compare_elements(left, right, claim, *which)
                            : compare_bounds(left, right, claim, sums, trial.label, own);
  };
  Judgement judgement = judge(before, after);
  const auto differs = [&] { return judgement.difference && !judgement.difference->value.empty(); };
  RunResult known = before;  // what is known of the values before
  if (judgement.difference && trial.claim.limits) {
    known = trial.run(trial.before.evaluable(), true);
    if (!known.given_up.empty()) return gave_up();
    judgement = judge(known, after);
  }
  if (differs() && derives) {
    Program domains = with_domains(trial.before.program);
    resolve(domains);
    const RunResult defined = trial.run(domains), last = trial.run(trial.last);
    if (!defined.given_up.empty() || !last.given_up.empty()) return gave_up();
    const Function& function = function_at(trial.before.program, trial.function);
    forget_undefined(function, known, defined);
    RunResult mended = after;
    mend_derivatives(function, known, mended, last);
    judgement = judge(known, mended);
  }
  const auto has_special = [&] {
    return has_special_numbers(trial.data.trial.inputs) || has_special_numbers(trial.data.states);
  };
  if (differs() && claim == Claim::fast && has_special()) {
    forget_special(known, after);
    judgement = judge(known, after);
  }
  tally.add(own);
  return judgement;
}

}  // namespace thx
