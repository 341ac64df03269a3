// SPDX-License-Identifier: Apache-2.0
// Evaluates bodies with bounds, node by node; loops and choices carry both.
#include "reference/error_bounds.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "ir/structure.h"
#include "ops/build.h"
#include "reference/elements.h"
#include "reference/entry.h"
#include "reference/error_rules.h"
#include "reference/liveness.h"
#include "support/check.h"

namespace thx::reference {
namespace {

Bounded exact(Array value) {
  std::vector<double> error(value.elements.size(), 0);
  return {std::move(value), std::move(error)};
}

using Shared = std::shared_ptr<Bounded>;

Shared share(Bounded bounded) { return std::make_shared<Bounded>(std::move(bounded)); }

class BoundedEvaluator {
 public:
  BoundedEvaluator(const Arguments& arguments, const BoundOptions& options, BoundedOutcome& outcome)
      : arguments_(arguments), options_(options), outcome_(outcome) {}

  /// The results of `body`; meaningless after a failure.
  std::vector<Shared> run(const Body& body, std::vector<Shared> parameters) {
    return run(body, steps_of(body), std::move(parameters));
  }

 private:
  using Values = std::vector<std::vector<Shared>>;  // by id, one per result

  // Regions run again and again: their steps are kept, and the regions with them, so that no other
  // one takes their place.
  std::vector<Shared> run(const Region& region, std::vector<Shared> parameters) {
    const auto [place, is_new] = steps_.try_emplace(region);
    if (is_new) place->second = steps_of(*region);
    return run(*region, place->second, std::move(parameters));
  }

  std::vector<Shared> run(const Body& body, const std::vector<Step>& steps,
                          std::vector<Shared> parameters) {
    Values values(static_cast<size_t>(body.graph.size()));
    for (size_t i = 0; i < parameters.size(); ++i)
      values[static_cast<size_t>(body.parameters[i]->id)] = {std::move(parameters[i])};
    for (const Step& step : steps) {
      const Node& made = *step.value;
      if (is_parameter(made)) continue;
      if (is_late(arguments_, outcome_.status, outcome_.why)) return {};
      std::vector<Shared> operands;
      for (const Value operand : made.operands) {
        std::vector<Shared>& results = values[static_cast<size_t>(operand->id)];
        // What reads one of several results is the only one that does.
        operands.push_back(
            is_result(made) ? std::move(results[static_cast<size_t>(made.attrs.integer("index"))])
                            : results[0]);
      }
      for (const size_t id : step.last) values[id].clear();
      values[static_cast<size_t>(made.id)] = node(made, std::move(operands));
      if (outcome_.status != Status::ok) return {};
    }
    std::vector<Shared> results;
    for (const Value result : body.results)
      results.push_back(values[static_cast<size_t>(result->id)][0]);
    return results;
  }

  std::vector<Shared> node(const Node& node, std::vector<Shared> operands) {
    if (is_result(node)) return {operands[0]};
    if (!node.regions.empty()) return control(node, std::move(operands));
    if (is_scatter(node)) return {scatter(node, operands)};
    std::vector<const Bounded*> pointers;
    for (const Shared& operand : operands) pointers.push_back(operand.get());
    return {share(leaf(node, pointers))};
  }

  Site site_of(const Node& node, const std::vector<const Bounded*>& operands) {
    std::vector<const Array*> arrays;
    for (const Bounded* operand : operands) arrays.push_back(&operand->value);
    return {node,       std::move(arrays), numbers(node.shape(), arguments_.dims),
            arguments_, outcome_.status,   outcome_.why};
  }

  Bounded leaf(const Node& node, const std::vector<const Bounded*>& operands) {
    std::vector<const std::vector<double>*> errors;
    for (const Bounded* operand : operands) errors.push_back(&operand->error);
    const Site site = site_of(node, operands);
    Array value = evaluate_node(site);
    if (outcome_.status != Status::ok) return {};
    std::vector<double> error = errors_of({site, std::move(errors), value, options_}, operands);
    if (outcome_.status != Status::ok) return {};
    THX_CHECK(error.size() == value.elements.size(), "{} bounds for {} elements of {}",
              error.size(), value.elements.size(), name_of(node.op));
    return {std::move(value), std::move(error)};
  }

