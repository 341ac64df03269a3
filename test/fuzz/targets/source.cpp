// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the text of a source, to diagnostics or through differentiation.
#include <cstddef>
#include <cstdint>

#include "driver/pipeline.h"
#include "frontend/lower.h"
#include "frontend/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace thx;
  Sources sources;
  Diagnostics diagnostics;
  const uint32_t file =
      sources.add("fuzz.thx", std::string(reinterpret_cast<const char*>(data), size));
  const ast::Module module = parse(sources, file, diagnostics);
  Program program = lower(module, sources, file, {}, false, diagnostics);
  if (!diagnostics.has_errors()) {
    PassContext context{.diagnostics = diagnostics};
    RunnerOptions options;
    // Long inputs are there for the time that a user waits, and users do not wait for this.
    options.verify_each = size <= 32768;
    PassRunner runner(std::move(options), context);
    bool good = true;
    for (const TensorPass& pass : opening_passes()) good = good && runner.run(pass, program);
    for (int round = 0; round < 3 && good && has_grad(program); ++round)
      for (const TensorPass& pass : differentiation_passes())
        good = good && runner.run(pass, program);
  }
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    render_text(diagnostic, sources);
    render_json(diagnostic, sources);
  }
  return 0;
}
