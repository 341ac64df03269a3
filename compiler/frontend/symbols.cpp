// SPDX-License-Identifier: Apache-2.0
// Enters the names of a file, finds what expressions refer to, and orders declarations.
#include "frontend/symbols.h"

#include <algorithm>
#include <utility>

#include "frontend/builtins.h"
#include "support/text.h"

namespace thx {
namespace {

template <class... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};

// The names that a scan binds for its body.
bool binds(const ast::Scan& scan, std::string_view name) {
  const auto is_name = [&](const ast::Name& each) { return each.text == name; };
  for (const ast::Carry& carry : scan.carries) {
    if (is_name(carry.name)) return true;
  }
  for (const ast::Statement& statement : scan.body) {
    const auto* let = std::get_if<ast::Let>(&statement);
    if (let && std::any_of(let->names.begin(), let->names.end(), is_name)) return true;
  }
  return std::any_of(scan.elements.begin(), scan.elements.end(), is_name);
}

}  // namespace

std::string_view describe(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::dim: return "a dim";
    case SymbolKind::constant: return "a constant";
    case SymbolKind::input: return "an input";
    case SymbolKind::state: return "state";
    case SymbolKind::let: return "a value";
    case SymbolKind::function: return "a function";
    case SymbolKind::definition: return "a definition";
    case SymbolKind::rule: return "a rule";
    case SymbolKind::module: return "a module";
    default: return "a declaration";
  }
}

bool is_importable(SymbolKind kind) {
  return kind == SymbolKind::definition || kind == SymbolKind::rule ||
         kind == SymbolKind::constant || kind == SymbolKind::let;
}

SymbolTable::SymbolTable(const ast::Module& module, Unit& unit, size_t first,
                         Diagnostics& diagnostics)
    : module_(module), unit_(unit), first_(first), diagnostics_(&diagnostics) {
  enter_names();
  for (const ast::Scan& scan : module.scans) bodies_.emplace(scan.body_first, &scan);
}

void SymbolTable::enter_names() {
  for (size_t i = 0; i < module_.declarations.size(); ++i) {
    const auto each = [&](const std::vector<ast::Name>& names, SymbolKind kind) {
      for (size_t part = 0; part < names.size(); ++part) {
        const bool discarded = names[part].text == "_" && names.size() > 1;
        if (!discarded) enter(names[part], kind, i, part);
      }
    };
    std::visit(
        Overload{
            [&](const ast::Broken& broken) { each(broken.names, SymbolKind::broken); },
            [&](const ast::ModuleName&) {},
            [&](const ast::Import& import) {
              const ast::Name& last = import.path.back();
              const bool bad = import.path.size() > 1 || is_dtype_name(last.text);
              if (!import.names.empty()) {
                each(import.names, SymbolKind::other);
              } else {
                enter(last, bad ? SymbolKind::broken : SymbolKind::other, i);
              }
            },
            [&](const ast::Dim& dim) { enter(dim.name, SymbolKind::dim, i); },
            [&](const ast::Const& constant) { enter(constant.name, SymbolKind::constant, i); },
            [&](const ast::Input& input) { enter(input.name, SymbolKind::input, i); },
            [&](const ast::State& state) { enter(state.name, SymbolKind::state, i); },
            [&](const ast::Stream& stream) { enter(stream.name, SymbolKind::broken, i); },
            [&](const ast::Let& let) { each(let.names, SymbolKind::let); },
            [&](const ast::Definition& def) { enter(def.name, SymbolKind::definition, i); },
            [&](const ast::RuleDefinition& rule) { enter(rule.name, SymbolKind::rule, i); },
            [&](const ast::Function& function) { enter(function.name, SymbolKind::function, i); },
            [&](const ast::Test&) {},
        },
        module_.declarations[i]);
  }
}

void SymbolTable::enter(ast::Name name, SymbolKind kind, size_t declaration, size_t part) {
  const auto [at, fresh] = symbols_.emplace(
      name.text, Symbol{name.text, name.span, kind, first_ + declaration, part, {}, &unit_});
  if (!fresh) {
    if (at->second.kind == SymbolKind::broken) return;
    diagnostics_
        ->report({Err::duplicate_name, name.span, format("`{}` is already declared", name.text)})
        .label(at->second.span, "declared here")
        .help("every name is bound once; choose another one");
    return;
  }
  if (is_builtin(name.text) && kind != SymbolKind::broken) {
    diagnostics_->report(
        {Err::shadowed_builtin, name.span,
         format("`{}` hides the built-in of the same name in this file", name.text),
         Severity::warning});
  }
}

