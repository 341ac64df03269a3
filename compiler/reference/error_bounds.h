// SPDX-License-Identifier: Apache-2.0
// Running error analysis: evaluates tensor IR and carries along, for every element, how far it may
// lie from what exact arithmetic makes of the same formula. See Higham, Accuracy and Stability of
// Numerical Algorithms, 2nd edition, sections 3.1 (bounds of operations), 3.3 (running analysis)
// and 4.2 (sums by their order).
//
// An elementwise operator's bound is what the operands' bounds may change about its result, looked
// at where each operand is as small and as large as its bound allows, at poles between, and by the
// row's partial derivatives there, plus the operator's own rounding (error_budget): where a divisor
// may be 0, nothing is known. Rounding inside of a bound is not counted again.
#pragma once

#include "ops/op_def.h"
#include "reference/evaluate.h"

namespace thx::reference {

struct BoundOptions {
  /// Whether the limit of a formula counts where an infinity makes a NaN (inf - inf, inf / inf,
  /// 0 * inf): then the bound there is infinite. Otherwise that NaN is the value.
  bool limits = false;
};

/// `error[i]`: the bound of element i, at least 0. Infinite where an intermediate value left the
/// range of its dtype: nothing is known then. A NaN or an infinity with bound 0 is one that exact
/// arithmetic on the same numbers has too. Of bool, 1: it may be the other one.
struct Bounded {
  Array value;
  std::vector<double> error;
};

struct BoundedOutcome {
  Status status = Status::ok;
  std::string why;               // of a failure
  std::vector<Bounded> outputs;  // empty after a failure
  std::vector<Bounded> states;   // next values
};

/// As evaluate(), with bounds; arguments are exact.
BoundedOutcome evaluate_bounded(const Function& function, const Arguments& arguments,
                                const BoundOptions& options = {});

/// The distance of neighbouring floats of `dtype` around `value`: of denormals where it is small.
double ulp_of(double value, DType dtype);

/// `units` in the last place of `value`, and never nothing where `units` is something: half of the
/// smallest denormal of f64 is no number.
double rounding_of(double units, double value, DType dtype);

/// How many units in the last place a result of `op` may be away from the function of the operands
/// as they are, in every way in which it is computed: by the row's `eval` and by its emission.
/// 0 for operators that do not round, 1/2 for the operations of IEEE 754, 4 for functions, the sum
/// over their steps for operators that are emitted as formulas.
double error_budget(Op op);

}  // namespace thx::reference
