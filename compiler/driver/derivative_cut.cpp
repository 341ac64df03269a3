// SPDX-License-Identifier: Apache-2.0
// Cuts derivatives and what they differentiate out of bodies.
#include "driver/derivative_cut.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate.h"
#include "support/text.h"

namespace thx {
namespace {

// Whether the body of a definition leaves its parameters as they are.
bool is_identity(const Body& body) {
  return std::ranges::all_of(body.results, [&](Value result) {
    return std::ranges::find(body.parameters, result) != body.parameters.end();
  });
}

// The derivatives of the sum of all results of a body by some of its parameters; nothing where
// there is no such sum, or one of its operators has none.
std::optional<Function> sum_of_derivatives(const Body& body, std::span<const int64_t> by) {
  Program program;
  Function function;
  Graph& graph = function.graph();
  std::vector<Value> parameters, targets;
  for (const Value parameter : body.parameters) {
    parameters.push_back(graph.parameter(parameter->type(), body.graph.name(parameter)));
    function.inputs.push_back({format("p{}", parameters.size()), parameters.back(), {}});
  }
  for (const int64_t i : by) targets.push_back(parameters[static_cast<size_t>(i)]);
  Value cost;
  for (Value part : instantiate(graph, body, parameters)) {
    if (!is_float(part->dtype())) continue;
    const AxisList axes = axis_run(0, part->type().rank());
    if (!axes.empty()) part = reduce(graph, node::sum.op, part, axes);
    part = cast(graph, part, DType::f64);
    cost = cost ? node::add(graph, cost, part) : part;
  }
  if (!cost || targets.empty()) return std::nullopt;
  const Value grad =
      make_grad(graph, {.cost = cost, .targets = targets, .disconnected_is_zero = true});
  for (size_t i = 0; i < targets.size(); ++i) {
    const Value slope = result(graph, grad, static_cast<int64_t>(i));
    function.outputs.push_back({format("r{}", i), slope, {}});
  }
  function.body->parameters = parameters;
  function.body->results = function.roots();
  program.functions.push_back(std::move(function));
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return std::move(program.functions[0]);
}

// Whether the results depend on an operand with a gradient, and differentiation finds no way to it:
// rounding and comparison are on all ways.
bool has_no_derivative(const CallWithGradient& call) {
  const Body& body = *call.body();
  const std::optional<Function> derivatives = sum_of_derivatives(body, call.gradients());
  if (!derivatives) return true;
  std::unordered_set<const Node*> reached;
  for (const Value value : needed(body.graph, body.results)) reached.insert(value.node);
  for (size_t i = 0; i < call.gradients().size(); ++i) {
    const Value parameter = body.parameters[static_cast<size_t>(call.gradients()[i])];
    const Scalar* constant = constant_of(derivatives->outputs[i].value);
    const bool is_zero = constant != nullptr && constant->real == 0;
    if (is_zero && reached.contains(parameter.node)) return true;
  }
  return false;
}

bool is_given(const CallWithGradient& call, OwnGradients own);

// Whether the body, or a region in it, calls a definition whose gradient is given.
bool has_given(const Body& body, OwnGradients own) {
  return std::ranges::any_of(needed(body.graph, body.results), [&](Value value) {
    if (const auto call = as_call(value)) return is_given(*call, own);
    return std::ranges::any_of(value->regions,
                               [&](const Region& region) { return has_given(*region, own); });
  });
}

bool is_given(const CallWithGradient& call, OwnGradients own) {
  return own == OwnGradients::all || call.gradients().empty() || is_identity(*call.body()) ||
         has_given(*call.body(), own) || has_no_derivative(call);
}

class Cutter {
 public:
  Cutter(const Program& program, const DerivativeSite& site, OwnGradients own)
      : program_(program),
        site_(site),
        graph_(*site.node->graph),
        own_(own),
        outputs_(differentiated(site.node)) {}

  std::optional<DerivativeCut> run() {
    read_node();
    if (!find_calls()) return std::nullopt;
    made_.program.module = "slopes";
    made_.program.dims = program_.dims;
    add_point();
    for (size_t i = 0; i < targets_.size(); ++i) add_values(i);
    for (size_t i = 0; i < made_.program.functions.size(); ++i) {
      made_.program.functions[i].name = format("f{}", i);
    }
    made_.held = held_.size();
    return std::move(made_);
  }

 private:
  void read_node() {
    made_.kind = as_grad(site_.node)  ? DerivativeCut::Kind::gradient
                 : as_jvp(site_.node) ? DerivativeCut::Kind::tangent
                                      : DerivativeCut::Kind::jacobian;
    made_.span = graph_.spans(site_.node).first();
    made_.results = site_.node->types.size();
    made_.outputs = outputs_.size();
    made_.of_gradient = std::ranges::all_of(
        outputs_, [](Value output) { return is_result(output) && is_grad(output->operands[0]); });
    std::span<const Value> targets = named_by(site_.node);
    if (const auto grad = as_grad(site_.node)) {
      targets = grad->targets();
      held_.assign(grad->constants().begin(), grad->constants().end());
    }
    if (const auto jvp = as_jvp(site_.node)) directions_ = jvp->directions();
    made_.directions = directions_.size();
    const auto& parameters = site_.body->parameters;
    for (const Value target : targets) {
      targets_.push_back(target);
      const auto at = std::ranges::find(parameters, target);
      const std::string& name = graph_.name(target);
      made_.targets.push_back({name.empty() ? "a value" : name, {}});
      if (at != parameters.end()) {
        made_.targets.back().parameter = static_cast<size_t>(at - parameters.begin());
      }
    }
  }

