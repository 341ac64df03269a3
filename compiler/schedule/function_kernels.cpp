// SPDX-License-Identifier: Apache-2.0
// Kernels of a function: launches, the checks of their indices, and what may run in place.
#include <algorithm>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/op_def.h"
#include "schedule/function_builder.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::loop {
namespace {

size_t at(int i) { return static_cast<size_t>(i); }

/// The parameters of a region that a value is computed from.
std::vector<size_t> parameters_of(const Body& region, Value value) {
  const std::vector<Value> roots{value};
  std::vector<size_t> result;
  for (Value node : needed(region.graph, roots))
    for (size_t i = 0; i < region.parameters.size(); ++i)
      if (region.parameters[i] == node) result.push_back(i);
  return result;
}

/// The one parameter that holds or decides an index: of an array that is read at other indices, the
/// array.
std::optional<size_t> source_of(const Body& region, Value index) {
  while (index->family() == Family::view || index->family() == Family::indexing)
    index = index->operands[0];
  const std::vector<size_t> sources = parameters_of(region, index);
  if (sources.size() != 1) return std::nullopt;
  return sources[0];
}

}  // namespace

void FunctionBuilder::lower_kernel(Value kernel, Locations& locations, const Wishes& wishes,
                                   const LastReaders& last, std::vector<Step>& steps) {
  const std::optional<Location> base = dying_base(kernel, locations, last);
  const std::vector<Location> results = place_results(kernel, locations, wishes, base);
  const NestRequest request = request_for(kernel, locations, results);
  add_checks(kernel, request, locations, results, steps);
  steps.push_back({launch(build_nest(request), kernel, locations, results)});
  guard_results(kernel, results, steps);
}

/// The memory of the base of a placement or scatter that nobody reads afterwards: the result may
/// stay there.
std::optional<FunctionBuilder::Location> FunctionBuilder::dying_base(
    Value kernel, const Locations& locations, const LastReaders& last) const {
  const Node& node = *kernel->regions[0]->results[0];
  if (node.family() != Family::placement && !is_scatter(node)) return std::nullopt;
  for (size_t i = 0; i < kernel->operands.size(); ++i) {
    const Value operand = kernel->operands[i];
    if (!is_result(*operand) || !is_kernel(*operand->operands[0])) continue;
    const Location& place = *locations[at(operand->id)];
    const bool in_workspace = function_.buffers[at(place.buffer)].buffer.scope == Scope::workspace;
    if (in_workspace && last[at(operand->id)] == kernel->id &&
        reads_at_written_place_alone(kernel, i, 0))
      return place;
  }
  return std::nullopt;
}

NestRequest FunctionBuilder::request_for(Value kernel, const Locations& locations,
                                         const std::vector<Location>& results) const {
  NestRequest request{kernel, {}, {}, {}, machine_, &function_.assumed};
  const auto scope = [&](const Location& location) {
    return function_.buffers[at(location.buffer)].buffer.scope;
  };
  for (Value operand : kernel->operands)
    request.operand_scopes.push_back(scope(*locations[at(operand->id)]));
  for (const Location& result : results) {
    request.result_scopes.push_back(scope(result));
    int source = -1;  // where the result's memory is an operand's: decided with the roots
    for (size_t i = 0; i < kernel->operands.size(); ++i) {
      const Location& operand = *locations[at(kernel->operands[i]->id)];
      if (operand.buffer == result.buffer && operand.offset == result.offset)
        source = static_cast<int>(i);
    }
    request.in_place.push_back(source);
  }
  return request;
}

Launch FunctionBuilder::launch(Nest nest, Value kernel, const Locations& locations,
                               const std::vector<Location>& results) {
  std::vector<Location> rooms;
  for (const Type& type : nest.temporaries)
    rooms.push_back(workspace(format("{}_ws", nest.kernel.name), type));
  Launch launch{
      static_cast<int32_t>(function_.kernels.size()), {}, -1, kernel->graph->spans(kernel).first()};
  for (const NestArgument& argument : nest.arguments) {
    const size_t index = at(argument.index);
    switch (argument.kind) {
      case NestArgument::Kind::operand:
        launch.arguments.push_back(*locations[at(kernel->operands[index]->id)]);
        break;
      case NestArgument::Kind::result: launch.arguments.push_back(results[index]); break;
      case NestArgument::Kind::temporary: launch.arguments.push_back(rooms[index]); break;
    }
  }
  function_.kernels.push_back(std::move(nest.kernel));
  return launch;
}

/// Indices that inputs alone decide are checked before anything is written; others just before they
/// are used.
void FunctionBuilder::add_checks(Value kernel, const NestRequest& request,
                                 const Locations& locations, const std::vector<Location>& results,
                                 std::vector<Step>& steps) {
  int count = 0;
  for (const IndexCheck& check : unproved_indices(*kernel->regions[0])) {
    const bool early = reads_inputs_alone(kernel, check.index);
    const auto sources = parameters_of(*kernel->regions[0], check.index);
    if (is_parameter(*check.index)) {
      const Location& place = *locations[at(kernel->operands[sources[0]]->id)];
      const std::string key = format("{} {} {} {} {}", early, place.buffer, place.offset.text(),
                                     check.low.text(), check.end.text());
      if (early && !checked_.insert(key).second) continue;
    }
    const std::string name = format("{}_check{}", kernel->attrs.word("name"), count++);
    Launch run = launch(build_index_check(request, check, name), kernel, locations, results);
    if (!check.span.empty()) run.span = check.span;
    if (const auto source = source_of(*kernel->regions[0], check.index); early && source) {
      const int32_t buffer = locations[at(kernel->operands[*source]->id)]->buffer;
      run.fail_input = function_.buffers[at(buffer)].storage.index;
    }
    (early ? function_.checks : steps).push_back({std::move(run)});
  }
}

bool FunctionBuilder::reads_inputs_alone(Value kernel, Value index) const {
  if (kernel->graph != &source_.graph()) return false;
  const std::vector<Value> roots{index};
  for (Value node : needed(kernel->regions[0]->graph, roots)) {  // nothing costly is computed twice
    const bool costly = (traits_of(node->op) & kCostly) != 0 && !node->type().is_scalar();
    if (is_sum(*node) || costly) return false;
  }
  return std::ranges::all_of(parameters_of(*kernel->regions[0], index), [&](size_t i) {
    const Value operand = kernel->operands[i];
    return std::ranges::any_of(source_.inputs,
                               [&](const Input& input) { return input.value == operand; });
  });
}

bool FunctionBuilder::can_fail(const Body& body, bool is_top) const {
  for (Value value : needed(body.graph, body.results)) {
    if (is_kernel(*value)) {
      for (const IndexCheck& check : unproved_indices(*value->regions[0]))
        if (!is_top || !reads_inputs_alone(value, check.index)) return true;
    } else {
      for (const Region& region : value->regions)
        if (can_fail(*region, false)) return true;
    }
  }
  return false;
}

}  // namespace thx::loop
