// SPDX-License-Identifier: Apache-2.0
// Evaluates bodies node by node, in the order of their ids.
#include "reference/evaluate.h"

#include <algorithm>

#include "ir/structure.h"
#include "reference/elements.h"
#include "reference/entry.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::reference {
namespace {

class Evaluator {
 public:
  Evaluator(const Arguments& arguments, Outcome& outcome)
      : arguments_(arguments), outcome_(outcome) {}

  /// The results of `body`; meaningless after a failure.
  std::vector<Array> run(const Body& body, const std::vector<Array>& parameters) {
    THX_CHECK(parameters.size() == body.parameters.size(), "{} arguments for {} parameters",
              parameters.size(), body.parameters.size());
    Values values(static_cast<size_t>(body.graph.size()));
    for (size_t i = 0; i < parameters.size(); ++i) {
      const Value parameter = body.parameters[i];
      const Array& array = parameters[i];
      const Index extents = numbers(parameter->shape(), arguments_.dims);
      THX_CHECK(array.dtype == parameter->dtype() && array.extents == extents &&
                    array.elements.size() == static_cast<size_t>(count(extents)),
                "an argument is not {}", text(parameter->type()));
      values[static_cast<size_t>(parameter->id)] = {array};
    }
    for (const Value value : needed(body.graph, body.results)) {
      if (is_parameter(*value)) continue;
      std::vector<Array>& made = values[static_cast<size_t>(value->id)];
      made = node(*value, values);
      if (outcome_.status != Status::ok) return {};
      if (arguments_.visit && made.size() == 1)
        arguments_.visit(*value, operands_of(*value, values), made[0]);
    }
    std::vector<Array> results;
    results.reserve(body.results.size());
    for (const Value result : body.results)
      results.push_back(values[static_cast<size_t>(result->id)][0]);
    return results;
  }

 private:
  using Values = std::vector<std::vector<Array>>;  // by id, one Array per result

  static std::vector<const Array*> operands_of(const Node& node, const Values& values) {
    std::vector<const Array*> operands;
    operands.reserve(node.operands.size());
    for (const Value operand : node.operands) {
      const std::vector<Array>& results = values[static_cast<size_t>(operand->id)];
      const size_t index = is_result(node) ? static_cast<size_t>(node.attrs.integer("index")) : 0;
      operands.push_back(&results[index]);
    }
    return operands;
  }

  std::vector<Array> node(const Node& node, const Values& values) {
    const std::vector<const Array*> operands = operands_of(node, values);
    if (is_result(node)) return {*operands[0]};
    if (!node.regions.empty()) return control(node, operands);
    const Index extents = numbers(node.shape(), arguments_.dims);
    return {evaluate_node({node, operands, extents, arguments_, outcome_.status, outcome_.why})};
  }

  std::vector<Array> control(const Node& node, const std::vector<const Array*>& operands) {
    std::vector<Array> arrays;
    arrays.reserve(operands.size());
    for (const Array* operand : operands) arrays.push_back(*operand);
    if (is_scan(node)) return scan(node, arrays);
    if (is_vmap(node)) return vmap(node, arrays);
    if (!is_cond(node)) return run(*node.regions[0], arrays);  // of a call, what it computes
    const bool taken = arrays[0].elements[0].integer != 0;
    arrays.erase(arrays.begin());
    return run(*node.regions[taken ? 0 : 1], arrays);
  }

  std::vector<Array> scan(const Node& node, const std::vector<Array>& operands) {
    const auto carries = static_cast<size_t>(node.attrs.integer("carries"));
    const auto sequences = static_cast<size_t>(node.attrs.integer("sequences"));
    const int64_t length = numbers({node.attrs.get<Extent>("length")}, arguments_.dims)[0];
    std::vector<Array> results(operands.begin(), operands.begin() + static_cast<long>(carries));
    for (size_t i = carries; i < node.types.size(); ++i)
      results.push_back(Array::filled(node.types[i].dtype,
                                      numbers(node.types[i].shape, arguments_.dims),
                                      Scalar{node.types[i].dtype}));
    for (int64_t step = 0; step < length; ++step) {
      const int64_t t = node.attrs.flag("reverse") ? length - 1 - step : step;
      std::vector<Array> parameters = operands;
      for (size_t i = 0; i < carries; ++i) parameters[i] = results[i];
      for (size_t i = carries; i < carries + sequences; ++i)
        parameters[i] = element(operands[i], t);
      const std::vector<Array> next = run(*node.regions[0], parameters);
      if (outcome_.status != Status::ok) return {};
      for (size_t i = 0; i < next.size(); ++i) {
        if (i < carries) {
          results[i] = next[i];
        } else {
          std::ranges::copy(next[i].elements,
                            results[i].elements.begin() + t * count(next[i].extents));
        }
      }
    }
    return results;
  }

  std::vector<Array> vmap(const Node& node, const std::vector<Array>& operands) {
    const auto mapped = static_cast<size_t>(node.attrs.integer("mapped"));
    const int64_t length = numbers({node.attrs.get<Extent>("extent")}, arguments_.dims)[0];
    std::vector<Array> results;
    for (const Type& type : node.types)
      results.push_back(Array{type.dtype, numbers(type.shape, arguments_.dims), {}});
    for (int64_t i = 0; i < length; ++i) {
      std::vector<Array> parameters = operands;
      for (size_t k = 0; k < mapped; ++k) parameters[k] = element(operands[k], i);
      const std::vector<Array> of_element = run(*node.regions[0], parameters);
      if (outcome_.status != Status::ok) return {};
      for (size_t k = 0; k < results.size(); ++k)
        results[k].elements.insert(results[k].elements.end(), of_element[k].elements.begin(),
                                   of_element[k].elements.end());
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
};

// The results of a body whose entry has been checked.
std::vector<Array> run(const Body& body, const std::vector<Array>& parameters,
                       const Arguments& arguments, Outcome& outcome) {
  return Evaluator(arguments, outcome).run(body, parameters);
}

}  // namespace

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
  std::vector<Array> results = run(*function.body, parameters, arguments, outcome);
  if (outcome.status != Status::ok) return outcome;
  size_t next = function.outputs.size();
  for (size_t i = 0; i < function.states.size(); ++i)
    if (function.states[i].next) outcome.states[i] = results[next++];
  results.resize(function.outputs.size());
  outcome.outputs = std::move(results);
  return outcome;
}

Array finite_difference(const Function& function, const Arguments& arguments, size_t output,
                        size_t parameter, double step) {
  Arguments moved = arguments;
  Array& x = parameter < moved.inputs.size() ? moved.inputs[parameter]
                                             : moved.states[parameter - moved.inputs.size()];
  THX_CHECK(x.dtype == DType::f64, "differences of {} say nothing", spelling(x.dtype));
  const auto cost = [&] {
    const Outcome outcome = evaluate(function, moved);
    THX_CHECK(outcome.status == Status::ok, "{}", outcome.why);
    return outcome.outputs[output].elements[0].real;
  };
  Array result = x;
  for (size_t i = 0; i < x.elements.size(); ++i) {
    const double at = x.elements[i].real;
    const double h = step * std::max(1.0, std::abs(at));
    x.elements[i].real = at + h;
    const double above = cost();
    x.elements[i].real = at - h;
    const double below = cost();
    x.elements[i].real = at;
    result.elements[i].real = (above - below) / (2 * h);
  }
  return result;
}

}  // namespace thx::reference
