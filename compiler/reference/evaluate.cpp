// SPDX-License-Identifier: Apache-2.0
// Evaluates bodies node by node, in the order of their ids.
#include "reference/evaluate.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "ir/structure.h"
#include "reference/elements.h"
#include "reference/entry.h"
#include "reference/liveness.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::reference {
namespace {

using Shared = std::shared_ptr<Array>;

Shared share(Array array) { return std::make_shared<Array>(std::move(array)); }

class Evaluator {
 public:
  Evaluator(const Arguments& arguments, Outcome& outcome)
      : arguments_(arguments), outcome_(outcome) {}

  /// The results of `body`; meaningless after a failure.
  std::vector<Shared> run(const Body& body, std::vector<Shared> parameters) {
    check_parameters(body, parameters);
    Values values(static_cast<size_t>(body.graph.size()));
    for (size_t i = 0; i < parameters.size(); ++i)
      values[static_cast<size_t>(body.parameters[i]->id)] = {std::move(parameters[i])};
    const auto [place, is_new] = steps_.try_emplace(&body);
    if (is_new) place->second = steps_of(body);
    for (const Step& step : place->second) {
      if (is_parameter(*step.value)) continue;
      if (is_late(arguments_, outcome_.status, outcome_.why)) return {};
      std::vector<Shared> operands = operands_of(*step.value, values);
      for (const size_t id : step.last) values[id].clear();
      values[static_cast<size_t>(step.value->id)] = node(*step.value, std::move(operands));
      if (outcome_.status != Status::ok) return {};
    }
    std::vector<Shared> results;
    results.reserve(body.results.size());
    for (const Value result : body.results)
      results.push_back(values[static_cast<size_t>(result->id)][0]);
    return results;
  }

 private:
  using Values = std::vector<std::vector<Shared>>;  // by id, one per result

  void check_parameters(const Body& body, const std::vector<Shared>& parameters) const {
    THX_CHECK(parameters.size() == body.parameters.size(), "{} arguments for {} parameters",
              parameters.size(), body.parameters.size());
    for (size_t i = 0; i < parameters.size(); ++i) {
      const Value parameter = body.parameters[i];
      const Array& array = *parameters[i];
      const Index extents = numbers(parameter->shape(), arguments_.dims);
      THX_CHECK(array.dtype == parameter->dtype() && array.extents == extents &&
                    array.elements.size() == static_cast<size_t>(count(extents)),
                "an argument is not {}", text(parameter->type()));
    }
  }

  // What reads one of several results is the only one that does, and takes it along.
  static std::vector<Shared> operands_of(const Node& node, Values& values) {
    std::vector<Shared> operands;
    operands.reserve(node.operands.size());
    for (const Value operand : node.operands) {
      std::vector<Shared>& results = values[static_cast<size_t>(operand->id)];
      if (is_result(node)) {
        operands.push_back(std::move(results[static_cast<size_t>(node.attrs.integer("index"))]));
      } else {
        operands.push_back(results[0]);
      }
    }
    return operands;
  }

  std::vector<Shared> node(const Node& node, std::vector<Shared> operands) {
    if (!node.regions.empty()) {
      std::vector<Shared> results = control(node, operands);
      if (results.size() == 1) visit(node, operands, results[0]);
      return results;
    }
    Shared result = is_result(node) ? operands[0] : leaf(node, operands);
    visit(node, operands, result);
    return {std::move(result)};
  }

  Shared leaf(const Node& node, const std::vector<Shared>& operands) {
    std::vector<const Array*> arrays;
    arrays.reserve(operands.size());
    for (const Shared& operand : operands) arrays.push_back(operand.get());
    const bool spare = !arguments_.visit && !operands.empty() && operands[0].use_count() == 1;
    return share(
        evaluate_node({node, std::move(arrays), numbers(node.shape(), arguments_.dims), arguments_,
                       outcome_.status, outcome_.why, spare ? operands[0].get() : nullptr}));
  }

  void visit(const Node& node, const std::vector<Shared>& operands, Shared& result) {
    if (!arguments_.visit || outcome_.status != Status::ok) return;
    if (result.use_count() > 1) result = share(*result);
    std::vector<const Array*> arrays;
    for (const Shared& operand : operands) arrays.push_back(operand.get());
    arguments_.visit(node, arrays, *result);
  }

