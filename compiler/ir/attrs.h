// SPDX-License-Identifier: Apache-2.0
// Static arguments of an operator: a small sorted map from key to value.
#pragma once

#include <cstdint>
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
  double real = 0;       // floats; f32 values are exactly representable in it
  int64_t integer = 0;   // integers (u64 by its bits) and bool (0 or 1)

  static Scalar of(DType dtype, double value);           // rounds to f32, saturates to integers
  static Scalar of_integer(DType dtype, int64_t value);  // wraps
  double as_real() const;                                // integers convert
  friend bool operator==(const Scalar& a, const Scalar& b);  // by bits: -0.0 != 0.0, NaN == NaN
};

using AttrValue = std::variant<int64_t, bool, std::string, std::vector<int64_t>, Extent, Shape, Scalar, DType>;

/// Sorted by key. Keys in use, with their value kinds:
///   axes: ints          reductions (sorted), broadcast (operand axis i -> result axis axes[i])
///   shape: Shape        broadcast, reshape, iota
///   permutation: ints   transpose (result axis i is operand axis permutation[i])
///   lhs_contract, rhs_contract: ints, lhs_batch, rhs_batch: ints     dot
///   order: string       any | lanes | blocks | upward                reductions and dot
///   fused: bool         dot: accumulates by fused multiply-add
///   axis: int           iota, softmax, log_softmax, logsumexp (>= 0)
///   value: Scalar       constant
///   extent: Extent      extent
///   name: string        mark, kernel, random_normal (the draw's name), parameter
///   seed: int           random_normal (absent: the seed given at init)
///   carries, sequences, captures: int; length: Extent; reverse: bool    scan
///   index: int          result
///   kind: string        kernel
///   batch: int          gather, scatter_add: leading axes that all operands share
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
    return std::get<T>(require(key));
  }
  int64_t integer(std::string_view key) const { return get<int64_t>(key); }
  const std::vector<int64_t>& ints(std::string_view key) const { return get<std::vector<int64_t>>(key); }
  const Shape& shape(std::string_view key) const { return get<Shape>(key); }
  const std::string& word(std::string_view key) const { return get<std::string>(key); }
  bool flag(std::string_view key) const;  // false where absent

  const std::vector<Entry>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  size_t hash() const;
  friend bool operator==(const Attrs&, const Attrs&) = default;

 private:
  const AttrValue& require(std::string_view key) const;
  std::vector<Entry> entries_;
};

}  // namespace thx
