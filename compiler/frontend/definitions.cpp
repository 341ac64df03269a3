// SPDX-License-Identifier: Apache-2.0
// Calls of definitions, which are inlined: parameters become names of the body's own frame.
#include <algorithm>
#include <utility>

#include "frontend/lowering.h"
#include "ir/structure.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

constexpr size_t kMostCalls = 256;               // inside of each other
constexpr size_t kMostCopied = size_t{1} << 20;  // bytes of a file's bodies, since calls multiply
constexpr size_t kLeastCopied = 32;              // what a call costs beside its body
constexpr size_t kMostStack = size_t{5} << 20;   // bytes; what one expression needs is left over
constexpr size_t kMostLabels = 3;                // of calls, in one message

size_t stack_used(const void* base) {
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  const auto* start = static_cast<const char*>(base);
  return static_cast<size_t>(start > here ? start - here : here - start);
}

// The definition that a call node calls, and for `x.f()` the value before the dot.
struct Callee {
  const Symbol* symbol = nullptr;
  NodeId receiver = ast::kNoNode;
  bool poisoned = false;  // a member that does not exist
};

Callee find_callee(Lowering& l, NodeId id) {
  const NodeId node = l.module().child(id, 0);
  const ast::Node& callee = l.module()[node];
  const bool field = callee.kind == NodeKind::field;
  if (!field && callee.kind != NodeKind::name) return {};
  if (field) {
    if (const std::optional<const Symbol*> member = find_member(l, node)) {
      return {*member, ast::kNoNode, *member == nullptr};
    }
  }
  if (find_local(l, callee.text)) return {};
  const Symbol* symbol = l.symbols().find(callee.text);
  const bool own = symbol && (symbol->kind == SymbolKind::definition ||
                              (symbol->kind == SymbolKind::rule && !field));
  if (!own) return {};
  return {symbol, field ? l.module().child(node, 0) : ast::kNoNode};
}

bool check_call(Lowering& l, const Symbol& symbol, Span at) {
  const auto& definition = std::get<ast::Definition>(
      symbol.unit->module.declarations[symbol.declaration - symbol.unit->first]);
  if (!may_copy(l, definition.span, at,
                "bind the result of a call with `let` where it is used twice"))
    return false;
  if (l.calls.size() < kMostCalls && stack_used(l.stack_base) < kMostStack) return true;
  l.report(Err::deep_nesting, at,
           format("definitions call each other more than {} deep", l.calls.size()));
  return false;
}

// Draws of an initial value are named by the calls they stand in.
class DrawPath {
 public:
  DrawPath(InitialContext* initial, std::string_view callee) : initial_(initial) {
    if (!initial_) return;
    path_ = initial_->path;
    std::string inner = initial_->next_draw() + "/";
    inner += callee;
    initial_->path = std::move(inner);
    draws_ = std::exchange(initial_->draws, 0);
  }
  ~DrawPath() {
    if (!initial_) return;
    initial_->path = std::move(path_);
    initial_->draws = draws_;
  }
  DrawPath(const DrawPath&) = delete;

 private:
  InitialContext* initial_;
  std::string path_;
  int draws_ = 0;
};

// What a gradient can name as it is: another mark would hide it from costs that depend on it.
bool is_itself(const Operand& operand) {
  return operand.is(Operand::Kind::value) &&
         (is_parameter(*operand.value) || is_mark(operand.value));
}

Operand inline_call(Lowering& l, const Symbol& symbol, Call& call) {
  const auto& definition = std::get<ast::Definition>(
      symbol.unit->module.declarations[symbol.declaration - symbol.unit->first]);
  const DrawPath draws(l.initial, definition.name.text);
  const Inlined inlined(l, *symbol.unit, call.place.mark,
                        format("in this call of `{}`", definition.name.text));
  if (!bind_parameters(l, definition.name, call, definition.parameters)) return {};
  const std::set<std::string_view>& targets = l.body_targets[&definition];
  for (const ast::Parameter& parameter : definition.parameters) {
    const std::string_view name = parameter.name.text;
    if (!targets.contains(name)) continue;
    Operand& operand = l.frame->names[name];
    if (!is_itself(operand)) operand = marked(l, operand, name, parameter.name.span);
  }
  // Initial values are never differentiated.
  const bool own = definition.gradient && (!l.initial || l.initial->test);
  return own ? call_with_gradient(l, definition, call.place.whole)
             : lower_body(l, definition, call.place.whole);
}

