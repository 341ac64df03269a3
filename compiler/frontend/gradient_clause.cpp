// SPDX-License-Identifier: Apache-2.0
// Calls of definitions with `with grad`: nodes of two regions, the body and its gradient.
#include <algorithm>
#include <unordered_set>

#include "frontend/functions.h"
#include "frontend/lowering.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

// One region of the call, and the names of its frame.
class CallLowering {
 public:
  CallLowering(Lowering& l, const ast::Definition& definition, Span at)
      : l_(l), definition_(definition), clause_(*definition.gradient), at_(at) {
    for (const ast::Parameter& parameter : definition.parameters) {
      arguments_.push_back(l.frame->names.at(parameter.name.text));
      const bool own = parameter.initial == ast::kNoNode;
      if (own && arguments_.back().is(Operand::Kind::value))
        values_.push_back(arguments_.size() - 1);
    }
  }

  Operand run() {
    // Literals and extents have no gradient, and stay what they are.
    if (std::ranges::none_of(values_, [&](size_t i) { return is_differentiated(i); })) {
      return lower_body(l_, definition_, at_);
    }
    const size_t outside = l_.requirements.size();
    std::vector<Value> operands;
    for (const size_t i : values_) operands.push_back(to_value(l_, arguments_[i]));
    RegionDraft body(l_), gradient(l_);
    if (!build_body(body) || !build_gradient(gradient, *body.body)) return {};
    RegionDraft* const regions[] = {&body, &gradient};
    const std::vector<Value> captures = share_captures(regions);
    operands.insert(operands.end(), captures.begin(), captures.end());
    gradient.body->parameters.insert(gradient.body->parameters.end(), cotangents_.begin(),
                                     cotangents_.end());
    std::vector<int64_t> gradients;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (is_differentiated(values_[i])) gradients.push_back(static_cast<int64_t>(i));
    }
    const Value call = make_call(l_.graph(),
                                 {.operands = operands,
                                  .body = body.body,
                                  .gradient = gradient.body,
                                  .gradients = std::move(gradients),
                                  .name = definition_.name.text},
                                 at_);
    return results(call, outside);
  }

 private:
  bool is_differentiated(size_t argument) const {
    return is_float(arguments_[argument].value->dtype());
  }

  Operand results(Value call, size_t outside) {
    std::vector<Operand> list;
    for (size_t i = 0; i < call->types.size(); ++i) {
      list.push_back(Operand::of(result(l_.graph(), call, static_cast<int64_t>(i), at_), at_));
    }
    for (size_t i = outside; i < l_.requirements.size(); ++i) {
      l_.requirements[i].first = list[0].value;
    }
    if (!several_) return list[0];
    Operand sequence = Operand::of_sequence(std::move(list), at_);
    sequence.computed = true;
    return sequence;
  }

  // A frame that binds the parameters alone: to those of the region, or to what is no value.
  void enter(RegionDraft& region) {
    l_.frame->names.clear();
    l_.frame->later.clear();
    const std::set<std::string_view>& targets = l_.body_targets[&definition_];
    for (size_t i = 0; i < arguments_.size(); ++i) {
      const ast::Name& name = definition_.parameters[i].name;
      Operand argument = arguments_[i];
      if (std::ranges::find(values_, i) != values_.end()) {
        const Value parameter =
            region.body->graph.parameter(argument.value->type(), name.text, name.span);
        region.body->parameters.push_back(parameter);
        argument = Operand::of(parameter, name.span);
      } else if (targets.contains(name.text) && !argument.is(Operand::Kind::value)) {
        argument = marked(l_, argument, name.text, name.span);
      }
      l_.frame->bind(name.text, std::move(argument));
    }
  }

  static std::vector<Operand> parts(const Operand& operand) {
    const bool several =
        operand.is(Operand::Kind::sequence) && (operand.computed || !operand.listed);
    return several ? operand.parts : std::vector<Operand>{operand};
  }

  bool build_body(RegionDraft& region) {
    l_.scope = &region.scope;
    enter(region);
    const Operand made = lower_body(l_, definition_, at_);
    const std::vector<Operand> values = parts(made);
    several_ = made.is(Operand::Kind::sequence) && (made.computed || !made.listed);
    bool good = true;
    for (const Operand& each : values) {
      good = good && all_numbers(l_, {&each, 1}, {at_, at_, format("`{}`", definition_.name.text)});
      const Value value = good ? to_value(l_, each) : Value();
      good = good && value;
      if (good) region.body->results.push_back(value);
    }
    l_.scope = region.scope.parent;
    return good && !values.empty();
  }

  bool build_gradient(RegionDraft& region, const Body& body) {
    const size_t count = body.results.size();
    const size_t first = definition_.parameters.size();
    if (clause_.parameters.size() != first + count) {
      l_.report(Err::bad_definition, clause_.word.span,
                format("`{}` has {} result{}, but its gradient takes {} cotangent{}",
                       definition_.name.text, count, count == 1 ? "" : "s",
                       clause_.parameters.size() - first,
                       clause_.parameters.size() - first == 1 ? "" : "s"))
          .help("it takes all parameters, then one cotangent for each result");
      return false;
    }
    l_.scope = &region.scope;
    enter(region);
    for (size_t i = 0; i < count; ++i) {
      const ast::Name& name = clause_.parameters[first + i].name;
      const Value cotangent =
          region.body->graph.parameter(body.results[i]->type(), name.text, name.span);
      cotangents_.push_back(cotangent);
      l_.frame->bind(name.text, Operand::of(cotangent, name.span));
    }
    const Operand made = lower_results(l_, clause_.results, clause_.body,
                                       l_.body_targets[&definition_], clause_.word.span);
    const bool good = !made.poisoned() && finish_gradient(region, parts(made));
    l_.scope = region.scope.parent;
    return good;
  }

  // One cotangent for each parameter without a default, in its type.
  bool finish_gradient(RegionDraft& region, const std::vector<Operand>& given) {
    std::vector<size_t> wanted;
    for (size_t i = 0; i < definition_.parameters.size(); ++i) {
      if (definition_.parameters[i].initial == ast::kNoNode) wanted.push_back(i);
    }
    if (given.size() != wanted.size()) {
      l_.report(Err::bad_definition, clause_.word.span,
                format("the gradient of `{}` returns {} cotangent{}, one for each parameter "
                       "without a default, not {}",
                       definition_.name.text, wanted.size(), wanted.size() == 1 ? "" : "s",
                       given.size()))
          .help("0 stands for a parameter that nothing flows to");
      return false;
    }
    for (size_t i = 0; i < given.size(); ++i) {
      const Operand& argument = arguments_[wanted[i]];
      if (!all_numbers(l_, {&given[i], 1}, {given[i].span, given[i].span, "`grad`"})) return false;
      if (!argument.is(Operand::Kind::value) || !is_differentiated(wanted[i])) continue;
      const Value value =
          fitted(given[i], argument.value->type(), definition_.parameters[wanted[i]].name);
      if (!value) return false;
      region.body->results.push_back(value);
    }
    return true;
  }

  Value fitted(const Operand& operand, const Type& type, const ast::Name& parameter) {
    const Shape shape = shape_of(operand);
    const bool literal = operand.weak && shape.empty();  // 0 for all elements
    const auto checks = literal ? std::vector<Requirement>() : agree(l_, operand, type);
    if (!checks) {
      Diagnostic& error = l_.report(Err::type_mismatch, operand.span,
                                    format("`{}` is {} here, but its cotangent is {}",
                                           parameter.text, text(type), spell(operand)));
      error.label(parameter.span, text(type));
      if (shape == type.shape) {
        error.help(format("convert it: `cast(..., {}.dtype)`", parameter.text));
      } else {
        error.help(
            "a cotangent has the shape of its parameter: sum over axes that broadcast, or "
            "broadcast what was summed");
      }
      return {};
    }
    const Value value = to_value(l_, operand, type.dtype);
    if (!value) return {};
    require(l_, value, *checks);
    return literal ? broadcast_trailing(l_.graph(), value, type.shape, operand.span)
                   : reshape(l_.graph(), value, type.shape, operand.span);
  }

  Lowering& l_;
  const ast::Definition& definition_;
  const ast::GradientClause& clause_;
  const Span at_;
  std::vector<Operand> arguments_;  // by parameter
  std::vector<size_t> values_;      // of the parameters: those that are parameters of the regions
  std::vector<Value> cotangents_;
  bool several_ = false;
};

