// SPDX-License-Identifier: Apache-2.0
// Puts values in place of inputs for one function or test, and lowers again what depends on them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "frontend/declarations.h"

namespace thx {

// The declarations that some need, in any number of steps.
std::unordered_set<size_t> reached_from(const std::vector<std::vector<Dependency>>& needs,
                                        const std::vector<Dependency>& roots);

// The file's names mean the replaced values for as long as it lives.
class Substitution {
 public:
  // `place`: how messages call where the values hold, "in `step`".
  Substitution(Lowering& l, const Declared& declared, std::string place)
      : l_(l), declared_(declared), place_(std::move(place)) {}
  ~Substitution();
  Substitution(const Substitution&) = delete;

  // These dims keep their meaning: other values of the function have them.
  void keep_dims(const Type& type);
  // `value` in place of an input or state. Dims that stand bare in its declared type become the
  // value's extents. False after a report.
  bool replace(Symbol& symbol, const Operand& value, Span name);
  void replace_dim(Symbol& symbol, const Extent& extent, Span at);
  bool is_replaced(const Symbol& symbol) const { return replaced_.contains(symbol.declaration); }
  // What the symbol was before; its operand where it is as it was.
  const Operand& original(Symbol& symbol) const;
  // Lowers again what `roots` need of what replaced values change. False where that is too much.
  bool refresh(const std::vector<Dependency>& roots);

 private:
  // The file's dim that an extent is by itself and that can take another value here, or null.
  Symbol* free_dim(const Extent& extent);
  Value fit(Symbol& symbol, const Operand& value, const Type& type, Span name);
  void save(Symbol& symbol);
  bool lower_again(size_t declaration);

  Lowering& l_;
  const Declared& declared_;
  std::string place_;
  std::set<std::string> kept_;                       // dims
  std::map<std::string, Extent, std::less<>> dims_;  // replaced
  std::unordered_map<Symbol*, Operand> saved_;
  std::unordered_map<size_t, Span> replaced_;  // declarations, and where
  std::unordered_set<size_t> fresh_;           // lowered again since the last replacement
};

// What a function says after `given`, put in place. False after a report.
bool lower_givens(Lowering& l, const Declared& declared, const ast::Function& function,
                  Substitution& given);

}  // namespace thx
