// SPDX-License-Identifier: Apache-2.0
// The form of definitions and rules: parameters, and which statements their blocks hold.
#include <algorithm>

#include "frontend/lowering.h"
#include "support/text.h"

namespace thx {
namespace {

void add_parameters(BodyParts& parts, std::span<const ast::Parameter> parameters) {
  for (const ast::Parameter& parameter : parameters) {
    parts.names.insert(parameter.name.text);
    if (parameter.initial != ast::kNoNode) parts.roots.push_back(parameter.initial);
  }
}

void add_block(BodyParts& parts, const ast::Block& block) {
  const auto add = [&](ast::NodeId id) {
    if (id != ast::kNoNode) parts.roots.push_back(id);
  };
  for (const ast::Statement& statement : block) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) {
      add(let->value);
      for (const ast::Name& name : let->names) parts.names.insert(name.text);
    } else if (const auto* end = std::get_if<ast::Return>(&statement)) {
      for (const ast::NodeId value : end->values) add(value);
    } else if (const auto* state = std::get_if<ast::State>(&statement)) {
      parts.names.insert(state->name.text);
      add(state->initial);
      if (state->type) {
        for (const ast::NodeId extent : state->type->extents) add(extent);
      }
    } else if (const auto* update = std::get_if<ast::Update>(&statement)) {
      add(update->value);
    } else if (const auto* broken = std::get_if<ast::Broken>(&statement)) {
      for (const ast::Name& name : broken->names) parts.names.insert(name.text);
    }
  }
}

// What definitions and rules have in common: names bound once, parameters in order.
class FormCheck {
 public:
  FormCheck(Lowering& l, const ast::Name& name, std::string_view kind)
      : l_(l), name_(name), kind_(kind) {}

  bool good() const { return good_; }

  Diagnostic& fail(Span at, std::string message) {
    good_ = false;
    return l_.report(Err::bad_definition, at, std::move(message));
  }

  void bind(const ast::Name& name) {
    if (name.text == "_") return;
    const auto [at, fresh] = bound_.emplace(name.text, name.span);
    if (fresh) return;
    good_ = false;
    l_.report(Err::duplicate_name, name.span,
              format("`{}` is already bound in `{}`", name.text, name_.text))
        .label(at->second, "bound here");
  }

  void bind(const ast::Let& let) {
    for (const ast::Name& name : let.names) bind(name);
  }

  void check_parameters(std::span<const ast::Parameter> parameters) {
    const ast::Parameter* with_default = nullptr;
    for (const ast::Parameter& parameter : parameters) {
      bind(parameter.name);
      if (parameter.initial != ast::kNoNode) {
        with_default = &parameter;
      } else if (with_default) {
        fail(parameter.name.span, format("`{}` has no default, but `{}` before it has one",
                                         parameter.name.text, with_default->name.text));
      }
    }
  }

  void refuse(const ast::Statement& statement, std::string_view held) {
    if (std::holds_alternative<ast::Broken>(statement)) {
      good_ = false;
      return;
    }
    const Span span = std::visit([](const auto& each) { return each.span; }, statement);
    fail(span, format("the block of a `{}` holds {} only", kind_, held));
  }

 private:
  Lowering& l_;
  const ast::Name& name_;
  std::string_view kind_;
  std::unordered_map<std::string_view, Span> bound_;
  bool good_ = true;
};

void make_ready(Lowering& l, const ast::Name& name, bool good) {
  Symbol* symbol = l.symbols().find_own(name.text);
  if (symbol && symbol->span == name.span) symbol->ready = good;
}

// `what` returns, by its results or at the end of its block.
void check_returns(FormCheck& check, std::span<const ast::NodeId> results, const ast::Block& body,
                   const ast::Name& name, std::string_view what) {
  const ast::Return* end = nullptr;
  for (const ast::Statement& statement : body) {
    if (end) {
      const Span span = std::visit([](const auto& each) { return each.span; }, statement);
      if (!span.empty() && !std::holds_alternative<ast::Broken>(statement)) {
        check.fail(span, "nothing follows a `return`").label(end->span, "the block ends here");
      }
      break;
    }
    end = std::get_if<ast::Return>(&statement);
  }
  if (!end && results.empty() && check.good()) {
    check.fail(name.span, format("{} returns nothing", what))
        .help("end the block with `return ...`");
  }
}

void check_block(FormCheck& check, const ast::Block& body) {
  for (const ast::Statement& statement : body) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) {
      check.bind(*let);
    } else if (!std::holds_alternative<ast::Return>(statement)) {
      check.refuse(statement, "`let` and one `return`");
    }
  }
}

// How many results a definition or clause is written with; nothing where one call gives them all.
std::optional<size_t> written_results(const ast::Module& module,
                                      std::span<const ast::NodeId> results,
                                      const ast::Block& body) {
  for (const ast::Statement& statement : body) {
    if (const auto* end = std::get_if<ast::Return>(&statement)) results = end->values;
  }
  if (results.size() == 1) {
    const ast::NodeKind kind = module[results[0]].kind;
    if (kind == ast::NodeKind::call || kind == ast::NodeKind::scan) return std::nullopt;
    if (kind == ast::NodeKind::tuple) return module[results[0]].child_count;
  }
  return results.size();
}

