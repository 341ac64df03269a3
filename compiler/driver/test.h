// SPDX-License-Identifier: Apache-2.0
// `thxc test`: runs the tests of a file in the reference interpreter and in the object, which both
// have to agree with what is expected.
#pragma once

#include "driver/options.h"
#include "driver/test_slopes.h"
#include "support/diagnostic.h"

namespace thx {

struct TestCounts {
  size_t tests = 0, failed_tests = 0;
  size_t expectations = 0, failed = 0;
  size_t broken_files = 0;  // whose errors keep their tests from running
  SlopeCounts slopes = {};  // of one file
};

/// Runs all tests of `options.file` and checks the gradients of its functions, as far as it has no
/// errors; an expectation that does not hold is an error, and a gradient that is no slope.
/// A test that takes longer than `seconds` in the interpreter stops; the derivatives take as much
/// together, of which each gets one point in any case.
TestCounts run_tests(const CompileOptions& options, double seconds, Sources& sources,
                     Diagnostics& diagnostics);

/// `3 tests, 7 expectations: all hold`.
std::string text(const TestCounts& counts);

}  // namespace thx
