// SPDX-License-Identifier: Apache-2.0
// Programs of the differentiation tests, from text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "ir/parse.h"
#include "ir/print.h"
#include "ops/build.h"
#include "ops/control.h"
#include "ops/verify.h"
#include "passes/differentiate.h"

namespace thx::testing {

inline Program parsed(std::string_view text) {
  Result<Program> program = parse_program(text);
  EXPECT_TRUE(program.ok());
  return std::move(*program);
}

/// The program without a derivative, map, call or mark, verified before and after.
inline Program differentiated(Program program) {
  EXPECT_EQ(verify_program(program), std::vector<std::string>{});
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(verify_program(program), std::vector<std::string>{}) << print(program);
  for (std::string_view left : {" grad ", " jvp ", " jacobian ", " vmap ", " call ", " mark "})
    EXPECT_EQ(print(program).find(left), std::string::npos) << left;
  return program;
}
inline Program differentiated(std::string_view text) { return differentiated(parsed(text)); }

/// Adds to the first function, which has no states, a direction for each float input, after the
/// inputs, and the tangent of each float output along them all, after the outputs.
inline void add_tangents(Program& program) {
  Function& function = program.functions[0];
  Graph& graph = function.graph();
  std::vector<Value> outputs, targets, directions;
  for (const Output& output : function.outputs)
    if (is_float(output.value->dtype())) outputs.push_back(output.value);
  for (const Input& input : function.inputs)
    if (is_float(input.value->dtype())) targets.push_back(input.value);
  for (Value target : targets) {
    directions.push_back(graph.parameter(target->type(), "d_" + graph.name(target)));
    function.body->parameters.push_back(directions.back());
    function.inputs.push_back({graph.name(directions.back()), directions.back(), {}});
  }
  const Value jvp = make_jvp(graph, outputs, targets, directions);
  for (size_t i = 0; i < outputs.size(); ++i)
    function.outputs.push_back({format("t{}", i), result(graph, jvp, static_cast<int64_t>(i)), {}});
  function.body->results = function.roots();
}

}  // namespace thx::testing
