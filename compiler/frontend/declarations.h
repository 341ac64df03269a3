// SPDX-License-Identifier: Apache-2.0
// Lowers the declarations of a file: dims, constants, inputs, state and values.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "frontend/lowering.h"

namespace thx {

class DeclarationLowering {
 public:
  DeclarationLowering(Lowering& lowering,
                      const std::vector<std::pair<std::string, std::string>>& defines,
                      Body& values);

  // The expressions that must be ready before a declaration can be lowered, or that its function
  // needs.
  std::vector<ast::NodeId> expressions(size_t declaration) const;
  void lower(size_t declaration);
  // Once all declarations are lowered: initial values, and the states of the program.
  void finish(Program& program);
  // Once all functions are lowered: the dims, now that it is known which constants are extents.
  void finish_dims(Program& program);

 private:
  struct Definition {
    std::string text;
    bool used = false;
  };

  void lower_dim(const ast::Dim& dim);
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
  Value lower_initial(const ast::State& state, const Type* type);
  Value fit_initial(const ast::State& state, const Operand& operand, const Type& type);

  Lowering& l_;
  Body& values_;
  std::map<std::string, Definition, std::less<>> defines_;
  Function init_;
  Scope init_scope_;
  std::map<std::string_view, Dim> dims_;              // by name, of dims and integer constants
  std::map<std::string_view, Value> initial_values_;  // of state without a declared type
};

}  // namespace thx
