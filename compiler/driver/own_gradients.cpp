// SPDX-License-Identifier: Apache-2.0
// Finds calls with gradients of their own and takes each out of its body.
#include "driver/own_gradients.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "ir/print.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

// Appends what is not there yet; zero is where plain points lie.
void add(std::vector<double>& constants, const Scalar& scalar) {
  const double value = std::fabs(scalar.as_real());
  if (value == 0 || !std::isfinite(value)) return;
  if (std::ranges::find(constants, value) != constants.end()) return;
  constants.push_back(value);
  constants.push_back(-value);
}

bool compares(Value value) {
  return value->family() == Family::elementwise &&
         elementwise(value->op).result == ResultDType::boolean;
}

void add_constants(const Body& body, bool compared, std::vector<double>& constants) {
  for (const Value value : needed(body.graph, body.results)) {
    if (!compared || compares(value)) {
      for (const Value operand : value->operands)
        if (const Scalar* scalar = constant_of(operand)) add(constants, *scalar);
    }
    for (const Region& region : value->regions) add_constants(*region, compared, constants);
  }
}

// Whether there is something to differentiate, and something to do it by.
bool has_floats(const CallWithGradient& call) {
  return !call.gradients().empty() && std::ranges::any_of(call.node->types, [](const Type& type) {
    return is_float(type.dtype);
  });
}

class Finder {
 public:
  void add(const Program& program) {
    dims_ = &program.dims;
    for (const Function& function : program.functions) walk(function, *function.body);
  }

  std::vector<OwnGradient> take() { return std::move(made_); }

 private:
  void walk(const Function& function, const Body& body) {
    for (const Value value : needed(body.graph, body.results)) {
      const auto call = as_call(value);
      if (call && has_floats(*call)) add(function, *call);
      for (const Region& region : value->regions) walk(function, *region);
    }
  }

  void add(const Function& around, const CallWithGradient& call) {
    const Node& node = *call.node;
    OwnGradient own;
    own.name = node.attrs.has("name") ? node.attrs.word("name") : std::string();
    own.program.module = "slopes";
    own.program.dims = *dims_;
    Function function;
    function.name = around.name;
    function.requirements = around.requirements;
    derive(function, call, node.graph->spans(call.node));
    if (!met_.insert(own.name + print(function)).second) return;
    own.program.functions.push_back(std::move(function));
    for (const bool compared : {true, false})
      for (const Region& region : node.regions) add_constants(*region, compared, own.constants);
    made_.push_back(std::move(own));
  }

  static Value parameter(Function& function, const Type& type, const std::string& name) {
    const Value made = function.graph().parameter(type, name);
    function.body->parameters.push_back(made);
    function.inputs.push_back({format("p{}", function.inputs.size()), made, {}});
    return made;
  }

  static void derive(Function& function, const CallWithGradient& old, const SpanSet& spans) {
    Graph& graph = function.graph();
    std::vector<Value> operands, targets;
    for (const Value value : old.body()->parameters)
      operands.push_back(parameter(function, value->type(), old.body()->graph.name(value)));
    for (const int64_t i : old.gradients()) targets.push_back(operands[static_cast<size_t>(i)]);
    const Value call = graph.intern(
        {old.node->op, old.node->types, operands, old.node->attrs, old.node->regions}, spans);
    Value cost;
    for (size_t i = 0; i < old.node->types.size(); ++i) {
      const Type& type = old.node->types[i];
      if (!is_float(type.dtype)) continue;
      const Value of = result(graph, call, static_cast<int64_t>(i), spans);
      Value part = node::mul(graph, of, parameter(function, type, "dy"));
      const AxisList axes = axis_run(0, type.rank());
      if (!axes.empty()) part = reduce(graph, node::sum.op, part, axes);
      part = cast(graph, part, DType::f64);
      cost = cost ? node::add(graph, cost, part) : part;
    }
    const Value grad =
        make_grad(graph, {.cost = cost, .targets = targets, .disconnected_is_zero = true}, spans);
    for (size_t i = 0; i < targets.size(); ++i)
      function.outputs.push_back(
          {format("r{}", i), result(graph, grad, static_cast<int64_t>(i)), {}});
    function.body->results = function.roots();
  }

  const std::vector<Dim>* dims_ = nullptr;
  std::set<std::string> met_;
  std::vector<OwnGradient> made_;
};

}  // namespace

std::vector<OwnGradient> own_gradients(std::span<const Program* const> programs) {
  Finder finder;
  for (const Program* program : programs) finder.add(*program);
  return finder.take();
}

DerivativeSite site_of(const OwnGradient& own) {
  const Function& function = own.program.functions[0];
  const Value grad = function.outputs[0].value->operands[0];
  return {function.body.get(), grad, &function, false};
}

}  // namespace thx
