// SPDX-License-Identifier: Apache-2.0
// A program after each pass, kept for comparison.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driver/compile.h"
#include "driver/pipeline.h"

namespace thx {

/// The tensor program after `pass`; the first one is what the frontend makes.
struct TensorStage {
  std::string pass;
  Program program;
  /// The same with every gradient differentiated as it stands; of no use where there was none.
  Program resolved;
  bool has_gradients = false;
  std::vector<Firing> firings;  // in this pass

  const Program& evaluable() const { return has_gradients ? resolved : program; }
};

struct LoopStage {
  std::string pass;
  loop::Program program;
};

/// Differentiates what is left to be differentiated, and rewrites nothing. An InternalError where
/// the passes have reported errors.
void resolve(Program& program);

/// All stages of one compilation, in order.
class Stages : public PassObserver {
 public:
  void after(std::string_view pass, const Program& program, const PassContext& context) override;
  void after(std::string_view pass, const loop::Program& program,
             const PassContext& context) override;

  const std::vector<TensorStage>& tensors() const { return tensors_; }
  std::vector<TensorStage> take_tensors() { return std::move(tensors_); }
  const std::vector<LoopStage>& loops() const { return loops_; }
  /// Whether stage `i` of tensors has the same function as the stage before it.
  bool is_unchanged(size_t i, size_t function) const;

 private:
  std::vector<TensorStage> tensors_;
  std::vector<LoopStage> loops_;
  std::vector<std::vector<std::string>> texts_;  // by stage and function
  size_t seen_firings_ = 0;
};

/// The function at `index`, of which the last one is the initial values where there are any.
const Function& function_at(const Program& program, size_t index);
Function& function_at(Program& program, size_t index);
size_t function_count(const Program& program);

/// The tensor stages of `program` in f64 under the same passes.
std::vector<TensorStage> wide_stages(const Program& program, const CompileOptions& options);

}  // namespace thx
