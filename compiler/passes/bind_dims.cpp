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

  void run(Function& function) const {
    auto body = std::make_unique<Body>();
    const Retyping retyping = {[this](const Type& type) { return bound(type); },
                               [this](const Attrs& attrs) { return bound(attrs); }};
    const std::vector<Value> copies =
        copy_retyped(*body, *function.body, function.roots(), retyping);
    replace_body(function, std::move(body), copies);
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
  for (Function& function : program.functions) binder.run(function);
  if (program.init) binder.run(*program.init);
}

}  // namespace thx
