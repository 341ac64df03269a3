// SPDX-License-Identifier: Apache-2.0
// `grad`: a node whose operands are the cost and the values it is differentiated by.
#include <algorithm>

#include "frontend/lowering.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

// Cost, targets, and the places of what cannot be given yet.
struct GradCall {
  NodeId cost = ast::kNoNode;
  NodeId targets = ast::kNoNode;
  std::vector<NodeId> keywords;
  size_t extra = 0;
};

// `grad(J, w)` and `J.grad(w)`.
GradCall read(const ast::Module& module, NodeId id) {
  GradCall call;
  const NodeId callee = module.child(id, 0);
  std::vector<NodeId> positional;
  if (module[callee].kind == NodeKind::field) positional.push_back(module.child(callee, 0));
  for (size_t i = 1; i < module[id].child_count; ++i) {
    const NodeId child = module.child(id, i);
    (module[child].kind == NodeKind::keyword ? call.keywords : positional).push_back(child);
  }
  if (!positional.empty()) call.cost = positional[0];
  if (positional.size() > 1) call.targets = positional[1];
  call.extra = positional.size() > 2 ? positional.size() - 2 : 0;
  return call;
}

std::vector<NodeId> target_nodes(const ast::Module& module, NodeId targets) {
  const NodeKind kind = module[targets].kind;
  if (kind != NodeKind::list && kind != NodeKind::tuple) return {targets};
  const auto children = module.children(targets);
  return {children.begin(), children.end()};
}

bool is_grad_call(const ast::Module& module, NodeId id) {
  if (module[id].kind != NodeKind::call) return false;
  const ast::Node& callee = module[module.child(id, 0)];
  const bool named = callee.kind == NodeKind::name || callee.kind == NodeKind::field;
  return named && callee.text == "grad";
}

// The arguments of a call of a definition whose body differentiates by them.
std::vector<NodeId> differentiated_arguments(const Lowering& l, NodeId id) {
  const ast::Module& module = l.module();
  const NodeId callee = module.child(id, 0);
  const bool field = module[callee].kind == NodeKind::field;
  if (!field && module[callee].kind != NodeKind::name) return {};
  const ast::Node* base = field ? &module[module.child(callee, 0)] : nullptr;
  Symbol* owner = base && base->kind == NodeKind::name ? l.symbols().find(base->text) : nullptr;
  const bool member = owner && owner->kind == SymbolKind::module;
  const Symbol* symbol = (member ? owner->module->symbols : l.symbols()).find(module[callee].text);
  if (!symbol || symbol->kind != SymbolKind::definition) return {};
  const auto& definition = std::get<ast::Definition>(
      symbol->unit->module.declarations[symbol->declaration - symbol->unit->first]);
  const auto targets = l.body_targets.find(&definition);
  if (targets == l.body_targets.end() || targets->second.empty()) return {};
  std::vector<NodeId> found;
  size_t position = 0;
  const auto at = [&](std::string_view name, NodeId value) {
    if (targets->second.contains(name)) found.push_back(value);
  };
  const auto next = [&](NodeId value) {
    if (position < definition.parameters.size()) {
      at(definition.parameters[position++].name.text, value);
    }
  };
  if (field && !member) next(module.child(callee, 0));
  for (size_t i = 1; i < module[id].child_count; ++i) {
    const NodeId argument = module.child(id, i);
    if (module[argument].kind == NodeKind::keyword) {
      at(module[argument].text, module.child(argument, 0));
    } else {
      next(argument);
    }
  }
  return found;
}

std::optional<Value> lower_cost(Lowering& l, NodeId id) {
  const Operand cost = lower(l, id);
  if (cost.poisoned()) return std::nullopt;
  const bool scalar = cost.is(Operand::Kind::value) && cost.value->type().is_scalar() &&
                      is_float(cost.value->dtype());
  if (scalar || cost.is(Operand::Kind::real)) {
    const Value value = to_value(l, cost);
    return value ? std::optional(value) : std::nullopt;
  }
  Diagnostic& error =
      l.report(Err::grad_not_scalar, cost.span,
               format("the cost of a gradient is a float scalar, not {}", spell(cost)));
  if (!is_scalar(cost)) error.help("reduce it first: `.mean()` or `.sum()`");
  return std::nullopt;
}

// The value that a name stands for, if a cost can be differentiated by it.
std::optional<Value> lower_target(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  if (node.kind != NodeKind::name) {
    l.report(Err::bad_argument, node.span, "a gradient is with respect to named values")
        .help("give it a name with `let`, and use that name in the cost");
    return std::nullopt;
  }
  const Operand target = lower(l, id);
  if (target.poisoned()) return std::nullopt;
  if (!target.is(Operand::Kind::value)) {
    l.report(Err::bad_argument, node.span,
             format("`{}` is no value that a cost can depend on", node.text))
        .help("gradients are with respect to inputs, state, and values named with `let`");
    return std::nullopt;
  }
  if (is_float(target.value->dtype())) return target.value;
  l.report(Err::grad_undefined, node.span,
           format("`{}` is {}; only floats have gradients", node.text, spell(target)));
  return std::nullopt;
}

