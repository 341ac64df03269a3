// SPDX-License-Identifier: Apache-2.0
// Calls: which function is meant, and its arguments by place and by name.
#include <algorithm>

#include "frontend/builtins.h"
#include "frontend/lowering.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

Operand call_elementwise(Lowering& l, Op op, Call& call) {
  const auto wanted = static_cast<size_t>(info(op).operands);
  if (call.positional.size() < wanted) {
    if (!check_arguments(l, call, wanted, {})) return {};
    l.report(Err::missing_argument, call.place.mark,
             format("{} takes {} argument{}, not {}", call.place.spelled, wanted,
                    wanted == 1 ? "" : "s", call.positional.size()));
    return {};
  }
  if (!check_arguments(l, call, wanted, {})) return {};
  return apply(l, op, std::move(call.positional), call.place);
}

// Functions that are operators by another name.
std::optional<ast::Operator> operator_named(std::string_view name) {
  using ast::Operator;
  if (name == "matmul" || name == "dot") return Operator::product;
  if (name == "power" || name == "pow") return Operator::power;
  if (name == "logical_and") return Operator::logical_and;
  if (name == "logical_or") return Operator::logical_or;
  if (name == "floor_divide") return Operator::floor_divide;
  if (name == "remainder" || name == "mod") return Operator::remainder;
  if (name == "divide" || name == "true_divide") return Operator::divide;
  return std::nullopt;
}

Operand call_operator(Lowering& l, ast::Operator op, Call& call) {
  if (!check_arguments(l, call, 2, {})) return {};
  if (call.positional.size() < 2) {
    l.report(Err::missing_argument, call.place.mark,
             format("{} takes 2 arguments, not {}", call.place.spelled, call.positional.size()));
    return {};
  }
  return lower_operator(l, op, call.positional[0], call.positional[1], call.place);
}

Operand call_cast(Lowering& l, Call& call) {
  const Operand value = argument(call, 0, "x");
  const Operand dtype = argument(call, 1, "dtype");
  if (!check_arguments(l, call, 2, {"x", "dtype"}) || value.poisoned() || dtype.poisoned())
    return {};
  if (!dtype.is(Operand::Kind::dtype)) {
    l.report(Err::bad_argument, call.place.mark, "`cast` needs a dtype, as in `cast(x, f64)`");
    return {};
  }
  return convert(l, value, dtype.dtype, call.place.whole);
}

Operand call_not(Lowering& l, Call& call) {
  const Operand value = argument(call, 0, "x");
  if (!check_arguments(l, call, 1, {"x"})) return {};
  return lower_prefix(l, ast::Operator::logical_not, value, call.place);
}

Operand call_conversion(Lowering& l, Call& call) {
  const std::optional<DType> dtype = supported_dtype(call.name, l.float_x);
  if (!dtype) {
    l.unsupported(call.place.mark, format("`{}` is a dtype", call.name),
                  "write `f32`, `f64`, `floatX`, `i64` or `bool`");
    return {};
  }
  const Operand value = argument(call, 0, "x");
  if (!check_arguments(l, call, 1, {"x"}) || value.poisoned()) return {};
  return convert(l, value, *dtype, call.place.whole);
}

Operand dispatch(Lowering& l, Call& call) {
  if (const auto op = operator_named(call.name)) return call_operator(l, *op, call);
  if (const auto op = function_op(call.name)) {
    switch (family_of(*op)) {
      case Family::elementwise: return call_elementwise(l, *op, call);
      case Family::reduction: return call_reduction(l, *op, call);
      default: return call_composite(l, *op, call);
    }
  }
  if (is_dtype_name(call.name)) return call_conversion(l, call);
  if (call.name == "mean") return call_mean(l, call);
  if (call.name == "cast") return call_cast(l, call);
  if (call.name == "logical_not") return call_not(l, call);
  if (call.name == "transpose") {
    const Operand value = argument(call, 0, "x");
    if (!check_arguments(l, call, 1, {"x"}) || !all_numbers(l, {&value, 1}, call.place)) return {};
    return transposed(l, value, call.place.whole);
  }
  if (auto made = call_maker(l, call)) return *made;
  l.report(Err::not_a_value, call.place.mark, format("`{}` cannot be called", call.name));
  return {};
}

bool is_local(const Lowering& l, std::string_view name) {
  for (const Scope* scope = l.scope; scope; scope = scope->parent) {
    if (scope->locals.contains(name)) return true;
  }
  return false;
}

