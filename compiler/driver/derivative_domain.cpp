// SPDX-License-Identifier: Apache-2.0
// Multiplies each elementwise value by 1, or by NaN where it is undefined. A NaN stays one, and
// what flows back through it is NaN.
#include "driver/derivative_domain.h"

#include <limits>

#include "ops/build.h"
#include "ops/copy.h"

namespace thx {
namespace {

// Whether the elementwise `value` is no number, or infinite for numbers that are not.
Value is_undefined(Graph& graph, Value value, std::span<const Value> operands) {
  Value finite;
  for (const Value operand : operands) {
    if (!is_float(operand->dtype())) continue;
    const Value each = node::isfinite(graph, operand);
    finite = finite ? node::bit_and(graph, finite, each) : each;
  }
  const Value nan = node::isnan(graph, value);
  if (!finite) return nan;
  const Value infinite = node::bit_not(graph, node::isfinite(graph, value));
  return node::bit_or(graph, nan, node::bit_and(graph, infinite, finite));
}

Value on_its_domain(Graph& graph, Value old, std::span<const Value> operands) {
  const bool has_domain = old->family() == Family::elementwise && is_float(old->dtype());
  if (!has_domain && old->regions.empty()) return {};
  NodeSpec spec{old->op, old->types, {operands.begin(), operands.end()}, old->attrs, {}};
  for (const Region& region : old->regions) spec.regions.push_back(rebuild(region, on_its_domain));
  const Value value = graph.intern(std::move(spec), old->graph->spans(old), old->graph->name(old));
  if (!has_domain) return value;
  const Value nan = constant_like(graph, value, std::numeric_limits<double>::quiet_NaN());
  const Value factor =
      node::where(graph, is_undefined(graph, value, operands), nan, constant_like(graph, value, 1));
  return node::mul(graph, value, factor);
}

}  // namespace

Program with_domains(const Program& program) {
  Program copy = clone(program);
  for (Function& function : copy.functions) rebuild(function, on_its_domain);
  return copy;
}

}  // namespace thx
