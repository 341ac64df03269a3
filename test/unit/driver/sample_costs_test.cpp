// SPDX-License-Identifier: Apache-2.0
// What training costs in the samples, counted: functions with their updates against the same
// without. The samples whose rule does more to each weight than the model does are left out: there
// the rule would be counted, not the gradient.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "driver/pipeline.h"
#include "frontend/lower.h"
#include "frontend/parse.h"
#include "unit/passes/operation_count.h"

namespace thx::testing {
namespace {

/// The program of a file after all passes before grouping; with updates or without.
Program compiled(const std::filesystem::path& path, bool updates) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  Sources sources;
  Diagnostics diagnostics;
  const uint32_t id = sources.add(path.string(), text.str());
  const ast::Module module = parse(sources, id, diagnostics);
  Program program = lower(module, sources, id, {}, true, diagnostics);
  for (Function& function : program.functions) {
    for (StateUse& state : function.states)
      if (!updates) state.next = {};
    function.body->results = function.roots();
  }
  PassContext context{.diagnostics = diagnostics};
  const auto run = [&](std::span<const TensorPass> passes) {
    for (const TensorPass& pass : passes) pass.run(program, context);
  };
  run(opening_passes());
  do {
    run(differentiation_passes());
  } while (has_grad(program));
  for (const TensorPass& pass : lowering_passes()) {
    if (pass.name == "group") break;
    pass.run(program, context);
  }
  EXPECT_FALSE(diagnostics.has_errors()) << path;
  return program;
}

TEST(SampleCosts, TrainingIsASmallMultipleOfTheModel) {
  int seen = 0;
  for (const std::string name : {"logreg", "mlp", "softmax_regression"}) {
    const std::filesystem::path path =
        std::filesystem::path(THX_SOURCE_DIR) / "samples" / name / (name + ".thx");
    const Program with = compiled(path, true), without = compiled(path, false);
    Extent::Values dims;
    for (const Dim& dim : with.dims) dims[dim.name] = dim.value.value_or(50);
    for (size_t i = 0; i < with.functions.size(); ++i) {
      if (!with.functions[i].updates_state()) continue;
      ++seen;
      const double forward = operations(*without.functions[i].body, dims);
      const double whole = operations(*with.functions[i].body, dims);
      EXPECT_GT(whole, forward) << name;
      EXPECT_LE(whole, 2.5 * forward) << name << " " << with.functions[i].name;
      RecordProperty(name + "_" + with.functions[i].name, format("{:.2f}", whole / forward));
    }
  }
  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace thx::testing
