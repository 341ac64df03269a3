// SPDX-License-Identifier: Apache-2.0
// Calls: which function is meant, and its arguments by place and by name.
#include <algorithm>

#include "frontend/builtins.h"
#include "frontend/functions.h"
#include "frontend/selection.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

Operand call_conversion(Lowering& l, const Call& call) {
  static const FunctionEntry conversion = {{"conversion", "x", nullptr, "x in this dtype"},
                                           read_parameters("x")};
  const std::optional<DType> dtype = supported_dtype(call.name, l.float_x);
  if (!dtype) {
    l.unsupported(call.place.mark, format("`{}` is a dtype", call.name),
                  "write `f32`, `f64` or `floatX`");
    return {};
  }
  const std::optional<Arguments> arguments = bind_arguments(l, conversion, call);
  return arguments ? convert(l, (*arguments)["x"], *dtype, call.place.whole) : Operand{};
}

Operand call_function(Lowering& l, const FunctionEntry& entry, const Call& call) {
  const std::optional<Arguments> arguments = bind_arguments(l, entry, call);
  if (!arguments) return {};
  Operand result = entry.builtin.lower(l, *arguments);
  return check_shape(l, shape_of(result), call.place.whole) ? result : Operand{};
}

Operand dispatch(Lowering& l, const Call& call) {
  if (const FunctionEntry* entry = find_function(call.name)) return call_function(l, *entry, call);
  if (is_dtype_name(call.name)) return call_conversion(l, call);
  l.report(Err::not_a_value, call.place.mark, format("`{}` cannot be called", call.name));
  return {};
}

bool is_local(const Lowering& l, std::string_view name) { return find_local(l, name) != nullptr; }

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
    l.no_function(at, format("`{}`", name), *instead);
    return false;
  }
  if (is_builtin(name)) return true;
  l.symbols().report_undefined(name, at);
  return false;
}

// `random.normal(...)`: a function of a namespace.
bool is_namespaced(const Lowering& l, const ast::Node& base) {
  return base.kind == NodeKind::name && is_namespace(base.text) && !is_local(l, base.text);
}

// A name that the namespace does not have, or does not have yet.
Operand refuse_member(Lowering& l, std::string_view space, const Call& call, Span at) {
  const std::string full = format("{}.{}", space, call.name);
  if (const auto instead = instead_of(full)) {
    l.no_function(at, call.place.spelled, *instead);
    return {};
  }
  std::vector<std::string> names;
  for (const FunctionEntry& entry : all_functions()) {
    for (const std::string_view name : split(entry.builtin.names, ' ')) {
      if (name.starts_with(space) && name.size() > space.size() && name[space.size()] == '.') {
        names.emplace_back(name.substr(space.size() + 1));
      }
    }
  }
  Diagnostic& error = l.report(Err::undefined_name, call.place.mark,
                               format("nothing is called {}", call.place.spelled));
  if (const auto near = nearest(call.name, names)) {
    error.help(format("did you mean `{}.{}`?", space, *near));
  } else {
    error.help(format("`{}` has {}", space,
                      join(names, ", ", [](const std::string& name) { return "`" + name + "`"; })));
  }
  return {};
}

Operand call_namespaced(Lowering& l, NodeId id, std::string_view space, Call& call) {
  call.place.spelled = format("`{}.{}`", space, call.name);
  const FunctionEntry* entry = find_function(format("{}.{}", space, call.name));
  if (!entry) return refuse_member(l, space, call, call.place.mark);
  lower_call_arguments(l, id, call);
  return any_poison(call) ? Operand{} : call_function(l, *entry, call);
}

}  // namespace

void lower_call_arguments(Lowering& l, NodeId id, Call& call) {
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

void suggest_comparison(Diagnostic& error, const Call& call, const Keyword& keyword) {
  // A comparison as the first argument: `where(x = 0, a, b)`.
  const auto before = [&](const auto& each) { return each.span < keyword.span; };
  if (std::ranges::any_of(call.positional, before) || std::ranges::any_of(call.keywords, before)) {
    return;
  }
  error.help(format("`=` names an argument; to compare, write `{} == ...`", keyword.name));
}

std::optional<bool> flag(Lowering& l, const Operand& operand) {
  if (operand.is(Operand::Kind::nothing)) return false;
  if (operand.is(Operand::Kind::boolean)) return operand.truth;
  if (!operand.poisoned()) {
    l.report(Err::bad_argument, operand.span, "a switch is `true` or `false`")
        .help("name it, as in `keepdims=true`; several axes stand in parentheses: `axis=(0, 1)`");
  }
  return std::nullopt;
}

Operand lower_call(Lowering& l, NodeId id) {
  if (const std::optional<Operand> result = call_definition(l, id)) return *result;
  const ast::Node& node = l.module()[id];
  const NodeId callee = l.module().child(id, 0);
  const ast::Node& target = l.module()[callee];
  Call call{target.text, {target.mark, node.span, format("`{}`", target.text)}, {}, {}};
  if (target.kind == NodeKind::name) {
    if (!check_callee(l, target.text, target.span)) return {};
    if (const auto derivative = lower_derivative(l, target.text, id)) return *derivative;
  } else if (target.kind == NodeKind::field) {
    const NodeId base = l.module().child(callee, 0);
    if (is_namespaced(l, l.module()[base])) {
      return call_namespaced(l, id, l.module()[base].text, call);
    }
    if (is_at_call(l, callee)) return lower_at(l, id);
    if (const auto derivative = lower_derivative(l, target.text, id)) return *derivative;
    call.positional.push_back(lower(l, base));
    if (call.positional[0].poisoned()) return {};
    if (!check_callee(l, target.text, target.mark)) return {};
  } else {
    if (lower(l, callee).poisoned()) return {};
    l.report(Err::not_a_value, target.span, "only a function's name can be called")
        .help("a product is written with `*`, an index in brackets");
    return {};
  }
  lower_call_arguments(l, id, call);
  return any_poison(call) ? Operand{} : dispatch(l, call);
}

}  // namespace thx
