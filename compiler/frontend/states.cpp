// SPDX-License-Identifier: Apache-2.0
// State and its initial values, which are the updates of the program's `init` function.
#include "frontend/declarations.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {

void DeclarationLowering::lower_state(const ast::State& state) {
  std::optional<Type> type;
  if (state.type) {
    type = lower_type(l_, *state.type);
  } else if (state.initial == ast::kNoNode) {
    l_.report(Err::bad_initial_value, state.name.span,
              format("`{}` has neither a type nor an initial value", state.name.text))
        .help(format("write `shared {} : floatX[...]`", state.name.text));
  } else if (const Value value = lower_initial(state, state.name.text, nullptr)) {
    type = value->type();
    initial_values_[state.name.text] = value;
  }
  if (!type) return;
  const Value parameter = values_.graph.parameter(*type, state.name.text, state.name.span);
  values_.parameters.push_back(parameter);
  bind(state.name, Operand::of(parameter, state.name.span));
}

Value DeclarationLowering::lower_initial(const ast::State& state, std::string_view name,
                                         const Type* type) {
  InitialContext context{name, type};
  Scope* outer = std::exchange(l_.scope, &init_scope_);
  l_.initial = &context;
  const Operand operand = thx::lower(l_, state.initial);
  const Place place = {operand.span, operand.span, "an initial value"};
  Value value;
  if (all_numbers(l_, {&operand, 1}, place)) {
    value = type ? fit_initial(state, operand, *type) : to_value(l_, operand);
  }
  l_.initial = nullptr;
  l_.scope = outer;
  return value;
}

Value DeclarationLowering::fit_initial(const ast::State& state, const Operand& operand,
                                       const Type& type) {
  const bool real_for_integer = operand.is(Operand::Kind::real) && !is_float(type.dtype);
  const bool number_for_bool = operand.is(Operand::Kind::integer) && is_bool(type.dtype);
  const DType dtype = operand.weak && !real_for_integer && !number_for_bool
                          ? type.dtype
                          : default_dtype(l_, operand);
  const Shape& shape = shape_of(operand);
  bool fits = shape.size() <= type.shape.size();
  for (size_t i = 0; fits && i < shape.size(); ++i) {
    const Extent& extent = type.shape[type.shape.size() - shape.size() + i];
    fits = shape[i].is(1) || shape[i] == extent;
  }
  if (fits && dtype == type.dtype) {
    const Value value = to_value(l_, operand, dtype);
    return value ? broadcast_trailing(l_.graph(), value, type.shape, operand.span) : value;
  }
  Diagnostic& error = l_.report(Err::type_mismatch, operand.span,
                                format("`{}` is {}, but its initial value is {}", state.name.text,
                                       text(type), spell(operand)));
  error.label(state.type->span, text(type));
  if (fits) error.help(format("convert it: `{}(...)`", spelling(type.dtype)));
  return {};
}

void DeclarationLowering::add_state(const ast::State& source, const std::string& name,
                                    Value parameter, Value initial) {
  const Type& type = parameter->type();
  State state{.name = name, .type = type, .saved = !source.transient, .span = source.name.span};
  state.param = source.param;
  states_.push_back({std::move(state), parameter});
  if (source.initial == ast::kNoNode) return;
  const Value next = initial ? initial : lower_initial(source, name, &type);
  if (!next) return;
  const Value current = init_.graph().parameter(type, name, source.name.span);
  init_.body->parameters.push_back(current);
  init_.states.push_back({name, current, next, source.span});
}

void DeclarationLowering::lower_states() {
  for (const ast::Declaration& declaration : l_.module().declarations) {
    const auto* source = std::get_if<ast::State>(&declaration);
    if (!source) continue;
    const Symbol* symbol = l_.symbols().find_own(source->name.text);
    if (!symbol || symbol->span != source->name.span || symbol->operand.poisoned()) continue;
    const auto known = initial_values_.find(source->name.text);
    add_state(*source, std::string(source->name.text), symbol->operand.value,
              known != initial_values_.end() ? known->second : Value());
  }
}

Operand DeclarationLowering::lower_rule_state(const ast::State& state, const std::string& name) {
  std::optional<Type> type;
  Value initial;
  if (state.type) {
    type = lower_type(l_, *state.type);
  } else if (state.initial == ast::kNoNode) {
    l_.report(Err::bad_initial_value, state.name.span,
              format("`{}` has neither a type nor an initial value", state.name.text))
        .help(format("write `shared {} = zeros_like(p)`", state.name.text));
  } else {
    initial = lower_initial(state, name, nullptr);
    if (initial) type = initial->type();
  }
  if (!type) return {};
  const Value parameter = values_.graph.parameter(*type, name, state.name.span);
  values_.parameters.push_back(parameter);
  add_state(state, name, parameter, initial);
  return Operand::of(parameter, state.name.span);
}

void DeclarationLowering::finish_states(Program& program) {
  for (const DeclaredState& each : states_) program.states.push_back(each.state);
  if (init_.states.empty()) return;
  init_.body->results = init_.roots();
  for (const auto& [value, requirement] : l_.requirements) {
    if (value->graph == &init_.graph()) init_.requirements.push_back(requirement);
  }
  program.init = std::move(init_);
}

}  // namespace thx
