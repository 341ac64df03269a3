// SPDX-License-Identifier: Apache-2.0
// Static arguments of an operator: a small sorted map from key to value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ir/extent.h"
#include "ir/type.h"

namespace thx {

/// The one constant of a `constant`: kept in the form of its dtype's kind.
struct Scalar {
  DType dtype = DType::f64;
  double real = 0;      // floats; f32 values are exactly representable in it
  int64_t integer = 0;  // integers (u64 by its bits) and bool (0 or 1)

  static Scalar of(DType dtype, double value);               // rounds to f32, saturates to integers
  static Scalar of_integer(DType dtype, int64_t value);      // wraps
  double as_real() const;                                    // integers convert
  friend bool operator==(const Scalar& a, const Scalar& b);  // by bits: -0.0 != 0.0, NaN == NaN
};

using AttrValue =
    std::variant<int64_t, bool, std::string, std::vector<int64_t>, Extent, Shape, Scalar, DType>;

/// What an attribute's value is; in the order of AttrValue's alternatives.
enum class AttrKind : uint8_t { integer, flag, word, integers, extent, shape, scalar, dtype };
constexpr AttrKind kind_of(const AttrValue& value) { return static_cast<AttrKind>(value.index()); }

struct AttrKey {
  std::string_view key;
  AttrKind kind;
  std::string_view meaning;
};

/// Every key in use. The text form is read by this table, so a key has one kind everywhere.
inline constexpr AttrKey kAttrKeys[] = {
    {"axes", AttrKind::integers,
     "reductions, sorted; broadcast: operand axis i is result axis axes[i]; indexing: indexed "
     "axes; diagonal: the two axes"},
    {"axis", AttrKind::integer, "iota, concat, cumsum, composites; >= 0"},
    {"batch", AttrKind::integer, "gather, scatter_add: leading axes that all operands share"},
    {"captures", AttrKind::integer, "scan: operands seen whole in every step"},
    {"carries", AttrKind::integer, "scan: operands handed from step to step"},
    {"constants", AttrKind::integer, "grad: how many operands at the end are held constant"},
    {"disconnected", AttrKind::flag, "grad: 0 where the cost does not depend on a target"},
    {"dtype", AttrKind::dtype, "cast, random_normal, random_uniform; absent there: f32"},
    {"extent", AttrKind::extent, "extent; vmap: how many elements are mapped"},
    {"fused", AttrKind::flag, "dot: accumulates by fused multiply-add"},
    {"gradients", AttrKind::integers, "call: operands that the gradient has cotangents for"},
    {"high", AttrKind::extent, "random_integers: the bound above, excluded"},
    {"index", AttrKind::integer, "result"},
    {"kind", AttrKind::word, "kernel"},
    {"length", AttrKind::extent, "scan: the number of steps"},
    {"lhs_batch", AttrKind::integers, "dot"},
    {"lhs_contract", AttrKind::integers, "dot"},
    {"low", AttrKind::extent, "random_integers: the smallest"},
    {"mapped", AttrKind::integer, "vmap: operands at the front that lose their leading axis"},
    {"name", AttrKind::word, "mark, kernel, call, random draws (the draw's name)"},
    {"order", AttrKind::word, "reductions and dot: any | lanes | blocks | upward"},
    {"outputs", AttrKind::integer, "jvp: operands whose tangents are asked for"},
    {"permutation", AttrKind::integers, "transpose: result axis i is operand axis permutation[i]"},
    {"reverse", AttrKind::flag, "scan, cumsum: the last element first"},
    {"rhs_batch", AttrKind::integers, "dot"},
    {"rhs_contract", AttrKind::integers, "dot"},
    {"seed", AttrKind::integer, "random draws; absent: the seed given at init"},
    {"sequences", AttrKind::integer, "scan: operands of which each step sees one element"},
    {"shape", AttrKind::shape,
     "the result's: broadcast, reshape, slice, iota, random draws; dynamic_slice"},
    {"starts", AttrKind::shape, "slice, place: where each axis starts"},
    {"steps", AttrKind::integers, "slice (not 0), place (>= 1): the distance of neighbours"},
    {"value", AttrKind::scalar, "constant"},
};

constexpr const AttrKey* attr_key(std::string_view key) {
  for (const AttrKey& entry : kAttrKeys)
    if (entry.key == key) return &entry;
  return nullptr;
}

/// Sorted by key. Keys and their kinds stand in kAttrKeys.
class Attrs {
 public:
  using Entry = std::pair<std::string, AttrValue>;

  Attrs() = default;
  Attrs(std::initializer_list<Entry> entries);

  void set(std::string_view key, AttrValue value);
  void erase(std::string_view key);
  const AttrValue* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }

  /// The value of `key`; an InternalError where it is absent or of another kind.
  template <class T>
  const T& get(std::string_view key) const {
    const T* value = std::get_if<T>(&require(key));
    if (value == nullptr) refuse_kind(key);
    return *value;
  }
  int64_t integer(std::string_view key) const { return get<int64_t>(key); }
  const std::vector<int64_t>& ints(std::string_view key) const {
    return get<std::vector<int64_t>>(key);
  }
  const Shape& shape(std::string_view key) const { return get<Shape>(key); }
  const std::string& word(std::string_view key) const { return get<std::string>(key); }
  bool flag(std::string_view key) const;  // false where absent

  const std::vector<Entry>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  size_t hash() const;
  friend bool operator==(const Attrs&, const Attrs&) = default;

 private:
  const AttrValue& require(std::string_view key) const;
  [[noreturn]] static void refuse_kind(std::string_view key);
  std::vector<Entry> entries_;
};

}  // namespace thx