  bool within(const Body& body) {
    return std::ranges::any_of(needed(body.graph, body.results), [&](Value value) {
      if (const auto call = as_call(value)) return is_given_here(*call);
      return std::ranges::any_of(value->regions,
                                 [&](const Region& region) { return within(*region); });
    });
  }

  bool is_given_here(const CallWithGradient& call) {
    if (is_given(call, own_)) return true;
    const Attrs& attrs = call.node->attrs;
    const std::string name = attrs.has("name") ? attrs.word("name") : std::string();
    if (!name.empty() && std::ranges::find(made_.own, name) == made_.own.end()) {
      made_.own.push_back(name);
    }
    return false;
  }

  // False where a gradient cannot be taken as given.
  bool find_calls() {
    bool inner = made_.kind != DerivativeCut::Kind::gradient;
    for (const Value value : needed(graph_, outputs_)) {
      inner = inner || is_derivative(value);
      if (const auto call = as_call(value)) {
        if (is_given_here(*call)) {
          calls_.push_back(*call);
          results_of_[call->node.node] = {};
        }
        continue;
      }
      for (const Region& region : value->regions) {
        if (within(*region)) return false;
      }
      if (!is_result(value)) continue;
      const auto call = results_of_.find(value->operands[0].node);
      if (call == results_of_.end()) continue;
      call->second.push_back(call_results_.size());
      held_.push_back(value);
      call_results_.push_back(value);
    }
    return !inner || std::ranges::all_of(calls_, [](const CallWithGradient& call) {
      return call.gradients().empty();
    });
  }

  void add_point() {
    Extraction point(*site_.body, {});
    std::vector<Value> values;
    for (size_t i = 0; i < made_.results; ++i) {
      values.push_back(result(*site_.node->graph, site_.node, static_cast<int64_t>(i)));
    }
    values.insert(values.end(), targets_.begin(), targets_.end());
    values.insert(values.end(), directions_.begin(), directions_.end());
    values.insert(values.end(), held_.begin(), held_.end());
    point.copy(values, call_results_);
    for (const Value value : values) point.output(point.of(value));
    add_flows(point);
    made_.program.functions.push_back(point.finish(requirements()));
  }

  // What arrives at the results of each definition, and what its gradient makes of that.
  void add_flows(Extraction& point) {
    const bool any = std::ranges::any_of(
        calls_, [](const CallWithGradient& call) { return !call.gradients().empty(); });
    if (!any) return;
    Graph& graph = point.graph();
    std::vector<Value> marks, constants;
    for (const Value value : call_results_) marks.push_back(point.of(value));
    for (const Value value : as_grad(site_.node)->constants()) {
      constants.push_back(point.of(value));
    }
    const Value arriving = make_grad(graph, {.cost = point.of(outputs_[0]),
                                             .targets = marks,
                                             .constants = constants,
                                             .disconnected_is_zero = true});
    for (const CallWithGradient& call : calls_) {
      if (call.gradients().empty()) continue;
      std::vector<Value> arguments;
      for (const Value operand : call.node->operands) arguments.push_back(point.of(operand));
      const size_t first = arguments.size();
      for (const Type& type : call.node->types) arguments.push_back(constant(graph, type, 0));
      for (const size_t k : results_of_.at(call.node.node)) {
        arguments[first + result_index(call_results_[k])] =
            result(graph, arriving, static_cast<int64_t>(k));
      }
      const std::vector<Value> flows = instantiate(graph, *call.gradient(), arguments);
      for (size_t k = 0; k < flows.size(); ++k) {
        point.output(flows[k]);
        flows_to_.push_back(call.node->operands[static_cast<size_t>(call.gradients()[k])]);
      }
    }
    made_.flows = flows_to_.size();
  }

  void add_values(size_t i) {
    std::vector<Value> free = held_;
    if (!made_.targets[i].parameter) free.insert(free.begin(), targets_[i]);
    std::vector<Value> results(outputs_.begin(), outputs_.end());
    results.insert(results.end(), flows_to_.begin(), flows_to_.end());
    made_.program.functions.push_back(extract(*site_.body, free, results, requirements()));
  }

  const std::vector<Requirement>& requirements() const {
    static const std::vector<Requirement> none;
    return site_.is_region ? none : site_.function->requirements;
  }

  const Program& program_;
  const DerivativeSite& site_;
  const Graph& graph_;
  OwnGradients own_;
  std::span<const Value> outputs_, directions_;
  std::vector<Value> targets_, held_, call_results_, flows_to_;
  std::vector<CallWithGradient> calls_;
  std::unordered_map<const Node*, std::vector<size_t>> results_of_;  // in call_results_, by call
  DerivativeCut made_;
};

}  // namespace

std::optional<DerivativeCut> cut_derivative(const Program& program, const DerivativeSite& site,
                                            OwnGradients own) {
  return Cutter(program, site, own).run();
}

PointOfTarget point_of_target(const DerivativeCut& cut, size_t i,
                              const reference::Arguments& parameters,
                              std::span<const reference::Array> base) {
  PointOfTarget point{parameters, parameters.inputs.size()};
  if (const std::optional<size_t> parameter = cut.targets[i].parameter)
    point.place = *parameter;
  else
    point.arguments.inputs.push_back(base[cut.first_target() + i]);
  for (size_t k = 0; k < cut.held; ++k)
    point.arguments.inputs.push_back(base[cut.first_held() + k]);
  return point;
}

}  // namespace thx
