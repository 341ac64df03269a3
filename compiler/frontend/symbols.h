// SPDX-License-Identifier: Apache-2.0
// The names that a file declares, and which declarations need which.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "frontend/ast.h"
#include "frontend/operand.h"
#include "support/diagnostic.h"

namespace thx {

enum class SymbolKind : uint8_t { dim, constant, input, state, let, function, other, broken };
std::string_view describe(SymbolKind kind);  // "an input"

struct Symbol {
  std::string_view name;
  Span span;
  SymbolKind kind;
  size_t declaration;  // its index in the module
  size_t part;         // among the names of its declaration
  Operand operand;     // once its declaration is lowered
};

// A use of one declaration by another.
struct Dependency {
  size_t declaration;
  Span use;
  std::string_view name;
};

class SymbolTable {
 public:
  // Enters all names of a file; reports those bound twice and warns of hidden built-ins.
  SymbolTable(const ast::Module& module, Diagnostics& diagnostics);

  Symbol* find(std::string_view name);

  // What an expression needs of the file; names that do not exist are reported, once each.
  void collect(ast::NodeId root, std::vector<Dependency>& dependencies);
  void collect(const std::vector<ast::NodeId>& roots, std::vector<Dependency>& dependencies);
  void report_undefined(std::string_view name, Span at);

 private:
  void enter(ast::Name name, SymbolKind kind, size_t declaration, size_t part = 0);
  void enter_names();

  const ast::Module& module_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  std::unordered_map<ast::NodeId, const ast::Scan*> bodies_;  // by the first node of their body
  std::unordered_set<std::string_view> undefined_;            // reported already
  std::vector<std::string> names_;  // what a misspelt name is compared with; made when needed
};

// Declarations such that each follows what it needs; those on a cycle are reported and left out.
// `needs` gives a declaration's dependencies.
std::vector<size_t> order_declarations(const std::vector<std::vector<Dependency>>& needs,
                                       Diagnostics& diagnostics,
                                       const std::function<void(size_t)>& on_cycle);

}  // namespace thx
