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

enum class SymbolKind : uint8_t {
  dim,
  constant,
  input,
  state,
  let,
  function,
  definition,
  rule,
  module,
  other,
  broken
};
std::string_view describe(SymbolKind kind);  // "an input"
// What other files can use of a file: what depends on nothing that only a program has.
bool is_importable(SymbolKind kind);

struct Unit;

struct Symbol {
  std::string_view name;
  Span span;
  SymbolKind kind;
  size_t declaration;        // its number among those of all files
  size_t part;               // among the names of its declaration
  Operand operand;           // once its declaration is lowered
  Unit* unit = nullptr;      // the file that declares it
  Unit* module = nullptr;    // what `import nn` gives the name to
  Symbol* target = nullptr;  // what `from nn import name` brings
  bool ready = false;        // a definition or rule whose form is checked
};

// A use of one declaration by another.
struct Dependency {
  size_t declaration;
  Span use;
  std::string_view name;
};

class SymbolTable {
 public:
  // Names that a block binds itself: they hide those of the file.
  using Hidden = std::unordered_set<std::string_view>;

  // Enters all names of a file, whose first declaration has the number `first`; reports those bound
  // twice and warns of hidden built-ins.
  SymbolTable(const ast::Module& module, Unit& unit, size_t first, Diagnostics& diagnostics);

  // What the name stands for: through `from ... import`, the declaration in the other file.
  Symbol* find(std::string_view name);
  // The name as this file declares it.
  Symbol* find_own(std::string_view name);

  // What an expression needs of the file; names that do not exist are reported, once each.
  void collect(ast::NodeId root, std::vector<Dependency>& dependencies, const Hidden& hidden = {});
  void collect(const std::vector<ast::NodeId>& roots, std::vector<Dependency>& dependencies,
               const Hidden& hidden = {});
  // The same of a type's extents, whose names are meant to be dims.
  void check_extents(const ast::TypeExpr& type);
  void report_undefined(std::string_view name, Span at, bool dim = false);
  // A declaration of an imported file that this one cannot use.
  void report_not_importable(const Symbol& symbol, std::string_view name, Span at);
  // `nn.softmx`: nothing of that name is in the imported file.
  void report_no_member(const Symbol& module, std::string_view name, Span at);
  // Where reports go, and which undefined names were reported there.
  struct Sink {
    Diagnostics* diagnostics;
    std::unordered_set<std::string_view> undefined = {};
  };
  // Sends reports to `sink` from now on, which becomes where they went.
  void redirect(Sink& sink);

 private:
  void collect_field(const ast::Node& node, bool base_hidden,
                     std::vector<Dependency>& dependencies);
  void enter(ast::Name name, SymbolKind kind, size_t declaration, size_t part = 0);
  void enter_names();

  const ast::Module& module_;
  Unit& unit_;
  size_t first_;
  Diagnostics* diagnostics_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  std::unordered_map<ast::NodeId, const ast::Scan*> bodies_;  // by the first node of their body
  std::unordered_set<std::string_view> undefined_;            // reported already
  std::vector<std::string> names_;  // what a misspelt name is compared with; made when needed
};

// One source file: the one being compiled, or one that is imported.
struct Unit {
  Unit(const ast::Module& module, std::string name, size_t first, Diagnostics& diagnostics)
      : module(module),
        name(std::move(name)),
        first(first),
        symbols(module, *this, first, diagnostics) {}
  Unit(const Unit&) = delete;

  const ast::Module& module;
  std::string name;  // the file's, as messages call it
  size_t first;      // the number of its first declaration among those of all files
  SymbolTable symbols;
};

// Declarations such that each follows what it needs; those on a cycle are reported and left out.
// `needs` gives a declaration's dependencies.
// `is_called`: of definitions, whose cycles are recursion.
std::vector<size_t> order_declarations(const std::vector<std::vector<Dependency>>& needs,
                                       const std::function<bool(size_t)>& is_called,
                                       Diagnostics& diagnostics,
                                       const std::function<void(size_t)>& on_cycle);

}  // namespace thx