// Bases of `.shape` and the like: they read a type alone.
std::unordered_set<uint32_t> type_reads(const ast::Module& module,
                                        std::span<const ast::NodeId> roots) {
  std::unordered_set<uint32_t> begins;
  for (const ast::NodeId root : roots) {
    for (ast::NodeId id = module[root].first; id <= root; ++id) {
      const ast::Node& node = module[id];
      const bool type =
          node.kind == ast::NodeKind::field && (node.text == "shape" || node.text == "ndim" ||
                                                node.text == "size" || node.text == "dtype");
      if (type) begins.insert(module[module.child(id, 0)].span.begin);
    }
  }
  return begins;
}

}  // namespace

Operand call_with_gradient(Lowering& l, const ast::Definition& definition, Span at) {
  return CallLowering(l, definition, at).run();
}

void check_gradient_reads(Lowering& l, const ast::Definition& definition,
                          const std::function<bool(const Dependency&)>& is_data) {
  std::unordered_set<std::string_view> said;
  for (const BodyParts& parts : {parts_of(definition), parts_of(*definition.gradient)}) {
    std::vector<Dependency> needs;
    l.symbols().collect(parts.roots, needs, parts.names);
    const std::unordered_set<uint32_t> of_types = type_reads(l.module(), parts.roots);
    for (const Dependency& need : needs) {
      if (of_types.contains(need.use.begin) || !is_data(need)) continue;
      if (!said.insert(need.name).second) continue;
      const Symbol* symbol = l.symbols().find(need.name);
      const bool called = symbol && symbol->kind == SymbolKind::definition;
      l.report(Err::bad_definition, need.use,
               format("`{}` brings its own gradient, so none would flow to {}`{}`",
                      definition.name.text, called ? "what is read by " : "", need.name))
          .label(definition.name.span, "declared here")
          .help(called ? format("pass what `{}` reads as a parameter of both", need.name)
                       : format("make `{}` a parameter, and pass it", need.name));
    }
  }
}

}  // namespace thx
