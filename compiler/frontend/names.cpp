// SPDX-License-Identifier: Apache-2.0
// What names stand for: those that blocks bind, those of the file, and those of imported files.
#include "frontend/builtins.h"
#include "frontend/lowering.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {

const Operand* find_local(const Lowering& l, std::string_view name) {
  for (const Frame* frame = l.frame; frame; frame = frame->parent) {
    const auto local = frame->names.find(name);
    if (local != frame->names.end()) return &local->second;
  }
  return nullptr;
}

bool is_bound_later(Lowering& l, std::string_view name, Span at) {
  for (const Frame* frame = l.frame; frame; frame = frame->parent) {
    const auto later = frame->later.find(name);
    if (later == frame->later.end()) continue;
    Diagnostic& error =
        l.report(Err::undefined_name, at, format("`{}` is used before this block binds it", name));
    error.label(later->second, "bound here")
        .help("the statements of a block are read in their order; move this one down");
    return true;
  }
  return false;
}

Operand lower_symbol(Lowering& l, const Symbol& symbol, std::string_view name, Span at) {
  const auto refuse = [&](std::string what, std::string help) {
    l.report(Err::not_a_value, at, format("`{}` is {}, not a value", name, what))
        .label(symbol.span, "declared here")
        .help(std::move(help));
    return Operand();
  };
  switch (symbol.kind) {
    case SymbolKind::function:
      return refuse("a function of the program",
                    "give its result a name with `let`, and use that name in both places");
    case SymbolKind::definition: return refuse("a definition", format("call it: `{}(...)`", name));
    case SymbolKind::rule:
      return refuse("a rule", format("use it in a function: `update w with {}(...)`", name));
    case SymbolKind::module:
      return refuse("a module", format("call what it declares: `{}.name(...)`", name));
    default: break;
  }
  Operand operand = symbol.operand;
  operand.span = at;
  return operand;
}

std::optional<const Symbol*> find_member(Lowering& l, ast::NodeId field) {
  const ast::Node& base = l.module()[l.module().child(field, 0)];
  if (base.kind != ast::NodeKind::name || find_local(l, base.text)) return std::nullopt;
  const Symbol* symbol = l.symbols().find(base.text);
  if (!symbol || symbol->kind != SymbolKind::module) return std::nullopt;
  const ast::Node& node = l.module()[field];
  const Symbol* member = symbol->module->symbols.find(node.text);
  // What is wrong with the name was reported when the file's names were collected.
  if (!member) l.symbols().report_no_member(*symbol, node.text, node.mark);
  return member && is_importable(member->kind) ? member : nullptr;
}

std::optional<Operand> lower_member(Lowering& l, ast::NodeId field) {
  const std::optional<const Symbol*> member = find_member(l, field);
  if (!member) return std::nullopt;
  const ast::Node& node = l.module()[field];
  if (!*member) return Operand();
  return lower_symbol(l, **member, l.sources.text(node.span), node.span);
}

Operand marked(Lowering& l, const Operand& operand, std::string_view name, Span at) {
  if (!operand.is_number()) return operand;
  const Value value = to_value(l, operand);
  return value ? Operand::of(make_mark(l.graph(), value, name, at), at) : Operand();
}

void bind_let(Lowering& l, const ast::Let& let, const std::set<std::string_view>& targets) {
  const Span names = let.names.front().span.to(let.names.back().span);
  std::vector<Operand> parts = unpack(l, lower(l, let.value), let.names.size(), names);
  for (size_t i = 0; i < let.names.size(); ++i) {
    const ast::Name& name = let.names[i];
    if (name.text == "_" && let.names.size() > 1) continue;
    if (targets.contains(name.text)) parts[i] = marked(l, parts[i], name.text, name.span);
    l.frame->bind(name.text, std::move(parts[i]));
  }
}

}  // namespace thx
