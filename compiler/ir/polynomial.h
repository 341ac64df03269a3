// SPDX-License-Identifier: Apache-2.0
// The canonical form behind an Extent, for the files that implement it.
#pragma once

#include "ir/extent.h"

namespace thx {

/// Terms in order, none zero, no two with the same factors; each term's factors in order. Not
/// empty and not a lone constant: those are known extents.
struct Extent::Polynomial {
  std::vector<Term> terms;
  size_t hash = 0;
};

/// Reads and makes canonical forms.
struct ExtentBuilder {
  /// The terms of a polynomial; a known extent has none to look at.
  static const std::vector<Extent::Term>& terms(const Extent& extent);
  /// The sum of `terms`, which are in any order and may repeat.
  static Extent sum(std::vector<Extent::Term> terms);
  static Extent term(Extent::Term term);
  static Extent factor(Extent::Factor factor);
  /// function(a, b) as a factor of its own, without looking for a simpler form.
  static Extent atom(ExtentFunction function, const Extent& a, const Extent& b);

 private:
  static Extent of_sorted(std::vector<Extent::Term> terms);
  friend class Extent;
};

std::strong_ordering compare(const Extent::Factor& a, const Extent::Factor& b);
std::strong_ordering compare(const std::vector<Extent::Factor>& a,
                             const std::vector<Extent::Factor>& b);

/// int64 arithmetic; an InternalError where the result does not fit.
int64_t checked_add(int64_t a, int64_t b);
int64_t checked_mul(int64_t a, int64_t b);

/// Python's // and %; b > 0.
constexpr int64_t floor_quotient(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
constexpr int64_t floor_remainder(int64_t a, int64_t b) { return a % b + (a % b < 0 ? b : 0); }

}  // namespace thx
