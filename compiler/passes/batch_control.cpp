// SPDX-License-Identifier: Apache-2.0
// Choices, loops and calls for all elements at once. See Note [Choices that differ].
#include <algorithm>
#include <memory>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/batch.h"
#include "passes/differentiate_sweep.h"

namespace thx {
namespace {

using Values = std::vector<Value>;
using Flags = std::vector<bool>;

Type with_axis(const Type& type, bool has_axis, const Extent& extent) {
  return has_axis ? type.with(with_leading(extent, type.shape)) : type;
}

/// A parameter of `body` like `like` for one element, with the axis where `has_axis`.
Batched parameter_like(Body& body, const Type& type, bool has_axis, const Extent& extent,
                       std::string_view name = {}) {
  const Value parameter = body.graph.parameter(with_axis(type, has_axis, extent), name);
  body.parameters.push_back(parameter);
  return {parameter, has_axis};
}

std::vector<Batched> parameters_like(Body& body, const Body& like, const Flags& flags,
                                     const Extent& extent) {
  std::vector<Batched> made;
  for (size_t i = 0; i < flags.size(); ++i) {
    const Value parameter = like.parameters[i];
    made.push_back(
        parameter_like(body, parameter->type(), flags[i], extent, like.graph.name(parameter)));
  }
  return made;
}

Flags flags_of(std::span<const Batched> values) {
  Flags flags;
  for (const Batched& value : values) flags.push_back(value.has_axis);
  return flags;
}

Values values_of(std::span<const Batched> values) {
  Values all;
  for (const Batched& value : values) all.push_back(value.value);
  return all;
}

/// Gives the body its results, with the axis where `flags` say.
void set_results(Body& body, std::span<const Batched> results, const Flags& flags,
                 const Extent& extent) {
  for (size_t i = 0; i < results.size(); ++i)
    body.results.push_back(flags[i] ? with_axis(body.graph, results[i], extent) : results[i].value);
}

// A choice.

std::vector<Batched> shared_choice(Graph& graph, const Cond& cond,
                                   std::span<const Batched> operands, const Extent& extent) {
  const std::span<const Batched> captures = operands.subspan(1);
  const std::shared_ptr<Body> branches[] = {std::make_shared<Body>(), std::make_shared<Body>()};
  std::vector<Batched> results[2];
  for (size_t i = 0; i < 2; ++i) {
    const Body& region = *cond.node->regions[i];
    const std::vector<Batched> parameters =
        parameters_like(*branches[i], region, flags_of(captures), extent);
    results[i] = instantiate_batched(branches[i]->graph, region, parameters, extent);
  }
  Flags flags;
  for (size_t i = 0; i < results[0].size(); ++i)
    flags.push_back(results[0][i].has_axis || results[1][i].has_axis);
  for (size_t i = 0; i < 2; ++i) set_results(*branches[i], results[i], flags, extent);
  const Value made =
      make_cond(graph, operands[0].value, values_of(captures), branches[0], branches[1]);
  std::vector<Batched> all;
  for (size_t i = 0; i < flags.size(); ++i)
    all.push_back({result(graph, made, static_cast<int64_t>(i)), flags[i]});
  return all;
}

std::vector<Batched> loop_of_choices(Graph& graph, const Cond& cond,
                                     std::span<const Batched> operands, const Extent& extent) {
  auto body = std::make_shared<Body>();
  Values sequences, shared;
  Values inside(operands.size());  // the operands of one step's cond
  for (const bool has_axis : {true, false}) {
    for (size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].has_axis != has_axis) continue;
      (has_axis ? sequences : shared).push_back(operands[i].value);
      inside[i] = parameter_like(*body, cond.node->operands[i]->type(), false, extent).value;
    }
  }
  const Value step = make_cond(body->graph, inside[0], std::span(inside).subspan(1),
                               cond.then_region(), cond.else_region());
  for (size_t i = 0; i < step->types.size(); ++i)
    body->results.push_back(result(body->graph, step, static_cast<int64_t>(i)));
  const Value made = make_scan(graph, {.initial = {},
                                       .sequences = sequences,
                                       .captures = shared,
                                       .body = std::move(body),
                                       .length = extent});
  std::vector<Batched> all;
  for (size_t i = 0; i < made->types.size(); ++i)
    all.push_back({result(graph, made, static_cast<int64_t>(i)), true});
  return all;
}

// A loop.

/// Which parameters of the body have the axis: those whose operands have it, and carries that
/// become what depends on one that has.
Flags flags_of_loop(const Scan& scan, Flags flags) {
  const Body& body = scan.body();
  for (bool changed = true; changed;) {
    changed = false;
    Values sources;
    for (size_t i = 0; i < flags.size(); ++i)
      if (flags[i]) sources.push_back(body.parameters[i]);
    const Flags depends = reverse::dependents(body.graph, sources);
    for (size_t i = 0; i < scan.carries; ++i) {
      if (flags[i] || !depends[static_cast<size_t>(body.results[i]->id)]) continue;
      flags[i] = changed = true;
    }
  }
  return flags;
}

