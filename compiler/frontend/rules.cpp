// SPDX-License-Identifier: Apache-2.0
// Applies rules to states: the body is inlined once for each.
#include "frontend/rules.h"

#include <algorithm>

#include "support/text.h"

namespace thx {

using ast::NodeId;
using ast::NodeKind;

// The symbol that the callee of a use names, whatever it is.
const Symbol* RuleStates::find(NodeId callee, bool silent) {
  const ast::Node& node = l_.module()[callee];
  if (node.kind == NodeKind::name) return l_.symbols().find(node.text);
  if (node.kind != NodeKind::field) return nullptr;
  const ast::Node& base = l_.module()[l_.module().child(callee, 0)];
  if (silent && base.kind != NodeKind::name) return nullptr;
  return find_member(l_, callee).value_or(nullptr);
}

void RuleStates::find_clashes() {
  for (const ast::Declaration& declaration : l_.module().declarations) {
    const auto* function = std::get_if<ast::Function>(&declaration);
    if (!function) continue;
    for (const ast::Statement& statement : function->body) {
      const auto* with = std::get_if<ast::UpdateWith>(&statement);
      if (!with || l_.module()[with->rule].kind != NodeKind::call) continue;
      const Symbol* symbol = find(l_.module().child(with->rule, 0), true);
      if (!symbol || symbol->kind != SymbolKind::rule) continue;
      const auto& rule = std::get<ast::RuleDefinition>(
          symbol->unit->module.declarations[symbol->declaration - symbol->unit->first]);
      for (const ast::Statement& each : rule.body) {
        const auto* state = std::get_if<ast::State>(&each);
        if (!state) continue;
        for (const ast::Name& name : with->states) {
          keepers_[{name.text, state->name.text}].insert(&rule);
        }
      }
    }
  }
}

std::optional<RuleUse> RuleStates::read(NodeId expression) {
  const ast::Node& node = l_.module()[expression];
  if (node.kind == NodeKind::broken) return std::nullopt;
  if (node.kind != NodeKind::call) {
    l_.report(Err::not_a_value, node.span, "after `with` stands the use of a rule")
        .help("write `update w with sgd(J, lr=0.1)`");
    return std::nullopt;
  }
  const NodeId callee = l_.module().child(expression, 0);
  const ast::Node& target = l_.module()[callee];
  const Symbol* symbol = find(callee, false);
  if (!symbol || symbol->kind == SymbolKind::broken) {
    if (target.kind == NodeKind::name && !symbol)
      l_.symbols().report_undefined(target.text, target.span);
    if (target.kind != NodeKind::name && target.kind != NodeKind::field) {
      l_.report(Err::not_a_value, target.span, "after `with` stands the use of a rule")
          .help("write `update w with sgd(J, lr=0.1)`");
    }
    return std::nullopt;
  }
  const std::string spelled = format("`{}`", l_.sources.text(target.span));
  if (symbol->kind != SymbolKind::rule) {
    l_.report(Err::not_a_value, target.span,
              format("{} is {}, not a rule", spelled, describe(symbol->kind)))
        .label(symbol->span, "declared here");
    return std::nullopt;
  }
  RuleUse use{&std::get<ast::RuleDefinition>(
                  symbol->unit->module.declarations[symbol->declaration - symbol->unit->first]),
              symbol->unit,
              {target.text, {target.span, node.span, spelled}, {}, {}}};
  lower_call_arguments(l_, expression, use.call);
  const auto poisoned = [](const Operand& each) { return each.poisoned(); };
  const bool bad = std::any_of(use.call.positional.begin(), use.call.positional.end(), poisoned) ||
                   std::any_of(use.call.keywords.begin(), use.call.keywords.end(),
                               [&](const Keyword& each) { return poisoned(each.value); });
  if (bad || !symbol->ready) return std::nullopt;
  return use;
}

std::string RuleStates::name_of(std::string_view state, const ast::RuleDefinition& rule,
                                std::string_view member) const {
  const auto keepers = keepers_.find({state, member});
  const bool clash = keepers != keepers_.end() && keepers->second.size() > 1;
  return clash ? format("{}.{}.{}", state, rule.name.text, member) : format("{}.{}", state, member);
}

Operand RuleStates::own_state(std::string_view state, const RuleUse& use,
                              const ast::State& source) {
  const Key key(state, use.rule, source.name.text);
  if (const auto known = states_.find(key); known != states_.end()) return known->second;
  const std::string name = name_of(state, *use.rule, source.name.text);
  const auto [taken, fresh] = names_.emplace(name, source.name.span);
  if (!fresh) {
    l_.report(Err::duplicate_name, source.name.span,
              format("two rules keep a state `{}`; give one of the rules another name", name))
        .label(taken->second, "the other one");
    return states_[key] = Operand();
  }
  return states_[key] = declarations_.lower_rule_state(source, taken->first);
}

std::optional<std::vector<RuleUpdate>> RuleStates::apply(const RuleUse& use, const ast::Name& name,
                                                         const Symbol& state) {
  const ast::RuleDefinition& rule = *use.rule;
  const std::set<std::string_view>& targets = l_.body_targets[&rule];
  const Inlined inlined(l_, *use.unit, use.call.place.mark,
                        format("in this use of `{}` for `{}`", rule.name.text, name.text));
  if (!may_copy(l_, rule.span, name.span, "apply a rule of fewer statements, or to fewer states"))
    return std::nullopt;
  Call call = use.call;
  if (!bind_parameters(l_, rule.name, call, rule.parameters, 1)) return std::nullopt;
  const std::string_view parameter = rule.parameters[1].name.text;
  std::map<std::string_view, std::pair<std::string, Operand>> own;
  own[parameter] = {std::string(name.text), state.operand};
  l_.frame->bind(parameter, state.operand);
  for (const ast::Statement& statement : rule.body) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) {
      for (const ast::Name& each : let->names) l_.frame->later.emplace(each.text, each.span);
    }
  }
  std::vector<RuleUpdate> updates;
  for (const ast::Statement& statement : rule.body) {
    if (const auto* shared = std::get_if<ast::State>(&statement)) {
      const Operand operand = own_state(name.text, use, *shared);
      own[shared->name.text] = {name_of(name.text, rule, shared->name.text), operand};
      l_.frame->bind(shared->name.text, operand);
    } else if (const auto* let = std::get_if<ast::Let>(&statement)) {
      bind_let(l_, *let, targets);
    } else if (const auto* update = std::get_if<ast::Update>(&statement)) {
      const auto& [full, current] = own[update->state.text];
      const Span declared = update->state.text == parameter ? state.span : current.span;
      updates.push_back({full, current, declared, lower(l_, update->value), *update});
    }
  }
  return updates;
}

}  // namespace thx
