// SPDX-License-Identifier: Apache-2.0
// The reverse of nodes with regions: a choice of reversed branches, a loop that runs backwards.
#include <algorithm>
#include <memory>

#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate_regions.h"
#include "passes/differentiate_sweep.h"

namespace thx::reverse {
namespace {

// A choice.

/// One branch in reverse: captures and the cotangents of its results in, cotangents of the captures
/// asked for out.
Region reverse_branch(const Body& branch, std::span<const size_t> seeded,
                      std::span<const size_t> asked, Session& session) {
  auto body = std::make_shared<Body>();
  const Values captures = parameters_like(*body, branch, 0, branch.parameters.size());
  body->parameters = captures;
  const Values results = instantiate(body->graph, branch, captures);
  std::vector<Seed> seeds;
  for (size_t i : seeded) {
    const Value cotangent = parameter_like(*body, branch.results[i]->type(), "");
    body->parameters.push_back(cotangent);
    seeds.push_back({results[i], cotangent});
  }
  Values targets;
  for (size_t i : asked) targets.push_back(captures[i]);
  body->results = sweep(body->graph, seeds, targets, session);
  for (size_t i = 0; i < targets.size(); ++i)
    if (!body->results[i]) body->results[i] = zeros(body->graph, targets[i]->type());
  return finish(std::move(body), session);
}

Values cond_adjoint(Graph& graph, const Cond& cond, std::span<const Value> cotangents,
                    const std::vector<bool>& wanted, Session& session) {
  const std::vector<size_t> asked = positions(wanted, 1, cond.captures().size());
  Values captures(cond.captures().begin(), cond.captures().end());
  std::vector<size_t> seeded;
  for (size_t i = 0; i < cotangents.size(); ++i) {
    if (!cotangents[i]) continue;
    seeded.push_back(i);
    captures.push_back(cotangents[i]);
  }
  Values operands(wanted.size());
  if (asked.empty()) return operands;
  const Value reversed = make_cond(graph, cond.condition(), captures,
                                   reverse_branch(*cond.then_region(), seeded, asked, session),
                                   reverse_branch(*cond.else_region(), seeded, asked, session));
  for (size_t i = 0; i < asked.size(); ++i)
    operands[1 + asked[i]] = result(graph, reversed, static_cast<int64_t>(i));
  return operands;
}

// A loop.

/// The body of the loop in reverse, and what it reads of the forward loop.
struct ReverseBody {
  std::shared_ptr<Body> body = std::make_shared<Body>();
  std::vector<size_t> saved, sequences, seeded,
      captures;  // carries, sequences, yields, captures read
};

/// Which of `parameters` the results need; these become parameters of the body.
std::vector<size_t> keep_read(Body& body, std::span<const Value> parameters) {
  std::vector<bool> alive(static_cast<size_t>(body.graph.size()));
  for (Value value : needed(body.graph, body.results)) alive[static_cast<size_t>(value->id)] = true;
  std::vector<size_t> read;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!alive[static_cast<size_t>(parameters[i]->id)]) continue;
    read.push_back(i);
    body.parameters.push_back(parameters[i]);
  }
  return read;
}

/// Carries of the reverse loop: cotangents of the active carries, sums of those of the active
/// captures. It yields the cotangents of the active sequences' elements.
ReverseBody reverse_body(const Scan& scan, const Active& active, std::span<const Value> cotangents,
                         Session& session) {
  ReverseBody made;
  Body& body = *made.body;
  Graph& graph = body.graph;
  const Body& forward = scan.body();
  for (size_t i : active.carries)
    body.parameters.push_back(parameter_like(body, forward.parameters[i]->type(), ""));
  const size_t first_capture = scan.carries + scan.sequences;
  for (size_t i : active.captures)
    body.parameters.push_back(
        parameter_like(body, forward.parameters[first_capture + i]->type(), ""));
  const Values incoming = body.parameters;

  const Values carries = parameters_like(body, forward, 0, scan.carries);
  const Values sequences = parameters_like(body, forward, scan.carries, scan.sequences);
  const Values captures = parameters_like(body, forward, first_capture, scan.captures);
  Values arguments = carries;
  append(arguments, sequences);
  append(arguments, captures);
  const Values results = instantiate(graph, forward, arguments);

  std::vector<Seed> seeds;
  for (size_t i = 0; i < active.carries.size(); ++i)
    seeds.push_back({results[active.carries[i]], incoming[i]});
  Values of_yields;
  for (size_t i = scan.carries; i < results.size(); ++i) {
    if (!cotangents[i]) continue;
    of_yields.push_back(parameter_like(body, results[i]->type(), ""));
    made.seeded.push_back(i);
    seeds.push_back({results[i], of_yields.back()});
  }
  Values targets;
  for (size_t i : active.carries) targets.push_back(carries[i]);
  for (size_t i : active.captures) targets.push_back(captures[i]);
  for (size_t i : active.sequences) targets.push_back(sequences[i]);
  body.results = sweep(graph, seeds, targets, session);
  for (size_t i = 0; i < targets.size(); ++i) {
    Value& result = body.results[i];
    const bool is_sum = i >= active.carries.size() && i < incoming.size();
    if (is_sum) {
      result = result ? node::add(graph, incoming[i], result) : incoming[i];
    } else if (!result) {
      result = zeros(graph, targets[i]->type());
    }
  }
  // The order of parameters: carries (already there), sequences, captures.
  made.saved = keep_read(body, carries);
  made.sequences = keep_read(body, sequences);
  append(body.parameters, of_yields);
  made.captures = keep_read(body, captures);
  return made;
}

