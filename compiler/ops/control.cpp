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

bool is_mark(Value value) { return value->op == Op::mark; }
bool is_grad(Value value) { return value->op == Op::grad; }
bool is_result(Value value) { return value->op == Op::result; }
size_t result_index(Value value) { return count(value, "index"); }

Value make_mark(Graph& graph, Value value, std::string_view name, const SpanSet& spans) {
  return graph.intern({.op = Op::mark,
                       .types = {value->type()},
                       .operands = {value},
                       .attrs = {{"name", std::string(name)}}},
                      spans, name);
}

Value make_grad(Graph& graph, Value cost, std::span<const Value> targets, const SpanSet& spans) {
  NodeSpec spec{.op = Op::grad, .types = {}, .operands = {cost}};
  for (Value target : targets) spec.types.push_back(target->type());
  append(spec.operands, targets);
  return graph.intern(std::move(spec), spans);
}

Value make_cond(Graph& graph, Value condition, std::span<const Value> captures, Region then_region,
                Region else_region, const SpanSet& spans) {
  NodeSpec spec{.op = Op::cond, .types = {}, .operands = {condition}};
  for (Value result : then_region->results) spec.types.push_back(result->type());
  append(spec.operands, captures);
  spec.regions = {std::move(then_region), std::move(else_region)};
  return graph.intern(std::move(spec), spans);
}

Value make_scan(Graph& graph, const ScanParts& parts, const SpanSet& spans) {
  const auto number = [](size_t n) { return static_cast<int64_t>(n); };
  NodeSpec spec{.op = Op::scan,
                .types = {},
                .attrs = {{"carries", number(parts.initial.size())},
                          {"sequences", number(parts.sequences.size())},
                          {"captures", number(parts.captures.size())},
                          {"length", parts.length}}};
  if (parts.reverse) spec.attrs.set("reverse", true);
  for (size_t i = 0; i < parts.body->results.size(); ++i) {
    const Type& type = parts.body->results[i]->type();
    spec.types.push_back(
        i < parts.initial.size() ? type : type.with(with_leading(parts.length, type.shape)));
  }
  append(spec.operands, parts.initial);
  append(spec.operands, parts.sequences);
  append(spec.operands, parts.captures);
  spec.regions = {parts.body};
  return graph.intern(std::move(spec), spans);
}

}  // namespace thx