// What a call passes and no parameter takes.
bool check_unused(Lowering& l, const ast::Name& name, const Call& call,
                  std::span<const ast::Parameter> parameters, size_t skip) {
  bool good = true;
  const size_t positions = parameters.size() - (skip < parameters.size() ? 1 : 0);
  if (call.positional.size() > positions) {
    const std::string most = positions == 0   ? "no arguments"
                             : positions == 1 ? "1 argument at most"
                                              : format("{} arguments at most", positions);
    l.report(Err::bad_argument, call.positional[positions].span,
             format("{} takes {}, not {}", call.place.spelled, most, call.positional.size()))
        .label(name.span, "declared here");
    good = false;
  }
  for (const Keyword& keyword : call.keywords) {
    if (keyword.used) continue;
    const auto same = [&](const ast::Parameter& each) { return each.name.text == keyword.name; };
    const auto known = std::find_if(parameters.begin(), parameters.end(), same);
    good = false;
    if (known == parameters.end()) {
      Diagnostic& error =
          l.report(Err::bad_argument, keyword.span,
                   format("{} takes no argument `{}`", call.place.spelled, keyword.name));
      error.label(name.span, "declared here");
      std::vector<std::string> names;
      for (const ast::Parameter& each : parameters) names.emplace_back(each.name.text);
      if (const auto near = nearest(keyword.name, names)) {
        error.help(format("did you mean `{}`?", *near));
      } else {
        suggest_comparison(error, call, keyword);
      }
    } else if (static_cast<size_t>(known - parameters.begin()) == skip) {
      l.report(Err::bad_argument, keyword.span,
               format("`{}` is the state that is updated; a use does not pass it", keyword.name));
    } else {
      suggest_comparison(
          l.report(Err::bad_argument, keyword.span, format("`{}` is given twice", keyword.name)),
          call, keyword);
    }
  }
  return good;
}

// "`scale(x, k=2)`": what a call passes, for messages.
std::string spell_call(const Lowering& l, const Call& call,
                       std::span<const ast::Parameter> parameters, size_t skip) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (i == skip) continue;
    parts.emplace_back(parameters[i].name.text);
    if (parameters[i].initial == ast::kNoNode) continue;
    parts.back() += format("={}", l.sources.text(l.module()[parameters[i].initial].span));
  }
  return format("`{}({})`", call.name, join(parts, ", "));
}

}  // namespace

Diagnostic& Lowering::report(Err id, Span at, std::string message) {
  Diagnostic& diagnostic = diagnostics->report({id, at, std::move(message)});
  const size_t shown = std::min(calls.size(), kMostLabels);
  for (size_t i = 0; i < shown; ++i) {
    const CallSite& site = calls[calls.size() - 1 - i];
    diagnostic.label(site.at, site.text);
  }
  if (shown < calls.size()) {
    diagnostic.label(calls.front().at,
                     format("{}, {} calls further out", calls.front().text, calls.size() - shown));
  }
  return diagnostic;
}

Inlined::Inlined(Lowering& l, Unit& unit, Span at, std::string text)
    : l_(l),
      abroad_(l.unit->first == 0 && unit.first != 0),
      before_(l.graph().size()),
      unit_(std::exchange(l.unit, &unit)),
      outer_(std::exchange(l.frame, &frame_)) {
  l_.calls.push_back({at, std::move(text)});
}

Inlined::~Inlined() {
  const Span at = l_.calls.back().at;
  for (int id = before_; abroad_ && id < l_.graph().size(); ++id) {
    l_.graph().add_spans(l_.graph().at(id), at);
  }
  l_.calls.pop_back();
  l_.frame = outer_;
  l_.unit = unit_;
}

