// SPDX-License-Identifier: Apache-2.0
// The type of a value: an element type and a shape of extents, `f32[N, 784]`.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/dtype.h"
#include "ir/extent.h"

namespace thx {

using Shape = std::vector<Extent>;

struct Type {
  DType dtype = DType::f32;
  Shape shape;  // outermost axis first; empty for a scalar

  int rank() const { return static_cast<int>(shape.size()); }
  bool is_scalar() const { return shape.empty(); }
  Type with(DType other) const { return {other, shape}; }
  Type with(Shape other) const { return {dtype, std::move(other)}; }
  friend bool operator==(const Type&, const Type&) = default;
};

/// The types of the results of a node, in order. Copies share one list, which never changes.
class TypeList {
 public:
  TypeList() = default;               // of no results
  TypeList(Type type);                // NOLINT: of one result
  TypeList(std::vector<Type> types);  // NOLINT: a list is a list
  TypeList(std::initializer_list<Type> types);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Type* begin() const { return types_.get(); }
  const Type* end() const { return types_.get() + size_; }
  const Type& operator[](size_t i) const { return types_.get()[i]; }
  const Type& front() const { return *types_; }
  operator std::vector<Type>() const { return {begin(), end()}; }  // NOLINT: to change a copy
  friend bool operator==(const TypeList& a, const TypeList& b);

 private:
  std::shared_ptr<const Type> types_;  // the first, with those that follow it
  size_t size_ = 0;
};

/// `f32[N, 784]`; a scalar is `f32`.
std::string text(const Type& type);
std::string text(const Shape& shape);  // `[N, 784]`
/// The type that `text` spells, with dims as symbols; `f32` and `f32[]` are the same scalar.
std::optional<Type> parse_type(std::string_view text);
/// The number of elements: the product of the extents.
Extent element_count(const Shape& shape);
/// Row-major strides in elements.
Shape row_major_strides(const Shape& shape);
size_t hash_of(const Type& type);

}  // namespace thx
