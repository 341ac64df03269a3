// SPDX-License-Identifier: Apache-2.0
// `grad`, `jvp`, `vjp`, `hvp`, `jacobian`, `hessian`: nodes whose operands are what is
// differentiated and the values by which.
#include <algorithm>

#include "frontend/derivative_calls.h"
#include "frontend/derivative_paths.h"
#include "frontend/functions.h"
#include "frontend/vmap.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

class DerivativeLowering {
 public:
  DerivativeLowering(Lowering& l, NodeId id, DerivativeCall call)
      : l_(l), node_(l.module()[id]), call_(std::move(call)), name_(call_.form->name) {}

  Operand run() {
    if (!check_form()) return {};
    if (l_.initial && !l_.initial->test) {
      l_.report(Err::bad_initial_value, node_.mark,
                format("an initial value cannot be computed with `{}`", name_))
          .help(std::string(kInitialValues));
      return {};
    }
    bool good = lower_keywords();
    good = lower_outputs() && good;
    good = lower_targets() && good;
    std::vector<Value> along;  // directions or cotangents
    if (!good || !lower_along(along)) return {};
    follow_paths();
    if (!check_connected()) return {};
    if (name_ == "grad") return of_targets(gradient(outputs_[0]));
    if (name_ == "vjp") return of_targets(gradient(weighted(along)));
    if (name_ == "jacobian") return jacobian(outputs_[0]);
    const bool of_gradient = name_ == "hvp" || name_ == "hessian";
    if (of_gradient) outputs_ = parts(gradient(outputs_[0]), targets_.size());
    if (name_ == "hessian") return jacobian(outputs_[0]);
    const Value tangents = make_jvp(l_.graph(), outputs_, targets_, along, node_.span);
    return gathered(parts(tangents, outputs_.size()),
                    is_sequence(l_.module(), call_.positional[of_gradient ? 1 : 0]));
  }

 private:
  Span span_of(NodeId id) const { return l_.module()[id].span; }
  bool of_cost() const { return name_ != "jvp" && name_ != "vjp" && name_ != "jacobian"; }
  std::string_view output_name() const { return of_cost() ? "the cost" : "the value"; }

  bool check_form() {
    const DerivativeForm& form = *call_.form;
    bool good = true;
    for (const NodeId keyword : call_.keywords) {
      const std::string_view name = l_.module()[keyword].text;
      if (form.keywords && (name == "constant" || name == "disconnected")) continue;
      Diagnostic& error = l_.report(Err::bad_argument, l_.module()[keyword].mark,
                                    format("`{}` takes no argument `{}`", name_, name));
      if (form.keywords) error.help("its keywords are `constant` and `disconnected`");
      if (call_.positional.size() < form.arguments)
        error.help(format("write {}: {} stand without names", form.example, form.needs));
      good = false;
    }
    if (good && call_.positional.size() < form.arguments) {
      l_.report(Err::missing_argument, node_.mark, format("`{}` needs {}", name_, form.needs))
          .help(format("write {}", form.example));
      return false;
    }
    if (call_.positional.size() > form.arguments) {
      l_.report(Err::bad_argument, node_.mark,
                name_ == "grad" ? std::string("`grad` takes a cost and one list of targets")
                                : format("`{}` takes {} arguments", name_, form.arguments))
          .help(name_ == "grad" ? "write `grad(J, [w, b])`" : format("write {}", form.example));
      return false;
    }
    return good;
  }

  bool lower_outputs() {
    const NodeId id = call_.positional[0];
    if (of_cost()) return lower_cost(id);
    const bool several = name_ != "jacobian";
    for (const NodeId each : several ? listed(l_.module(), id) : std::vector<NodeId>{id}) {
      const Operand operand = lower(l_, each);
      if (!all_numbers(l_, {&operand, 1}, {operand.span, operand.span, format("`{}`", name_)})) {
        return false;
      }
      if (!is_float(default_dtype(l_, operand))) {
        l_.report(Err::grad_undefined, operand.span,
                  format("this is {}; only floats have derivatives", spell(operand)));
        return false;
      }
      outputs_.push_back(to_value(l_, operand));
      if (!outputs_.back()) return false;
    }
    return true;
  }