Symbol* SymbolTable::find_own(std::string_view name) {
  const auto at = symbols_.find(name);
  return at == symbols_.end() ? nullptr : &at->second;
}

Symbol* SymbolTable::find(std::string_view name) {
  Symbol* symbol = find_own(name);
  return symbol && symbol->target ? symbol->target : symbol;
}

// A loop over the nodes; scans around the current node hide names of the file.
void SymbolTable::collect(ast::NodeId root, std::vector<Dependency>& dependencies,
                          const Hidden& hidden) {
  if (root == ast::kNoNode) return;
  std::vector<const ast::Scan*> open;
  const auto is_hidden = [&](std::string_view name) {
    return hidden.contains(name) || std::any_of(open.begin(), open.end(), [&](const auto* scan) {
             return binds(*scan, name);
           });
  };
  for (ast::NodeId id = module_[root].first; id <= root; ++id) {
    while (!open.empty() && open.back()->id <= id) open.pop_back();
    if (const auto body = bodies_.find(id); body != bodies_.end()) open.push_back(body->second);
    const ast::Node& node = module_[id];
    if (node.kind == ast::NodeKind::field) {
      const ast::Node& base = module_[module_.child(id, 0)];
      collect_field(node, base.kind == ast::NodeKind::name && is_hidden(base.text), dependencies);
    }
    if (node.kind != ast::NodeKind::name || is_hidden(node.text)) continue;
    if (const Symbol* symbol = find(node.text)) {
      dependencies.push_back({symbol->declaration, node.span, node.text});
    } else if (!is_builtin(node.text)) {
      report_undefined(node.text, node.span);
    }
  }
}

// `nn.softmax(x)` needs a declaration of the imported file, `x.softmax()` perhaps one of this.
void SymbolTable::collect_field(const ast::Node& node, bool base_hidden,
                                std::vector<Dependency>& dependencies) {
  const ast::Node& base = module_[module_.child_ids[node.first_child]];
  const Symbol* module =
      base.kind == ast::NodeKind::name && !base_hidden ? find(base.text) : nullptr;
  if (module && module->kind == SymbolKind::module) {
    const Symbol* member = module->module->symbols.find(node.text);
    if (!member) return report_no_member(*module, node.text, node.mark);
    if (!is_importable(member->kind)) return report_not_importable(*member, node.text, node.mark);
    dependencies.push_back({member->declaration, node.mark, node.text});
    return;
  }
  const Symbol* called = find(node.text);
  if (called && called->kind == SymbolKind::definition) {
    dependencies.push_back({called->declaration, node.mark, node.text});
  }
}

void SymbolTable::collect(const std::vector<ast::NodeId>& roots,
                          std::vector<Dependency>& dependencies, const Hidden& hidden) {
  for (const ast::NodeId root : roots) collect(root, dependencies, hidden);
}

void SymbolTable::redirect(Sink& sink) {
  std::swap(diagnostics_, sink.diagnostics);
  std::swap(undefined_, sink.undefined);
}

void SymbolTable::report_not_importable(const Symbol& symbol, std::string_view name, Span at) {
  if (symbol.kind == SymbolKind::broken) return;
  diagnostics_
      ->report({Err::bad_import, at,
                format("`{}` is {} of `{}`, which other files cannot use", name,
                       describe(symbol.kind), symbol.unit->name)})
      .label(symbol.span, "declared here")
      .help("definitions, rules, constants and values can be imported");
}

void SymbolTable::report_no_member(const Symbol& module, std::string_view name, Span at) {
  if (!undefined_.insert(name).second) return;
  Diagnostic& error = diagnostics_->report(
      {Err::undefined_name, at,
       format("`{}` declares nothing called `{}`", module.module->name, name)});
  std::vector<std::string> names;
  for (const auto& [each, symbol] : module.module->symbols.symbols_) names.emplace_back(each);
  std::sort(names.begin(), names.end());
  if (const auto near = nearest(name, names)) error.help(format("did you mean `{}`?", *near));
}

void SymbolTable::check_extents(const ast::TypeExpr& type) {
  for (const ast::NodeId root : type.extents) {
    if (root == ast::kNoNode) continue;
    for (ast::NodeId id = module_[root].first; id <= root; ++id) {
      const ast::Node& node = module_[id];
      if (node.kind != ast::NodeKind::name || find(node.text) || is_builtin(node.text)) continue;
      report_undefined(node.text, node.span, true);
    }
  }
}

