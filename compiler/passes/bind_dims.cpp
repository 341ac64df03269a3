// SPDX-License-Identifier: Apache-2.0
// Rebuilds every body with dims substituted.
#include "passes/bind_dims.h"

#include <algorithm>

#include "ops/build.h"

namespace thx {
namespace {

class Binder {
 public:
  explicit Binder(Extent::Bindings bindings) : bindings_(std::move(bindings)) {}

  void run(Function& function) {
    std::vector<Value> copies;
    auto body = std::make_unique<Body>();
    copy(*body, *function.body, function.roots(), copies);
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
    bind_requirements(function.requirements);
  }

  Type bound(const Type& type) const { return type.with(bound(type.shape)); }

 private:
  Extent bound(const Extent& extent) const { return extent.substitute(bindings_); }
  Shape bound(const Shape& shape) const {
    Shape result;
    for (const Extent& extent : shape) result.push_back(bound(extent));
    return result;
  }
  Attrs bound(const Attrs& attrs) const {
    Attrs result;
    for (const auto& [key, value] : attrs.entries()) {
      if (const auto* extent = std::get_if<Extent>(&value)) {
        result.set(key, bound(*extent));
      } else if (const auto* shape = std::get_if<Shape>(&value)) {
        result.set(key, bound(*shape));
      } else {
        result.set(key, value);
      }
    }
    return result;
  }

  void bind_requirements(std::vector<Requirement>& requirements) const {
    for (Requirement& requirement : requirements) {
      requirement.left = bound(requirement.left);
      requirement.right = bound(requirement.right);
    }
    std::erase_if(requirements, [](const Requirement& requirement) {
      if (requirement.kind == Requirement::Kind::equal)
        return requirement.left == requirement.right;
      const Extent slack = requirement.left - requirement.right;
      return slack.is_known() && slack.known() >= 0;
    });
  }

  Region bound(const Region& region) const {
    auto body = std::make_shared<Body>();
    std::vector<Value> copies;
    copy(*body, *region, region->results, copies);
    for (Value result : region->results)
      body->results.push_back(copies[static_cast<size_t>(result->id)]);
    return body;
  }

  void copy(Body& body, const Body& old, const std::vector<Value>& roots,
            std::vector<Value>& copies) const {
    copies.resize(static_cast<size_t>(old.graph.size()));
    const auto place = [&](Value value) -> Value& {
      return copies[static_cast<size_t>(value->id)];
    };
    for (Value parameter : old.parameters) {
      place(parameter) = body.graph.parameter(bound(parameter->type()), old.graph.name(parameter),
                                              old.graph.spans(parameter));
      body.parameters.push_back(place(parameter));
    }
    for (Value value : needed(old.graph, roots)) {
      if (place(value)) continue;
      NodeSpec spec{value->op, {}, {}, bound(value->attrs), {}};
      for (const Type& type : value->types) spec.types.push_back(bound(type));
      for (Value operand : value->operands) spec.operands.push_back(place(operand));
      for (const Region& region : value->regions) spec.regions.push_back(bound(region));
      place(value) =
          body.graph.intern(std::move(spec), old.graph.spans(value), old.graph.name(value));
    }
  }

  Extent::Bindings bindings_;
};

}  // namespace

void bind_dims(Program& program) {
  Extent::Bindings bindings;
  for (const Dim& dim : program.dims)
    if (dim.value) bindings.emplace(dim.name, Extent(*dim.value));
  if (bindings.empty()) return;
  const Binder binder(std::move(bindings));
  for (State& state : program.states) state.type = binder.bound(state.type);
  Binder functions = binder;
  for (Function& function : program.functions) functions.run(function);
  if (program.init) functions.run(*program.init);
}

}  // namespace thx