/// The carries `saved` as they were before each step: yields of the loop, which is augmented by
/// those that it does not yield yet.
Values carries_before(Graph& graph, const Scan& scan, std::span<const size_t> saved,
                      Session& session) {
  const Body& forward = scan.body();
  auto body = std::make_shared<Body>();
  body->parameters = parameters_like(*body, forward, 0, forward.parameters.size());
  body->results = instantiate(body->graph, forward, body->parameters);
  std::vector<size_t> places;  // of the saved carries among the results
  for (size_t i : saved) {
    const Value carry = body->parameters[i];
    const auto first_yield = body->results.begin() + static_cast<ptrdiff_t>(scan.carries);
    const auto found = std::find(first_yield, body->results.end(), carry);
    places.push_back(static_cast<size_t>(found - body->results.begin()));
    if (found == body->results.end()) body->results.push_back(carry);
  }
  Value node = scan.node;
  if (body->results.size() > node->types.size()) {
    node = make_scan(graph, {.initial = scan.initial(),
                             .sequences = scan.sequence_values(),
                             .captures = scan.captured(),
                             .body = std::move(body),
                             .length = scan.length,
                             .reverse = scan.reverse});
    session.augmented.emplace(scan.node.node, node);
  }
  Values stacked;
  for (size_t place : places) stacked.push_back(result(graph, node, static_cast<int64_t>(place)));
  return stacked;
}

Values scan_adjoint(Graph& graph, const Scan& scan, std::span<const Value> cotangents,
                    const std::vector<bool>& wanted, Session& session) {
  Values operands(wanted.size());
  const Active active(scan, wanted);
  if (active.empty()) return operands;
  ReverseBody made = reverse_body(scan, active, cotangents, session);
  Values initial, captures;
  Values sequences = carries_before(graph, scan, made.saved, session);
  for (size_t i : active.carries)
    initial.push_back(cotangents[i] ? cotangents[i] : zeros(graph, scan.initial()[i]->type()));
  for (size_t i : active.captures) initial.push_back(zeros(graph, scan.captured()[i]->type()));
  for (size_t i : made.sequences) sequences.push_back(scan.sequence_values()[i]);
  for (size_t i : made.seeded) sequences.push_back(cotangents[i]);
  for (size_t i : made.captures) captures.push_back(scan.captured()[i]);
  const Value reversed = make_scan(graph, {.initial = initial,
                                           .sequences = sequences,
                                           .captures = captures,
                                           .body = finish(std::move(made.body), session),
                                           .length = scan.length,
                                           .reverse = !scan.reverse});
  int64_t next = 0;
  for (size_t i : active.carries) operands[i] = result(graph, reversed, next++);
  for (size_t i : active.captures)
    operands[scan.carries + scan.sequences + i] = result(graph, reversed, next++);
  for (size_t i : active.sequences) operands[scan.carries + i] = result(graph, reversed, next++);
  return operands;
}

// A call: what it brings.

Values call_adjoint(Graph& graph, const CallWithGradient& call, std::span<const Value> cotangents,
                    const std::vector<bool>& wanted) {
  Values operands(wanted.size());
  const std::span<const int64_t> gradients = call.gradients();
  const auto is_wanted = [&](int64_t operand) { return wanted[static_cast<size_t>(operand)]; };
  if (std::ranges::none_of(gradients, is_wanted)) return operands;
  Values arguments = call.node->operands;
  for (size_t i = 0; i < cotangents.size(); ++i)
    arguments.push_back(cotangents[i] ? cotangents[i] : zeros(graph, call.node->types[i]));
  const Values made = instantiate(graph, *call.gradient(), arguments);
  for (size_t i = 0; i < gradients.size(); ++i)
    if (is_wanted(gradients[i])) operands[static_cast<size_t>(gradients[i])] = made[i];
  return operands;
}

}  // namespace

std::vector<Value> control_adjoint(Graph& graph, Value node, std::span<const Value> cotangents,
                                   const std::vector<bool>& wanted, Session& session) {
  if (const auto cond = as_cond(node))
    return cond_adjoint(graph, *cond, cotangents, wanted, session);
  if (const auto call = as_call(node)) return call_adjoint(graph, *call, cotangents, wanted);
  const auto scan = as_scan(node);
  THX_CHECK(scan, "{} has no reverse", name_of(node->op));
  return scan_adjoint(graph, *scan, cotangents, wanted, session);
}

Value replacement(const Session& session, Graph& graph, Value old,
                  std::span<const Value> operands) {
  const auto found = session.augmented.find(old.node);
  if (found == session.augmented.end()) return {};
  const Node& augmented = *found->second;
  return graph.intern({augmented.op,
                       augmented.types,
                       {operands.begin(), operands.end()},
                       augmented.attrs,
                       augmented.regions});
}

}  // namespace thx::reverse
