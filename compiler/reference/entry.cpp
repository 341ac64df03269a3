// SPDX-License-Identifier: Apache-2.0
// Checks of extents at a function's entry.
#include "reference/entry.h"

#include <set>

#include "ops/op_def.h"
#include "support/text.h"

namespace thx::reference {
namespace {

std::string check_shape(const Shape& shape, const Extent::Values& dims) {
  for (const Extent& extent : shape) {
    const std::optional<int64_t> value = extent.evaluate(dims);
    if (!value) return format("{} has no value", extent.text());
    if (*value < 0) return format("{} is {}", extent.text(), *value);
  }
  return {};
}

std::string check_node(const Node& node, const Extent::Values& dims) {
  for (const Type& type : node.types)
    if (std::string why = check_shape(type.shape, dims); !why.empty()) return why;
  for (const auto& [key, value] : node.attrs.entries()) {
    const Extent* extent = std::get_if<Extent>(&value);
    if (extent != nullptr && !extent->evaluate(dims))
      return format("{} has no value", extent->text());
    const Shape* starts = key == "starts" ? std::get_if<Shape>(&value) : nullptr;
    for (size_t i = 0; starts != nullptr && i < starts->size(); ++i)
      if (!(*starts)[i].evaluate(dims)) return format("{} has no value", (*starts)[i].text());
  }
  if (node.family() == Family::composite && is_integer(node.dtype())) {  // a position
    const auto axis = static_cast<size_t>(node.attrs.integer("axis"));
    if (node.operands[0]->shape()[axis].evaluate(dims) == 0)
      return format("{} of no elements", name_of(node.op));
  }
  if (node.family() != Family::reduction || !reduction(node.op).refuses_empty ||
      node.attrs.has("order"))
    return {};
  for (const int64_t axis : node.attrs.ints("axes"))
    if (node.operands[0]->shape()[static_cast<size_t>(axis)].evaluate(dims) == 0)
      return format("{} of no elements", name_of(node.op));
  return {};
}

}  // namespace

std::string refusal_at_entry(const Body& body, const Extent::Values& dims) {
  for (const Value parameter : body.parameters)
    if (std::string why = check_shape(parameter->shape(), dims); !why.empty()) return why;
  std::set<const Body*> met = {&body};
  std::vector<const Body*> open = {&body};
  while (!open.empty()) {
    const Body& next = *open.back();
    open.pop_back();
    for (const Value value : needed(next.graph, next.results)) {
      if (std::string why = check_node(*value, dims); !why.empty()) return why;
      for (const Region& region : value->regions)
        if (met.insert(region.get()).second) open.push_back(region.get());
    }
  }
  return {};
}

std::string refusal_at_entry(const Function& function, const Extent::Values& dims) {
  for (const Requirement& requirement : function.requirements) {
    const std::optional<int64_t> left = requirement.left.evaluate(dims);
    const std::optional<int64_t> right = requirement.right.evaluate(dims);
    const bool equality = requirement.kind == Requirement::Kind::equal;
    if (!left || !right || (equality ? *left != *right : *left < *right))
      return format("{} {} {} does not hold", requirement.left.text(),
                    equality ? "==" : ">=", requirement.right.text());
  }
  return refusal_at_entry(*function.body, dims);
}

}  // namespace thx::reference