  // With a visitor, who sees the operands too, they are kept.
  std::vector<Shared> control(const Node& node, std::vector<Shared>& operands) {
    std::vector<Shared> arrays = arguments_.visit ? operands : std::move(operands);
    if (is_scan(node)) return scan(node, std::move(arrays));
    if (is_vmap(node)) return vmap(node, arrays);
    if (!is_cond(node)) return run(*node.regions[0], std::move(arrays));  // of a call
    const bool taken = arrays[0]->elements[0].integer != 0;
    arrays.erase(arrays.begin());
    return run(*node.regions[taken ? 0 : 1], std::move(arrays));
  }

  std::vector<Shared> scan(const Node& node, std::vector<Shared> operands) {
    const auto carries = static_cast<size_t>(node.attrs.integer("carries"));
    const auto sequences = static_cast<size_t>(node.attrs.integer("sequences"));
    const int64_t length = numbers({node.attrs.get<Extent>("length")}, arguments_.dims)[0];
    std::vector<Shared> results;
    for (size_t i = 0; i < carries; ++i) results.push_back(std::move(operands[i]));
    for (size_t i = carries; i < node.types.size(); ++i)
      results.push_back(
          share(Array::filled(node.types[i].dtype, numbers(node.types[i].shape, arguments_.dims),
                              Scalar{node.types[i].dtype})));
    for (int64_t step = 0; step < length; ++step) {
      if (is_late(arguments_, outcome_.status, outcome_.why)) return {};
      const int64_t t = node.attrs.flag("reverse") ? length - 1 - step : step;
      std::vector<Shared> parameters = operands;
      for (size_t i = 0; i < carries; ++i) parameters[i] = std::move(results[i]);
      for (size_t i = carries; i < carries + sequences; ++i)
        parameters[i] = share(element(*operands[i], t));
      std::vector<Shared> next = run(*node.regions[0], std::move(parameters));
      if (outcome_.status != Status::ok) return {};
      for (size_t i = 0; i < carries; ++i) results[i] = std::move(next[i]);
      for (size_t i = carries; i < next.size(); ++i)
        std::ranges::copy(next[i]->elements,
                          results[i]->elements.begin() + t * count(next[i]->extents));
    }
    return results;
  }

  std::vector<Shared> vmap(const Node& node, const std::vector<Shared>& operands) {
    const auto mapped = static_cast<size_t>(node.attrs.integer("mapped"));
    const int64_t length = numbers({node.attrs.get<Extent>("extent")}, arguments_.dims)[0];
    std::vector<Shared> results;
    for (const Type& type : node.types)
      results.push_back(share({type.dtype, numbers(type.shape, arguments_.dims), {}}));
    for (int64_t i = 0; i < length; ++i) {
      if (is_late(arguments_, outcome_.status, outcome_.why)) return {};
      std::vector<Shared> parameters = operands;
      for (size_t k = 0; k < mapped; ++k) parameters[k] = share(element(*operands[k], i));
      const std::vector<Shared> of_element = run(*node.regions[0], std::move(parameters));
      if (outcome_.status != Status::ok) return {};
      for (size_t k = 0; k < results.size(); ++k)
        results[k]->elements.insert(results[k]->elements.end(), of_element[k]->elements.begin(),
                                    of_element[k]->elements.end());
    }
    return results;
  }

  static Array element(const Array& sequence, int64_t t) {
    Array result{sequence.dtype, {sequence.extents.begin() + 1, sequence.extents.end()}, {}};
    const int64_t n = count(result.extents);
    const auto begin = sequence.elements.begin() + t * n;
    result.elements.assign(begin, begin + n);
    return result;
  }

  const Arguments& arguments_;
  Outcome& outcome_;
  std::unordered_map<const Body*, std::vector<Step>> steps_;
};

// The results of a body that can be entered.
std::vector<Array> run(const Body& body, std::vector<Array> parameters, const Arguments& arguments,
                       Outcome& outcome) {
  const double held = numbers_at_once(body, arguments.dims);
  if (held > kMostNumbers) {
    outcome.status = Status::size;
    outcome.why = too_many_numbers(held);
    return {};
  }
  std::vector<Shared> shared;
  for (Array& parameter : parameters) shared.push_back(share(std::move(parameter)));
  const std::vector<Shared> results = Evaluator(arguments, outcome).run(body, std::move(shared));
  std::vector<Array> arrays;
  for (const Shared& result : results) arrays.push_back(*result);
  return arrays;
}

}  // namespace

