// SPDX-License-Identifier: Apache-2.0
// Finds the calls that differentiate, and the names that they differentiate by: what a `let` binds
// to such a name is a value of its own.
#include "frontend/derivative_calls.h"

#include <algorithm>

#include "frontend/lowering.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

constexpr std::string_view kCostAndTargets = "a cost and what to differentiate by";
constexpr DerivativeForm kForms[] = {
    {"grad", 2, true, kCostAndTargets, "`grad(J, w)` or `grad(J, [w, b])`"},
    {"jvp", 3, false, "values, what to differentiate by, and a direction for each",
     "`jvp(y, x, v)` or `jvp(y, [x, w], [v, u])`"},
    {"vjp", 3, true, "values, what to differentiate by, and a cotangent for each value",
     "`vjp(y, x, u)` or `vjp(y, [x, w], u)`"},
    {"hvp", 3, false, "a cost, what to differentiate by, and a direction for each",
     "`hvp(J, x, v)` or `hvp(J, [x, w], [v, u])`"},
    {"jacobian", 2, false, "a value and what to differentiate by",
     "`jacobian(y, x)` or `jacobian(y, [x, w])`"},
    {"hessian", 2, false, kCostAndTargets, "`hessian(J, x)`"},
};

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

// What a call differentiates by, and what it holds constant.
std::vector<NodeId> named_arguments(const ast::Module& module, const DerivativeCall& call) {
  std::vector<NodeId> found;
  if (call.has_targets()) found = listed(module, call.positional[1]);
  for (const NodeId keyword : call.keywords) {
    if (module[keyword].text != "constant") continue;
    const std::vector<NodeId> more = listed(module, module.child(keyword, 0));
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

}  // namespace

const DerivativeForm* find_derivative(std::string_view name) {
  const auto* form = std::ranges::find(kForms, name, &DerivativeForm::name);
  return form == std::end(kForms) ? nullptr : form;
}

std::optional<DerivativeCall> read_derivative(const ast::Module& module, NodeId id) {
  if (module[id].kind != NodeKind::call) return std::nullopt;
  const NodeId callee = module.child(id, 0);
  const NodeKind kind = module[callee].kind;
  if (kind != NodeKind::name && kind != NodeKind::field) return std::nullopt;
  DerivativeCall call{find_derivative(module[callee].text), {}, {}};
  if (!call.form) return std::nullopt;
  if (kind == NodeKind::field) call.positional.push_back(module.child(callee, 0));
  for (size_t i = 1; i < module[id].child_count; ++i) {
    const NodeId child = module.child(id, i);
    (module[child].kind == NodeKind::keyword ? call.keywords : call.positional).push_back(child);
  }
  return call;
}

bool is_sequence(const ast::Module& module, NodeId id) {
  return module[id].kind == NodeKind::list || module[id].kind == NodeKind::tuple;
}

std::vector<NodeId> listed(const ast::Module& module, NodeId id) {
  if (!is_sequence(module, id)) return {id};
  const auto children = module.children(id);
  return {children.begin(), children.end()};
}

std::set<std::string_view> find_gradient_targets(const Lowering& l, std::span<const NodeId> roots) {
  const ast::Module& module = l.module();
  std::set<std::string_view> names;
  for (const NodeId root : roots) {
    if (root == ast::kNoNode) continue;
    for (NodeId id = module[root].first; id <= root; ++id) {
      if (module[id].kind != NodeKind::call) continue;
      const std::optional<DerivativeCall> call = read_derivative(module, id);
      for (const NodeId each :
           call ? named_arguments(module, *call) : differentiated_arguments(l, id)) {
        if (module[each].kind == NodeKind::name) names.insert(module[each].text);
      }
    }
  }
  return names;
}

}  // namespace thx
