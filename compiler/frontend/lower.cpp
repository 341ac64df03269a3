// SPDX-License-Identifier: Apache-2.0
// A whole file: its declarations in the order in which they need each other, then its functions.
#include "frontend/lower.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>
#include <unordered_set>

#include "frontend/declarations.h"
#include "frontend/lowering.h"
#include "frontend/rules.h"
#include "frontend/sizes.h"
#include "frontend/test_lowering.h"
#include "frontend/units.h"
#include "support/text.h"

namespace thx {
namespace {

class FileLowering {
 public:
  FileLowering(const SourceFiles& files, const Sources& sources, const LowerOptions& options,
               Diagnostics& diagnostics)
      : diagnostics_(diagnostics),
        units_(files, diagnostics),
        scope_{values_},
        lowering_{&units_.main(), sources, options.float_x, &diagnostics, &scope_},
        declarations_(lowering_, options.defines, values_),
        rules_(lowering_, declarations_) {
    lowering_.stack_base = __builtin_frame_address(0);
    values_.graph.keep_regions_apart();
  }

  // Also the tests, where they are asked for; or a derivative, instead of functions.
  Program run(std::vector<TestCase>* tests, const DerivativeRequest* request = nullptr) {
    Program program;
    needs_ = units_.needs();
    order();
    find_targets(tests != nullptr);
    if (request) {
      lowering_.gradient_targets.insert(request->targets.begin(), request->targets.end());
    }
    for (const size_t i : order_) lower(i);
    declarations_.lower_states();
    rules_.find_clashes();
    const Sources& sources = lowering_.sources;
    for (uint32_t file = 1; file <= sources.size(); ++file)
      lowering_.most_operations += sources.text(file).size() / 2;
    for (size_t i = 0; i < needs_.size(); ++i) {
      spans_.push_back(
          std::visit([](const auto& each) { return each.span; }, units_.declaration(i)));
    }
    const Declared declared{needs_, order_, spans_, values_, declarations_, rules_};
    const std::vector<ast::Declaration>& list = units_.main().module.declarations;
    for (size_t i = 0; i < list.size(); ++i) {
      const auto* function = std::get_if<ast::Function>(&list[i]);
      if (function) lower_function(lowering_, declared, *function, i, program);
    }
    if (tests) lower_tests(declared, *tests);
    if (request) {
      program.functions.clear();
      auto made = derivative_function(lowering_, values_, request->value, request->targets);
      if (made) program.functions.push_back(std::move(*made));
    }
    declarations_.finish_states(program);
    declarations_.finish_dims(program);
    check_sizes(program, diagnostics_);
    return program;
  }

 private:
  void lower_tests(const Declared& declared, std::vector<TestCase>& tests) {
    for (const ast::Declaration& declaration : units_.main().module.declarations) {
      const auto* test = std::get_if<ast::Test>(&declaration);
      if (!test) continue;
      std::optional<TestCase> made =
          TestLowering(lowering_, declared, *test).run(declarations_.dims());
      if (made) tests.push_back(std::move(*made));
    }
  }

  // Declarations that are needed, in an order in which they can be lowered.
  void order() {
    std::unordered_set<size_t> cyclic;
    const auto on_cycle = [&](size_t declaration) { cyclic.insert(declaration); };
    const auto is_called = [&](size_t declaration) {
      return std::holds_alternative<ast::Definition>(units_.declaration(declaration));
    };
    order_ = order_declarations(needs_, is_called, diagnostics_, on_cycle);
    const std::vector<bool> reached = units_.reached(needs_);
    std::erase_if(order_, [&](size_t i) { return cyclic.contains(i) || !reached[i]; });
  }

  void lower(size_t declaration) {
    Unit& unit = units_.of(declaration);
    const ast::Declaration& lowered = unit.module.declarations[declaration - unit.first];
    if (&unit != &units_.main() && (std::holds_alternative<ast::State>(lowered) ||
                                    std::holds_alternative<ast::Input>(lowered))) {
      return;  // what needs it is refused
    }
    lowering_.unit = &unit;
    declarations_.lower(declaration - unit.first);
    lowering_.unit = &units_.main();
  }

