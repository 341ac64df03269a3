// SPDX-License-Identifier: Apache-2.0
// Finds derivative nodes, and copies what values need into functions.
#include "driver/derivative_sites.h"

#include <unordered_set>

#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

void find_sites(const Body& body, std::span<const Value> roots, const Function& function,
                bool is_region, std::vector<DerivativeSite>& sites) {
  for (const Value value : needed(body.graph, roots)) {
    if (is_derivative(value)) sites.push_back({&body, value, &function, is_region});
    for (const Region& region : value->regions) {
      find_sites(*region, region->results, function, true, sites);
    }
  }
}

}  // namespace

std::vector<DerivativeSite> derivative_sites(const Program& program) {
  std::vector<DerivativeSite> sites;
  for (const Function& function : program.functions) {
    find_sites(*function.body, function.roots(), function, false, sites);
  }
  return sites;
}

Extraction::Extraction(const Body& body, std::span<const Value> free) {
  for (const Value value : body.parameters) bind(value, add_input(value->type()));
  for (const Value value : free) bind(value, add_input(value->type()));
}

Value Extraction::add_input(const Type& type) {
  const std::string name = format("p{}", function_.inputs.size());
  const Value parameter = graph().parameter(type, name);
  function_.body->parameters.push_back(parameter);
  function_.inputs.push_back({name, parameter, {}});
  return parameter;
}

void Extraction::copy(std::span<const Value> values, std::span<const Value> marked) {
  if (values.empty()) return;
  const Graph& from = *values[0]->graph;
  std::unordered_set<const Node*> given;
  for (const Value value : marked) given.insert(value.node);
  for (const Value value : needed(from, values)) {
    if (has(value)) continue;
    NodeSpec spec{value->op, value->types, {}, value->attrs, value->regions};
    for (const Value operand : value->operands) spec.operands.push_back(of(operand));
    Value made = graph().intern(std::move(spec), from.spans(value), from.name(value));
    if (given.contains(value.node)) {
      made = make_mark(graph(), made, format("given{}", value->id), from.spans(value));
    }
    bind(value, made);
  }
}

void Extraction::output(Value copy) {
  function_.outputs.push_back({format("r{}", function_.outputs.size()), copy, {}});
}

Function Extraction::finish(const std::vector<Requirement>& requirements) {
  function_.requirements = requirements;
  function_.body->results = function_.roots();
  return std::move(function_);
}

Function extract(const Body& body, std::span<const Value> free, std::span<const Value> results,
                 const std::vector<Requirement>& requirements) {
  Extraction extraction(body, free);
  extraction.copy(results);
  for (const Value value : results) extraction.output(extraction.of(value));
  return extraction.finish(requirements);
}

}  // namespace thx