  // Changes the base where nobody else reads it.
  Shared scatter(const Node& node, const std::vector<Shared>& operands) {
    std::vector<const Bounded*> pointers;
    std::vector<const std::vector<double>*> errors;
    for (const Shared& operand : operands) {
      pointers.push_back(operand.get());
      errors.push_back(&operand->error);
    }
    Site site = site_of(node, pointers);
    const WrittenErrors written(site, errors, options_);
    Shared result = operands[0].use_count() == 1 ? operands[0] : share(*operands[0]);
    site.spare = &result->value;
    result->value = evaluate_node(site);
    if (outcome_.status == Status::ok) written.put(*result);
    return result;
  }

  std::vector<double> errors_of(const BoundedSite& site,
                                const std::vector<const Bounded*>& operands) {
    switch (site.site.node.family()) {
      case Family::elementwise: return elementwise_errors(site);
      case Family::reduction: return reduction_errors(site);
      case Family::view:
      case Family::placement: return moved_errors(site);
      case Family::cumulative: return cumulative_errors(site);
      case Family::composite: return composite_errors(site.site.node, operands);
      default: return array_errors(site);
    }
  }

  // Those of the operators that it stands for, on operands without errors; and what the operands'
  // errors make of them, to the first order, which its tangent says. The expansion alone would
  // leave undecided what compares an element with the largest one of its row. In a tangent the
  // operands but for directions have no errors, and another one may be of the same kind.
  std::vector<double> composite_errors(const Node& node,
                                       const std::vector<const Bounded*>& operands) {
    const auto has_error = [](const Bounded* operand) {
      return std::ranges::any_of(operand->error, [](double error) { return error != 0; });
    };
    const TangentFn tangent = array(node.op).tangent;
    if (in_tangent_ || std::ranges::none_of(operands, has_error))
      return expansion_errors(node, operands);
    std::vector<Bounded> known;
    for (const Bounded* operand : operands) known.push_back(exact(operand->value));
    std::vector<const Bounded*> pointers;
    for (const Bounded& operand : known) pointers.push_back(&operand);
    const std::optional<std::vector<double>> moved = tangent_errors(node, operands, tangent);
    if (!moved) return expansion_errors(node, operands);
    std::vector<double> errors = expansion_errors(node, pointers);
    if (outcome_.status != Status::ok) return {};
    for (size_t i = 0; i < errors.size(); ++i) {
      errors[i] += (*moved)[i];
      if (std::isnan(errors[i])) errors[i] = kUnknown;
    }
    return errors;
  }

  std::vector<double> expansion_errors(const Node& node,
                                       const std::vector<const Bounded*>& operands) {
    Body body;
    std::vector<Shared> parameters;
    std::vector<Value> values;
    for (size_t i = 0; i < operands.size(); ++i) {
      body.parameters.push_back(body.graph.parameter(node.operands[i]->type(), {}));
      values.push_back(body.parameters.back());
      parameters.push_back(share(*operands[i]));
    }
    const Value whole = make(body.graph, node.op, values, node.attrs);
    body.results = {array(node.op).expansion(body.graph, whole)};
    const std::vector<Shared> results = run(body, std::move(parameters));
    if (outcome_.status != Status::ok) return std::vector<double>();
    THX_CHECK(results.size() == 1, "{} fails in its expansion", name_of(node.op));
    return std::move(results[0]->error);
  }

  // The bounds of the tangent where each operand moves by 0, give or take its error. Nothing where
  // the composite has none.
  std::optional<std::vector<double>> tangent_errors(const Node& node,
                                                    const std::vector<const Bounded*>& operands,
                                                    TangentFn tangent) {
    Body body;
    std::vector<Shared> parameters;
    std::vector<Value> values, directions;
    for (size_t i = 0; i < operands.size(); ++i) {
      values.push_back(body.graph.parameter(node.operands[i]->type(), {}));
      body.parameters.push_back(values.back());
      parameters.push_back(share(exact(operands[i]->value)));
    }
    for (size_t i = 0; i < operands.size(); ++i) {
      const Type& type = node.operands[i]->type();
      directions.push_back(is_float(type.dtype) ? body.graph.parameter(type, {}) : Value{});
      if (!directions.back()) continue;
      body.parameters.push_back(directions.back());
      const Array& value = operands[i]->value;
      parameters.push_back(share(
          {Array::filled(value.dtype, value.extents, Scalar{value.dtype}), operands[i]->error}));
    }
    const Value whole = make(body.graph, node.op, values, node.attrs);
    const Value moved = tangent({body.graph, whole, directions});
    if (!moved) return std::nullopt;
    body.results = {moved};
    in_tangent_ = true;
    const std::vector<Shared> results = run(body, std::move(parameters));
    in_tangent_ = false;
    if (outcome_.status != Status::ok) return std::vector<double>();
    THX_CHECK(results.size() == 1, "the tangent of {} fails", name_of(node.op));
    return std::move(results[0]->error);
  }