  bool lower_cost(NodeId id) {
    const Operand cost = lower(l_, id);
    if (cost.poisoned()) return false;
    const bool scalar = cost.is(Operand::Kind::value) && cost.value->type().is_scalar() &&
                        is_float(cost.value->dtype());
    if (scalar || cost.is(Operand::Kind::real)) {
      outputs_.push_back(to_value(l_, cost));
      return static_cast<bool>(outputs_.back());
    }
    Diagnostic& error =
        l_.report(Err::grad_not_scalar, cost.span,
                  format("the cost of a gradient is a float scalar, not {}", spell(cost)));
    if (!is_scalar(cost)) error.help("reduce it first: `.mean()` or `.sum()`");
    return false;
  }

  bool lower_targets() {
    nodes_ = listed(l_.module(), call_.positional[1]);
    if (name_ == "hessian" && nodes_.size() != 1) {
      l_.report(Err::bad_argument, span_of(call_.positional[1]),
                format("`hessian` differentiates by one value, not {}", nodes_.size()))
          .help("`jacobian(grad(J, w), [w, b])` gives the blocks of w and b");
      return false;
    }
    if (nodes_.empty()) {
      l_.report(Err::bad_argument, span_of(call_.positional[1]),
                format("`{}` differentiates by at least one value", name_))
          .help(format("write {}", call_.form->example));
      return false;
    }
    for (const NodeId id : nodes_) {
      if (const std::optional<Value> value = named_value(id)) targets_.push_back(*value);
    }
    return targets_.size() == nodes_.size();
  }

  // The value that a name stands for, if a cost can be differentiated by it.
  std::optional<Value> named_value(NodeId id) {
    const ast::Node& node = l_.module()[id];
    if (node.kind != NodeKind::name) {
      l_.report(Err::bad_argument, node.span, "a gradient is with respect to named values")
          .help("give it a name with `let`, and use that name in the cost");
      return std::nullopt;
    }
    const Operand target = lower(l_, id);
    if (target.poisoned()) return std::nullopt;
    if (!target.is(Operand::Kind::value)) {
      l_.report(Err::bad_argument, node.span,
                format("`{}` is no value that a cost can depend on", node.text))
          .help("gradients are with respect to inputs, state, and values named with `let`");
      return std::nullopt;
    }
    if (is_float(target.value->dtype())) return target.value;
    l_.report(Err::grad_undefined, node.span,
              format("`{}` is {}; only floats have gradients", node.text, spell(target)));
    return std::nullopt;
  }

  bool lower_keywords() {
    bool good = true;
    for (const NodeId keyword : call_.keywords) {
      const ast::Node& node = l_.module()[keyword];
      const NodeId value = l_.module().child(keyword, 0);
      if (node.text == "constant") {
        good &= lower_constants(value);
      } else {
        good &= lower_disconnected(value);
      }
    }
    return good;
  }

  bool lower_disconnected(NodeId id) {
    const Operand operand = lower(l_, id);
    if (operand.poisoned()) return false;
    const bool known =
        operand.is(Operand::Kind::text) && (operand.text == "zero" || operand.text == "error");
    if (!known) {
      l_.report(Err::bad_argument, operand.span, "`disconnected` is \"zero\" or \"error\"")
          .help("with \"zero\", the derivative by a value that the cost does not depend on is 0");
      return false;
    }
    disconnected_is_zero_ = operand.text == "zero";
    return true;
  }

