// SPDX-License-Identifier: Apache-2.0
// Random programs of tensor IR that keep every rule of the verifier.
//
// Operators are taken from the vocabulary and their rows; a new one is used as soon as it has a
// row, if its attributes are made of keys that are there already.
#pragma once

#include <cstdint>

#include "ir/function.h"

namespace thx::random {

struct GenerateOptions {
  int functions = 2;        // at most
  int operations = 14;      // at most, in a function's body; regions have some of their own
  int64_t elements = 96;    // no value has more, with either of the case's two choices of dims
  bool control = true;      // cond, scan
  bool derivatives = true;  // marks and what is differentiated
};

/// A program and the dims that it is to be run with.
struct Case {
  uint64_t seed = 0;
  Program program;
  Extent::Values dims;      // small, mostly not 0
  Extent::Values odd_dims;  // 0 and 1 among them
};

/// The case of `seed`. Seeds that agree but for their last six bits have the same dims, so that
/// their functions can stand in one program; functions and states are named by those bits.
Case generate(uint64_t seed, const GenerateOptions& options = {});

}  // namespace thx::random
