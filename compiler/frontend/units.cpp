// SPDX-License-Identifier: Apache-2.0
// Joins names to what imported files declare, and finds what each declaration needs.
#include "frontend/units.h"

#include <algorithm>

#include "frontend/declarations.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

// What only the program itself has: an imported value cannot depend on it.
std::optional<SymbolKind> bound_kind(const ast::Declaration& declaration) {
  if (std::holds_alternative<ast::Dim>(declaration)) return SymbolKind::dim;
  if (std::holds_alternative<ast::Input>(declaration)) return SymbolKind::input;
  if (std::holds_alternative<ast::State>(declaration)) return SymbolKind::state;
  return std::nullopt;
}

}  // namespace

Units::Units(const SourceFiles& files, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
  // The numbers of the main file are those of its declarations.
  count_ = files.main().module->declarations.size();
  for (const SourceFile& file : files.files) {
    const bool is_main = &file == &files.main();
    units_.emplace_back(*file.module, file.name, is_main ? 0 : count_, diagnostics);
    if (!is_main) count_ += file.module->declarations.size();
  }
  main_ = &units_.back();
  for (size_t i = 0; i < units_.size(); ++i) link(units_[i], files.files[i].imports);
}

void Units::link(Unit& unit, const std::vector<size_t>& imports) {
  size_t next = 0;
  for (const ast::Declaration& declaration : unit.module.declarations) {
    const auto* import = std::get_if<ast::Import>(&declaration);
    if (!import) continue;
    const size_t index = imports[next++];
    link(unit, *import, index == SourceFile::kMissing ? nullptr : &units_[index]);
  }
}

void Units::link(Unit& unit, const ast::Import& import, Unit* imported) {
  const auto own = [&](const ast::Name& name) -> Symbol* {
    Symbol* symbol = unit.symbols.find_own(name.text);
    return symbol && symbol->span == name.span ? symbol : nullptr;
  };
  if (import.names.empty()) {
    Symbol* symbol = own(import.path.back());
    if (!symbol) return;
    symbol->kind = imported ? SymbolKind::module : SymbolKind::broken;
    symbol->module = imported;
    return;
  }
  for (const ast::Name& name : import.names) {
    Symbol* symbol = own(name);
    if (!symbol) continue;
    symbol->kind = SymbolKind::broken;
    if (!imported) continue;
    Symbol* target = imported->symbols.find(name.text);
    if (!target) {
      Symbol module{import.path.back().text, import.path.back().span, SymbolKind::module, 0, 0, {}};
      module.module = imported;
      unit.symbols.report_no_member(module, name.text, name.span);
    } else if (is_importable(target->kind)) {
      symbol->target = target;
    } else {
      unit.symbols.report_not_importable(*target, name.text, name.span);
    }
  }
}

Unit& Units::of(size_t declaration) {
  for (Unit& unit : units_) {
    const size_t size = unit.module.declarations.size();
    if (declaration >= unit.first && declaration < unit.first + size) return unit;
  }
  THX_UNREACHABLE("no file has declaration {}", declaration);
}

const ast::Declaration& Units::declaration(size_t number) {
  const Unit& unit = of(number);
  return unit.module.declarations[number - unit.first];
}

void Units::need(Unit& unit, const ast::Declaration& declaration, std::vector<Dependency>& needs) {
  if (const auto* definition = std::get_if<ast::Definition>(&declaration)) {
    const BodyParts parts = parts_of(*definition);
    unit.symbols.collect(parts.roots, needs, parts.names);
    if (!definition->gradient) return;
    const BodyParts gradient = parts_of(*definition->gradient);
    return unit.symbols.collect(gradient.roots, needs, gradient.names);
  }
  if (const auto* rule = std::get_if<ast::RuleDefinition>(&declaration)) {
    const BodyParts parts = parts_of(*rule);
    return unit.symbols.collect(parts.roots, needs, parts.names);
  }
  const auto* input = std::get_if<ast::Input>(&declaration);
  if (input) unit.symbols.check_extents(input->type);
  const auto* state = std::get_if<ast::State>(&declaration);
  if (state && state->type) unit.symbols.check_extents(*state->type);
  unit.symbols.collect(expressions_of(declaration), needs);
  const auto* function = std::get_if<ast::Function>(&declaration);
  if (!function) return;
  for (const ast::Output& output : function->outputs) {
    if (output.value != ast::kNoNode) continue;
    const Symbol* symbol = unit.symbols.find(output.name.text);
    // A function named as its output is no cycle; lowering says what is wrong with it.
    if (symbol && symbol->kind != SymbolKind::function) {
      needs.push_back({symbol->declaration, output.name.span, output.name.text});
    }
  }
}

std::vector<std::vector<Dependency>> Units::needs() {
  std::vector<std::vector<Dependency>> all(count_);
  for (Unit& unit : units_) {
    for (size_t i = 0; i < unit.module.declarations.size(); ++i) {
      need(unit, unit.module.declarations[i], all[unit.first + i]);
    }
  }
  return all;
}

std::vector<bool> Units::reached(const std::vector<std::vector<Dependency>>& needs) {
  std::vector<bool> reached(count_);
  std::vector<size_t> open;
  for (size_t i = 0; i < main_->module.declarations.size(); ++i) open.push_back(i);
  while (!open.empty()) {
    const size_t from = open.back();
    open.pop_back();
    if (reached[from]) continue;
    reached[from] = true;
    for (const Dependency& need : needs[from]) {
      if (reached[need.declaration]) continue;
      const std::optional<SymbolKind> kind = need.declaration < main_->module.declarations.size()
                                                 ? std::nullopt
                                                 : bound_kind(declaration(need.declaration));
      if (!kind) {
        open.push_back(need.declaration);
        continue;
      }
      reached[need.declaration] = true;
      diagnostics_
          .report({Err::bad_import, need.use,
                   format("`{}` is {} of this file, which what is imported cannot use", need.name,
                          describe(*kind))})
          .help("make it a parameter");
    }
  }
  return reached;
}

}  // namespace thx