  bool lower_constants(NodeId list) {
    for (const NodeId id : listed(l_.module(), list)) {
      const ast::Node& node = l_.module()[id];
      if (node.kind != NodeKind::name) {
        l_.report(Err::bad_argument, node.span, "`constant` takes named values")
            .help("write `constant=[z]`, or `stop_gradient(...)` where the value is made");
        return false;
      }
      const Operand operand = lower(l_, id);
      if (operand.poisoned()) return false;
      for (const NodeId target : listed(l_.module(), call_.positional[1])) {
        if (l_.module()[target].text != node.text) continue;
        l_.report(Err::bad_argument, node.span,
                  format("`{}` is held constant, but also differentiated by", node.text))
            .label(span_of(target), "here");
        return false;
      }
      if (operand.is(Operand::Kind::value)) constants_.push_back(operand.value);
    }
    return true;
  }

  bool lower_along(std::vector<Value>& along) {
    if (call_.form->arguments < 3) return true;
    const bool cotangents = name_ == "vjp";
    const NodeId like = call_.positional[cotangents ? 0 : 1];
    const std::vector<Value>& wanted = cotangents ? outputs_ : targets_;
    const std::string_view word = cotangents ? "cotangent" : "direction";
    const Operand given = lower(l_, call_.positional[2]);
    if (given.poisoned()) return false;
    std::vector<Operand> operands = {given};
    if (is_sequence(l_.module(), like)) {
      const size_t count = given.is(Operand::Kind::sequence) ? given.parts.size() : 1;
      if (!given.is(Operand::Kind::sequence) || count != wanted.size()) {
        l_.report(Err::wrong_count, given.span,
                  format("{} {}{} for {} value{}", count, word, count == 1 ? "" : "s",
                         wanted.size(), wanted.size() == 1 ? "" : "s"))
            .label(span_of(like), cotangents ? "the values" : "what it is differentiated by")
            .help(format("write one for each, in a list: {}", call_.form->example));
        return false;
      }
      operands = given.parts;
    }
    const std::vector<NodeId> places = listed(l_.module(), like);
    for (size_t i = 0; i < operands.size(); ++i) {
      const Value value = fitted(operands[i], wanted[i]->type(), word, places[i]);
      if (!value) return false;
      along.push_back(value);
    }
    return true;
  }

  // A direction or cotangent in the type of what it belongs to.
  Value fitted(const Operand& operand, const Type& type, std::string_view word, NodeId like) {
    if (!all_numbers(l_, {&operand, 1}, {operand.span, operand.span, format("`{}`", name_)})) {
      return {};
    }
    const std::optional<std::vector<Requirement>> checks = agree(l_, operand, type);
    if (!checks) {
      const Shape shape = shape_of(operand);
      Diagnostic& error = l_.report(
          Err::type_mismatch, operand.span,
          format("a {} has the type of its value: {}, not {}", word, text(type), spell(operand)));
      error.label(span_of(like), text(type));
      if (shape == type.shape) {
        error.help(format("convert it: `{}(...)`", spelling(type.dtype)));
      } else if (shape.empty()) {
        error.help(format("`full_like({}, ...)` repeats a number", l_.sources.text(span_of(like))));
      }
      return {};
    }
    Value value = to_value(l_, operand, type.dtype);
    if (!value) return {};
    value = reshape(l_.graph(), value, type.shape, operand.span);
    require(l_, value, *checks);
    return value;
  }

  void follow_paths() {
    DerivativePaths paths(l_, targets_, constants_);
    for (Value& output : outputs_) output = paths(output);
    for (Value& target : targets_) target = paths.target(target);
    for (Value& constant : constants_) constant = l_.scope->bring(constant);
    // Inputs and captures depend on nothing as it is.
    std::erase_if(constants_, [](Value value) { return !is_mark(value); });
  }

