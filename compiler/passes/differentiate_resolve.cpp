// SPDX-License-Identifier: Apache-2.0
// Gradients, one sweep for all that share their cost and constants; tangents; and what is wrong
// with targets.
#include "passes/differentiate_resolve.h"

#include <optional>

#include "ir/needed.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/batch.h"
#include "passes/differentiate_forward.h"

namespace thx::reverse {
namespace {

using Values = std::vector<Value>;

std::string named(Value value) {
  const std::string& name = value->graph->name(value);
  return name.empty() ? "this value" : format("`{}`", name);
}

/// Whether a target of `derivative` is float; otherwise an error.
bool check_float(Value derivative, Value target, Session& session) {
  if (is_float(target->dtype())) return true;
  const Graph& graph = *target->graph;
  session.failed = true;
  session.diagnostics
      .report({Err::grad_undefined, graph.spans(derivative).first(),
               format("{} has no gradient: it is {}, and only floats have one", named(target),
                      text(target->type()))})
      .label(graph.spans(target).first(), text(target->type()));
  return false;
}

/// All arrays of type `type` that are 1 at one element and 0 elsewhere, in row-major order of that
/// element, along a leading axis.
Value unit_arrays(Graph& graph, const Type& type) {
  const Extent count = element_count(type.shape);
  const Value which = positions_along(graph, 0, {count, count});
  const Value where = positions_along(graph, 1, {count, count});
  const Value units = cast(graph, node::equal(graph, which, where), type.dtype);
  return reshape(graph, units, with_leading(count, type.shape));
}

/// Whether a gradient by `targets` is made forwards. For one number both ways cost the same, but
/// gradients of gradients double with each reverse sweep, while tangents share nearly everything
/// with those of the order below. A definition with a gradient of its own has that alone.
bool goes_forward(const Graph& graph, Value cost, std::span<const Value> targets) {
  constexpr size_t kLongCost = 512;
  const bool one = std::ranges::all_of(targets, [&](Value each) { return each == targets[0]; });
  if (!one || !targets[0]->type().is_scalar()) return false;
  const Values nodes = needed(graph, {&cost, 1});
  return nodes.size() > kLongCost && !has_own_gradients(nodes);
}

class Gradients {
 public:
  Gradients(Graph& graph, const Copies& copy_of, Session& session)
      : graph_(graph), copy_of_(copy_of), session_(session) {}

  void resolve(std::span<const Value> grads, Resolved& resolved) {
    const Grad first = *as_grad(grads[0]);
    const Value cost = copy_of_(first.cost());
    const bool is_cost = cost->type().is_scalar() && is_float(cost->dtype());
    const Values constants = constants_of(first);
    reached_.emplace(graph_, std::span(&cost, 1), constants);
    if (!constants.empty()) beyond_.emplace(graph_, std::span(&cost, 1));
    Values targets;
    for (Value node : grads) {
      const Grad grad = *as_grad(node);
      if (!is_cost) report_not_scalar(grad, cost->type());
      for (size_t i = 0; is_cost && i < grad.targets().size(); ++i)
        if (const Value target = reachable(grad, grad.targets()[i])) targets.push_back(target);
    }
    Values cotangents;
    if (!targets.empty() && constants.empty() && goes_forward(graph_, cost, targets)) {
      cotangents.assign(targets.size(), tangent(cost, targets[0]));
    } else if (!targets.empty()) {
      const Seed seed{cost, {constant(graph_, cost->type(), 1, session_.spans)}};
      cotangents = sweep(graph_, std::span(&seed, 1), targets, session_, constants);
    }
    std::unordered_map<const Node*, Value> by_target;
    for (size_t i = 0; i < targets.size(); ++i) by_target[targets[i].node] = cotangents[i];
    for (Value node : grads)
      for (Value target : as_grad(node)->targets()) {
        const Value copy = copy_of_(target);
        Value cotangent = copy ? by_target[copy.node] : Value{};
        if (!cotangent) cotangent = constant(graph_, target->type(), 0, session_.spans);
        resolved[node.node].push_back(cotangent);
      }
  }

 private:
  Value tangent(Value cost, Value target) {
    const forward::Motion motion{target, constant(graph_, target->type(), 1, session_.spans)};
    const Value made = forward::sweep(graph_, {&cost, 1}, {&motion, 1}, session_)[0];
    return made ? cast(graph_, made, target->dtype()) : made;
  }

  /// Those that the cost needs.
  Values constants_of(const Grad& grad) const {
    Values constants;
    for (Value old : grad.constants())
      if (const Value copy = copy_of_(old)) constants.push_back(copy);
    return constants;
  }

