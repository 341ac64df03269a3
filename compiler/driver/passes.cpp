// SPDX-License-Identifier: Apache-2.0
// THE LIST OF PASSES, in order, each with the reason for its place.
#include "driver/pipeline.h"
#include "grouping/group.h"
#include "passes/bind_dims.h"
#include "passes/canonicalize.h"
#include "passes/differentiate.h"
#include "passes/drop_dead.h"
#include "passes/expand.h"
#include "passes/fold_constants.h"
#include "passes/form_fma.h"
#include "passes/order_reductions.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"
#include "schedule/plan_memory.h"
#include "schedule/vectorize.h"

namespace thx {

namespace {

constexpr TensorPass kOpening[] = {
    {"canonicalize", [](Program& p, PassContext& c) { canonicalize(p, &c.rewrites); },
     "one spelling per computation keeps the rule tables short"},
    {"stabilize", [](Program& p, PassContext& c) { stabilize(p, c.fp, &c.rewrites); },
     "before differentiation: the gradient of a stable form is stable"},
};

constexpr TensorPass kDifferentiation[] = {
    {"differentiate", [](Program& p, PassContext& c) { differentiate_innermost(p, c.diagnostics); },
     "replaces the innermost grads by adjoint code; outer ones see its result"},
    {"simplify", [](Program& p, PassContext& c) { simplify(p, c.fp, &c.rewrites); },
     "adjoint code multiplies by one and adds zero"},
    {"restabilize", [](Program& p, PassContext& c) { stabilize(p, c.fp, &c.rewrites); },
     "adjoints meet the forward code in new patterns"},
};

constexpr TensorPass kLowering[] = {
    {"stabilize-values", [](Program& p, PassContext& c) { stabilize_values(p, c.fp, &c.rewrites); },
     "after the last differentiation: what it replaces has the better derivative"},
    {"expand", [](Program& p, PassContext&) { expand(p); },
     "after the last rule that knows composites: scheduling sees primitive operators only"},
    {"order-reductions", [](Program& p, PassContext&) { order_reductions(p); },
     "before dims are bound: the order of a sum follows from the source, never from -D"},
    {"bind-dims", [](Program& p, PassContext&) { bind_dims(p); },
     "types are decided on the source; from here on -D only makes code faster"},
    {"fold-constants", [](Program& p, PassContext&) { fold_constants(p); },
     "bound dims make constants of extents"},
    {"form-fma", [](Program& p, PassContext& c) { form_fma(p, c.fuses()); },
     "the last rewrite of arithmetic: what it fuses no rule may take apart"},
    {"drop-dead", [](Program& p, PassContext&) { drop_dead(p); },
     "values nobody reads would become kernels"},
    {"group", [](Program& p, PassContext& c) { group(p, &c.refusals); },
     "decides which values share a kernel, on the final operators"},
};

constexpr LoopPass kLoops[] = {
    {"plan-memory", [](loop::Program& p, PassContext&) { loop::plan_memory(p); },
     "first: from here on every buffer has its place, and the verifier knows its bounds"},
    {"vectorize", [](loop::Program& p, PassContext& c) { loop::vectorize(p, c.machine); },
     "scalar map loops become lane loops of the machine's width"},
};

// Pairs that must stand in this order, wherever both occur.
struct MustPrecede {
  std::string_view first, second;
};
constexpr MustPrecede kOrder[] = {
    {"canonicalize", "stabilize"},
    {"stabilize", "differentiate"},
    {"differentiate", "simplify"},
    {"simplify", "restabilize"},
    {"restabilize", "stabilize-values"},
    {"stabilize-values", "expand"},
    {"expand", "order-reductions"},
    {"order-reductions", "bind-dims"},
    {"bind-dims", "fold-constants"},
    {"fold-constants", "form-fma"},
    {"form-fma", "group"},
    {"drop-dead", "group"},
    {"plan-memory", "vectorize"},
};

constexpr auto all_names() {
  std::array<std::string_view, std::size(kOpening) + std::size(kDifferentiation) +
                                   std::size(kLowering) + std::size(kLoops)>
      names{};
  size_t n = 0;
  for (const auto& pass : kOpening) names[n++] = pass.name;
  for (const auto& pass : kDifferentiation) names[n++] = pass.name;
  for (const auto& pass : kLowering) names[n++] = pass.name;
  for (const auto& pass : kLoops) names[n++] = pass.name;
  return names;
}

// False also for a misspelt name.
constexpr bool in_order() {
  constexpr auto names = all_names();
  for (const MustPrecede& pair : kOrder) {
    size_t first = names.size();
    size_t second = names.size();
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == pair.first) first = i;
      if (names[i] == pair.second) second = i;
    }
    if (second == names.size() || first >= second) return false;
  }
  return true;
}
static_assert(in_order(), "a pass stands before one that it needs, or a name is misspelt");

template <class Ir>
const Pass<Ir>* find(std::span<const Pass<Ir>> passes, std::string_view name) {
  for (const Pass<Ir>& pass : passes)
    if (pass.name == name) return &pass;
  return nullptr;
}

}  // namespace

std::span<const TensorPass> opening_passes() { return kOpening; }
std::span<const TensorPass> differentiation_passes() { return kDifferentiation; }
std::span<const TensorPass> lowering_passes() { return kLowering; }
std::span<const LoopPass> loop_passes() { return kLoops; }

const TensorPass* find_tensor_pass(std::string_view name) {
  for (const auto passes : {opening_passes(), differentiation_passes(), lowering_passes()})
    if (const TensorPass* pass = find(passes, name)) return pass;
  return nullptr;
}

const LoopPass* find_loop_pass(std::string_view name) { return find(loop_passes(), name); }

}  // namespace thx
