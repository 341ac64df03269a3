// SPDX-License-Identifier: Apache-2.0
// The reverse of nodes with regions: a choice of reversed branches, a call's own gradient.
#include <algorithm>
#include <memory>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate_regions.h"
#include "passes/differentiate_scan.h"
#include "passes/differentiate_sweep.h"

namespace thx::reverse {
namespace {

using Cotangents = std::vector<Cotangent>;

// A choice.

/// One branch in reverse, over captures, cotangents of results that have one, and their masks.
struct ReverseBranch {
  std::shared_ptr<Body> body = std::make_shared<Body>();
  Cotangents found;  // of the captures asked for
};

ReverseBranch reverse_branch(const Body& branch, std::span<const Cotangent> cotangents,
                             std::span<const size_t> asked, Session& session) {
  ReverseBranch made;
  Body& body = *made.body;
  const Values captures = parameters_like(body, branch, 0, branch.parameters.size());
  body.parameters = captures;
  const Values results = instantiate(body.graph, branch, captures);
  const auto parameter = [&](Value like) {
    if (!like) return Value{};
    body.parameters.push_back(parameter_like(body, like->type(), ""));
    return body.parameters.back();
  };
  std::vector<Seed> seeds;
  for (size_t i = 0; i < cotangents.size(); ++i) {
    if (!cotangents[i]) continue;
    const Value value = parameter(cotangents[i].value);
    seeds.push_back({results[i], {value, parameter(cotangents[i].mask)}});
  }
  Values targets;
  for (size_t i : asked) targets.push_back(captures[i]);
  made.found = sweep_masked(body.graph, seeds, targets, session);
  for (size_t i = 0; i < targets.size(); ++i) {
    if (!made.found[i]) {
      const Type& type = targets[i]->type();
      made.found[i] = {zeros(body.graph, type), zeros(body.graph, type.with(DType::boolean))};
    }
    body.results.push_back(made.found[i].value);
  }
  return made;
}

Cotangents cond_adjoint(Graph& graph, const Cond& cond, std::span<const Cotangent> cotangents,
                        const std::vector<bool>& wanted, Session& session) {
  Cotangents operands(wanted.size());
  const std::vector<size_t> asked = positions(wanted, 1, cond.captures().size());
  if (asked.empty()) return operands;
  Values captures(cond.captures().begin(), cond.captures().end());
  for (const Cotangent& cotangent : cotangents) {
    if (cotangent.value) captures.push_back(cotangent.value);
    if (cotangent.mask) captures.push_back(cotangent.mask);
  }
  ReverseBranch branches[] = {reverse_branch(*cond.then_region(), cotangents, asked, session),
                              reverse_branch(*cond.else_region(), cotangents, asked, session)};
  std::vector<size_t> masked;  // what both branches have a mask for
  for (size_t i = 0; i < asked.size(); ++i) {
    if (!branches[0].found[i].mask || !branches[1].found[i].mask) continue;
    masked.push_back(i);
    for (ReverseBranch& branch : branches) branch.body->results.push_back(branch.found[i].mask);
  }
  const Value reversed =
      make_cond(graph, cond.condition(), captures, finish(std::move(branches[0].body), session),
                finish(std::move(branches[1].body), session));
  for (size_t i = 0; i < asked.size(); ++i)
    operands[1 + asked[i]].value = result(graph, reversed, static_cast<int64_t>(i));
  for (size_t i = 0; i < masked.size(); ++i)
    operands[1 + asked[masked[i]]].mask =
        result(graph, reversed, static_cast<int64_t>(asked.size() + i));
  return operands;
}

// A call: what it brings.

/// Whether the results of the gradient take each element of the cotangent for itself.
bool is_elementwise(const CallWithGradient& call) {
  const Body& gradient = *call.gradient();
  if (call.node->types.size() != 1) return false;
  const Value cotangent = gradient.parameters.back();
  const std::vector<bool> depends = dependents(gradient.graph, std::span(&cotangent, 1));
  return std::ranges::all_of(needed(gradient.graph, gradient.results), [&](Value value) {
    return value == cotangent || !depends[static_cast<size_t>(value->id)] ||
           value->family() == Family::elementwise;
  });
}

/// Where what flows to an operand of type `type` counts: at the elements of the cotangent that do,
/// or everywhere if one does. Null without masks.
Value mask_of_call(Graph& graph, const CallWithGradient& call,
                   std::span<const Cotangent> cotangents, const Type& type) {
  Value any;  // a bool scalar
  for (const Cotangent& cotangent : cotangents) {
    if (!cotangent) continue;
    if (!cotangent.mask) return {};
    const Value one =
        reduce(graph, node::any.op, cotangent.mask, axis_run(0, cotangent.mask->type().rank()));
    any = any ? either(graph, any, one) : one;
  }
  if (!any) return {};
  if (is_elementwise(call) && call.node->shape() == type.shape) return cotangents[0].mask;
  return broadcast(graph, any, type.shape, {});
}

Cotangents call_adjoint(Graph& graph, const CallWithGradient& call,
                        std::span<const Cotangent> cotangents, const std::vector<bool>& wanted) {
  Cotangents operands(wanted.size());
  const std::span<const int64_t> gradients = call.gradients();
  const auto is_wanted = [&](int64_t operand) { return wanted[static_cast<size_t>(operand)]; };
  if (std::ranges::none_of(gradients, is_wanted)) return operands;
  Values arguments = call.node->operands;
  for (size_t i = 0; i < cotangents.size(); ++i)
    arguments.push_back(cotangents[i] ? cotangents[i].value : zeros(graph, call.node->types[i]));
  const Values made = instantiate(graph, *call.gradient(), arguments);
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!is_wanted(gradients[i])) continue;
    Value value = made[i];
    const Value mask = mask_of_call(graph, call, cotangents, value->type());
    if (mask) value = node::where(graph, mask, value, constant_like(graph, value, 0));
    operands[static_cast<size_t>(gradients[i])] = {value, mask};
  }
  return operands;
}

}  // namespace

std::vector<Cotangent> control_adjoint(Graph& graph, Value node,
                                       std::span<const Cotangent> cotangents,
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