  static bool has(const std::optional<NeededNodes>& nodes, Value value) {
    return value && nodes && nodes->has(value);
  }

  /// The target as it stands in the new graph; null where it has no gradient, mostly an error.
  Value reachable(const Grad& grad, Value old) {
    const Graph& graph = *old->graph;
    const Span place = graph.spans(grad.node).first();
    if (!check_float(grad.node, old, session_)) return {};
    const Value copy = copy_of_(old);
    if (has(reached_, copy)) return copy;
    if (grad.disconnected_is_zero) return {};
    session_.failed = true;
    if (has(beyond_, copy)) {
      session_.diagnostics
          .report({Err::grad_disconnected, place,
                   format("the cost depends on {} only through what is held constant", named(old))})
          .label(graph.spans(old).first(), "behind a constant");
    } else {
      session_.diagnostics
          .report(
              {Err::grad_disconnected, place, format("the cost does not depend on {}", named(old))})
          .label(graph.spans(old).first(), "not on the way to the cost");
    }
    return {};
  }

  void report_not_scalar(const Grad& grad, const Type& type) {
    session_.failed = true;
    const Graph& graph = *grad.node->graph;
    session_.diagnostics
        .report({Err::grad_not_scalar, graph.spans(grad.node).first(),
                 format("the cost of a gradient is a float scalar, not {}", text(type))})
        .label(graph.spans(grad.cost()).first(), text(type));
  }

  Graph& graph_;
  const Copies& copy_of_;
  Session& session_;
  // What the cost needs; with constants, also through these.
  std::optional<NeededNodes> reached_, beyond_;
};

}  // namespace

bool has_own_gradients(std::span<const Value> nodes) {
  return std::ranges::any_of(nodes, [](Value node) {
    return as_call(node) || std::ranges::any_of(node->regions, [](const Region& region) {
             return has_own_gradients(needed(region->graph, region->results));
           });
  });
}

void resolve_gradients(Graph& graph, std::span<const Value> grads, const Copies& copy_of,
                       Session& session, Resolved& resolved) {
  Gradients(graph, copy_of, session).resolve(grads, resolved);
}

void resolve_tangents(Graph& graph, Value jvp, const Copies& copy_of, Session& session,
                      Resolved& resolved) {
  const Jvp parts = *as_jvp(jvp);
  std::vector<forward::Motion> motions;
  for (size_t i = 0; i < parts.targets().size(); ++i)
    if (check_float(jvp, parts.targets()[i], session))
      motions.push_back({copy_of(parts.targets()[i]), copy_of(parts.directions()[i])});
  Values outputs;
  for (Value output : parts.outputs()) outputs.push_back(copy_of(output));
  Values& tangents = resolved[jvp.node];
  tangents = forward::sweep(graph, outputs, motions, session);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (!tangents[i]) tangents[i] = constant(graph, outputs[i]->type(), 0, session.spans);
}

void resolve_jacobian(Graph& graph, Value jacobian, const Copies& copy_of, Session& session,
                      Resolved& resolved) {
  const Jacobian parts = *as_jacobian(jacobian);
  const Value output = copy_of(parts.output());
  const Type& type = output->type();
  bool good = check_float(jacobian, parts.output(), session);
  Values targets;
  for (Value target : parts.targets()) {
    good = check_float(jacobian, target, session) && good;
    targets.push_back(copy_of(target));
  }
  Values rows(targets.size());  // the derivatives, for all elements of the output along one axis
  if (good) {
    const bool one = type.is_scalar();
    const Value any =
        one ? constant(graph, type, 1) : make_mark(graph, constant(graph, type, 0), "");
    const Seed seed{output, {any}};
    rows = sweep(graph, std::span(&seed, 1), targets, session);
    Values roots;
    for (Value row : rows)
      if (row) roots.push_back(row);
    if (!one && !roots.empty()) {
      const Extent count = element_count(type.shape);
      const std::vector<Batched> batched =
          batch_in_place(graph, roots, any, unit_arrays(graph, type), count);
      size_t next = 0;
      for (Value& row : rows)
        if (row) row = with_axis(graph, batched[next++], count);
    }
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    const Type& wanted = jacobian->types[i];
    const Value made =
        rows[i] ? reshape(graph, rows[i], wanted.shape) : constant(graph, wanted, 0, session.spans);
    resolved[jacobian.node].push_back(made);
  }
}

}  // namespace thx::reverse
