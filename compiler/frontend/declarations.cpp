// SPDX-License-Identifier: Apache-2.0
// Dims, constants, inputs and values of a file; what cannot be compiled yet is refused here.
#include "frontend/declarations.h"

#include "ops/build.h"
#include "support/text.h"

namespace thx {

DeclarationLowering::DeclarationLowering(
    Lowering& lowering, const std::vector<std::pair<std::string, std::string>>& defines,
    Body& values)
    : l_(lowering), values_(values), init_scope_{*init_.body} {
  init_.name = "init";
  for (const auto& [name, text] : defines) defines_[name] = {text, false};
}

std::vector<ast::NodeId> expressions_of(const ast::Declaration& each) {
  std::vector<ast::NodeId> roots;
  const auto add = [&](ast::NodeId id) {
    if (id != ast::kNoNode) roots.push_back(id);
  };
  if (const auto* dim = std::get_if<ast::Dim>(&each)) {
    add(dim->bound);
    add(dim->value);
  } else if (const auto* constant = std::get_if<ast::Const>(&each)) {
    add(constant->value);
  } else if (const auto* input = std::get_if<ast::Input>(&each)) {
    roots = input->type.extents;
  } else if (const auto* state = std::get_if<ast::State>(&each)) {
    if (state->type) roots = state->type->extents;
    add(state->initial);
  } else if (const auto* let = std::get_if<ast::Let>(&each)) {
    add(let->value);
  } else if (const auto* function = std::get_if<ast::Function>(&each)) {
    for (const ast::Given& given : function->givens) add(given.value);
    for (const ast::Output& output : function->outputs) add(output.value);
    for (const ast::Statement& statement : function->body) {
      if (const auto* update = std::get_if<ast::Update>(&statement)) add(update->value);
      if (const auto* with = std::get_if<ast::UpdateWith>(&statement)) add(with->rule);
    }
  }
  return roots;
}

void DeclarationLowering::lower(size_t declaration) {
  is_main_ = l_.unit->first == 0;
  const ast::Declaration& each = l_.module().declarations[declaration];
  if (const auto* dim = std::get_if<ast::Dim>(&each)) return lower_dim(*dim);
  if (const auto* constant = std::get_if<ast::Const>(&each)) return lower_const(*constant);
  if (const auto* input = std::get_if<ast::Input>(&each)) return lower_input(*input);
  if (const auto* state = std::get_if<ast::State>(&each)) return lower_state(*state);
  if (const auto* let = std::get_if<ast::Let>(&each)) return lower_let(*let);
  if (const auto* definition = std::get_if<ast::Definition>(&each)) {
    return check_definition(l_, *definition);
  }
  if (const auto* rule = std::get_if<ast::RuleDefinition>(&each)) {
    return check_rule(l_, *rule);
  }
  refuse(each);
}

void DeclarationLowering::refuse(const ast::Declaration& declaration) {
  if (const auto* stream = std::get_if<ast::Stream>(&declaration)) {
    l_.unsupported(stream->span, "`stream` is part", "pass the random numbers as an input");
  }
}

// The symbol's operand; a name bound twice keeps its first meaning.
void DeclarationLowering::bind(const ast::Name& name, Operand operand) {
  Symbol* symbol = l_.symbols().find_own(name.text);
  if (symbol && symbol->span == name.span) symbol->operand = std::move(operand);
}

void DeclarationLowering::lower_alias(const ast::Dim& dim) {
  const std::optional<Extent> extent = to_extent(l_, thx::lower(l_, dim.value));
  if (extent) bind(dim.name, Operand::of_extent(*extent, dim.name.span));
}

std::optional<Operand> DeclarationLowering::defined(const ast::Name& name) {
  if (!is_main_) return std::nullopt;
  const auto found = defines_.find(name.text);
  if (found == defines_.end()) return std::nullopt;
  found->second.used = true;
  const std::string& text = found->second.text;
  if (text == "true" || text == "false") return Operand::of_boolean(text == "true", name.span);
  const std::optional<double> value = parse_double(text);
  if (!value) {
    l_.report(Err::bad_define, {}, format("-D {}={}: not a number", name.text, text));
    return Operand{};
  }
  if (text.find_first_of(".einEIN") != std::string::npos)
    return Operand::of_real(*value, name.span);
  const std::optional<Extent> integer = Extent::parse(text);
  if (integer && integer->is_known()) return Operand::of_integer(integer->known(), name.span);
  l_.report(Err::bad_define, {}, format("-D {}={}: too large for i64", name.text, text));
  return Operand{};
}

void DeclarationLowering::lower_dim(const ast::Dim& source) {
  Dim dim;
  dim.name = source.name.text;
  dim.span = source.name.span;
  const std::optional<Operand> define = defined(source.name);
  if (source.bound != ast::kNoNode) dim.bound = lower_bound(thx::lower(l_, source.bound));
  if (source.value != ast::kNoNode) {
    const Operand value = thx::lower(l_, source.value);
    const std::optional<Extent> extent = to_extent(l_, value);
    if (!extent) return;
    if (!extent->is_known() && !value.weak) {
      // `dim M = N`: another name of the same extent.
      if (define) {
        l_.report(Err::bad_define, {},
                  format("-D {}: it is defined as {}", dim.name, extent->text()));
      }
      return bind(source.name, Operand::of_extent(*extent, source.name.span));
    }
    dim.source_value = value.weak ? value.integer : extent->known();
    dim.value = dim.source_value;
  }
  if (define && !define->poisoned()) {
    if (define->is(Operand::Kind::integer) && define->integer >= 0) {
      dim.value = define->integer;
    } else {
      l_.report(Err::bad_define, {}, format("-D {}: an extent is an integer >= 0", dim.name));
    }
  }
  if (dim.value && dim.bound && dim.bound->is_known() && *dim.value > dim.bound->known()) {
    l_.report(Err::bad_extent, source.name.span,
              format("`{}` is {}, beyond its bound {}", dim.name, *dim.value, dim.bound->text()));
  }
  bind(source.name, Operand::of_extent(Extent::symbol(dim.name), source.name.span));
  dims_.emplace(source.name.text, std::move(dim));
}

// The largest value that a dim may have: a number, which -D may set by way of a constant.
std::optional<Extent> DeclarationLowering::lower_bound(const Operand& operand) {
  // A constant that is a bound alone is in no type.
  const std::set<std::string> symbols = l_.extent_symbols;
  const bool good = to_extent(l_, operand).has_value();
  l_.extent_symbols = symbols;
  if (!good) return std::nullopt;
  if (operand.weak) return Extent(operand.integer);
  if (operand.extent.is_known()) return operand.extent;
  l_.report(Err::bad_extent, operand.span, "a bound is a number that is known when compiling")
      .help("write a number or the name of a `const`");
  return std::nullopt;
}

void DeclarationLowering::lower_const(const ast::Const& source) {
  const Operand written = thx::lower(l_, source.value);
  if (written.poisoned()) return;
  if (!written.weak) {
    l_.report(Err::type_mismatch, written.span,
              format("`const` needs a scalar that is known when compiling, not {}", spell(written)))
        .help("use `let` for computed values and `dim` for extents");
    return;
  }
  Operand value = defined(source.name).value_or(written);
  if (value.poisoned()) return;
  if (written.is(Operand::Kind::real) && value.is(Operand::Kind::integer)) {
    value = Operand::of_real(static_cast<double>(value.integer), source.name.span);
  }
  if (value.kind != written.kind) {
    l_.report(Err::bad_define, {},
              format("-D {}: it is declared as {}", source.name.text, spell(written)));
    return;
  }
  if (!value.is(Operand::Kind::integer) || !is_main_) return bind(source.name, std::move(value));
  // In an extent it is spelled by its name, so that -D changes no type.
  Dim dim;
  dim.name = source.name.text;
  dim.source_value = written.integer;
  dim.value = value.integer;
  dim.span = source.name.span;
  dims_.emplace(source.name.text, std::move(dim));
  bind(source.name,
       Operand::of_constant(value.integer, Extent::symbol(source.name.text), source.name.span));
}

void DeclarationLowering::lower_input(const ast::Input& input) {
  const std::optional<Type> type = lower_type(l_, input.type);
  if (!type) return;
  const Value parameter = values_.graph.parameter(*type, input.name.text, input.name.span);
  values_.parameters.push_back(parameter);
  bind(input.name, Operand::of(parameter, input.name.span));
}

void DeclarationLowering::lower_let(const ast::Let& let) {
  const Span names = let.names.front().span.to(let.names.back().span);
  Operand operand = thx::lower(l_, let.value);
  if (let.cost) check_cost(let, operand);
  std::vector<Operand> parts = unpack(l_, std::move(operand), let.names.size(), names);
  for (size_t i = 0; i < let.names.size(); ++i) {
    const ast::Name& name = let.names[i];
    if (l_.gradient_targets.contains(name.text)) {
      parts[i] = marked(l_, parts[i], name.text, name.span);
    }
    if (parts[i].is(Operand::Kind::value) && l_.graph().name(parts[i].value).empty()) {
      l_.graph().set_name(parts[i].value, name.text);
    }
    bind(name, std::move(parts[i]));
  }
}

void DeclarationLowering::check_cost(const ast::Let& let, const Operand& operand) {
  if (operand.poisoned()) return;
  const bool scalar = operand.is_number() && is_scalar(operand);
  if (scalar && is_float(default_dtype(l_, operand))) return;
  Diagnostic& error = l_.report(
      Err::cost_not_scalar, let.names[0].span,
      format("the cost `{}` is {}, not a float scalar", let.names[0].text, spell(operand)));
  error.label(operand.span, spell(operand));
  error.help(scalar ? "convert it: `f32(...)`" : "reduce it: `.mean()` or `.sum()`");
}

std::vector<Dim> DeclarationLowering::dims() const {
  std::vector<Dim> list;
  for (const auto& [name, dim] : dims_) list.push_back(dim);
  return list;
}

void DeclarationLowering::finish_dims(Program& program) {
  for (const ast::Declaration& declaration : l_.module().declarations) {
    const auto* dim = std::get_if<ast::Dim>(&declaration);
    const auto* constant = std::get_if<ast::Const>(&declaration);
    if (!dim && !constant) continue;
    const std::string_view name = dim ? dim->name.text : constant->name.text;
    const auto found = dims_.find(name);
    if (found == dims_.end()) continue;
    if (constant && !l_.extent_symbols.contains(std::string(name))) continue;
    if (!program.dim(name)) program.dims.push_back(found->second);
  }
  for (const State& state : program.states) {
    std::set<std::string> symbols;
    for (const Extent& extent : state.type.shape) extent.collect_symbols(symbols);
    for (Dim& dim : program.dims) dim.of_state |= symbols.contains(dim.name);
  }
  for (const auto& [name, define] : defines_) {
    if (define.used) continue;
    Diagnostic& error =
        l_.report(Err::bad_define, {},
                  format("-D {}={}: the file declares no such dim or const", name, define.text));
    std::vector<std::string> known;
    for (const auto& [each, dim] : dims_) known.emplace_back(each);
    if (const auto near = nearest(name, known)) error.help(format("did you mean `{}`?", *near));
  }
}

}  // namespace thx