  bool check_connected() {
    if (disconnected_is_zero_) return true;
    bool good = true;
    for (size_t i = 0; i < targets_.size(); ++i) {
      if (depends_on(outputs_, targets_[i], constants_)) continue;
      const ast::Node& node = l_.module()[nodes_[i]];
      Diagnostic& error = l_.report(Err::grad_disconnected, node.span,
                                    format("{} does not depend on `{}`", output_name(), node.text));
      error.label(span_of(call_.positional[0]), std::string(output_name()));
      if (constants_.empty()) {
        error.help(format("leave `{}` out, or use that very name in {}", node.text,
                          of_cost() ? "the cost" : "the value"));
      } else {
        error.help("what `constant` names is not differentiated through");
      }
      good = false;
    }
    if (!good || name_ != "jvp") return good;
    const std::vector<NodeId> places = listed(l_.module(), call_.positional[0]);
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const bool connected = std::ranges::any_of(
          targets_, [&](Value target) { return depends_on({&outputs_[i], 1}, target, {}); });
      if (connected) continue;
      l_.report(Err::grad_disconnected, span_of(places[i]),
                format("this value depends on nothing that `jvp` differentiates by"))
          .label(span_of(call_.positional[1]), "what it is differentiated by")
          .help("its tangent is 0: leave it out");
      good = false;
    }
    return good;
  }

  Value gradient(Value cost) {
    return make_grad(l_.graph(),
                     {.cost = cost,
                      .targets = targets_,
                      .constants = constants_,
                      .disconnected_is_zero = disconnected_is_zero_},
                     node_.span);
  }

  // The sum of the products with the cotangents, which are constant for this gradient alone.
  Value weighted(const std::vector<Value>& cotangents) {
    Graph& graph = l_.graph();
    Value total;
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const Value held = make_mark(graph, cotangents[i], "", node_.span);
      constants_.push_back(held);
      Value sum = node::mul(graph, outputs_[i], held);
      const AxisList axes = axis_run(0, static_cast<int64_t>(sum->shape().size()));
      if (!axes.empty()) sum = node::sum(graph, sum, axes);
      if (total && total->dtype() != sum->dtype()) {
        total = thx::cast(graph, total, DType::f64, node_.span);
        sum = thx::cast(graph, sum, DType::f64, node_.span);
      }
      total = total ? node::add(graph, total, sum) : sum;
    }
    graph.add_spans(total, node_.span);
    return total;
  }

  Operand jacobian(Value output) {
    for (const Value target : targets_) {
      Shape shape = output->shape();
      shape.insert(shape.end(), target->shape().begin(), target->shape().end());
      if (!check_shape(l_, shape, node_.span)) return {};
    }
    return of_targets(make_jacobian(l_.graph(), output, targets_, node_.span));
  }

  std::vector<Value> parts(Value node, size_t count) {
    std::vector<Value> list;
    for (size_t i = 0; i < count; ++i) {
      list.push_back(result(l_.graph(), node, static_cast<int64_t>(i), node_.span));
    }
    return list;
  }

  Operand of_targets(Value node) {
    return gathered(parts(node, targets_.size()), is_sequence(l_.module(), call_.positional[1]));
  }

  Operand gathered(const std::vector<Value>& values, bool sequence) const {
    if (!sequence) return Operand::of(values[0], node_.span);
    std::vector<Operand> list;
    for (const Value value : values) list.push_back(Operand::of(value, node_.span));
    Operand all = Operand::of_sequence(std::move(list), node_.span);
    all.computed = true;
    return all;
  }

  Lowering& l_;
  const ast::Node& node_;
  const DerivativeCall call_;
  const std::string_view name_;
  std::vector<NodeId> nodes_;  // of the targets
  std::vector<Value> outputs_, targets_, constants_;
  bool disconnected_is_zero_ = false;
};

}  // namespace

std::optional<Operand> lower_derivative(Lowering& l, std::string_view name, NodeId id) {
  if (name == "vmap") return lower_vmap(l, id);
  std::optional<DerivativeCall> call = read_derivative(l.module(), id);
  if (!call) return std::nullopt;
  return DerivativeLowering(l, id, std::move(*call)).run();
}

}  // namespace thx