bool check_connected(Lowering& l, Value cost, const std::vector<Value>& targets,
                     const std::vector<NodeId>& nodes, NodeId cost_node) {
  std::vector<bool> reached(static_cast<size_t>(l.graph().size()));
  for (const Value value : needed(l.graph(), {&cost, 1})) {
    reached[static_cast<size_t>(value->id)] = true;
  }
  bool good = true;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (reached[static_cast<size_t>(targets[i]->id)]) continue;
    const ast::Node& node = l.module()[nodes[i]];
    l.report(Err::grad_disconnected, node.span,
             format("the cost does not depend on `{}`", node.text))
        .label(l.module()[cost_node].span, "the cost")
        .help(format("leave `{}` out, or use that very name in the cost", node.text));
    good = false;
  }
  return good;
}

bool check_form(Lowering& l, const GradCall& call, const ast::Node& node) {
  if (call.targets == ast::kNoNode) {
    l.report(Err::missing_argument, node.mark, "`grad` needs a cost and what to differentiate by")
        .help("write `grad(J, w)` or `grad(J, [w, b])`");
    return false;
  }
  for (const NodeId keyword : call.keywords) {
    const std::string_view name = l.module()[keyword].text;
    if (name == "constant" || name == "disconnected") {
      l.unsupported(l.module()[keyword].mark, format("`{}=` is part", name),
                    "leave it out, and differentiate by connected values only");
    } else {
      l.report(Err::bad_argument, l.module()[keyword].mark,
               format("`grad` takes no argument `{}`", name));
    }
  }
  if (call.extra > 0) {
    l.report(Err::bad_argument, node.mark, "`grad` takes a cost and one list of targets")
        .help("write `grad(J, [w, b])`");
  }
  if (l.scope->parent) {
    l.unsupported(node.mark, "`grad` inside of `scan` and `if` is part",
                  "give the gradient a name with `let` outside, and use that name here");
    return false;
  }
  return call.keywords.empty() && call.extra == 0;
}

}  // namespace

std::set<std::string_view> find_gradient_targets(const Lowering& l, std::span<const NodeId> roots) {
  const ast::Module& module = l.module();
  std::set<std::string_view> names;
  const auto add = [&](NodeId id) {
    if (module[id].kind == NodeKind::name) names.insert(module[id].text);
  };
  for (const NodeId root : roots) {
    if (root == ast::kNoNode) continue;
    for (NodeId id = module[root].first; id <= root; ++id) {
      if (module[id].kind != NodeKind::call) continue;
      if (is_grad_call(module, id)) {
        const GradCall call = read(module, id);
        if (call.targets == ast::kNoNode) continue;
        for (const NodeId target : target_nodes(module, call.targets)) add(target);
      } else {
        for (const NodeId target : differentiated_arguments(l, id)) add(target);
      }
    }
  }
  return names;
}

Operand lower_grad(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  const GradCall call = read(l.module(), id);
  if (!check_form(l, call, node)) return {};
  const std::optional<Value> cost = lower_cost(l, call.cost);
  const std::vector<NodeId> nodes = target_nodes(l.module(), call.targets);
  std::vector<Value> targets;
  for (const NodeId target : nodes) {
    if (const std::optional<Value> value = lower_target(l, target)) targets.push_back(*value);
  }
  if (!cost || targets.size() != nodes.size()) return {};
  if (l.initial && !l.initial->test) {
    l.report(Err::bad_initial_value, node.mark, "an initial value cannot depend on a gradient");
    return {};
  }
  if (!check_connected(l, *cost, targets, nodes, call.cost)) return {};
  NodeSpec spec{.op = Op::grad, .types = {}, .operands = {*cost}};
  for (const Value target : targets) {
    spec.types.push_back(target->type());
    spec.operands.push_back(target);
  }
  const Value gradients = l.graph().intern(std::move(spec), node.span);
  std::vector<Operand> parts;
  for (size_t i = 0; i < targets.size(); ++i) {
    parts.push_back(
        Operand::of(result(l.graph(), gradients, static_cast<int64_t>(i), node.span), node.span));
  }
  const NodeKind kind = l.module()[call.targets].kind;
  const bool one = kind != NodeKind::list && kind != NodeKind::tuple;
  if (one) return parts[0];
  Operand gradients_of_list = Operand::of_sequence(std::move(parts), node.span);
  gradients_of_list.computed = true;
  return gradients_of_list;
}

}  // namespace thx
