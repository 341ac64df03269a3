// SPDX-License-Identifier: Apache-2.0
// What a kernel and a function do, counted: flops, calls of functions and bytes, as formulas in the
// dims.
//
//   const FunctionCounts counts = count(function, machine);
//   counts.total.flops.text() == "2*F*N+3*N", counts.total.calls: exp N times
//
// A flop is an addition, subtraction, multiplication, division, square root, minimum or maximum of
// floats; a fused multiply-add is two. Signs, comparisons, choices, roundings and conversions are
// none, and neither is anything on integers. Lanes that a tail masks are not counted, so that a
// count does not depend on the machine's vectors. Both sides of a condition count as the larger.
#pragma once

#include <vector>

#include "schedule/loop_ir.h"

namespace thx::loop {

/// Calls of one function of floats that is several instructions: exp, pow, sigmoid, …
struct FunctionCalls {
  Op function;
  DType dtype;
  Extent calls;
};

/// Bytes between a kernel and one of its buffers.
struct Traffic {
  Extent loaded = 0, stored = 0;  // every load and store, also where the same place comes again
  Extent read = 0, written = 0;   // the elements touched, each once: what has to be moved at least
};

struct Counts {
  Extent flops = 0;                  // outside of `calls`
  Extent function_flops = 0;         // inside of them
  std::vector<FunctionCalls> calls;  // ordered by function and dtype, none twice
  std::vector<Traffic> buffers;      // as Kernel::buffers, or Function::buffers
  bool exact = true;  // false: conditions or lengths that no formula sums made an estimate of it

  Extent all_flops() const { return flops + function_flops; }
  /// How often functions are called, whichever.
  Extent all_calls() const;
};

/// One run of the kernel. `machine` decides what a function consists of; `assumed` are extents
/// known to be >= 0.
Counts count(const Kernel& kernel, const Machine& machine, const std::vector<Extent>& assumed = {});

struct FunctionCounts {
  std::vector<Counts> kernels;  // one run of each
  std::vector<Extent> runs;     // of each kernel in one call of the function
  Extent copied = 0;            // bytes that copies read (and write)
  Counts total;                 // of a call: checks, steps and commits, copies included in bytes
};
FunctionCounts count(const Function& function, const Machine& machine);

/// Floating point operations of one call of an elementwise function, as `flops` counts them.
int64_t flops_of(Op function, DType dtype, const Machine& machine);

}  // namespace thx::loop