  // What gradients name, in each definition and outside of them.
  void find_targets(bool with_tests) {
    const auto is_data = [&](const Dependency& need) {
      return std::ranges::any_of(reached_from(needs_, {need}), [&](size_t i) {
        const ast::Declaration& each = units_.declaration(i);
        return std::holds_alternative<ast::Input>(each) || std::holds_alternative<ast::State>(each);
      });
    };
    for (const size_t i : order_) {
      lowering_.unit = &units_.of(i);
      const ast::Declaration& declaration = units_.declaration(i);
      if (const auto* definition = std::get_if<ast::Definition>(&declaration)) {
        std::vector<ast::NodeId> roots = parts_of(*definition).roots;
        if (definition->gradient) {
          const std::vector<ast::NodeId> more = parts_of(*definition->gradient).roots;
          roots.insert(roots.end(), more.begin(), more.end());
        }
        lowering_.body_targets[definition] = find_gradient_targets(lowering_, roots);
        if (definition->gradient) check_gradient_reads(lowering_, *definition, is_data);
      } else if (const auto* rule = std::get_if<ast::RuleDefinition>(&declaration)) {
        lowering_.body_targets[rule] = find_gradient_targets(lowering_, parts_of(*rule).roots);
      }
    }
    lowering_.unit = &units_.main();
    std::vector<ast::NodeId> roots;
    for (const ast::Declaration& declaration : units_.main().module.declarations) {
      const std::vector<ast::NodeId> more = expressions_of(declaration);
      roots.insert(roots.end(), more.begin(), more.end());
    }
    std::set<std::string_view> targets;
    for (const ast::Declaration& declaration : units_.main().module.declarations) {
      const auto* test = with_tests ? std::get_if<ast::Test>(&declaration) : nullptr;
      if (!test) continue;
      const std::vector<ast::NodeId> more = expressions_of(units_.main().module, test->body);
      roots.insert(roots.end(), more.begin(), more.end());
      targets.merge(expected_gradient_targets(units_.main().module, test->body));
    }
    lowering_.gradient_targets = find_gradient_targets(lowering_, roots);
    lowering_.gradient_targets.merge(targets);
  }

  Diagnostics& diagnostics_;
  Units units_;
  Body values_;  // all values of the file; its parameters are inputs and state
  Scope scope_;
  Lowering lowering_;
  DeclarationLowering declarations_;
  RuleStates rules_;
  std::vector<std::vector<Dependency>> needs_;
  std::vector<size_t> order_;
  std::vector<Span> spans_;  // of declarations
};

// The messages of `found`, each once: a definition that is called often is wrong in one place.
void report_once(const Diagnostics& found, Diagnostics& diagnostics) {
  std::set<std::tuple<Err, Span, std::string>> known;
  for (const Diagnostic& each : found.all()) {
    if (known.emplace(each.id(), each.at(), each.message()).second) diagnostics.report(each);
  }
}

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

Program lower(const SourceFiles& files, const Sources& sources, const LowerOptions& options,
              bool for_build, Diagnostics& diagnostics) {
  Diagnostics found;
  const ast::Module& module = *files.main().module;
  const std::string& path = sources.name(module.file);
  std::vector<TestCase> tests;
  Program program = FileLowering(files, sources, options, found).run(for_build ? nullptr : &tests);
  program.module = module_name(module, path, for_build, found);
  report_once(found, diagnostics);
  if (for_build && !has_functions(module) && !diagnostics.has_errors()) {
    diagnostics
        .report({Err::no_functions,
                 {},
                 format("`{}` declares no function, so there is nothing to compile", path)})
        .help("write, for example, `function predict(x) -> prediction`; `thxc check` needs none");
  }
  diagnostics.sort_by_place();
  return program;
}

std::vector<TestCase> lower_tests(const SourceFiles& files, const Sources& sources,
                                  const LowerOptions& options, Diagnostics& diagnostics,
                                  Program& program) {
  Diagnostics found;
  std::vector<TestCase> tests;
  program = FileLowering(files, sources, options, found).run(&tests);
  report_once(found, diagnostics);
  diagnostics.sort_by_place();
  return tests;
}

Program lower_derivative(const SourceFiles& files, const Sources& sources,
                         const LowerOptions& options, const DerivativeRequest& request,
                         Diagnostics& diagnostics) {
  Diagnostics found;
  Program program = FileLowering(files, sources, options, found).run(nullptr, &request);
  program.module = "derivative";
  report_once(found, diagnostics);
  diagnostics.sort_by_place();
  return program;
}

Program lower(const ast::Module& module, const Sources& sources, uint32_t,
              const LowerOptions& options, bool for_build, Diagnostics& diagnostics) {
  return lower(single_file(module, sources), sources, options, for_build, diagnostics);
}

}  // namespace thx
