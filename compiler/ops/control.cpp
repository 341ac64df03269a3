// SPDX-License-Identifier: Apache-2.0
// Control nodes read by their parts and made from them.
#include "ops/control.h"

#include "ops/axes.h"
#include "ops/build.h"

namespace thx {
namespace {

size_t count(Value value, std::string_view key) {
  return static_cast<size_t>(value->attrs.integer(key));
}

int64_t number(size_t n) { return static_cast<int64_t>(n); }

void append(std::vector<Value>& to, std::span<const Value> values) {
  to.insert(to.end(), values.begin(), values.end());
}

}  // namespace

std::optional<Cond> as_cond(Value value) {
  if (value->op != Op::cond) return std::nullopt;
  return Cond{value};
}

std::optional<Scan> as_scan(Value value) {
  if (value->op != Op::scan) return std::nullopt;
  return Scan{value,
              count(value, "carries"),
              count(value, "sequences"),
              count(value, "captures"),
              value->attrs.get<Extent>("length"),
              value->attrs.flag("reverse")};
}

std::optional<Grad> as_grad(Value value) {
  if (value->op != Op::grad) return std::nullopt;
  return Grad{value, value->attrs.has("constants") ? count(value, "constants") : 0,
              value->attrs.flag("disconnected")};
}

std::optional<Jvp> as_jvp(Value value) {
  if (value->op != Op::jvp) return std::nullopt;
  return Jvp{value, count(value, "outputs")};
}

std::optional<Jacobian> as_jacobian(Value value) {
  if (value->op != Op::jacobian) return std::nullopt;
  return Jacobian{value};
}

std::optional<Vmap> as_vmap(Value value) {
  if (value->op != Op::vmap) return std::nullopt;
  return Vmap{value, count(value, "mapped"), value->attrs.get<Extent>("extent")};
}

std::optional<CallWithGradient> as_call(Value value) {
  if (value->op != Op::call) return std::nullopt;
  return CallWithGradient{value};
}

bool is_mark(Value value) { return value->op == Op::mark; }
bool is_grad(Value value) { return value->op == Op::grad; }
bool is_result(Value value) { return value->op == Op::result; }

bool is_derivative(Value value) {
  return value->op == Op::grad || value->op == Op::jvp || value->op == Op::jacobian;
}

std::span<const Value> differentiated(Value derivative) {
  const size_t outputs = derivative->op == Op::jvp ? count(derivative, "outputs") : 1;
  return std::span(derivative->operands).first(outputs);
}

std::span<const Value> named_by(Value derivative) {
  const std::span<const Value> rest =
      std::span(derivative->operands).subspan(differentiated(derivative).size());
  return derivative->op == Op::jvp ? rest.first(rest.size() / 2) : rest;
}

bool is_replaced_by_differentiation(Value value) {
  return is_derivative(value) || value->op == Op::vmap || value->op == Op::call;
}

size_t result_index(Value value) { return count(value, "index"); }

Value make_mark(Graph& graph, Value value, std::string_view name, const SpanSet& spans) {
  return graph.intern({.op = Op::mark,
                       .types = {value->type()},
                       .operands = {value},
                       .attrs = {{"name", std::string(name)}}},
                      spans, name);
}

Value make_grad(Graph& graph, const GradParts& parts, const SpanSet& spans) {
  NodeSpec spec{.op = Op::grad, .types = types_of(parts.targets), .operands = {parts.cost}};
  append(spec.operands, parts.targets);
  append(spec.operands, parts.constants);
  if (!parts.constants.empty()) spec.attrs.set("constants", number(parts.constants.size()));
  if (parts.disconnected_is_zero) spec.attrs.set("disconnected", true);
  return graph.intern(std::move(spec), spans);
}

Value make_grad(Graph& graph, Value cost, std::span<const Value> targets, const SpanSet& spans) {
  return make_grad(graph, GradParts{.cost = cost, .targets = targets}, spans);
}

Value make_jvp(Graph& graph, std::span<const Value> outputs, std::span<const Value> targets,
               std::span<const Value> directions, const SpanSet& spans) {
  NodeSpec spec{
      .op = Op::jvp, .types = types_of(outputs), .attrs = {{"outputs", number(outputs.size())}}};
  append(spec.operands, outputs);
  append(spec.operands, targets);
  append(spec.operands, directions);
  return graph.intern(std::move(spec), spans);
}

Value make_jacobian(Graph& graph, Value output, std::span<const Value> targets,
                    const SpanSet& spans) {
  std::vector<Type> types;
  for (Value target : targets) {
    Type type = target->type().with(output->shape());
    type.shape.insert(type.shape.end(), target->shape().begin(), target->shape().end());
    types.push_back(std::move(type));
  }
  NodeSpec spec{.op = Op::jacobian, .types = std::move(types), .operands = {output}};
  append(spec.operands, targets);
  return graph.intern(std::move(spec), spans);
}

Value make_vmap(Graph& graph, std::span<const Value> mapped, std::span<const Value> captures,
                const Extent& extent, Region body, const SpanSet& spans) {
  std::vector<Type> types = types_of(body->results);
  for (Type& type : types) type.shape = with_leading(extent, type.shape);
  NodeSpec spec{.op = Op::vmap,
                .types = std::move(types),
                .attrs = {{"mapped", number(mapped.size())}, {"extent", extent}}};
  append(spec.operands, mapped);
  append(spec.operands, captures);
  spec.regions = {std::move(body)};
  return graph.intern(std::move(spec), spans);
}

Value make_call(Graph& graph, CallParts parts, const SpanSet& spans) {
  NodeSpec spec{.op = Op::call,
                .types = types_of(parts.body->results),
                .attrs = {{"gradients", std::move(parts.gradients)}}};
  if (!parts.name.empty()) spec.attrs.set("name", std::string(parts.name));
  append(spec.operands, parts.operands);
  spec.regions = {std::move(parts.body), std::move(parts.gradient)};
  return graph.intern(std::move(spec), spans);
}

Value make_cond(Graph& graph, Value condition, std::span<const Value> captures, Region then_region,
                Region else_region, const SpanSet& spans) {
  NodeSpec spec{.op = Op::cond, .types = types_of(then_region->results), .operands = {condition}};
  append(spec.operands, captures);
  spec.regions = {std::move(then_region), std::move(else_region)};
  return graph.intern(std::move(spec), spans);
}

Value make_scan(Graph& graph, const ScanParts& parts, const SpanSet& spans) {
  std::vector<Type> types = types_of(parts.body->results);
  for (size_t i = parts.initial.size(); i < types.size(); ++i)
    types[i].shape = with_leading(parts.length, types[i].shape);
  NodeSpec spec{.op = Op::scan,
                .types = std::move(types),
                .attrs = {{"carries", number(parts.initial.size())},
                          {"sequences", number(parts.sequences.size())},
                          {"captures", number(parts.captures.size())},
                          {"length", parts.length}}};
  if (parts.reverse) spec.attrs.set("reverse", true);
  append(spec.operands, parts.initial);
  append(spec.operands, parts.sequences);
  append(spec.operands, parts.captures);
  spec.regions = {parts.body};
  return graph.intern(std::move(spec), spans);
}

}  // namespace thx
