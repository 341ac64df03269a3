// SPDX-License-Identifier: Apache-2.0
// The named passes of thx-opt: those of the compiler's table, verified one by one.
#include <algorithm>
#include <cstdio>

#include "driver/pipeline.h"
#include "ir/structure.h"
#include "levels.h"
#include "schedule/build_nests.h"
#include "support/text.h"

namespace thx::opt {
namespace {

// The step between the levels; not a line of the pass table because it changes what is worked on.
constexpr std::string_view kLowering = "build-nests";

bool unknown(const Session& session, const std::string& name) {
  std::vector<std::string> known = {std::string(kLowering)};
  for (const auto passes : {opening_passes(), differentiation_passes(), lowering_passes()})
    for (const TensorPass& pass : passes) known.emplace_back(pass.name);
  for (const LoopPass& pass : loop_passes()) known.emplace_back(pass.name);
  Diagnostic diagnostic(Err::bad_option, {}, format("there is no pass `{}` for this level", name));
  if (const std::optional<std::string> near = nearest(name, known))
    diagnostic.help(format("did you mean `{}`?", *near));
  return session.fail(std::move(diagnostic));
}

PassContext make_context(const Session& session) {
  const Options& options = session.options;
  return {.diagnostics = session.diagnostics,
          .machine = {.vector_bytes = options.vector_bytes, .fma = options.fma},
          .fp = options.fp,
          .rewrites = {.explains = options.print_rewrites, .limit = options.rewrite_limit}};
}

bool is_lowering(const std::string& name) {
  return std::ranges::find(lowering_passes(), name, &TensorPass::name) != lowering_passes().end();
}

// The passes from expand on know no `grad`.
bool refuse_grad(const Session& session, const std::string& name) {
  Diagnostic diagnostic(Err::ir_invalid, {}, format("`{}` runs on programs without `grad`", name));
  diagnostic.help("run `differentiate` as often as gradients are nested");
  return session.fail(std::move(diagnostic));
}

// The first operator of a body that stands in no kernel, as `group` leaves none; regions included.
const Node* outside_kernels(const Body& body) {
  std::vector<const Body*> bodies = {&body};
  while (!bodies.empty()) {
    const Body& next = *bodies.back();
    bodies.pop_back();
    for (const Value value : needed(next.graph, next.results)) {
      if (is_kernel(*value)) {
        if (!value->attrs.has("name")) return value.node;
        continue;
      }
      if (!is_cond(*value) && !is_scan(*value) && !is_parameter(*value) && !is_result(*value))
        return value.node;
      for (const Region& region : value->regions) bodies.push_back(region.get());
    }
  }
  return nullptr;
}

bool check_grouped(const Session& session, const Program& program) {
  std::vector<const Function*> functions;
  for (const Function& function : program.functions) functions.push_back(&function);
  if (program.init) functions.push_back(&*program.init);
  for (const Function* function : functions) {
    const Node* node = outside_kernels(*function->body);
    if (node == nullptr) continue;
    Diagnostic diagnostic(
        Err::ir_invalid, {},
        is_kernel(*node) ? format("@{}: a kernel without a name", function->name)
                         : format("@{}: {} outside of kernels", function->name, name_of(node->op)));
    diagnostic.help("run `group` before `build-nests`");
    return session.fail(std::move(diagnostic));
  }
  return true;
}

template <class Pass, class Ir>
bool run_one(const Session& session, PassContext& context, const Pass& pass, Ir& program) {
  RunnerOptions options;
  options.verify_each = true;
  PassRunner runner(std::move(options), context);
  return runner.run(pass, program) && !session.diagnostics.has_errors();
}

std::string places(const Session& session, const SpanSet& spans) {
  return join(spans, ", ", [&](Span span) {
    const LineColumn at = session.sources.locate(span);
    return format("{}:{}", at.line, at.column);
  });
}

// One line each: what was made, by its number for --rewrite-limit, then what was refused.
void print_rewrites(const Session& session, const RewriteLog& log) {
  std::string out;
  size_t number = 0;
  for (const Firing& firing : log.firings)
    append(out, "rewrite {}: {} in {} of @{} at {}\n", ++number, firing.rule, firing.pass,
           firing.function, places(session, firing.spans));
  for (const RefusedRule& refused : log.refusals)
    append(out, "refused: {} in {} of @{} at {}: {}\n", refused.rule, refused.pass,
           refused.function, places(session, refused.spans), words(refused.reason));
  std::fputs(out.c_str(), stderr);
}

bool run_named(const Session& session, PassContext& context, Program& program, loop::Program& loops,
               bool& lowered) {
  for (const std::string& name : session.options.passes) {
    if (lowered) {
      const LoopPass* pass = find_loop_pass(name);
      if (pass == nullptr) return unknown(session, name);
      if (!run_one(session, context, *pass, loops)) return false;
      checked_text(loops);
    } else if (name == kLowering) {
      if (!check_grouped(session, program)) return false;
      loop::Machine machine = context.machine;
      machine.fma = context.fuses();
      loops = loop::build_loops(program, machine);
      lowered = true;  // not verified: buffers have no places before plan-memory
    } else {
      const TensorPass* pass = find_tensor_pass(name);
      if (pass == nullptr) return unknown(session, name);
      if (is_lowering(name) && has_grad(program)) return refuse_grad(session, name);
      if (!run_one(session, context, *pass, program)) return false;
      checked_text(program, session.options, false);
    }
  }
  return true;
}

}  // namespace

bool run_passes(const Session& session, Program& program, loop::Program& loops, bool& lowered) {
  PassContext context = make_context(session);
  const bool good = run_named(session, context, program, loops, lowered);
  if (session.options.print_rewrites) print_rewrites(session, context.rewrites);
  return good;
}

bool run_passes(const Session& session, loop::Program& program) {
  PassContext context = make_context(session);
  for (const std::string& name : session.options.passes) {
    const LoopPass* pass = find_loop_pass(name);
    if (pass == nullptr) return unknown(session, name);
    if (!run_one(session, context, *pass, program)) return false;
    checked_text(program);
  }
  return true;
}

}  // namespace thx::opt
