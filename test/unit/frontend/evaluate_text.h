// SPDX-License-Identifier: Apache-2.0
// The value of an expression over a few named arrays, by the reference interpreter.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "frontend/lower.h"
#include "frontend/parse.h"
#include "ops/verify.h"
#include "reference/evaluate.h"
#include "support/text.h"

namespace thx {

using Cases = std::vector<std::pair<std::string, std::string>>;

struct NamedArray {
  std::string_view name, type, value;
};
inline constexpr NamedArray kArrays[] = {
    {"x", "f64[N, F]", "[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]"},
    {"t", "f64[2, N, F]",
     "[[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], "
     "[[12, 13, 14, 15], [16, 17, 18, 19], [20, 21, 22, 23]]]"},
    {"v", "f64[F]", "[4, 1, 3, 2]"},
    {"w", "f64[N]", "[1, -2, 3]"},
    {"i", "i64[N]", "[0, 2, -1]"},
    {"j", "i32[F]", "[1, -2, 3, 0]"},
    {"u", "u8[F]", "[1, 200, 3, 0]"},
    {"p", "bool[N]", "[true, false, true]"},
    {"n", "i64", "1"},
    {"s", "f64", "0.5"},
    {"z", "f64[Z]", "[]"},
    {"l", "u64[N]", "[0, 9223372036854775808, 7]"},
    {"y", "f32[N]", "[1, -2, 3]"},
};

/// "f64[N] [1.0, 2.0]", or "dim" or "index": how the call fails; or the ids of the errors.
inline std::string evaluate_text(const std::string& expression) {
  std::string source = "dim N\ndim F\ndim K\ndim Z\nconst C = 2\n";
  for (const NamedArray& array : kArrays) {
    source += format("shared {} : {}\n", array.name, array.type);
  }
  Sources sources;
  Diagnostics diagnostics;
  const uint32_t file = sources.add("t.thx", source + "function f() -> r = " + expression + "\n");
  const ast::Module module = parse(sources, file, diagnostics);
  const LowerOptions options = {.float_x = DType::f64, .defines = {}};
  const Program program = lower(module, sources, file, options, true, diagnostics);
  std::string errors;
  for (const Diagnostic& each : diagnostics.all()) errors += format("{} ", each.id());
  if (!errors.empty()) return errors;
  const std::vector<std::string> problems = verify_program(program);
  if (!problems.empty()) return join(problems, "\n");
  const Function& function = program.functions.at(0);
  reference::Arguments arguments;
  arguments.dims = {{"N", 3}, {"F", 4}, {"K", 2}, {"Z", 0}, {"C", 2}};
  for (const StateUse& state : function.states) {
    for (const NamedArray& array : kArrays) {
      if (array.name != state.name) continue;
      arguments.states.push_back(*reference::parse_array(array.value, state.current->dtype()));
    }
  }
  const reference::Outcome outcome = reference::evaluate(function, arguments);
  if (outcome.status == reference::Status::dim) return "dim";
  if (outcome.status == reference::Status::index) return "index";
  return text(function.outputs[0].value->type()) + " " + reference::text(outcome.outputs[0]);
}

}  // namespace thx
