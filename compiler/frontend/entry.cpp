// SPDX-License-Identifier: Apache-2.0
// Functions of the program: what they compute is copied out of the file's values, with the inputs
// they name and the state they read or update.
#include <algorithm>
#include <unordered_map>

#include "frontend/declarations.h"
#include "frontend/given.h"
#include "frontend/lowering.h"
#include "frontend/rules.h"
#include "ir/count.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

class EntryLowering {
 public:
  EntryLowering(Lowering& l, const Declared& declared, const ast::Function& source,
                size_t declaration)
      : l_(l),
        declared_(declared),
        source_(source),
        declaration_(declaration),
        given_(l, declared, format("in `{}`", source.name.text)) {}

  void run(Program& program) {
    if (l_.operations > l_.most_operations) return;  // reported
    lower_givens();
    lower_inputs();
    lower_outputs();
    for (const ast::Statement& statement : source_.body) lower_statement(statement);
    if (!good_) return;
    find_needed();
    check_inputs();
    if (good_ && check_operations()) program.functions.push_back(build());
  }

 private:
  struct NamedInput {
    ast::Name name;
    Value value;  // a parameter of the file's values
  };
  struct NamedOutput {
    ast::Name name;
    Value value;
  };
  struct StateUpdate {
    std::string name;
    Value next;
    Span at;    // of the name
    Span span;  // of the statement
  };

  Diagnostic& fail(Err id, Span at, std::string message) {
    good_ = false;
    return l_.report(id, at, std::move(message));
  }

  void lower_givens() {
    if (!thx::lower_givens(l_, declared_, source_, given_)) good_ = false;
  }

  void lower_inputs() {
    for (const ast::Name& name : source_.inputs) {
      Symbol* symbol = l_.symbols().find(name.text);
      if (!symbol) {
        good_ = false;
        l_.symbols().report_undefined(name.text, name.span);
        continue;
      }
      if (symbol->kind == SymbolKind::broken ||
          (symbol->operand.poisoned() && symbol->kind == SymbolKind::input)) {
        good_ = false;
        continue;
      }
      if (symbol->kind != SymbolKind::input) {
        Diagnostic& error = fail(
            Err::bad_argument, name.span,
            format("`{}` is {}; a function names inputs only", name.text, describe(symbol->kind)));
        error.label(symbol->span, "declared here");
        if (symbol->kind == SymbolKind::state) error.help("state is always at hand; leave it out");
        continue;
      }
      const bool twice = std::any_of(inputs_.begin(), inputs_.end(), [&](const NamedInput& other) {
        return other.name.text == name.text;
      });
      if (twice) {
        fail(Err::duplicate_name, name.span, format("the input `{}` is named twice", name.text));
      } else {
        const bool replaced = given_.is_replaced(*symbol);
        inputs_.push_back(
            {name, replaced ? given_.original(*symbol).value : symbol->operand.value});
      }
    }
  }

  void lower_outputs() {
    for (const ast::Output& output : source_.outputs) {
      const auto same = [&](const NamedOutput& other) {
        return other.name.text == output.name.text;
      };
      if (std::any_of(outputs_.begin(), outputs_.end(), same)) {
        fail(Err::duplicate_name, output.name.span,
             format("the output `{}` is named twice", output.name.text))
            .help("write `name = expression` to give one of them another name");
        continue;
      }
      const Operand operand = output.value == ast::kNoNode
                                  ? lower_name(l_, output.name.text, output.name.span)
                                  : lower(l_, output.value);
      const Place place = {output.name.span, output.name.span,
                           format("the output `{}`", output.name.text)};
      const Value value = all_numbers(l_, {&operand, 1}, place) ? to_value(l_, operand) : Value{};
      if (value) {
        outputs_.push_back({output.name, value});
      } else {
        good_ = false;
      }
    }
  }

  void lower_statement(const ast::Statement& statement) {
    if (const auto* update = std::get_if<ast::Update>(&statement)) return lower_update(*update);
    if (const auto* with = std::get_if<ast::UpdateWith>(&statement)) return lower_update(*with);
    good_ = false;
    if (std::holds_alternative<ast::Broken>(statement)) return;
    const Span span = std::visit([](const auto& each) { return each.span; }, statement);
    if (std::holds_alternative<ast::Let>(statement)) {
      fail(Err::syntax, span, "the block of a function holds updates only")
          .help("move this `let` out of the function; a value no function needs costs nothing");
    } else {
      Diagnostic& error = fail(Err::syntax, span, "the block of a function holds updates only");
      if (std::holds_alternative<ast::Return>(statement)) {
        error.help("outputs stand before the block: `function f(x) -> y { ... }`");
      }
    }
  }

