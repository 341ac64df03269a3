// SPDX-License-Identifier: Apache-2.0
// Copies of programs between passes.
#include "driver/verify_stages.h"

#include "ir/print.h"
#include "ops/copy.h"
#include "passes/differentiate.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

// Every buffer of the workspace at a place of its own, as no pass has placed them yet.
void place_apart(loop::Program& program) {
  constexpr int64_t kAlignment = 64;
  for (loop::Function& function : program.functions) {
    Extent end = 0;
    for (loop::FunctionBuffer& entry : function.buffers) {
      if (entry.storage.kind != loop::Storage::Kind::workspace) continue;
      entry.storage.offset = end;
      const Extent bytes = bytes_of(entry.buffer.dtype) * element_count(entry.buffer.extents);
      end += kAlignment * ceildiv(bytes, kAlignment);
    }
    function.workspace_bytes = end;
  }
}

TensorStage make_stage(std::string_view pass, const Program& program) {
  TensorStage stage{std::string(pass), clone(program), {}, has_grad(program), {}};
  if (stage.has_gradients) {
    stage.resolved = clone(program);
    resolve(stage.resolved);
  }
  return stage;
}

}  // namespace

void resolve(Program& program) {
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  THX_CHECK(!diagnostics.has_errors(), "{}", diagnostics.all().front().message());
}

size_t function_count(const Program& program) {
  return program.functions.size() + (program.init ? 1 : 0);
}

const Function& function_at(const Program& program, size_t index) {
  return index < program.functions.size() ? program.functions[index] : *program.init;
}
Function& function_at(Program& program, size_t index) {
  return index < program.functions.size() ? program.functions[index] : *program.init;
}

void Stages::after(std::string_view pass, const Program& program, const PassContext& context) {
  TensorStage stage = make_stage(pass, program);
  const std::vector<Firing>& firings = context.rewrites.firings;
  stage.firings.assign(firings.begin() + static_cast<long>(seen_firings_), firings.end());
  seen_firings_ = firings.size();
  std::vector<std::string> texts;
  for (size_t i = 0; i < function_count(program); ++i)
    texts.push_back(print(function_at(stage.evaluable(), i)));
  texts_.push_back(std::move(texts));
  tensors_.push_back(std::move(stage));
}

void Stages::after(std::string_view pass, const loop::Program& program, const PassContext&) {
  loops_.push_back({std::string(pass), program});
  if (loops_.size() == 1) place_apart(loops_.back().program);
}

bool Stages::is_unchanged(size_t i, size_t function) const {
  return i > 0 && texts_[i][function] == texts_[i - 1][function];
}

std::vector<TensorStage> wide_stages(const Program& program, const CompileOptions& options) {
  Diagnostics diagnostics;
  Stages stages;
  PassContext context{.diagnostics = diagnostics, .fp = options.fp};
  RunnerOptions around;
  around.observer = &stages;
  PassRunner runner(std::move(around), context);
  Program wide = widened(program);
  stages.after("lowering", wide, context);
  THX_CHECK(runner.run_tensor_passes(wide), "the program in f64 does not compile: {}",
            diagnostics.all().front().message());
  return stages.take_tensors();
}

}  // namespace thx
