// SPDX-License-Identifier: Apache-2.0
// Programs of the differentiation tests, from text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "ir/parse.h"
#include "ir/print.h"
#include "ops/verify.h"
#include "passes/differentiate.h"

namespace thx::testing {

inline Program parsed(std::string_view text) {
  Result<Program> program = parse_program(text);
  EXPECT_TRUE(program.ok());
  return std::move(*program);
}

/// The program without a gradient or mark, verified before and after.
inline Program differentiated(std::string_view text) {
  Program program = parsed(text);
  EXPECT_EQ(verify_program(program), std::vector<std::string>{});
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(verify_program(program), std::vector<std::string>{}) << print(program);
  EXPECT_EQ(print(program).find("grad "), std::string::npos);
  EXPECT_EQ(print(program).find("mark"), std::string::npos);
  return program;
}

}  // namespace thx::testing
