// SPDX-License-Identifier: Apache-2.0
// `stop_gradient`, `clip_gradient`, `scale_gradient`: the identity, with a gradient of its own.
#include <memory>

#include "frontend/functions.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {
namespace {

// What the cotangent becomes: of the operands, the first of which is x, and the cotangent.
using Cotangent = Value (*)(Graph& graph, std::span<const Value> operands, Value cotangent);

std::shared_ptr<Body> with_parameters(std::span<const Value> operands) {
  auto body = std::make_shared<Body>();
  for (const Value operand : operands) {
    body->parameters.push_back(
        body->graph.parameter(operand->type(), operand->graph->name(operand)));
  }
  return body;
}

Operand identity(Lowering& l, const Arguments& a, std::span<const Value> operands,
                 Cotangent cotangent) {
  const std::shared_ptr<Body> body = with_parameters(operands);
  body->results = {body->parameters[0]};
  const std::shared_ptr<Body> gradient = with_parameters(operands);
  const Value arrives = gradient->graph.parameter(operands[0]->type(), "dy");
  gradient->parameters.push_back(arrives);
  if (cotangent) {
    const std::vector<Value> inner(gradient->parameters.begin(), gradient->parameters.end() - 1);
    gradient->results = {cotangent(gradient->graph, inner, arrives)};
  }
  const Value call =
      make_call(l.graph(),
                {.operands = operands,
                 .body = body,
                 .gradient = gradient,
                 .gradients = cotangent ? std::vector<int64_t>{0} : std::vector<int64_t>{},
                 .name = a.builtin().names},
                a.at());
  return Operand::of(result(l.graph(), call, 0, a.at()), a.at());
}

// An argument that is a float array. Nothing flows to other values as it is.
bool has_gradient(const Operand& x) {
  return x.is(Operand::Kind::value) && is_float(x.value->dtype());
}

// x as a value of this scope, then the bounds or factors in its type, which they have to fit.
std::optional<std::vector<Value>> operands_of(Lowering& l, const Arguments& a,
                                              std::initializer_list<std::string_view> others) {
  const Value x = to_value(l, a["x"]);
  if (!x) return std::nullopt;
  std::vector<Value> operands = {x};
  for (const std::string_view name : others) {
    const Operand& other = a[name];
    if (!all_numbers(l, {&other, 1}, a.place)) return std::nullopt;
    const Operand both[] = {a["x"], other};
    std::vector<Requirement> checks;
    const std::optional<Shape> shape = common_shape(l, both, a.place, checks);
    if (!shape) return std::nullopt;
    if (*shape != x->shape()) {
      l.report(Err::shape_mismatch, other.span,
               format("`{}` is {}, and does not fit {}", name, spell(other), spell(a["x"])))
          .label(a["x"].span, spell(a["x"]));
      return std::nullopt;
    }
    const Value value = to_value(l, other, x->dtype());
    if (!value) return std::nullopt;
    operands.push_back(stretch(l, value, x->shape(), other.span));
    require(l, x, checks);
  }
  return operands;
}

Operand call_stop(Lowering& l, const Arguments& a) {
  const Operand& x = a["x"];
  if (!all_numbers(l, {&x, 1}, a.place) || !has_gradient(x)) return x;
  const Value operands[] = {to_value(l, x)};
  return identity(l, a, operands, nullptr);
}

Operand call_clip(Lowering& l, const Arguments& a) {
  const Operand& x = a["x"];
  if (!all_numbers(l, {&x, 1}, a.place) || !has_gradient(x)) return x;
  const auto operands = operands_of(l, a, {"lo", "hi"});
  if (!operands) return {};
  return identity(l, a, *operands, [](Graph& graph, std::span<const Value> of, Value cotangent) {
    return node::clip(graph, cotangent, of[1], of[2]);
  });
}

Operand call_scale(Lowering& l, const Arguments& a) {
  const Operand& x = a["x"];
  if (!all_numbers(l, {&x, 1}, a.place) || !has_gradient(x)) return x;
  const auto operands = operands_of(l, a, {"k"});
  if (!operands) return {};
  return identity(l, a, *operands, [](Graph& graph, std::span<const Value> of, Value cotangent) {
    return node::mul(graph, cotangent, of[1]);
  });
}

}  // namespace

std::span<const Builtin> gradient_functions() {
  static constexpr Builtin kTable[] = {
      {"stop_gradient", "x", call_stop, "x, through which no gradient flows"},
      {"clip_gradient", "x, lo, hi", call_clip, "x, whose gradient is clipped to [lo, hi]"},
      {"scale_gradient", "x, k", call_scale, "x, whose gradient is multiplied by k"},
  };
  return kTable;
}

}  // namespace thx