bool is_late(const Arguments& arguments, Status& status, std::string& why) {
  if (!arguments.until || std::chrono::steady_clock::now() < *arguments.until) return false;
  status = Status::time;
  why = "it takes too long in the interpreter";
  return true;
}

Outcome evaluate(const Body& body, const std::vector<Array>& parameters,
                 const Extent::Values& dims) {
  Outcome outcome;
  outcome.why = refusal_at_entry(body, dims);
  if (!outcome.why.empty()) {
    outcome.status = Status::dim;
    return outcome;
  }
  Arguments arguments;
  arguments.dims = dims;
  outcome.outputs = run(body, parameters, arguments, outcome);
  return outcome;
}

Outcome evaluate(const Function& function, const Arguments& arguments) {
  Outcome outcome;
  outcome.states = arguments.states;
  outcome.why = refusal_at_entry(function, arguments.dims);
  if (!outcome.why.empty()) {
    outcome.status = Status::dim;
    return outcome;
  }
  std::vector<Array> parameters = arguments.inputs;
  parameters.insert(parameters.end(), arguments.states.begin(), arguments.states.end());
  std::vector<Array> results = run(*function.body, std::move(parameters), arguments, outcome);
  if (outcome.status != Status::ok) return outcome;
  size_t next = function.outputs.size();
  for (size_t i = 0; i < function.states.size(); ++i)
    if (function.states[i].next) outcome.states[i] = results[next++];
  results.resize(function.outputs.size());
  outcome.outputs = std::move(results);
  return outcome;
}

namespace {

Array& parameter_of(Arguments& arguments, size_t parameter) {
  Array& x = parameter < arguments.inputs.size()
                 ? arguments.inputs[parameter]
                 : arguments.states[parameter - arguments.inputs.size()];
  THX_CHECK(x.dtype == DType::f64, "differences of {} say nothing", spelling(x.dtype));
  return x;
}

}  // namespace

Result<Array> finite_difference(const Function& function, const Arguments& arguments, size_t output,
                                size_t parameter, double step) {
  Arguments moved = arguments;
  Array& x = parameter_of(moved, parameter);
  std::string why;
  const auto cost = [&] {
    const Outcome outcome = evaluate(function, moved);
    why = outcome.why;
    return outcome.status == Status::ok ? outcome.outputs[output].elements[0].real : 0;
  };
  Array result = x;
  for (size_t i = 0; i < x.elements.size(); ++i) {
    const double at = x.elements[i].real;
    const double h = step * std::max(1.0, std::abs(at));
    x.elements[i].real = at + h;
    const double above = cost();
    if (!why.empty()) return Diagnostic(Err::call_failed, {}, why);
    x.elements[i].real = at - h;
    const double below = cost();
    if (!why.empty()) return Diagnostic(Err::call_failed, {}, why);
    x.elements[i].real = at;
    result.elements[i].real = (above - below) / (2 * h);
  }
  return result;
}

bool has_infinite_slope(const Function& function, const Arguments& arguments, size_t output,
                        size_t parameter, size_t element, double sign, double step) {
  constexpr double kFiner = 0x1p-10, kGrowth = 1.25;
  Arguments moved = arguments;
  Scalar& x = parameter_of(moved, parameter).elements[element];
  const double at = x.real;
  const auto cost = [&](double where) {
    x.real = where;
    const Outcome outcome = evaluate(function, moved);
    return outcome.status == Status::ok ? outcome.outputs[output].elements[0].real : NAN;
  };
  const double here = cost(at);
  for (const double side : {1.0, -1.0}) {
    double quotients[2], noise = 0;
    for (const size_t finer : {0, 1}) {
      const double h = side * step * (finer == 1 ? kFiner : 1) * std::max(1.0, std::abs(at));
      const double there = cost(at + h);
      quotients[finer] = sign * (there - here) / h;
      noise = 64 * 0x1p-52 * std::max(std::abs(there), std::abs(here)) / std::abs(h);
    }
    if (quotients[1] == INFINITY) return true;
    if (std::isfinite(quotients[1]) && quotients[1] > kGrowth * std::abs(quotients[0]) + noise)
      return true;
  }
  return false;
}

}  // namespace thx::reference