  // The state that an update names; null after a report.
  const Symbol* find_state(const ast::Name& name) {
    const Symbol* symbol = l_.symbols().find(name.text);
    if (!symbol) {
      good_ = false;
      l_.symbols().report_undefined(name.text, name.span);
      return nullptr;
    }
    if (symbol->kind != SymbolKind::state) {
      good_ = false;
      if (symbol->kind == SymbolKind::broken) return nullptr;
      l_.report(Err::update_target, name.span,
                format("`{}` is {}; only state can be updated", name.text, describe(symbol->kind)))
          .label(symbol->span, "declared here")
          .help("declare it with `shared`");
      return nullptr;
    }
    for (const StateUpdate& other : updates_) {
      if (other.name != name.text) continue;
      fail(Err::duplicate_update, name.span,
           format("`{}` is updated twice in `{}`", name.text, source_.name.text))
          .label(other.at, "the first update")
          .help("updates read the old state and are committed together; write one expression");
      return nullptr;
    }
    return symbol;
  }

  void lower_update(const ast::Update& update) {
    const Operand value = lower(l_, update.value);
    const Symbol* symbol = find_state(update.state);
    if (!symbol) return;
    add_update(std::string(update.state.text), update, symbol->operand, symbol->span, value);
  }

  void add_update(std::string name, const ast::Update& update, const Operand& current,
                  Span declared, const Operand& value) {
    const Value next = check_update(update, current, declared, value);
    if (!next) good_ = false;
    updates_.push_back({std::move(name), next, update.state.span, update.span});
  }

  void lower_update(const ast::UpdateWith& with) {
    const std::optional<RuleUse> use = declared_.rules.read(with.rule);
    if (!use) good_ = false;
    for (const ast::Name& name : with.states) {
      const Symbol* symbol = find_state(name);
      if (!symbol || !use) continue;
      if (symbol->operand.poisoned()) {
        good_ = false;
        continue;
      }
      const auto updates = declared_.rules.apply(*use, name, *symbol);
      if (!updates) {
        good_ = false;
        continue;
      }
      const Inlined inlined(
          l_, *use->unit, use->call.place.mark,
          format("in this use of `{}` for `{}`", use->rule->name.text, name.text));
      for (const RuleUpdate& each : *updates) {
        add_update(each.state, each.source, each.current, each.declared, each.next);
        updates_.back().at = name.span;
      }
    }
  }

  // The new value, if it has the type of the state.
  Value check_update(const ast::Update& update, const Operand& current, Span declared,
                     const Operand& value) {
    const Place place = {update.state.span, update.span,
                         format("the update of `{}`", update.state.text)};
    if (current.poisoned() || !all_numbers(l_, {&value, 1}, place)) return {};
    const Type& type = current.value->type();
    const Operand both[] = {value, current};
    const bool same_dtype =
        value.weak ? meet(l_, both) == type.dtype : default_dtype(l_, value) == type.dtype;
    const Shape shape = shape_of(value);
    bool same_shape = shape.size() == type.shape.size();
    std::vector<Requirement> checks;
    for (size_t i = 0; same_shape && i < shape.size(); ++i) {
      const Agreement agreement = compare_extents(shape[i], type.shape[i]);
      same_shape = agreement != Agreement::different;
      if (agreement == Agreement::undecided) {
        checks.push_back({Requirement::Kind::equal, shape[i], type.shape[i], update.span});
      }
    }
    if (same_dtype && same_shape) {
      Value next = to_value(l_, value, type.dtype);
      if (next && !checks.empty()) {
        next = reshape(l_.graph(), next, type.shape, update.span);
        require(l_, next, checks);
      }
      return next;
    }
    Diagnostic& error = l_.report(
        Err::update_type, value.span,
        format("`{}` is {}, but its update is {}", update.state.text, text(type), spell(value)));
    error.label(declared, text(type)).label(value.span, spell(value));
    if (!same_dtype && same_shape) {
      error.help(format("convert it: `{}(...)`", spelling(type.dtype)));
    } else if (is_scalar(value)) {
      error.help(format("write `full_like({}, ...)` to fill the whole state", update.state.text));
    }
    return {};
  }

  std::vector<Value> roots() const {
    std::vector<Value> list;
    for (const NamedOutput& output : outputs_) list.push_back(output.value);
    for (const StateUpdate& update : updates_) list.push_back(update.next);
    return list;
  }

