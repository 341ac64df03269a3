// SPDX-License-Identifier: Apache-2.0
// A function of the derivatives of one value, with the inputs and the state that they need.
#include <algorithm>

#include "frontend/lowering.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

// A float value of the file by its name.
std::optional<Value> named_float(Lowering& l, std::string_view name) {
  const Symbol* symbol = l.symbols().find(name);
  if (!symbol) {
    l.symbols().report_undefined(name, {});
    return std::nullopt;
  }
  const Operand& operand = symbol->operand;
  if (operand.is(Operand::Kind::value) && is_float(operand.value->dtype())) return operand.value;
  if (!operand.poisoned() || symbol->kind == SymbolKind::function ||
      symbol->kind == SymbolKind::definition || symbol->kind == SymbolKind::rule) {
    const std::string what = operand.is(Operand::Kind::value) ? text(operand.value->type())
                                                              : std::string(describe(symbol->kind));
    l.report(Err::grad_undefined, {},
             format("`{}` is {}; only float values have derivatives", name, what))
        .label(symbol->span, "declared here");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Function> derivative_function(Lowering& l, Body& values, std::string_view value,
                                            std::span<const std::string> names) {
  const std::optional<Value> output = named_float(l, value);
  std::vector<Value> targets;
  for (const std::string& name : names) {
    const std::optional<Value> target = named_float(l, name);
    if (!output || !target) return std::nullopt;
    const std::vector<Value> reached = needed(l.graph(), {&*output, 1});
    if (std::ranges::find(reached, *target) == reached.end()) {
      l.report(Err::grad_disconnected, {}, format("`{}` does not depend on `{}`", value, name));
      return std::nullopt;
    }
    targets.push_back(*target);
  }
  if (!output || targets.empty()) return std::nullopt;
  const Value node = output->node->type().is_scalar() ? make_grad(l.graph(), *output, targets)
                                                      : make_jacobian(l.graph(), *output, targets);
  values.results.clear();
  for (size_t i = 0; i < targets.size(); ++i) {
    if (!check_shape(l, node->types[i].shape, {})) return std::nullopt;
    values.results.push_back(result(l.graph(), node, static_cast<int64_t>(i)));
  }
  Function function;
  function.name = "derivative";
  const std::vector<Value> reached = needed(values.graph, values.results);
  std::vector<Value> arguments;
  for (const Value parameter : values.parameters) {
    arguments.push_back({});
    if (std::ranges::find(reached, parameter) == reached.end()) continue;
    const std::string& name = values.graph.name(parameter);
    const Symbol* symbol = l.symbols().find_own(name);
    const bool state = symbol && symbol->kind == SymbolKind::state;
    arguments.back() = function.graph().parameter(parameter->type(), name);
    if (state) function.states.push_back({name, arguments.back(), {}, {}});
    if (!state) function.inputs.push_back({name, arguments.back(), {}});
  }
  for (const Input& input : function.inputs) function.body->parameters.push_back(input.value);
  for (const StateUse& each : function.states) function.body->parameters.push_back(each.current);
  const std::vector<Value> made = instantiate(function.graph(), values, arguments);
  for (size_t i = 0; i < made.size(); ++i) {
    function.outputs.push_back({"d_" + names[i], made[i], {}});
  }
  for (const auto& [at, requirement] : l.requirements) {
    if (std::ranges::find(reached, at) != reached.end()) {
      function.requirements.push_back(requirement);
    }
  }
  function.body->results = function.roots();
  return function;
}

}  // namespace thx
