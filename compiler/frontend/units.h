// SPDX-License-Identifier: Apache-2.0
// The names of all files of a compilation, with imported ones joined to what they mean.
#pragma once

#include <deque>
#include <vector>

#include "frontend/files.h"
#include "frontend/symbols.h"

namespace thx {

class Units {
 public:
  Units(const SourceFiles& files, Diagnostics& diagnostics);

  Unit& main() { return *main_; }
  // The unit that declares the declaration of a number.
  Unit& of(size_t declaration);
  const ast::Declaration& declaration(size_t number);
  size_t declarations() const { return count_; }

  // What each declaration needs of all others, reporting undefined names.
  std::vector<std::vector<Dependency>> needs();
  // Which declarations those of the main file need, in any number of steps. Reports imported values
  // that need what only a program has: inputs, state and dims.
  std::vector<bool> reached(const std::vector<std::vector<Dependency>>& needs);

 private:
  void link(Unit& unit, const std::vector<size_t>& imports);
  void link(Unit& unit, const ast::Import& import, Unit* imported);
  void need(Unit& unit, const ast::Declaration& declaration, std::vector<Dependency>& needs);

  std::deque<Unit> units_;  // in the order of the files
  Unit* main_ = nullptr;
  size_t count_ = 0;
  Diagnostics& diagnostics_;
};

}  // namespace thx
