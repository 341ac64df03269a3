// SPDX-License-Identifier: Apache-2.0
// Interval arithmetic over extents.
#include "driver/extent_bounds.h"

#include <algorithm>

namespace thx {

namespace {

using Bound = std::optional<int64_t>;

Bound plus(Bound a, Bound b) {
  int64_t sum = 0;
  if (!a || !b || __builtin_add_overflow(*a, *b, &sum)) return std::nullopt;
  return sum;
}

Bound times(Bound a, Bound b) {
  int64_t product = 0;
  if (!a || !b || __builtin_mul_overflow(*a, *b, &product)) return std::nullopt;
  return product;
}

int64_t divided(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

ExtentBounds product(const ExtentBounds& a, const ExtentBounds& b) {
  // What is at least 0 grows with either factor; most extents are.
  if (a.low && b.low && *a.low >= 0 && *b.low >= 0) {
    const bool zero = (a.high && *a.high == 0) || (b.high && *b.high == 0);
    return {times(a.low, b.low), zero ? Bound(0) : times(a.high, b.high)};
  }
  const Bound corners[] = {times(a.low, b.low), times(a.low, b.high), times(a.high, b.low),
                           times(a.high, b.high)};
  ExtentBounds result{corners[0], corners[0]};
  for (const Bound& corner : corners) {
    if (!corner) return {};
    result.low = std::min(*result.low, *corner);
    result.high = std::max(*result.high, *corner);
  }
  return result;
}

ExtentBounds applied(ExtentFunction function, const ExtentBounds& a, const ExtentBounds& b) {
  switch (function) {
    case ExtentFunction::floordiv: {
      if (!b.low || *b.low <= 0) return {};
      // Towards 0 for what is not negative: the largest divisor gives the least.
      const Bound low = a.low && *a.low >= 0 ? Bound(b.high ? divided(*a.low, *b.high) : 0)
                        : a.low              ? Bound(divided(*a.low, *b.low))
                                             : std::nullopt;
      const Bound high = !a.high        ? std::nullopt
                         : *a.high >= 0 ? Bound(divided(*a.high, *b.low))
                         : b.high       ? Bound(divided(*a.high, *b.high))
                                        : Bound(-1);
      return {low, high};
    }
    case ExtentFunction::mod: {
      if (!b.low || *b.low <= 0) return {};
      Bound high = b.high ? Bound(*b.high - 1) : std::nullopt;
      if (a.low && *a.low >= 0 && a.high) high = high ? std::min(*high, *a.high) : *a.high;
      return {0, high};
    }
    case ExtentFunction::min: {
      const Bound low = a.low && b.low ? Bound(std::min(*a.low, *b.low)) : std::nullopt;
      if (!a.high) return {low, b.high};
      return {low, b.high ? std::min(*a.high, *b.high) : *a.high};
    }
    case ExtentFunction::max: {
      const Bound high = a.high && b.high ? Bound(std::max(*a.high, *b.high)) : std::nullopt;
      if (!a.low) return {b.low, high};
      return {b.low ? std::max(*a.low, *b.low) : *a.low, high};
    }
  }
  return {};
}

}  // namespace

BoundsOfSymbols bounds_of_dims(const Program& program) {
  BoundsOfSymbols result;
  for (const Dim& dim : program.dims) {
    ExtentBounds bounds{0, std::nullopt};
    if (dim.value)
      bounds = {*dim.value, *dim.value};
    else if (dim.bound)  // over dims before it
      bounds.high = bounds_of(*dim.bound, result).high;
    result[dim.name] = bounds;
  }
  return result;
}

ExtentBounds bounds_of(const Extent& extent, const BoundsOfSymbols& symbols) {
  ExtentBounds sum{0, 0};
  for (const Extent::Term& term : extent.terms()) {
    ExtentBounds value{1, 1};
    for (const Extent::Factor& factor : term.factors) {
      const auto found = symbols.find(factor.symbol);
      value = product(value, factor.symbol.empty()
                                 ? applied(factor.function, bounds_of(*factor.a, symbols),
                                           bounds_of(*factor.b, symbols))
                             : found == symbols.end() ? ExtentBounds{}
                                                      : found->second);
    }
    if (term.coefficient < 0) std::swap(value.low, value.high);
    value = {times(term.coefficient, value.low), times(term.coefficient, value.high)};
    sum = {plus(sum.low, value.low), plus(sum.high, value.high)};
  }
  return sum;
}

}  // namespace thx
