// SPDX-License-Identifier: Apache-2.0
// A whole file: its declarations in the order in which they need each other, then its functions.
#include "frontend/lower.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <unordered_set>

#include "frontend/declarations.h"
#include "frontend/lowering.h"
#include "frontend/sizes.h"
#include "frontend/symbols.h"
#include "support/text.h"

namespace thx {
namespace {

class FileLowering {
 public:
  FileLowering(const ast::Module& module, const Sources& sources, const LowerOptions& options,
               Diagnostics& diagnostics)
      : module_(module),
        diagnostics_(diagnostics),
        symbols_(module, diagnostics),
        scope_{values_},
        unit_{module, symbols_},
        lowering_{&unit_, sources, options.float_x, &diagnostics, &scope_},
        declarations_(lowering_, options.defines, values_) {
    lowering_.gradient_targets = find_gradient_targets(module);
  }

  Program run() {
    Program program;
    const std::vector<std::vector<Dependency>> needs = all_needs();
    std::unordered_set<size_t> cyclic;
    const auto on_cycle = [&](size_t declaration) { cyclic.insert(declaration); };
    for (const size_t i : order_declarations(needs, diagnostics_, on_cycle)) {
      if (!cyclic.contains(i)) declarations_.lower(i);
    }
    declarations_.finish(program);
    const Declared declared{needs, values_};
    for (size_t i = 0; i < module_.declarations.size(); ++i) {
      const auto* function = std::get_if<ast::Function>(&module_.declarations[i]);
      if (function) lower_function(lowering_, declared, *function, i, program);
    }
    declarations_.finish_dims(program);
    check_sizes(program, diagnostics_);
    return program;
  }

 private:
  // What each declaration needs: the uses of names in its expressions.
  std::vector<std::vector<Dependency>> all_needs() {
    std::vector<std::vector<Dependency>> needs(module_.declarations.size());
    for (size_t i = 0; i < needs.size(); ++i) {
      symbols_.collect(declarations_.expressions(i), needs[i]);
      if (const auto* function = std::get_if<ast::Function>(&module_.declarations[i])) {
        for (const ast::Output& output : function->outputs) {
          if (output.value != ast::kNoNode) continue;
          const Symbol* symbol = symbols_.find(output.name.text);
          // A function named as its output is no cycle; lowering says what is wrong with it.
          if (symbol && symbol->kind != SymbolKind::function) {
            needs[i].push_back({symbol->declaration, output.name.span, output.name.text});
          }
        }
      }
    }
    return needs;
  }

  const ast::Module& module_;
  Diagnostics& diagnostics_;
  SymbolTable symbols_;
  Body values_;  // all values of the file; its parameters are inputs and state
  Scope scope_;
  Unit unit_;
  Lowering lowering_;
  DeclarationLowering declarations_;
};

bool is_identifier(std::string_view name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), is_part);
}

std::string module_name(const ast::Module& module, const std::string& path, bool for_build,
                        Diagnostics& diagnostics) {
  const ast::ModuleName* found = nullptr;
  for (const ast::Declaration& declaration : module.declarations) {
    const auto* name = std::get_if<ast::ModuleName>(&declaration);
    if (!name) continue;
    if (found) {
      diagnostics.report({Err::duplicate_name, name->span, "the module is named twice"})
          .label(found->span, "named here");
    } else {
      found = name;
    }
  }
  if (found) return std::string(found->name.text);
  const std::string stem = std::filesystem::path(path).stem().string();
  if (for_build && !is_identifier(stem)) {
    diagnostics
        .report({Err::reserved_name, {}, format("`{}` cannot be the name of a module", stem)})
        .help("write `module NAME` at the top of the file");
  }
  return stem;
}

bool has_functions(const ast::Module& module) {
  return std::any_of(module.declarations.begin(), module.declarations.end(),
                     [](const ast::Declaration& each) {
                       return std::holds_alternative<ast::Function>(each) ||
                              std::holds_alternative<ast::Broken>(each);
                     });
}

}  // namespace

Program lower(const ast::Module& module, const Sources& sources, uint32_t file,
              const LowerOptions& options, bool for_build, Diagnostics& diagnostics) {
  Program program = FileLowering(module, sources, options, diagnostics).run();
  program.module = module_name(module, sources.name(file), for_build, diagnostics);
  if (for_build && !has_functions(module) && !diagnostics.has_errors()) {
    diagnostics
        .report(
            {Err::no_functions,
             {},
             format("`{}` declares no function, so there is nothing to build", sources.name(file))})
        .help("write, for example, `function predict(x) -> prediction`; `thxc check` needs none");
  }
  diagnostics.sort_by_place();
  return program;
}

}  // namespace thx
