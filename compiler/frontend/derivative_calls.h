// SPDX-License-Identifier: Apache-2.0
// `grad` and its kin as they are written: which arguments are costs, targets, directions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "frontend/ast.h"

namespace thx {

// What the calls have in common: first what is differentiated, then by what.
struct DerivativeForm {
  std::string_view name;
  size_t arguments;        // by position
  bool keywords;           // takes `constant` and `disconnected`
  std::string_view needs;  // "a cost and what to differentiate by"
  std::string_view example;
};

// The form of a name; null where it is none of them.
const DerivativeForm* find_derivative(std::string_view name);

// One call of them: `grad(J, w)` or `J.grad(w)`.
struct DerivativeCall {
  const DerivativeForm* form = nullptr;
  std::vector<ast::NodeId> positional;
  std::vector<ast::NodeId> keywords;

  bool has_targets() const { return positional.size() > 1; }
};

// Nothing where the node is no such call.
std::optional<DerivativeCall> read_derivative(const ast::Module& module, ast::NodeId id);

bool is_sequence(const ast::Module& module, ast::NodeId id);
// What stands in a list or tuple, or the one node.
std::vector<ast::NodeId> listed(const ast::Module& module, ast::NodeId id);

}  // namespace thx
