// SPDX-License-Identifier: Apache-2.0
// Derivatives that say where they are none.
#pragma once

#include "ir/function.h"

namespace thx {

/// A copy of `program` whose derivatives are NaN where they go through an elementwise value that is
/// NaN, or infinite for finite operands: there the formula has no value, and what its derivative
/// gives is a matter of spelling. That of log(exp(x)) is NaN at NaN, and that of x is 1. Other
/// values are the same, but that such infinities are NaN.
Program with_domains(const Program& program);

}  // namespace thx
