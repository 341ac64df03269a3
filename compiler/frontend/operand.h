// SPDX-License-Identifier: Apache-2.0
// What an expression is while it is lowered: a value of the IR, or something not computed yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ir/extent.h"
#include "ir/graph.h"
#include "support/source.h"

namespace thx {

// Literals stay weak: they take the dtype of what they meet. Extents stay extents, so that shapes
// can be made of them. Poison stands for what was reported already and silences what follows.
struct Operand {
  enum class Kind : uint8_t {
    poison,
    value,     // value: of this or an enclosing scope's graph
    real,      // weak: real
    integer,   // extent; weak (then also integer, or with `beyond` u64 bits) or of dims (an i64
               // scalar)
    boolean,   // weak: truth
    dtype,     // dtype
    text,      // text
    sequence,  // parts: a tuple, a list (also an array literal), or several results
    nothing,   // an argument left out
  };

  Kind kind = Kind::poison;
  bool weak = false;
  bool truth = false;
  bool beyond = false;    // an integer literal that u64 alone can hold
  bool listed = false;    // a sequence in square brackets
  bool computed = false;  // a sequence of results
  DType dtype = DType::f32;
  Value value;
  double real = 0;
  int64_t integer = 0;
  Extent extent;
  std::string_view text;
  std::vector<Operand> parts;
  Span span;  // where it was written

  static Operand of(Value value, Span span) {
    Operand operand;
    operand.kind = Kind::value;
    operand.value = value;
    operand.span = span;
    return operand;
  }
  static Operand of_real(double real, Span span) {
    Operand operand;
    operand.kind = Kind::real;
    operand.weak = true;
    operand.real = real;
    operand.span = span;
    return operand;
  }
  static Operand of_integer(int64_t integer, Span span) {
    return of_constant(integer, Extent(integer), span);
  }
  // A constant whose extent may be spelled by name.
  static Operand of_constant(int64_t integer, Extent extent, Span span) {
    Operand operand = of_extent(std::move(extent), span);
    operand.weak = true;
    operand.integer = integer;
    return operand;
  }
  static Operand of_extent(Extent extent, Span span) {
    Operand operand;
    operand.kind = Kind::integer;
    operand.extent = std::move(extent);
    operand.span = span;
    return operand;
  }
  static Operand of_boolean(bool truth, Span span) {
    Operand operand;
    operand.kind = Kind::boolean;
    operand.weak = true;
    operand.truth = truth;
    operand.span = span;
    return operand;
  }
  // An integer literal above the range of i64, by its bits.
  static Operand of_unsigned(uint64_t bits, Span span) {
    Operand operand = of_integer(0, span);
    operand.integer = static_cast<int64_t>(bits);
    operand.beyond = true;
    return operand;
  }
  static Operand of_sequence(std::vector<Operand> parts, Span span) {
    Operand operand;
    operand.kind = Kind::sequence;
    operand.parts = std::move(parts);
    operand.span = span;
    return operand;
  }

  bool is(Kind other) const { return kind == other; }
  bool poisoned() const { return kind == Kind::poison; }
  bool is_number() const {
    return kind == Kind::value || kind == Kind::real || kind == Kind::integer ||
           kind == Kind::boolean || (kind == Kind::sequence && listed && !computed);
  }
};

}  // namespace thx
