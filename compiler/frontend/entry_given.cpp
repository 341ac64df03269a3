// SPDX-License-Identifier: Apache-2.0
// `function step(i) given x = data[i]`: the values that a function puts in place of inputs.
#include <algorithm>

#include "frontend/given.h"
#include "ir/structure.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

class GivenLowering {
 public:
  GivenLowering(Lowering& l, const Declared& declared, const ast::Function& source,
                Substitution& given)
      : l_(l), declared_(declared), source_(source), given_(given) {}

  // All expressions see the inputs as they were declared; then all are put in place together.
  bool run() {
    std::vector<Operand> values;
    std::vector<Value> roots;
    for (const ast::Given& given : source_.givens) {
      values.push_back(lower(l_, given.value));
      if (values.back().is(Operand::Kind::value)) roots.push_back(values.back().value);
    }
    const std::vector<Dependency> needs = result_needs();
    keep_states(needs);
    for (const Value value : needed(l_.graph(), roots)) {
      if (is_parameter(*value)) given_.keep_dims(value->type());
    }
    bool good = true;
    for (size_t i = 0; i < values.size(); ++i) good &= replace(source_.givens[i], values[i]);
    good &= given_.refresh(needs);
    return good && check_used(reached_from(declared_.needs, needs));
  }

 private:
  // The dims of state that the function reads or updates are those of the model.
  void keep_states(const std::vector<Dependency>& needs) {
    std::unordered_set<size_t> used = reached_from(declared_.needs, needs);
    const auto add = [&](const ast::Name& name) {
      if (const Symbol* symbol = l_.symbols().find(name.text)) used.insert(symbol->declaration);
    };
    for (const ast::Statement& statement : source_.body) {
      if (const auto* update = std::get_if<ast::Update>(&statement)) add(update->state);
      const auto* with = std::get_if<ast::UpdateWith>(&statement);
      if (with) std::ranges::for_each(with->states, add);
    }
    for (const DeclaredState& state : declared_.declarations.states()) {
      const Symbol* symbol = l_.symbols().find(state.state.name);
      if (symbol && used.contains(symbol->declaration)) given_.keep_dims(state.state.type);
    }
  }

  bool replace(const ast::Given& given, const Operand& value) {
    Symbol* symbol = l_.symbols().find(given.input.text);
    if (!symbol) {
      l_.symbols().report_undefined(given.input.text, given.input.span);
      return false;
    }
    if (symbol->kind == SymbolKind::broken) return false;
    if (symbol->kind != SymbolKind::input) {
      l_.report(
            Err::bad_given, given.input.span,
            format("`{}` is {}; `given` replaces inputs", given.input.text, describe(symbol->kind)))
          .label(symbol->span, "declared here");
      return false;
    }
    const auto same = [&](const ast::Given& each) { return each.input.text == given.input.text; };
    const auto first = std::find_if(source_.givens.begin(), source_.givens.end(), same);
    if (first->input.span != given.input.span) {
      l_.report(Err::duplicate_name, given.input.span,
                format("the input `{}` is given twice", given.input.text))
          .label(first->input.span, "given here");
      return false;
    }
    return given_.replace(*symbol, value, given.input.span);
  }

  bool check_used(const std::unordered_set<size_t>& wanted) {
    bool good = true;
    for (const ast::Given& given : source_.givens) {
      const Symbol* symbol = l_.symbols().find(given.input.text);
      if (wanted.contains(symbol->declaration)) continue;
      good = false;
      l_.report(
            Err::unused_input, given.input.span,
            format("no result of `{}` needs the input `{}`", source_.name.text, given.input.text))
          .help("leave it out after `given`");
    }
    return good;
  }

  // What outputs and updates need of the file, apart from what is given.
  std::vector<Dependency> result_needs() {
    std::vector<Dependency> needs;
    for (const ast::Output& output : source_.outputs) {
      l_.symbols().collect(output.value, needs);
      const Symbol* symbol = l_.symbols().find(output.name.text);
      if (output.value != ast::kNoNode || !symbol) continue;
      needs.push_back({symbol->declaration, output.name.span, output.name.text});
    }
    for (const ast::Statement& statement : source_.body) {
      const auto* update = std::get_if<ast::Update>(&statement);
      const auto* with = std::get_if<ast::UpdateWith>(&statement);
      if (update) l_.symbols().collect(update->value, needs);
      if (with) l_.symbols().collect(with->rule, needs);
    }
    return needs;
  }

  Lowering& l_;
  const Declared& declared_;
  const ast::Function& source_;
  Substitution& given_;
};

}  // namespace

bool lower_givens(Lowering& l, const Declared& declared, const ast::Function& function,
                  Substitution& given) {
  return function.givens.empty() || GivenLowering(l, declared, function, given).run();
}

}  // namespace thx
