// SPDX-License-Identifier: Apache-2.0
// Copies bodies node by node, replacing what a map says.
#include "ops/build.h"

namespace thx {
namespace {

/// What the nodes of one body became in another graph, by their ids.
using Copies = std::vector<Value>;

std::vector<Value> mapped(const Copies& copies, std::span<const Value> values) {
  std::vector<Value> moved;
  moved.reserve(values.size());
  for (Value value : values)
    moved.push_back(value ? copies[static_cast<size_t>(value->id)] : Value{});
  return moved;
}

Value copied(Graph& graph, Value old, std::vector<Value> operands) {
  return graph.intern({old->op, old->types, std::move(operands), old->attrs, old->regions},
                      old->graph->spans(old), old->graph->name(old));
}

void inherit(Graph& graph, Value value, Value old) {
  graph.add_spans(value, old->graph->spans(old));
  const std::string& name = old->graph->name(old);
  if (!name.empty() && graph.name(value).empty()) graph.set_name(value, name);
}

/// Copies what `roots` need into `graph`; `copies` already holds the parameters.
void copy_needed(Graph& graph, const Graph& from, std::span<const Value> roots, const NodeMap& map,
                 Copies& copies) {
  for (Value old : needed(from, roots)) {
    Value& copy = copies[static_cast<size_t>(old->id)];
    if (copy) continue;
    std::vector<Value> operands = mapped(copies, old->operands);
    if (map) copy = map(graph, old, operands);
    if (copy) {
      inherit(graph, copy, old);
    } else {
      copy = copied(graph, old, std::move(operands));
    }
  }
}

/// Gives `body` the parameters of `old`; what they became.
Copies copy_parameters(Body& body, const Body& old, const Retyping* retyping = nullptr) {
  Copies copies(static_cast<size_t>(old.graph.size()));
  for (Value parameter : old.parameters) {
    const Type& type = parameter->type();
    const Value copy = body.graph.parameter(retyping ? retyping->type(type) : type,
                                            old.graph.name(parameter), old.graph.spans(parameter));
    body.parameters.push_back(copy);
    copies[static_cast<size_t>(parameter->id)] = copy;
  }
  return copies;
}

/// Whether a node makes the dtype that it is asked for of its operand.
bool is_conversion(const Node& node) {
  return node.family() == Family::elementwise && node.operands.size() == 1 &&
         elementwise(node.op).result == ResultDType::given;
}

Region retyped(const Region& region, const Retyping& retyping) {
  auto body = std::make_shared<Body>();
  const Copies copies = copy_retyped(*body, *region, region->results, retyping);
  body->results = mapped(copies, region->results);
  return body;
}

}  // namespace

void replace_body(Function& function, std::unique_ptr<Body> body, std::span<const Value> copies) {
  const auto moved = [&](Value& value) {
    if (value) value = copies[static_cast<size_t>(value->id)];
  };
  for (Input& input : function.inputs) moved(input.value);
  for (StateUse& use : function.states) {
    moved(use.current);
    moved(use.next);
  }
  for (Output& output : function.outputs) moved(output.value);
  body->results = function.roots();
  function.body = std::move(body);
}

std::vector<Value> copy_retyped(Body& body, const Body& old, std::span<const Value> roots,
                                const Retyping& retyping) {
  Copies copies = copy_parameters(body, old, &retyping);
  for (Value value : needed(old.graph, roots)) {
    Value& copy = copies[static_cast<size_t>(value->id)];
    if (copy) continue;
    std::vector<Type> types;
    for (const Type& type : value->types) types.push_back(retyping.type(type));
    NodeSpec spec{value->op, std::move(types), mapped(copies, value->operands),
                  retyping.attrs(value->attrs)};
    if (is_conversion(*value) && spec.operands[0]->type() == spec.types[0]) {
      copy = spec.operands[0];
      continue;
    }
    for (const Region& region : value->regions) spec.regions.push_back(retyped(region, retyping));
    copy = body.graph.intern(std::move(spec), old.graph.spans(value), old.graph.name(value));
  }
  return copies;
}

void rebuild(Function& function, const NodeMap& map) {
  auto body = std::make_unique<Body>();
  Copies copies = copy_parameters(*body, *function.body);
  copy_needed(body->graph, function.body->graph, function.roots(), map, copies);
  replace_body(function, std::move(body), copies);
}

Region rebuild(const Region& region, const NodeMap& map) {
  auto body = std::make_shared<Body>();
  Copies copies = copy_parameters(*body, *region);
  copy_needed(body->graph, region->graph, region->results, map, copies);
  body->results = mapped(copies, region->results);
  return body;
}

std::vector<Value> instantiate(Graph& graph, const Body& body, std::span<const Value> arguments) {
  THX_CHECK(arguments.size() == body.parameters.size(), "{} arguments for {} parameters",
            arguments.size(), body.parameters.size());
  Copies copies(static_cast<size_t>(body.graph.size()));
  for (size_t i = 0; i < arguments.size(); ++i)
    copies[static_cast<size_t>(body.parameters[i]->id)] = arguments[i];
  copy_needed(graph, body.graph, body.results, {}, copies);
  return mapped(copies, body.results);
}

}  // namespace thx
