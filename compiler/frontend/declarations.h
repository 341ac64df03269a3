// SPDX-License-Identifier: Apache-2.0
// Lowers the declarations of a file: dims, constants, inputs, state and values.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "frontend/lowering.h"

namespace thx {

// A state of the program, and its value before a call in the file's values.
struct DeclaredState {
  State state;
  Value parameter;
};

// The expressions of a declaration outside of definitions, rules and tests: what must be ready
// before it can be lowered, or what its function needs.
std::vector<ast::NodeId> expressions_of(const ast::Declaration& declaration);

class DeclarationLowering {
 public:
  DeclarationLowering(Lowering& lowering,
                      const std::vector<std::pair<std::string, std::string>>& defines,
                      Body& values);

  // A declaration of the current unit, by its index there.
  void lower(size_t declaration);
  // A `dim M = N` again, where N has become another extent.
  void lower_alias(const ast::Dim& dim);
  // Once all declarations are lowered: the states of the file, with their initial values.
  void lower_states();
  // A state that a rule keeps, as its parameter of the file's values; poison after a report.
  Operand lower_rule_state(const ast::State& state, const std::string& name);
  const std::vector<DeclaredState>& states() const { return states_; }
  std::vector<Dim> dims() const;  // those that are lowered, and integer constants
  // Once all functions are lowered: the states of the program and what makes them.
  void finish_states(Program& program);
  // Once all functions are lowered: the dims, now that it is known which constants are extents.
  void finish_dims(Program& program);

 private:
  struct Definition {
    std::string text;
    bool used = false;
  };

  void lower_dim(const ast::Dim& dim);
  std::optional<Extent> lower_bound(const Operand& operand);
  void lower_const(const ast::Const& constant);
  void lower_input(const ast::Input& input);
  void lower_state(const ast::State& state);
  void lower_let(const ast::Let& let);
  void check_cost(const ast::Let& let, const Operand& operand);
  void refuse(const ast::Declaration& declaration);

  // The value that -D gives a name, as a literal; reports what is none.
  std::optional<Operand> defined(const ast::Name& name);
  Operand& operand_of(const ast::Name& name);
  void bind(const ast::Name& name, Operand operand);

  // The initial value of a state in the program's `init`; null after a report.
  Value lower_initial(const ast::State& state, std::string_view name, const Type* type);
  // Enters a state and, where it has one, its initial value, which may be known already.
  void add_state(const ast::State& source, const std::string& name, Value parameter, Value initial);
  Value fit_initial(const ast::State& state, const Operand& operand, const Type& type);

  Lowering& l_;
  Body& values_;
  std::map<std::string, Definition, std::less<>> defines_;
  bool is_main_ = true;  // in the file being compiled, whose names -D means
  Function init_;
  Scope init_scope_;
  std::map<std::string_view, Dim> dims_;              // by name, of dims and integer constants
  std::map<std::string_view, Value> initial_values_;  // of state without a declared type
  std::vector<DeclaredState> states_;
};

}  // namespace thx