// Whether the name is a function's; reports where it is not.
bool check_callee(Lowering& l, std::string_view name, Span at) {
  const Symbol* symbol = l.symbols().find(name);
  if (symbol && symbol->kind == SymbolKind::broken) return false;
  if (symbol || is_local(l, name)) {
    const bool entry = symbol && symbol->kind == SymbolKind::function;
    Diagnostic& error = l.report(
        Err::not_a_value, at,
        entry ? format("`{}` is a function of the program; expressions cannot call it", name)
              : format("`{}` is {}, not a function", name,
                       symbol ? describe(symbol->kind) : "a value"));
    if (symbol) error.label(symbol->span, "declared here");
    if (entry) error.help("give its result a name with `let`, and use that name in both places");
    if (!entry && is_builtin(name)) {
      error.help(format("it hides the built-in `{}` in this file; give it another name", name));
    }
    return false;
  }
  if (const auto instead = instead_of(name)) {
    l.unsupported(at, format("`{}` is part", name), *instead);
    return false;
  }
  if (is_builtin(name)) return true;
  l.symbols().report_undefined(name, at);
  return false;
}

void lower_arguments(Lowering& l, NodeId id, Call& call) {
  for (size_t i = 1; i < l.module()[id].child_count; ++i) {
    const NodeId child = l.module().child(id, i);
    const ast::Node& node = l.module()[child];
    if (node.kind == NodeKind::keyword) {
      call.keywords.push_back({node.text, lower(l, l.module().child(child, 0)), node.mark});
    } else {
      call.positional.push_back(lower(l, child));
    }
  }
}

bool any_poison(const Call& call) {
  const auto poisoned = [](const Operand& operand) { return operand.poisoned(); };
  return std::any_of(call.positional.begin(), call.positional.end(), poisoned) ||
         std::any_of(call.keywords.begin(), call.keywords.end(),
                     [&](const Keyword& keyword) { return poisoned(keyword.value); });
}

// `random.normal(...)`: a function of a namespace.
bool is_namespaced(const Lowering& l, const ast::Node& base) {
  return base.kind == NodeKind::name && is_namespace(base.text) && !is_local(l, base.text);
}

}  // namespace

Operand argument(Call& call, size_t position, std::string_view name) {
  if (position < call.positional.size()) return call.positional[position];
  for (Keyword& keyword : call.keywords) {
    if (keyword.name != name) continue;
    keyword.used = true;
    return keyword.value;
  }
  Operand nothing;
  nothing.kind = Operand::Kind::nothing;
  nothing.span = call.place.mark;
  return nothing;
}

bool check_arguments(Lowering& l, const Call& call, size_t positions,
                     std::initializer_list<std::string_view> names) {
  bool good = true;
  if (call.positional.size() > positions) {
    l.report(Err::bad_argument, call.positional[positions].span,
             format("{} takes {} argument{} at most", call.place.spelled, positions,
                    positions == 1 ? "" : "s"));
    good = false;
  }
  for (const Keyword& keyword : call.keywords) {
    if (keyword.used) continue;
    const bool known = std::find(names.begin(), names.end(), keyword.name) != names.end();
    Diagnostic& error =
        l.report(Err::bad_argument, keyword.span,
                 known ? format("`{}` is given twice", keyword.name)
                       : format("{} takes no argument `{}`", call.place.spelled, keyword.name));
    if (!known && names.size() > 1) {
      const auto quoted = [](std::string_view name) { return format("`{}`", name); };
      error.help(format("it takes {}", join(names, ", ", quoted)));
    }
    good = false;
  }
  return good;
}

std::optional<bool> flag(Lowering& l, const Operand& operand) {
  if (operand.is(Operand::Kind::nothing)) return false;
  if (operand.is(Operand::Kind::boolean)) return operand.truth;
  if (!operand.poisoned()) {
    l.report(Err::bad_argument, operand.span, "this must be `true` or `false`");
  }
  return std::nullopt;
}

Operand lower_call(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  const NodeId callee = l.module().child(id, 0);
  const ast::Node& target = l.module()[callee];
  Call call{target.text, {target.mark, node.span, format("`{}`", target.text)}, {}, {}};
  if (target.kind == NodeKind::name) {
    if (!check_callee(l, target.text, target.span)) return {};
    if (target.text == "grad") return lower_grad(l, id);
  } else if (target.kind == NodeKind::field) {
    const NodeId base = l.module().child(callee, 0);
    if (is_namespaced(l, l.module()[base])) {
      call.place.spelled = format("`{}.{}`", l.module()[base].text, target.text);
      if (l.module()[base].text != "random") {
        l.unsupported(target.span, format("{} is part", call.place.spelled),
                      *instead_of(l.module()[base].text));
        return {};
      }
      lower_arguments(l, id, call);
      return any_poison(call) ? Operand{} : call_random(l, call);
    }
    if (target.text == "grad") return lower_grad(l, id);
    call.positional.push_back(lower(l, base));
    if (call.positional[0].poisoned()) return {};
    if (!check_callee(l, target.text, target.mark)) return {};
  } else {
    l.report(Err::not_a_value, target.span, "only a function's name can be called");
    return {};
  }
  lower_arguments(l, id, call);
  return any_poison(call) ? Operand{} : dispatch(l, call);
}

}  // namespace thx
