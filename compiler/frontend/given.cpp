// SPDX-License-Identifier: Apache-2.0
// Substitution of values for inputs: types are matched, dims bound, and dependents lowered again.
#include "frontend/given.h"

#include "ops/build.h"
#include "support/text.h"

namespace thx {

namespace {

constexpr std::string_view kFewer =
    "the values that depend on it are lowered again: let fewer functions or tests replace it";

}  // namespace

std::unordered_set<size_t> reached_from(const std::vector<std::vector<Dependency>>& needs,
                                        const std::vector<Dependency>& roots) {
  std::unordered_set<size_t> reached;
  std::vector<size_t> open;
  for (const Dependency& root : roots) open.push_back(root.declaration);
  while (!open.empty()) {
    const size_t from = open.back();
    open.pop_back();
    if (!reached.insert(from).second) continue;
    for (const Dependency& need : needs[from]) open.push_back(need.declaration);
  }
  return reached;
}

Substitution::~Substitution() {
  for (auto& [symbol, operand] : saved_) symbol->operand = std::move(operand);
}

void Substitution::keep_dims(const Type& type) {
  for (const Extent& extent : type.shape) extent.collect_symbols(kept_);
}

void Substitution::save(Symbol& symbol) { saved_.try_emplace(&symbol, symbol.operand); }

const Operand& Substitution::original(Symbol& symbol) const {
  const auto saved = saved_.find(&symbol);
  return saved == saved_.end() ? symbol.operand : saved->second;
}

Symbol* Substitution::free_dim(const Extent& extent) {
  std::set<std::string> names;
  extent.collect_symbols(names);
  if (names.size() != 1 || !(extent == Extent::symbol(*names.begin()))) return nullptr;
  Symbol* symbol = l_.symbols().find_own(*names.begin());
  const bool free = symbol && symbol->kind == SymbolKind::dim && !kept_.contains(*names.begin());
  return free ? symbol : nullptr;
}

void Substitution::replace_dim(Symbol& symbol, const Extent& extent, Span at) {
  save(symbol);
  symbol.operand = Operand::of_extent(extent, at);
  dims_.insert_or_assign(std::string(symbol.name), extent);
  replaced_.emplace(symbol.declaration, at);
  fresh_.clear();
}

// The value in the declared type, with free dims bound to its extents; null after a report.
Value Substitution::fit(Symbol& symbol, const Operand& value, const Type& type, Span name) {
  const Place place = {value.span, value.span, format("`{}`", symbol.name)};
  if (!all_numbers(l_, {&value, 1}, place)) return {};
  const Shape shape = shape_of(value);
  const Operand both[] = {value, Operand::of(original(symbol).value, name)};
  const DType dtype = value.weak ? meet(l_, both) : default_dtype(l_, value);
  const auto refuse = [&](Err id) -> Diagnostic& {
    Diagnostic& error = l_.report(
        id, value.span,
        format("`{}` is {}, but {} it is {}", symbol.name, text(type), place_, spell(value)));
    error.label(symbol.span, text(type)).label(value.span, spell(value));
    return error;
  };
  if (dtype != type.dtype) {
    refuse(Err::type_mismatch).help(format("convert it: `{}(...)`", spelling(type.dtype)));
    return {};
  }
  if (shape.size() != type.shape.size()) {
    refuse(Err::type_mismatch).help("the value needs as many axes as the input");
    return {};
  }
  Shape wanted;
  std::vector<Requirement> checks;
  for (size_t i = 0; i < shape.size(); ++i) {
    const Extent declared = type.shape[i].substitute(dims_);
    const bool bound = !(declared == type.shape[i]);
    Symbol* dim = bound ? nullptr : free_dim(declared);
    if (dim && !(declared == shape[i])) {
      replace_dim(*dim, shape[i], value.span);
      wanted.push_back(shape[i]);
      continue;
    }
    wanted.push_back(declared);
    const Agreement agreement = compare_extents(declared, shape[i]);
    if (agreement == Agreement::undecided) {
      checks.push_back({Requirement::Kind::equal, declared, shape[i], value.span});
    } else if (agreement == Agreement::different) {
      Diagnostic& error = refuse(Err::shape_mismatch);
      if (bound) {
        error.help(format("{} `{}` is {} already", place_, type.shape[i].text(), declared.text()));
      } else {
        error.help(format("`{}` also belongs to other values {}; declare a dim of its own for `{}`",
                          type.shape[i].text(), place_, symbol.name));
      }
      return {};
    }
  }
  Value made = to_value(l_, value, type.dtype);
  if (made && !checks.empty()) {
    made = reshape(l_.graph(), made, wanted, value.span);
    require(l_, made, checks);
  }
  return made;
}

bool Substitution::replace(Symbol& symbol, const Operand& value, Span name) {
  if (value.poisoned() || original(symbol).poisoned()) return false;
  const Type type = original(symbol).value->type();
  const Value made = fit(symbol, value, type, name);
  if (!made) return false;
  save(symbol);
  Operand operand = Operand::of(made, name);
  if (l_.gradient_targets.contains(symbol.name)) operand = marked(l_, operand, symbol.name, name);
  symbol.operand = std::move(operand);
  replaced_.insert_or_assign(symbol.declaration, name);
  fresh_.clear();
  return true;
}

bool Substitution::refresh(const std::vector<Dependency>& roots) {
  if (replaced_.empty()) return true;
  const std::unordered_set<size_t> reached = reached_from(declared_.needs, roots);
  std::unordered_set<size_t> changed;
  for (const size_t i : declared_.order) {
    if (!reached.contains(i)) continue;
    bool changes = replaced_.contains(i);
    for (const Dependency& need : declared_.needs[i]) changes |= changed.contains(need.declaration);
    if (!changes) continue;
    changed.insert(i);
    if (!replaced_.contains(i) && fresh_.insert(i).second && !lower_again(i)) return false;
  }
  return true;
}

bool Substitution::lower_again(size_t declaration) {
  if (declaration >= l_.module().declarations.size()) return true;
  const ast::Declaration& each = l_.module().declarations[declaration];
  const auto keep = [&](const ast::Name& name) {
    if (Symbol* symbol = l_.symbols().find_own(name.text)) save(*symbol);
  };
  if (const auto* let = std::get_if<ast::Let>(&each)) {
    if (!may_copy(l_, let->span, replaced_.begin()->second, kFewer)) return false;
    for (const ast::Name& name : let->names) keep(name);
    declared_.declarations.lower(declaration);
  } else if (const auto* input = std::get_if<ast::Input>(&each)) {
    keep(input->name);
    declared_.declarations.lower(declaration);
  } else if (const auto* dim = std::get_if<ast::Dim>(&each)) {
    const Symbol* symbol = l_.symbols().find_own(dim->name.text);
    if (!symbol || symbol->operand.extent == Extent::symbol(dim->name.text)) return true;
    keep(dim->name);
    declared_.declarations.lower_alias(*dim);
  }
  return true;
}

}  // namespace thx