bool bind_parameters(Lowering& l, const ast::Name& name, Call& call,
                     std::span<const ast::Parameter> parameters, size_t skip) {
  // Reports about the arguments belong to the caller.
  const CallSite site = l.calls.back();
  l.calls.pop_back();
  std::vector<std::string> missing;
  std::vector<Operand> given(parameters.size());
  size_t position = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (i == skip) continue;
    given[i] = argument(call, position++, parameters[i].name.text);
    const bool absent = given[i].is(Operand::Kind::nothing);
    if (absent && parameters[i].initial == ast::kNoNode) {
      missing.push_back(format("`{}`", parameters[i].name.text));
    }
  }
  bool good = check_unused(l, name, call, parameters, skip);
  if (!missing.empty() && good) {
    l.report(Err::missing_argument, call.place.mark,
             format("{} needs the argument{} {}", call.place.spelled,
                    missing.size() == 1 ? "" : "s", join(missing, ", ")))
        .label(name.span, "declared here")
        .help(format("it is called {}", spell_call(l, call, parameters, skip)));
    good = false;
  }
  l.calls.push_back(site);
  if (!good) return false;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (i != skip) l.frame->later.emplace(parameters[i].name.text, parameters[i].name.span);
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (i == skip) continue;
    Operand value = std::move(given[i]);
    if (value.is(Operand::Kind::nothing)) value = lower(l, parameters[i].initial);
    if (value.poisoned()) good = false;
    l.frame->bind(parameters[i].name.text, std::move(value));
  }
  return good;
}

bool may_copy(Lowering& l, Span text, Span at, std::string_view help) {
  const bool could = l.copied <= kMostCopied;
  l.copied += std::max<size_t>(text.end - text.begin, kLeastCopied);
  if (l.copied <= kMostCopied) return true;
  if (could) {
    l.report(Err::deep_nesting, at,
             format("what is copied to where it is used comes to more than {} bytes of text: "
                    "copies in copies multiply",
                    kMostCopied))
        .help(std::string(help));
  }
  return false;
}

Operand lower_results(Lowering& l, std::span<const NodeId> results, const ast::Block& block,
                      const std::set<std::string_view>& targets, Span at) {
  for (const ast::Statement& statement : block) {
    const auto* let = std::get_if<ast::Let>(&statement);
    if (!let) continue;
    for (const ast::Name& name : let->names) l.frame->later.emplace(name.text, name.span);
  }
  std::vector<Operand> values;
  for (const NodeId result : results) values.push_back(lower(l, result));
  for (const ast::Statement& statement : block) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) {
      bind_let(l, *let, targets);
    } else if (const auto* end = std::get_if<ast::Return>(&statement)) {
      for (const NodeId value : end->values) values.push_back(lower(l, value));
    }
  }
  if (values.size() == 1) {
    values[0].span = at;
    return std::move(values[0]);
  }
  Operand sequence = Operand::of_sequence(std::move(values), at);
  sequence.computed = true;
  return sequence;
}

Operand lower_body(Lowering& l, const ast::Definition& definition, Span at) {
  return lower_results(l, definition.results, definition.body, l.body_targets[&definition], at);
}

Operand call_definition(Lowering& l, const Symbol& symbol, Call& call) {
  if (any_poison(call) || !symbol.ready || !check_call(l, symbol, call.place.mark)) return {};
  return inline_call(l, symbol, call);
}

std::optional<Operand> call_definition(Lowering& l, NodeId id) {
  const Callee callee = find_callee(l, id);
  if (callee.poisoned) return Operand();
  if (!callee.symbol) return std::nullopt;
  const ast::Node& node = l.module()[id];
  const ast::Node& target = l.module()[l.module().child(id, 0)];
  const bool member = target.kind == NodeKind::field && callee.receiver == ast::kNoNode;
  const Span mark = member ? target.span : target.mark;
  const std::string_view spelled = member ? l.sources.text(target.span) : target.text;
  if (callee.symbol->kind != SymbolKind::definition) {
    if (callee.symbol->kind == SymbolKind::broken) return Operand();
    Diagnostic& error =
        l.report(Err::not_a_value, mark,
                 format("`{}` is {}, not a function", spelled, describe(callee.symbol->kind)));
    error.label(callee.symbol->span, "declared here");
    if (callee.symbol->kind == SymbolKind::rule) {
      error.help(format("use it in a function: `update w with {}(...)`", spelled));
    }
    return Operand();
  }
  Call call{target.text, {mark, node.span, format("`{}`", spelled)}, {}, {}};
  if (callee.receiver != ast::kNoNode) call.positional.push_back(lower(l, callee.receiver));
  lower_call_arguments(l, id, call);
  return call_definition(l, *callee.symbol, call);
}

}  // namespace thx