  void find_needed() {
    needed_.resize(static_cast<size_t>(l_.graph().size()));
    for (const Value value : needed(l_.graph(), roots())) {
      needed_[static_cast<size_t>(value->id)] = true;
    }
  }
  bool is_needed(Value value) const { return needed_[static_cast<size_t>(value->id)]; }

  void check_inputs() {
    for (const NamedInput& input : inputs_) {
      if (is_needed(input.value)) continue;
      fail(Err::unused_input, input.name.span,
           format("no result of `{}` needs the input `{}`", source_.name.text, input.name.text))
          .help("leave it out of the list");
    }
    std::vector<const Symbol*> missing;
    for (const Value parameter : declared_.values.parameters) {
      if (!is_needed(parameter)) continue;
      const Symbol* symbol = l_.symbols().find(l_.graph().name(parameter));
      if (!symbol || symbol->kind != SymbolKind::input) continue;
      const auto named = [&](const NamedInput& input) { return input.value == parameter; };
      if (std::none_of(inputs_.begin(), inputs_.end(), named)) missing.push_back(symbol);
    }
    if (missing.empty()) return;
    good_ = false;
    report_missing_inputs(l_, declared_, source_, declaration_, missing);
  }

  // Each function has what it needs for itself, so that many of a long file are long together.
  bool check_operations() {
    l_.operations += count_operations(l_.graph(), roots(), l_.most_operations + 1);
    if (l_.operations <= l_.most_operations) return true;
    fail(Err::unsupported, source_.name.span,
         format("the functions up to here have more than {} operations together",
                l_.most_operations))
        .help("each computes all that it needs: put some of them into another file");
    return false;
  }

  Function build() {
    Function function;
    function.name = source_.name.text;
    function.span = source_.span;
    std::unordered_map<const Node*, Value> arguments;
    const auto enter = [&](const std::string& name, Value of, Span at) {
      const Value parameter = function.graph().parameter(of->type(), name, at);
      function.body->parameters.push_back(parameter);
      arguments[of.node] = parameter;
      return parameter;
    };
    for (const NamedInput& input : inputs_) {
      const std::string name(input.name.text);
      function.inputs.push_back({name, enter(name, input.value, input.name.span), input.name.span});
    }
    for (const auto& [state, of] : declared_.declarations.states()) {
      if (!is_needed(of) && !update_of(state.name)) continue;
      function.states.push_back({state.name, enter(state.name, of, state.span), {}, {}});
    }
    std::vector<Value> list;
    for (const Value parameter : declared_.values.parameters) {
      list.push_back(arguments[parameter.node]);
    }
    declared_.values.results = roots();
    const std::vector<Value> made = instantiate(function.graph(), declared_.values, list);
    keep_own_spans(declared_, declaration_, function.graph());
    for (size_t i = 0; i < outputs_.size(); ++i) {
      function.outputs.push_back(
          {std::string(outputs_[i].name.text), made[i], outputs_[i].name.span});
    }
    for (size_t i = 0; i < updates_.size(); ++i) {
      for (StateUse& use : function.states) {
        if (use.name != updates_[i].name) continue;
        use.next = made[outputs_.size() + i];
        use.span = updates_[i].span;
      }
    }
    for (const auto& [value, requirement] : l_.requirements) {
      if (value->graph != &l_.graph() || !is_needed(value)) continue;
      function.requirements.push_back(requirement);
      // Of an imported definition: the call in this file.
      Span& at = function.requirements.back().span;
      if (at.file != l_.module().file) at = l_.graph().spans(value).first();
    }
    function.body->results = function.roots();
    leave_spans(l_.graph(), needed(l_.graph(), roots()), source_.span);
    return function;
  }

  const StateUpdate* update_of(std::string_view state) const {
    for (const StateUpdate& update : updates_) {
      if (update.name == state) return &update;
    }
    return nullptr;
  }

  Lowering& l_;
  const Declared& declared_;
  const ast::Function& source_;
  size_t declaration_;
  Substitution given_;
  std::vector<NamedInput> inputs_;
  std::vector<NamedOutput> outputs_;
  std::vector<StateUpdate> updates_;
  std::vector<bool> needed_;  // by id, in the file's values
  bool good_ = true;
};

}  // namespace

void lower_function(Lowering& l, const Declared& declared, const ast::Function& function,
                    size_t declaration, Program& program) {
  EntryLowering(l, declared, function, declaration).run(program);
}

}  // namespace thx
