// SPDX-License-Identifier: Apache-2.0
// The list of passes: what runs, in which order, and why there.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grouping/reasons.h"
#include "ir/function.h"
#include "passes/rewriter.h"
#include "schedule/loop_ir.h"
#include "support/diagnostic.h"

namespace thx {

/// What passes may ask and tell beside the program itself.
struct PassContext {
  Diagnostics& diagnostics;
  loop::Machine machine = {};
  FpMode fp = FpMode::standard;  // which rewrites are allowed
  std::vector<Refusal> refusals = {};
  RewriteLog rewrites = {};  // of rules and steps, in order; may set a limit to them
  /// Fused multiply-adds may be formed: the mode allows it and the target has them.
  bool fuses() const { return machine.fma && fp != FpMode::strict; }
};

/// One step of the compiler on one kind of IR.
template <class Ir>
struct Pass {
  std::string_view name;
  void (*run)(Ir&, PassContext&);
  std::string_view why;  // why it stands where it stands; printed by --list-passes
};
using TensorPass = Pass<Program>;
using LoopPass = Pass<loop::Program>;

std::span<const TensorPass> opening_passes();
/// Repeated until no grad is left: each round resolves the innermost ones.
std::span<const TensorPass> differentiation_passes();
std::span<const TensorPass> lowering_passes();
std::span<const LoopPass> loop_passes();

const TensorPass* find_tensor_pass(std::string_view name);
const LoopPass* find_loop_pass(std::string_view name);

/// Is shown the program before the first pass of a level, with the name of the step that made it,
/// and after each pass. The context holds the firings of all passes so far.
class PassObserver {
 public:
  virtual ~PassObserver() = default;
  virtual void after(std::string_view pass, const Program& program, const PassContext& context) = 0;
  virtual void after(std::string_view pass, const loop::Program& program,
                     const PassContext& context) = 0;
};

/// What the runner does around each pass.
struct RunnerOptions {
  bool verify_each = false;
  std::vector<std::string> print_after;  // names of passes
  bool time_passes = false;
  std::string broken;      // the pass that is known to break: the IR from before it is kept
  std::string reproducer;  // and saved here
  std::string cpu;         // what code is made for: part of the command that runs it again
  PassObserver* observer = nullptr;
};

/// An internal error inside a pass: which, and the command that runs it again on the program from
/// before it, empty where that was not saved.
struct PassFailure : std::runtime_error {
  PassFailure(std::string pass, std::string command, const std::string& what)
      : std::runtime_error(what), pass(std::move(pass)), command(std::move(command)) {}
  std::string pass;
  std::string command;
};

struct PassTime {
  std::string_view name;
  double milliseconds;
};

/// Runs passes with verification, printing and timing around each.
class PassRunner {
 public:
  PassRunner(RunnerOptions options, PassContext& context)
      : options_(std::move(options)), context_(context) {}

  /// False where the pass reported errors to the user.
  bool run(const TensorPass& pass, Program& program);
  bool run(const LoopPass& pass, loop::Program& program);
  /// The whole tensor half: opening, differentiation rounds, lowering.
  bool run_tensor_passes(Program& program);
  bool run_loop_passes(loop::Program& program);
  /// A step that makes one level from another, treated as a pass.
  void step(std::string_view name, const std::function<void()>& body,
            const std::function<std::string()>& input_text);

  const std::vector<PassTime>& times() const { return times_; }

 private:
  template <class Ir>
  bool run_pass(const Pass<Ir>& pass, Ir& program);
  std::string command_for(std::string_view name) const;
  RunnerOptions options_;
  PassContext& context_;
  std::vector<PassTime> times_;
};

/// Whether any function still holds a node that differentiation replaces: a derivative, a map or a
/// call.
bool has_grad(const Program& program);

}  // namespace thx
