// SPDX-License-Identifier: Apache-2.0
// `update w with sgd(J)`: rules, and the state that they keep for each parameter.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "frontend/declarations.h"

namespace thx {

// A rule with its arguments, evaluated once for all states that one `update` names.
struct RuleUse {
  const ast::RuleDefinition* rule;
  Unit* unit;
  Call call;
};

// A new value that a rule gives to a state.
struct RuleUpdate {
  std::string state;  // its name in the program
  Operand current;
  Span declared;
  Operand next;
  ast::Update source;
};

class RuleStates {
 public:
  RuleStates(Lowering& l, DeclarationLowering& declarations) : l_(l), declarations_(declarations) {}

  // Looks through the functions of the file: where two rules keep a state of one name for one
  // parameter, both names tell the rule.
  void find_clashes();
  // The rule that the expression of an `update ... with` names, with its arguments.
  std::optional<RuleUse> read(ast::NodeId expression);
  // The updates of one state, in the order of the rule; nothing after a report.
  std::optional<std::vector<RuleUpdate>> apply(const RuleUse& use, const ast::Name& name,
                                               const Symbol& state);

 private:
  using Key = std::tuple<std::string_view, const ast::RuleDefinition*, std::string_view>;

  const Symbol* find(ast::NodeId callee, bool silent);
  std::string name_of(std::string_view state, const ast::RuleDefinition& rule,
                      std::string_view member) const;
  // The state a rule keeps for a parameter, made at the first use.
  Operand own_state(std::string_view state, const RuleUse& use, const ast::State& source);

  Lowering& l_;
  DeclarationLowering& declarations_;
  std::map<std::pair<std::string_view, std::string_view>, std::set<const ast::RuleDefinition*>>
      keepers_;  // of a state and a member's name
  std::map<Key, Operand> states_;
  std::map<std::string, Span> names_;  // that are taken
};

}  // namespace thx
