// SPDX-License-Identifier: Apache-2.0
// thxc verify: the compiler checked on a user's file, by running every form of every function on
// the same inputs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "driver/options.h"
#include "driver/verify_report.h"
#include "support/diagnostic.h"

namespace thx {

/// What `thxc verify` was asked for, besides how to compile.
struct VerifyRequest {
  uint64_t seed = 1;         // of inputs, states and dims
  int64_t rounds = 40;       // calls of each function with other dims, inputs or states
  double seconds = 60;       // of which each function has its share
  std::string folder = ".";  // for reproducers
};

/// Compiles `options.file` and compares, for each function and the initial values:
/// the object with the interpreter of loop IR, and each pass on loop IR with the one before it, bit
/// for bit; the interpreters of both levels, and each pass on tensor IR with the one before it,
/// within the bounds of reference/error_bounds.h; gradients with finite differences and forward
/// mode in f64. A difference is reported with its place, and a reproducer is saved; a function with
/// one is compared no further.
VerifyReport run_verify(const CompileOptions& options, const VerifyRequest& request,
                        Sources& sources, Diagnostics& diagnostics);

}  // namespace thx