// The parameters of the clause are those of the definition, then one cotangent for each result.
void check_clause_parameters(Lowering& l, FormCheck& check, const ast::Definition& definition) {
  const ast::GradientClause& clause = *definition.gradient;
  std::vector<std::string> names;
  for (const ast::Parameter& each : definition.parameters) names.emplace_back(each.name.text);
  const auto count = written_results(l.module(), definition.results, definition.body);
  const size_t least = names.size() + count.value_or(1);
  const auto help = [&] {
    const size_t cotangents = count.value_or(1);
    for (size_t i = 0; i < cotangents; ++i) {
      names.push_back(cotangents == 1 ? "dy" : format("dy{}", i + 1));
    }
    return format("write `with grad({})`", join(names, ", "));
  };
  for (size_t i = 0; i < names.size() && i < clause.parameters.size(); ++i) {
    const ast::Name& name = clause.parameters[i].name;
    if (name.text == names[i]) continue;
    check
        .fail(name.span, format("the gradient's parameter {} is `{}`, as in `{}`, not `{}`", i + 1,
                                names[i], definition.name.text, name.text))
        .label(definition.parameters[i].name.span, "declared here")
        .help(help());
    return;
  }
  const size_t given = clause.parameters.size();
  if (given < least || (count && given != least)) {
    check
        .fail(clause.word.span,
              format("the gradient of `{}` takes {}{} names, its parameters and a cotangent for "
                     "each result, not {}",
                     definition.name.text, count ? "" : "at least ", least, given))
        .help(help());
  }
}

void check_clause(Lowering& l, const ast::Definition& definition, bool& good) {
  const ast::GradientClause& clause = *definition.gradient;
  FormCheck check(l, clause.word, "def");
  if (clause.word.text != "grad") {
    check.fail(clause.word.span,
               format("a definition is followed by `with grad(...)`, not `{}`", clause.word.text));
  }
  for (const ast::Parameter& parameter : clause.parameters) {
    check.bind(parameter.name);
    if (parameter.initial == ast::kNoNode) continue;
    check.fail(parameter.name.span, format("`{}` has no default here", parameter.name.text))
        .help("the gradient gets the values that the call passes");
  }
  if (check.good()) check_clause_parameters(l, check, definition);
  check_block(check, clause.body);
  check_returns(check, clause.results, clause.body, clause.word,
                format("the gradient of `{}`", definition.name.text));
  const auto returned = written_results(l.module(), clause.results, clause.body);
  const auto wanted = static_cast<size_t>(
      std::ranges::count(definition.parameters, ast::kNoNode, &ast::Parameter::initial));
  if (check.good() && returned && *returned != wanted) {
    check
        .fail(clause.word.span,
              format("the gradient of `{}` returns {} cotangent{}, one for each parameter without "
                     "a default, not {}",
                     definition.name.text, wanted, wanted == 1 ? "" : "s", *returned))
        .help("0 stands for a parameter that nothing flows to");
  }
  good = good && check.good();
}

}  // namespace

BodyParts parts_of(const ast::Definition& definition) {
  BodyParts parts;
  add_parameters(parts, definition.parameters);
  parts.roots.insert(parts.roots.end(), definition.results.begin(), definition.results.end());
  add_block(parts, definition.body);
  return parts;
}

BodyParts parts_of(const ast::GradientClause& clause) {
  BodyParts parts;
  add_parameters(parts, clause.parameters);
  parts.roots.insert(parts.roots.end(), clause.results.begin(), clause.results.end());
  add_block(parts, clause.body);
  return parts;
}

BodyParts parts_of(const ast::RuleDefinition& rule) {
  BodyParts parts;
  add_parameters(parts, rule.parameters);
  add_block(parts, rule.body);
  return parts;
}

void check_definition(Lowering& l, const ast::Definition& definition) {
  FormCheck check(l, definition.name, "def");
  check.check_parameters(definition.parameters);
  check_block(check, definition.body);
  check_returns(check, definition.results, definition.body, definition.name,
                format("`{}`", definition.name.text));
  bool good = check.good();
  if (definition.gradient) check_clause(l, definition, good);
  make_ready(l, definition.name, good);
}

void check_rule(Lowering& l, const ast::RuleDefinition& rule) {
  FormCheck check(l, rule.name, "rule");
  check.check_parameters(rule.parameters);
  if (rule.parameters.size() < 2) {
    check.fail(rule.name.span, "a rule takes the cost and the state that it updates")
        .help(format("write `rule {}(J, p) {{ ... }}`", rule.name.text));
    return make_ready(l, rule.name, false);
  }
  const std::string_view state = rule.parameters[1].name.text;
  if (rule.parameters[1].initial != ast::kNoNode) {
    check.fail(rule.parameters[1].name.span,
               format("`{}` is the state that the rule updates; it has no default", state));
  }
  std::set<std::string_view> own = {state};
  std::unordered_map<std::string_view, Span> updated;
  for (const ast::Statement& statement : rule.body) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) {
      check.bind(*let);
    } else if (const auto* shared = std::get_if<ast::State>(&statement)) {
      check.bind(shared->name);
      own.insert(shared->name.text);
      if (shared->param) {
        check.fail(shared->span, "what a rule keeps is not trained").help("write `shared`");
      }
    } else if (const auto* update = std::get_if<ast::Update>(&statement)) {
      const auto [at, fresh] = updated.emplace(update->state.text, update->state.span);
      if (!fresh) {
        check.fail(update->state.span, format("`{}` is updated twice", update->state.text))
            .label(at->second, "the first update");
      } else if (!own.contains(update->state.text)) {
        check
            .fail(update->state.span,
                  format("`{}` is neither `{}` nor state of this rule", update->state.text, state))
            .help("a rule updates its second parameter and what it declares with `shared`");
      }
    } else {
      check.refuse(statement, "`shared`, `let` and `update`");
    }
  }
  if (check.good() && !updated.contains(state)) {
    check.fail(rule.parameters[1].name.span, format("the rule never updates `{}`", state))
        .help(format("write `update {} = ...` in its block", state));
  }
  make_ready(l, rule.name, check.good());
}

}  // namespace thx
