// SPDX-License-Identifier: Apache-2.0
// Broken invariants are ours, never the user's: they throw, and the driver names the guilty pass.
#pragma once

#include <stdexcept>
#include <string>

#include "support/text.h"

namespace thx {

// A bug of the compiler itself. Caught by the driver and the pass runner alone.
class InternalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void fail_check(const char* file, int line, const char* condition,
                             const std::string& message);

}  // namespace thx

// Throws InternalError unless `condition` holds: THX_CHECK(i < n, "index {} of {}", i, n).
#define THX_CHECK(condition, ...)                                                    \
  do {                                                                               \
    if (!(condition)) [[unlikely]] {                                                 \
      ::thx::fail_check(__FILE__, __LINE__, #condition, ::thx::format(__VA_ARGS__)); \
    }                                                                                \
  } while (false)

// Marks a place that no input can reach.
#define THX_UNREACHABLE(...) \
  ::thx::fail_check(__FILE__, __LINE__, "unreachable", ::thx::format(__VA_ARGS__))
