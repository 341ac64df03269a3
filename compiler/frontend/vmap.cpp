// SPDX-License-Identifier: Apache-2.0
// The definition is inlined into a region, whose parameters are elements of the mapped arguments.
#include "frontend/vmap.h"

#include "frontend/builtins.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

constexpr std::string_view kExample =
    "write `vmap(f, x, y, k=3)`: `f` is a `def`, x and y have "
    "the leading axis, k is the same for all";

class VmapLowering {
 public:
  VmapLowering(Lowering& l, NodeId id) : l_(l), node_(l.module()[id]) {
    for (size_t i = 1; i < node_.child_count; ++i) {
      const NodeId child = l.module().child(id, i);
      (l.module()[child].kind == NodeKind::keyword ? keywords_ : positional_).push_back(child);
    }
    receiver_ = l.module()[l.module().child(id, 0)].kind == NodeKind::field;
  }

  Operand run() {
    const Symbol* definition = find_definition();
    if (!definition || !lower_mapped()) return {};
    const auto& parameters =
        std::get<ast::Definition>(definition->unit->module.declarations[definition->declaration -
                                                                        definition->unit->first])
            .parameters;
    const size_t outside = l_.requirements.size();
    RegionDraft region(l_);
    const NodeId callee = positional_[0];
    Call call{l_.module()[callee].text,
              {node_.mark, node_.span, format("`{}`", l_.sources.text(span_of(callee)))},
              {},
              {}};
    for (const NodeId id : keywords_) {
      const ast::Node& keyword = l_.module()[id];
      call.keywords.push_back({keyword.text, lower(l_, l_.module().child(id, 0)), keyword.mark});
    }
    for (size_t i = 0; i < mapped_.size(); ++i) {
      const Type& type = mapped_[i]->type();
      const Type element = type.with(Shape(type.shape.begin() + 1, type.shape.end()));
      const std::string_view name = i < parameters.size() ? parameters[i].name.text : "";
      const Span span = span_of(positional_[i + 1]);
      const Value parameter = region.scope.graph().parameter(element, name, span);
      region.body->parameters.push_back(parameter);
      call.positional.push_back(Operand::of(parameter, span));
    }
    l_.scope = &region.scope;
    l_.mapped.push_back(extent_);
    const Operand made = call_definition(l_, *definition, call);
    const bool good = finish(made, region);
    l_.mapped.pop_back();
    l_.scope = region.scope.parent;
    if (!good) return {};
    RegionDraft* const regions[] = {&region};
    const std::vector<Value> captures = share_captures(regions);
    const Value mapped = make_vmap(l_.graph(), mapped_, captures, extent_, region.body, node_.span);
    return results(mapped, made, outside);
  }

 private:
  Span span_of(NodeId id) const { return l_.module()[id].span; }

  Operand results(Value mapped, const Operand& made, size_t outside) {
    std::vector<Operand> list;
    for (size_t i = 0; i < mapped->types.size(); ++i) {
      const Value each = result(l_.graph(), mapped, static_cast<int64_t>(i), node_.span);
      list.push_back(Operand::of(each, node_.span));
    }
    for (size_t i = outside; i < l_.requirements.size(); ++i) {
      l_.requirements[i].first = list[0].value;
    }
    require(l_, list[0].value, checks_);
    if (!is_several(made)) return list[0];
    Operand sequence = Operand::of_sequence(std::move(list), node_.span);
    sequence.computed = true;
    return sequence;
  }

  static bool is_several(const Operand& made) {
    return made.is(Operand::Kind::sequence) && (made.computed || !made.listed);
  }

  const Symbol* find_definition() {
    if (receiver_ || positional_.empty()) {
      l_.report(Err::missing_argument, node_.mark,
                "`vmap` needs a definition, and what to map it over")
          .help(std::string(kExample));
      return nullptr;
    }
    const NodeId id = positional_[0];
    const ast::Node& node = l_.module()[id];
    const Symbol* symbol = nullptr;
    bool local = false;
    if (node.kind == NodeKind::field) {
      if (const std::optional<const Symbol*> member = find_member(l_, id)) {
        if (!*member) return nullptr;
        symbol = *member;
      }
    } else if (node.kind == NodeKind::name) {
      local = find_local(l_, node.text) != nullptr;
      if (!local && is_bound_later(l_, node.text, node.span)) return nullptr;
      if (!local) symbol = l_.symbols().find(node.text);
    }
    if (symbol && symbol->kind == SymbolKind::broken) return nullptr;
    if (symbol && symbol->kind == SymbolKind::definition) return symbol;
    refuse(node, symbol, local);
    return nullptr;
  }