void SymbolTable::report_undefined(std::string_view name, Span at, bool dim) {
  if (!undefined_.insert(name).second) return;
  Diagnostic& error =
      diagnostics_->report({Err::undefined_name, at, format("nothing is called `{}`", name)});
  if (const auto instead = known_elsewhere(name); instead && !dim) {
    error.help(std::string(*instead));
    return;
  }
  constexpr size_t kSuggestions = 100;  // each compares a name with all others
  if (undefined_.size() > kSuggestions) return;
  if (names_.empty()) {
    names_ = builtin_names();
    for (const auto& [each, symbol] : symbols_) names_.emplace_back(each);
    std::sort(names_.begin(), names_.end());
  }
  if (const auto near = nearest(name, names_)) {
    error.help(format("did you mean `{}`?", *near));
  } else if (dim) {
    error.help(format("declare it: `dim {}`", name));
  }
}

namespace {

// Depth-first, with a stack of its own: a chain of 100,000 values is not nesting.
class Order {
 public:
  Order(const std::vector<std::vector<Dependency>>& needs,
        const std::function<bool(size_t)>& is_called, Diagnostics& diagnostics,
        const std::function<void(size_t)>& on_cycle)
      : needs_(needs),
        is_called_(is_called),
        diagnostics_(diagnostics),
        on_cycle_(on_cycle),
        marks_(needs.size()) {}

  std::vector<size_t> run() {
    for (size_t i = 0; i < needs_.size(); ++i) {
      if (marks_[i] == Mark::unseen) visit(i);
    }
    return std::move(order_);
  }

 private:
  enum class Mark : uint8_t { unseen, open, done };
  struct Frame {
    size_t declaration;
    size_t next = 0;
  };

  void visit(size_t root) {
    stack_ = {{root}};
    marks_[root] = Mark::open;
    while (!stack_.empty()) {
      Frame& frame = stack_.back();
      const std::vector<Dependency>& list = needs_[frame.declaration];
      if (frame.next == list.size()) {
        marks_[frame.declaration] = Mark::done;
        order_.push_back(frame.declaration);
        stack_.pop_back();
        continue;
      }
      const Dependency& need = list[frame.next++];
      if (marks_[need.declaration] == Mark::unseen) {
        marks_[need.declaration] = Mark::open;
        stack_.push_back({need.declaration});
      } else if (marks_[need.declaration] == Mark::open) {
        report(need);
      }
    }
  }

  void report(const Dependency& closing) {
    const auto first = std::find_if(stack_.begin(), stack_.end(), [&](const Frame& frame) {
      return frame.declaration == closing.declaration;
    });
    const bool recursion = std::all_of(
        first, stack_.end(), [&](const Frame& frame) { return is_called_(frame.declaration); });
    Diagnostic& error = diagnostics_.report(
        {Err::cyclic_definition, closing.use,
         recursion ? format("`{}` calls itself; a definition cannot be recursive", closing.name)
                   : format("`{}` is defined by itself", closing.name)});
    const std::string_view verb = recursion ? "calls" : "needs";
    for (auto frame = first; frame + 1 < stack_.end(); ++frame) {
      const Dependency& step = needs_[frame->declaration][frame->next - 1];
      error.label(step.use, format("it {} `{}` here", verb, step.name));
      if (frame - first == 4) break;  // enough to see the way round
    }
    error.label(closing.use, format("which {} `{}` again", verb, closing.name));
    if (recursion) error.help("repeated steps are written with `scan`");
    if (is_builtin(closing.name)) {
      error.help(
          format("it hides the built-in `{}` in this file; give it another name", closing.name));
    }
    for (auto frame = first; frame != stack_.end(); ++frame) on_cycle_(frame->declaration);
  }

  const std::vector<std::vector<Dependency>>& needs_;
  const std::function<bool(size_t)>& is_called_;
  Diagnostics& diagnostics_;
  const std::function<void(size_t)>& on_cycle_;
  std::vector<Mark> marks_;
  std::vector<Frame> stack_;
  std::vector<size_t> order_;
};

}  // namespace

std::vector<size_t> order_declarations(const std::vector<std::vector<Dependency>>& needs,
                                       const std::function<bool(size_t)>& is_called,
                                       Diagnostics& diagnostics,
                                       const std::function<void(size_t)>& on_cycle) {
  return Order(needs, is_called, diagnostics, on_cycle).run();
}

}  // namespace thx
