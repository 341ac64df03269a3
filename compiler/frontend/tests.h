// SPDX-License-Identifier: Apache-2.0
// `test` blocks: each becomes a function whose inputs are its draws and whose outputs are what its
// expectations compare.
#pragma once

#include <string>
#include <vector>

#include "frontend/files.h"
#include "frontend/lower.h"
#include "ir/function.h"

namespace thx {

// One `expect` of a test. `first` is the first of its outputs in the test's function:
// close: both sides; comparison: both sides, then whether they compare; holds: the bool itself;
// gradient: for each target the gradient and the target's value.
struct Expectation {
  enum class Kind : uint8_t { close, comparison, holds, gradient, error };

  Kind kind = Kind::holds;
  Span at;           // its first word
  Span whole;        // what is expected
  Span left, right;  // of the sides
  size_t first = 0;
  // close: NumPy's tolerances, or a distance in units of the last place
  double rtol = 1e-5, atol = 1e-8;
  std::optional<int64_t> ulp;
  bool equal_nan = false;
  // gradient: the functions of the cost by each target, and the targets' names
  std::vector<size_t> slopes;
  std::vector<std::string> targets;
  // error: whether it was found, and what was found instead
  bool found = false;
  std::string instead;
};

// Data that a test draws: the input `dN` of its functions.
struct TestDraw {
  enum class Kind : uint8_t { normal, uniform, integers };

  Kind kind = Kind::normal;
  std::string name;
  uint64_t seed = 0;
  Type type;
  Extent low, high;  // of integers
};

// Functions of the program: the test's own; one per target of a gradient, which takes the target as
// its input `at` and gives the cost; and the last, whose outputs are what stands for inputs and
// state of the file, the inputs `iN` of the others.
struct TestCase {
  std::string title;
  Span span;
  Program program;
  std::vector<TestDraw> draws;
  std::vector<Expectation> expectations;
};

// The tests of the main file, and its program. Only where there are no errors can they be run.
std::vector<TestCase> lower_tests(const SourceFiles& files, const Sources& sources,
                                  const LowerOptions& options, Diagnostics& diagnostics,
                                  Program& program);

}  // namespace thx