  void refuse(const ast::Node& node, const Symbol* symbol, bool local) {
    const bool name = node.kind == NodeKind::name;
    if (name && !symbol && !local && !is_builtin(node.text)) {
      l_.symbols().report_undefined(node.text, node.span);
      return;
    }
    const std::string what = symbol           ? std::string(describe(symbol->kind))
                             : name && !local ? "a built-in function"
                                              : "a value";
    Diagnostic& error =
        l_.report(Err::not_a_value, node.span,
                  format("`vmap` maps a definition, and {} is {}",
                         name ? format("`{}`", node.text) : std::string("this"), what));
    if (symbol) error.label(symbol->span, "declared here");
    if (name && !symbol && !local) {
      error.help(
          format("built-in functions work on whole arrays; otherwise write `def f(x) = "
                 "{}(x)`, and `vmap(f, ...)`",
                 node.text));
    } else {
      error.help(std::string(kExample));
    }
  }

  bool lower_mapped() {
    if (positional_.size() < 2) {
      l_.report(Err::missing_argument, node_.mark, "`vmap` maps over at least one array")
          .help(std::string(kExample));
      return false;
    }
    for (size_t i = 1; i < positional_.size(); ++i) {
      const Operand operand = lower(l_, positional_[i]);
      if (!all_numbers(l_, {&operand, 1}, {operand.span, operand.span, "`vmap`"})) return false;
      if (is_scalar(operand)) {
        l_.report(Err::bad_argument, operand.span,
                  format("`vmap` maps over the leading axis, and {} has none", spell(operand)))
            .help("what is the same for all elements is passed by its name: `k=...`");
        return false;
      }
      const Value value = to_value(l_, operand);
      if (!value || !add(value, operand)) return false;
    }
    return true;
  }

  bool add(Value value, const Operand& operand) {
    const Extent& extent = value->shape()[0];
    if (mapped_.empty()) extent_ = extent;
    const Agreement agreement = compare_extents(extent_, extent);
    if (agreement == Agreement::different) {
      l_.report(Err::shape_mismatch, operand.span,
                format("`vmap` maps over leading axes of {} and {} elements", extent_.text(),
                       extent.text()))
          .label(span_of(positional_[1]), text(mapped_[0]->type()))
          .label(operand.span, text(value->type()))
          .help("what is the same for all elements is passed by its name: `k=...`");
      return false;
    }
    if (agreement == Agreement::undecided) {
      checks_.push_back({Requirement::Kind::equal, extent_, extent, operand.span});
      Shape renamed = value->shape();
      renamed[0] = extent_;
      value = reshape(l_.graph(), value, renamed, operand.span);
    }
    mapped_.push_back(value);
    return true;
  }

  // The results of the definition as those of the region.
  bool finish(const Operand& made, RegionDraft& region) {
    const std::vector<Operand> values = is_several(made) ? made.parts : std::vector<Operand>{made};
    for (const Operand& each : values) {
      if (!all_numbers(l_, {&each, 1}, {node_.mark, node_.span, "`vmap`"})) return false;
      const Value value = to_value(l_, each);
      if (!value) return false;
      Shape stacked = value->shape();
      stacked.insert(stacked.begin(), extent_);
      if (!check_shape(l_, stacked, node_.span)) return false;
      region.body->results.push_back(value);
    }
    return !values.empty();
  }

  Lowering& l_;
  const ast::Node& node_;
  std::vector<NodeId> positional_, keywords_;
  bool receiver_ = false;
  std::vector<Value> mapped_;
  Extent extent_;
  std::vector<Requirement> checks_;
};

}  // namespace

Operand lower_vmap(Lowering& l, NodeId id) { return VmapLowering(l, id).run(); }

}  // namespace thx
