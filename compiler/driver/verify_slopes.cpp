// SPDX-License-Identifier: Apache-2.0
// Cuts costs and gradients out of programs.
#include "driver/verify_slopes.h"

#include <algorithm>
#include <array>

#include "driver/verify_stages.h"
#include "driver/wrong_pass.h"
#include "ops/build.h"
#include "ops/control.h"
#include "passes/differentiate_resolve.h"

namespace thx {
namespace {

Program forward_program(const Program& wide, const DerivativeSite& site, bool is_small) {
  Extraction extraction(*site.body, {});
  Graph& graph = extraction.graph();
  const Grad grad = *as_grad(site.node);
  extraction.copy(site.node->operands);
  const Value cost = extraction.of(grad.cost());
  std::vector<Value> targets, directions;
  for (const Value target : grad.targets()) {
    targets.push_back(extraction.of(target));
    directions.push_back(extraction.add_input(target->type()));
  }
  const Value jvp = make_jvp(graph, std::array{cost}, targets, directions);
  extraction.output(result(graph, jvp, 0));
  for (const double factor : {kSmall, kOtherSmall}) {
    if (!is_small) break;
    const Value small = node::mul(graph, cost, constant_like(graph, cost, factor));
    const Value gradients =
        make_grad(graph, {.cost = small, .targets = targets, .disconnected_is_zero = true});
    for (size_t i = 0; i < targets.size(); ++i)
      extraction.output(result(graph, gradients, static_cast<int64_t>(i)));
  }
  Program program;
  program.module = "slopes";
  program.dims = wide.dims;
  program.functions.push_back(extraction.finish(site.function->requirements));
  program.functions[0].name = "forward";
  resolve(program);
  spoil_on_demand("tangent", program);
  return program;
}

// Whether a definition's gradient chooses by the cotangents that arrive: forward mode sees none of
// them but 0.
bool chooses_by_cotangents(const CallWithGradient& call) {
  const Body& gradient = *call.gradient();
  std::vector<bool> moves(static_cast<size_t>(gradient.graph.size()));
  for (size_t i = call.node->operands.size(); i < gradient.parameters.size(); ++i)
    moves[static_cast<size_t>(gradient.parameters[i]->id)] = true;
  return std::ranges::any_of(needed(gradient.graph, gradient.results), [&](Value value) {
    const bool moved = std::ranges::any_of(
        value->operands, [&](Value of) { return moves[static_cast<size_t>(of->id)]; });
    if (moved) moves[static_cast<size_t>(value->id)] = true;
    return moved && (value->types.size() != 1 || !is_float(value->dtype()));
  });
}

bool any_chooses_by_cotangents(const Body& body, std::span<const Value> roots) {
  return std::ranges::any_of(needed(body.graph, roots), [](Value value) {
    if (const auto call = as_call(value); call && chooses_by_cotangents(*call)) return true;
    return std::ranges::any_of(value->regions, [](const Region& region) {
      return any_chooses_by_cotangents(*region, region->results);
    });
  });
}

GradientPrograms programs_of(const Program& wide, const DerivativeSite& site,
                             std::string_view step) {
  GradientPrograms made;
  made.step = step;
  made.span = site.node->graph->spans(site.node).first();
  const Grad grad = *as_grad(site.node);
  for (const Value target : grad.targets()) {
    const std::string& name = target->graph->name(target);
    made.names.push_back(name.empty() ? "a value" : name);
  }
  made.cut = cut_derivative(wide, site, OwnGradients::all);
  if (made.cut) {
    resolve(made.cut->program);
    spoil_on_demand("gradient", made.cut->program);
  }
  const Value cost = grad.cost();
  made.is_small = reverse::has_own_gradients(needed(site.body->graph, {&cost, 1}));
  const bool sees_all =
      grad.constant_count == 0 && !any_chooses_by_cotangents(*site.body, {&cost, 1});
  if (sees_all) made.forward = forward_program(wide, site, made.is_small);
  return made;
}

}  // namespace

std::vector<GradientPrograms> gradient_programs(const Program& wide, const Function& function) {
  std::vector<GradientPrograms> all;
  for (const Value value : needed(function.graph(), function.roots())) {
    if (is_grad(value))
      all.push_back(programs_of(wide, {function.body.get(), value, &function, false}, ""));
  }
  for (const LiftedGradient& lifted : lift_gradients(function)) {
    const Function& around = lifted.function;
    all.push_back(programs_of(wide, {around.body.get(), lifted.node, &around, false}, lifted.step));
  }
  return all;
}

}  // namespace thx