/// The axis of the steps first, or the one of the elements.
Value with_leading_axes_swapped(Graph& graph, Value value) {
  AxisList permutation = axis_run(0, value->type().rank());
  std::swap(permutation[0], permutation[1]);
  return transpose(graph, value, permutation);
}

std::vector<Batched> batched_loop(Graph& graph, const Scan& scan, std::span<const Batched> operands,
                                  const Extent& extent) {
  const Flags flags = flags_of_loop(scan, flags_of(operands));
  Values given;
  for (size_t i = 0; i < operands.size(); ++i) {
    const bool is_sequence = i >= scan.carries && i < scan.carries + scan.sequences;
    Value value = flags[i] ? with_axis(graph, operands[i], extent) : operands[i].value;
    if (is_sequence && flags[i]) value = with_leading_axes_swapped(graph, value);
    given.push_back(value);
  }
  auto body = std::make_shared<Body>();
  const std::vector<Batched> parameters = parameters_like(*body, scan.body(), flags, extent);
  const std::vector<Batched> results =
      instantiate_batched(body->graph, scan.body(), parameters, extent);
  Flags of_results = flags_of(results);
  std::copy_n(flags.begin(), scan.carries, of_results.begin());
  set_results(*body, results, of_results, extent);
  const std::span<const Value> all(given);
  const Value made = make_scan(graph, {.initial = all.first(scan.carries),
                                       .sequences = all.subspan(scan.carries, scan.sequences),
                                       .captures = all.last(scan.captures),
                                       .body = std::move(body),
                                       .length = scan.length,
                                       .reverse = scan.reverse});
  std::vector<Batched> ends;
  for (size_t i = 0; i < of_results.size(); ++i) {
    Value value = result(graph, made, static_cast<int64_t>(i));
    if (i >= scan.carries && of_results[i]) value = with_leading_axes_swapped(graph, value);
    ends.push_back({value, of_results[i]});
  }
  return ends;
}

// A call.

/// The cotangents of operands for all elements; what they share gets the sum.
Region batched_gradient(const CallWithGradient& call, std::span<const Batched> operands,
                        const Extent& extent) {
  auto body = std::make_shared<Body>();
  Flags flags = flags_of(operands);
  flags.resize(operands.size() + call.node->types.size(), true);
  const std::vector<Batched> parameters = parameters_like(*body, *call.gradient(), flags, extent);
  const std::vector<Batched> results =
      instantiate_batched(body->graph, *call.gradient(), parameters, extent);
  for (size_t i = 0; i < results.size(); ++i) {
    const Type& type = call.gradient()->results[i]->type();
    Value cotangent = with_axis(body->graph, results[i], extent);
    if (!operands[static_cast<size_t>(call.gradients()[i])].has_axis)
      cotangent = is_float(type.dtype) ? node::sum(body->graph, cotangent, AxisList{0})
                                       : constant(body->graph, type, 0);
    body->results.push_back(cotangent);
  }
  return body;
}

std::vector<Batched> batched_call(Graph& graph, const CallWithGradient& call,
                                  std::span<const Batched> operands, const Extent& extent) {
  auto body = std::make_shared<Body>();
  const std::vector<Batched> parameters =
      parameters_like(*body, *call.body(), flags_of(operands), extent);
  const std::vector<Batched> results =
      instantiate_batched(body->graph, *call.body(), parameters, extent);
  set_results(*body, results, Flags(results.size(), true), extent);
  const Attrs& attrs = call.node->attrs;
  const Value made =
      make_call(graph, {.operands = values_of(operands),
                        .body = std::move(body),
                        .gradient = batched_gradient(call, operands, extent),
                        .gradients = attrs.ints("gradients"),
                        .name = attrs.has("name") ? std::string_view(attrs.word("name")) : ""});
  std::vector<Batched> all;
  for (size_t i = 0; i < made->types.size(); ++i)
    all.push_back({result(graph, made, static_cast<int64_t>(i)), true});
  return all;
}

}  // namespace

std::vector<Batched> batched_control(Graph& graph, Value node, std::span<const Batched> operands,
                                     const Extent& extent) {
  if (const auto cond = as_cond(node))
    return operands[0].has_axis ? loop_of_choices(graph, *cond, operands, extent)
                                : shared_choice(graph, *cond, operands, extent);
  if (const auto call = as_call(node)) return batched_call(graph, *call, operands, extent);
  const auto scan = as_scan(node);
  THX_CHECK(scan, "{} has no batch", name_of(node->op));
  return batched_loop(graph, *scan, operands, extent);
}

// Note [Choices that differ]
// `cond` evaluates one branch: the other one may index out of bounds, or cost a lot. Where elements
// choose differently, both branches on all elements with a `where` behind them would fail for an
// index that no element uses. So the elements are stepped through one by one, each with a cond of
// its own. Who wants all elements at once, and branches that cannot fail, writes `where`.

}  // namespace thx
