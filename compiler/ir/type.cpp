// SPDX-License-Identifier: Apache-2.0
// Text of types, and the arithmetic of shapes.
#include "ir/type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ir/hash.h"
#include "support/text.h"

namespace thx {

std::string text(const Shape& shape) {
  return "[" + join(shape, ", ", [](const Extent& extent) { return extent.text(); }) + "]";
}

std::string text(const Type& type) {
  std::string result(spelling(type.dtype));
  if (!type.is_scalar()) result += text(type.shape);
  return result;
}

std::optional<Type> parse_type(std::string_view text) {
  text = trim(text);
  const size_t bracket = text.find('[');
  const std::optional<DType> dtype = dtype_named(trim(text.substr(0, bracket)));
  if (!dtype) return std::nullopt;
  Type type{*dtype, {}};
  if (bracket == std::string_view::npos) return type;
  if (!text.ends_with(']')) return std::nullopt;
  const std::string_view inside = text.substr(0, text.size() - 1);
  size_t at = bracket + 1;
  if (trim(inside.substr(at)).empty()) return type;
  while (true) {
    const std::optional<Extent> extent = Extent::parse_prefix(inside, at);
    if (!extent) return std::nullopt;
    type.shape.push_back(*extent);
    while (at < inside.size() && inside[at] == ' ') ++at;
    if (at == inside.size()) return type;
    if (inside[at++] != ',') return std::nullopt;
  }
}

Extent element_count(const Shape& shape) {
  Extent count = 1;
  for (const Extent& extent : shape) count *= extent;
  return count;
}

Shape row_major_strides(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

TypeList::TypeList(Type type) : size_(1) {
  if (!type.is_scalar()) {
    types_ = std::make_shared<const Type>(std::move(type));
    return;
  }
  // Scalars are so frequent that all of a dtype share one list.
  static const auto scalars = [] {
    std::array<std::shared_ptr<const Type>, std::size(kDTypes)> made;
    for (size_t i = 0; i < made.size(); ++i)
      made[i] = std::make_shared<const Type>(static_cast<DType>(i), Shape());
    return made;
  }();
  types_ = scalars[static_cast<size_t>(type.dtype)];
}

TypeList::TypeList(std::initializer_list<Type> types)
    : TypeList(types.size() == 1 ? TypeList(*types.begin()) : TypeList(std::vector<Type>(types))) {}

TypeList::TypeList(std::vector<Type> types) {
  if (types.size() == 1) {
    *this = TypeList(std::move(types[0]));
  } else if (!types.empty()) {
    const auto held = std::make_shared<const std::vector<Type>>(std::move(types));
    types_ = {held, held->data()};
    size_ = held->size();
  }
}

bool operator==(const TypeList& a, const TypeList& b) {
  return a.types_ == b.types_ || std::ranges::equal(a, b);
}

size_t hash_of(const Type& type) {
  size_t h = mix(static_cast<size_t>(type.dtype), type.shape.size());
  for (const Extent& extent : type.shape) h = mix(h, extent.hash());
  return h;
}

}  // namespace thx
