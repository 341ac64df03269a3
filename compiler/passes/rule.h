// SPDX-License-Identifier: Apache-2.0
// What a rewrite rule is: two formulas, a class, and when it may fire. Rules stand in tables
// (*_rules.cpp); rewriter.h applies them.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "ir/formula.h"
#include "support/fp_mode.h"

namespace thx {

/// What a rewrite does to the value, which decides the fp modes that allow it.
enum class RuleClass : uint8_t {
  exact,           // the same bits
  more_accurate,   // nearer to the exact value of the formula as written
  rounding,        // other bits, no claim
  special_values,  // would drop a NaN, or the NaN that an infinite operand makes, or the sign of a
                   // zero; or takes sums and products in another order
};

/// Whether the fp mode allows rewrites of this class.
constexpr bool admits(RuleClass cls, FpMode mode) {
  switch (cls) {
    case RuleClass::exact:
    case RuleClass::more_accurate: return true;
    case RuleClass::rounding: return mode != FpMode::strict;
    case RuleClass::special_values: return mode == FpMode::fast;
  }
  return false;
}

/// How `from` is compared with the program.
enum class Matching : uint8_t {
  algebraic,  // sums are multisets of signed terms, products of factors; parts of them match too
  whole,      // the same, but the root matches all of a sum or product
  literal,    // node by node; operands of commutative operators in either order
};

/// What a rule asks of its variables beside the shape of `from`.
enum class Guard : uint8_t {
  none,
  y_is_number,             // y is one number for all elements: constants, extents, products of them
  y_is_constant,           // y is a constant whose reciprocal is a number too
  y_is_no_small_constant,  // y is a constant from 0.25 to 1e30
  y_is_positive,           // y is a constant above 0
  y_is_even,               // y is an even integer above 0
  y_is_odd,                // y is an odd integer above 0
  x_is_nonnegative,        // x is at least 0, or NaN, whatever the inputs are
  y_is_nonnegative,        // the same of y
  x_is_float,              // integers wrap
  sum_cancels,             // x + y is smaller than both, or nothing else stands in the product
  difference_cancels,      // x - y is smaller than both, or nothing else stands in the product
};

/// One rewrite, over the variables x, y, w and the axes k.
struct Rule {
  std::string_view name;
  Formula from, to;
  RuleClass cls;
  /// Stability rules: where the left side overflows or loses its digits in f32 and the right side
  /// does not. It is the reason why the rule exists, and its test. For reductions: the largest
  /// element of a short vector.
  double breaks_at = std::numeric_limits<double>::quiet_NaN();
  Matching matching = Matching::algebraic;
  /// Fires only where the inner nodes of the match have no other use: it would not save otherwise.
  bool saves_work = false;
  Guard guard = Guard::none;
};

/// One spelling of each computation, for all passes that rewrite.
std::span<const Rule> canonical_rules();
/// Forms that keep their digits in place of forms that do not.
std::span<const Rule> stability_rules();
/// The same for what the stability rules would rather read whole: they come second.
std::span<const Rule> inverse_rules();
/// The same for what has a better derivative as it is written: they come after differentiation.
std::span<const Rule> value_rules();
/// Less work for what differentiation and users write.
std::span<const Rule> simplify_rules();
/// Rewrites that change special values: for `--fp=fast` alone.
std::span<const Rule> special_value_rules();

/// Deliberately wrong rules, by which tests see that a wrong rewrite is caught and named. In force
/// in builds with THX_VERIFY_EACH alone, where the environment says THX_WRONG_RULES=1 (all of them)
/// or THX_WRONG_RULES=NAME; empty otherwise.
std::span<const Rule> wrong_rules_in_force();
std::span<const Rule> wrong_rules();

}  // namespace thx