  std::vector<Shared> control(const Node& node, std::vector<Shared> values) {
    if (is_scan(node)) return scan(node, std::move(values));
    if (!is_cond(node)) return run(node.regions[0], std::move(values));
    const bool taken = values[0]->value.elements[0].integer != 0;
    const bool sure = values[0]->error[0] == 0;
    values.erase(values.begin());
    std::vector<Shared> results = run(node.regions[taken ? 0 : 1], std::move(values));
    if (sure) return results;
    for (Shared& result : results) {
      result = share(*result);
      std::ranges::fill(result->error, kUnknown);
    }
    return results;
  }

  std::vector<Shared> scan(const Node& node, std::vector<Shared> operands) {
    const auto carries = static_cast<size_t>(node.attrs.integer("carries"));
    const auto sequences = static_cast<size_t>(node.attrs.integer("sequences"));
    const int64_t length = numbers({node.attrs.get<Extent>("length")}, arguments_.dims)[0];
    std::vector<Shared> results;
    for (size_t i = 0; i < carries; ++i) results.push_back(std::move(operands[i]));
    for (size_t i = carries; i < node.types.size(); ++i)
      results.push_back(share(
          exact(Array::filled(node.types[i].dtype, numbers(node.types[i].shape, arguments_.dims),
                              Scalar{node.types[i].dtype}))));
    for (int64_t step = 0; step < length; ++step) {
      if (is_late(arguments_, outcome_.status, outcome_.why)) return {};
      const int64_t t = node.attrs.flag("reverse") ? length - 1 - step : step;
      std::vector<Shared> parameters = operands;
      for (size_t i = 0; i < carries; ++i) parameters[i] = std::move(results[i]);
      for (size_t i = carries; i < carries + sequences; ++i)
        parameters[i] = share(element(*operands[i], t));
      std::vector<Shared> next = run(node.regions[0], std::move(parameters));
      if (outcome_.status != Status::ok) return {};
      for (size_t i = 0; i < carries; ++i) results[i] = std::move(next[i]);
      for (size_t i = carries; i < next.size(); ++i) put(*results[i], *next[i], t);
    }
    return results;
  }

  static Bounded element(const Bounded& sequence, int64_t t) {
    Bounded result{{sequence.value.dtype,
                    {sequence.value.extents.begin() + 1, sequence.value.extents.end()},
                    {}},
                   {}};
    const int64_t n = count(result.value.extents);
    const auto first = sequence.value.elements.begin() + t * n;
    result.value.elements.assign(first, first + n);
    const auto error = sequence.error.begin() + t * n;
    result.error.assign(error, error + n);
    return result;
  }

  static void put(Bounded& stacked, const Bounded& one, int64_t t) {
    const int64_t n = count(one.value.extents);
    std::ranges::copy(one.value.elements, stacked.value.elements.begin() + t * n);
    std::ranges::copy(one.error, stacked.error.begin() + t * n);
  }

  const Arguments& arguments_;
  const BoundOptions& options_;
  BoundedOutcome& outcome_;
  bool in_tangent_ = false;  // of a composite
  std::unordered_map<Region, std::vector<Step>> steps_;
};

}  // namespace

BoundedOutcome evaluate_bounded(const Function& function, const Arguments& arguments,
                                const BoundOptions& options) {
  BoundedOutcome outcome;
  outcome.why = refusal_at_entry(function, arguments.dims);
  if (!outcome.why.empty()) {
    outcome.status = Status::dim;
    return outcome;
  }
  if (const double held = numbers_at_once(*function.body, arguments.dims); held > kMostNumbers) {
    outcome.status = Status::size;
    outcome.why = too_many_numbers(held);
    return outcome;
  }
  std::vector<Shared> parameters;
  for (const Array& input : arguments.inputs) parameters.push_back(share(exact(input)));
  for (const Array& state : arguments.states) parameters.push_back(share(exact(state)));
  const std::vector<Shared> results =
      BoundedEvaluator(arguments, options, outcome).run(*function.body, std::move(parameters));
  if (outcome.status != Status::ok) return outcome;
  size_t next = 0;
  while (next < function.outputs.size()) outcome.outputs.push_back(*results[next++]);
  for (size_t i = 0; i < function.states.size(); ++i)
    outcome.states.push_back(function.states[i].next ? *results[next++]
                                                     : exact(arguments.states[i]));
  return outcome;
}

}  // namespace thx::reference
