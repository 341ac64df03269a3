// SPDX-License-Identifier: Apache-2.0
// The tangents of nodes with regions: choices and loops of tangents, gradients transposed.
#include <algorithm>

#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate_forward.h"
#include "passes/differentiate_regions.h"

namespace thx::forward {
namespace {

using reverse::append;
using reverse::finish;
using reverse::parameter_like;
using reverse::parameters_like;
using reverse::Values;
using reverse::zeros;

std::vector<bool> present(std::span<const Value> values) {
  std::vector<bool> flags;
  for (Value value : values) flags.push_back(static_cast<bool>(value));
  return flags;
}

// A choice.

/// A branch over the captures and the tangents of those that move. The results are tangents, null
/// where there is none.
std::shared_ptr<Body> moved_branch(const Body& branch, std::span<const size_t> moving,
                                   Session& session) {
  auto body = std::make_shared<Body>();
  body->parameters = parameters_like(*body, branch, 0, branch.parameters.size());
  const Values results = instantiate(body->graph, branch, body->parameters);
  std::vector<Motion> motions;
  for (size_t i : moving) {
    const Value tangent = parameter_like(*body, branch.parameters[i]->type(), "");
    motions.push_back({body->parameters[i], tangent});
  }
  for (const Motion& motion : motions) body->parameters.push_back(motion.direction);
  body->results = sweep(body->graph, results, motions, session);
  return body;
}

Values cond_tangents(Graph& graph, const Cond& cond, std::span<const Value> tangents,
                     Session& session) {
  const std::vector<size_t> moving =
      reverse::positions(present(tangents), 1, cond.captures().size());
  Values captures(cond.captures().begin(), cond.captures().end());
  for (size_t i : moving) captures.push_back(tangents[1 + i]);
  const std::shared_ptr<Body> branches[] = {moved_branch(*cond.then_region(), moving, session),
                                            moved_branch(*cond.else_region(), moving, session)};
  const std::vector<Type>& types = cond.node->types;
  std::vector<bool> moves;
  for (size_t i = 0; i < types.size(); ++i)
    moves.push_back(branches[0]->results[i] || branches[1]->results[i]);
  Values results(types.size());
  if (std::ranges::count(moves, true) == 0) return results;
  for (const auto& branch : branches) {
    Values kept;
    for (size_t i = 0; i < types.size(); ++i) {
      const Value tangent = branch->results[i];
      if (moves[i]) kept.push_back(tangent ? tangent : zeros(branch->graph, types[i]));
    }
    branch->results = std::move(kept);
  }
  const Value moved = make_cond(graph, cond.condition(), captures, finish(branches[0], session),
                                finish(branches[1], session));
  int64_t next = 0;
  for (size_t i = 0; i < types.size(); ++i)
    if (moves[i]) results[i] = result(graph, moved, next++);
  return results;
}

// A loop.

/// The body of the loop that carries values and tangents. Parameters: carries and tangents of the
/// active ones, sequences and tangents, captures and tangents. Results: next carries, their
/// tangents, tangents of what is yielded.
struct MovedBody {
  std::shared_ptr<Body> body = std::make_shared<Body>();
  std::vector<size_t> yields;  // results of the forward body that have tangents
};

MovedBody moved_body(const Scan& scan, const reverse::Active& active, Session& session) {
  MovedBody made;
  Body& body = *made.body;
  const Body& forward = scan.body();
  Values arguments;
  std::vector<Motion> motions;
  const auto part = [&](size_t first, size_t count, std::span<const size_t> moving) {
    const Values values = parameters_like(body, forward, first, count);
    append(arguments, values);
    append(body.parameters, values);
    for (size_t i : moving) {
      const Value tangent = parameter_like(body, values[i]->type(), "");
      motions.push_back({values[i], tangent});
      body.parameters.push_back(tangent);
    }
  };
  part(0, scan.carries, active.carries);
  part(scan.carries, scan.sequences, active.sequences);
  part(scan.carries + scan.sequences, scan.captures, active.captures);

  const Values results = instantiate(body.graph, forward, arguments);
  const Values tangents = sweep(body.graph, results, motions, session);
  body.results.assign(results.begin(), results.begin() + static_cast<ptrdiff_t>(scan.carries));
  for (size_t i : active.carries)
    body.results.push_back(tangents[i] ? tangents[i] : zeros(body.graph, results[i]->type()));
  for (size_t i = scan.carries; i < results.size(); ++i) {
    if (!tangents[i]) continue;
    made.yields.push_back(i);
    body.results.push_back(tangents[i]);
  }
  return made;
}

Values scan_tangents(Graph& graph, const Scan& scan, std::span<const Value> tangents,
                     Session& session) {
  const reverse::Active active(scan, present(tangents));
  MovedBody made = moved_body(scan, active, session);
  const auto joined = [&](std::span<const Value> values, size_t first,
                          std::span<const size_t> moving) {
    Values all(values.begin(), values.end());
    for (size_t i : moving) {
      const Value tangent = tangents[first + i];
      all.push_back(tangent ? tangent : zeros(graph, values[i]->type()));
    }
    return all;
  };
  const size_t behind = scan.carries + scan.sequences;
  const Values initial = joined(scan.initial(), 0, active.carries);
  const Values sequences = joined(scan.sequence_values(), scan.carries, active.sequences);
  const Values captures = joined(scan.captured(), behind, active.captures);
  const Value moved = make_scan(graph, {.initial = initial,
                                        .sequences = sequences,
                                        .captures = captures,
                                        .body = finish(std::move(made.body), session),
                                        .length = scan.length,
                                        .reverse = scan.reverse});
  Values results(scan.node->types.size());
  auto next = static_cast<int64_t>(scan.carries);
  for (size_t i : active.carries) results[i] = result(graph, moved, next++);
  for (size_t i : made.yields) results[i] = result(graph, moved, next++);
  return results;
}

// A call.

Values call_tangents(Graph& graph, const CallWithGradient& call, std::span<const Value> tangents,
                     Session& session) {
  const std::vector<Type>& types = call.node->types;
  auto body = std::make_shared<Body>();
  Values arguments = parameters_like(*body, *call.body(), 0, call.node->operands.size());
  body->parameters = arguments;
  Values cotangents;
  for (const Type& type : types) {
    const Value none = zeros(body->graph, type);
    cotangents.push_back(is_float(type.dtype) ? make_mark(body->graph, none, "") : none);
  }
  append(arguments, cotangents);
  const Values gradient = instantiate(body->graph, *call.gradient(), arguments);
  Values given = call.node->operands;
  std::vector<reverse::Seed> seeds;
  for (size_t i = 0; i < gradient.size(); ++i) {
    const auto operand = static_cast<size_t>(call.gradients()[i]);
    if (!tangents[operand]) continue;
    given.push_back(tangents[operand]);
    body->parameters.push_back(parameter_like(*body, tangents[operand]->type(), ""));
    seeds.push_back({gradient[i], {body->parameters.back()}});
  }
  Values results(types.size());
  if (seeds.empty()) return results;
  const Values moved = reverse::sweep(body->graph, seeds, cotangents, session);
  std::vector<size_t> moving;
  for (size_t i = 0; i < types.size(); ++i) {
    if (!moved[i]) continue;
    moving.push_back(i);
    body->results.push_back(moved[i]);
  }
  const Values made = instantiate(graph, *finish(std::move(body), session), given);
  for (size_t i = 0; i < moving.size(); ++i) results[moving[i]] = made[i];
  return results;
}

}  // namespace

std::vector<Value> control_tangents(Graph& graph, Value node, std::span<const Value> tangents,
                                    Session& session) {
  if (std::ranges::none_of(tangents, [](Value tangent) { return bool(tangent); }))
    return Values(node->types.size());
  if (const auto cond = as_cond(node)) return cond_tangents(graph, *cond, tangents, session);
  if (const auto call = as_call(node)) return call_tangents(graph, *call, tangents, session);
  const auto scan = as_scan(node);
  THX_CHECK(scan, "{} has no tangent", name_of(node->op));
  return scan_tangents(graph, *scan, tangents, session);
}

}  // namespace thx::forward
