// SPDX-License-Identifier: Apache-2.0
// Cuts costs and gradients out of programs.
#include "driver/verify_slopes.h"

#include <algorithm>
#include <array>

#include "driver/pipeline.h"
#include "driver/verify_stages.h"
#include "driver/wrong_pass.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/check.h"

namespace thx {
namespace {

// A copy of the one function, and of what else a program has.
Program only(const Program& program, size_t index) {
  Program copy = clone(program);
  Function function = std::move(function_at(copy, index));
  copy.functions.clear();
  copy.init.reset();
  copy.functions.push_back(std::move(function));
  for (StateUse& use : copy.functions[0].states) use.next = {};
  return copy;
}

std::vector<Value> gradients_in(const Body& body) {
  std::vector<Value> found;
  for (const Value value : needed(body.graph, body.results))
    if (is_grad(value)) found.push_back(value);
  return found;
}

size_t count_within(const Body& body) {
  size_t count = gradients_in(body).size();
  for (const Value value : needed(body.graph, body.results))
    for (const Region& region : value->regions) count += count_within(*region);
  return count;
}

bool has_own_gradients(const Body& body, std::span<const Value> roots) {
  for (const Value value : needed(body.graph, roots)) {
    if (as_call(value)) return true;
    for (const Region& region : value->regions)
      if (has_own_gradients(*region, region->results)) return true;
  }
  return false;
}

void set_outputs(Function& function, const std::vector<Value>& values) {
  function.outputs.clear();
  for (size_t i = 0; i < values.size(); ++i)
    function.outputs.push_back({format("out{}", i), values[i], {}});
  function.body->results = function.roots();
}

// New inputs behind the others, before the states.
void add_inputs(Function& function, const std::vector<Value>& values) {
  for (const Value value : values) {
    const auto at = static_cast<long>(function.inputs.size());
    function.body->parameters.insert(function.body->parameters.begin() + at, value);
    function.inputs.push_back({format("target{}", at), value, {}});
  }
}

// The function with parameters in place of `values`.
void replace_by_inputs(Function& function, const std::vector<Value>& values) {
  std::vector<Value> made(values.size());
  rebuild(function, [&](Graph& graph, Value old, std::span<const Value>) -> Value {
    const auto found = std::ranges::find(values, old);
    if (found == values.end()) return {};
    Value& parameter = made[static_cast<size_t>(found - values.begin())];
    if (!parameter) parameter = graph.parameter(old->type(), "target");
    return parameter;
  });
  for (size_t i = 0; i < made.size(); ++i)  // what the cost does not read
    if (!made[i]) made[i] = function.graph().parameter(values[i]->type(), "target");
  add_inputs(function, made);
}

class Cut {
 public:
  Cut(const Program& wide, const GradientSite& site) : wide_(wide), site_(site) {}

  std::optional<GradientPrograms> run() {
    Program program = only(wide_, site_.function);
    Function& function = program.functions[0];
    const Value node = find(program);
    const Grad grad = *as_grad(node);
    grad_constants_ = grad.constant_count;
    if (has_own_gradients(*function.body, std::array{grad.cost()})) return std::nullopt;
    made_.span = function.graph().spans(node).first();
    std::vector<Value> moved, gradients;
    for (const Value target : grad.targets()) {
      const auto at = std::ranges::find(function.body->parameters, target);
      const bool is_parameter = at != function.body->parameters.end();
      made_.parameters.push_back(
          is_parameter ? static_cast<int>(at - function.body->parameters.begin()) : -1);
      if (!is_parameter) moved.push_back(target);
      const std::string& name = function.graph().name(target);
      made_.names.push_back(name.empty() ? "a value" : name);
    }
    for (const Value constant : grad.constants()) moved.push_back(constant);
    made_.moved = moved.size();
    std::vector<Value> outputs = moved;
    for (size_t i = 0; i < grad.targets().size(); ++i)
      outputs.push_back(result(function.graph(), node, static_cast<int64_t>(i)));
    set_outputs(function, outputs);
    rebuild(function, {});
    resolve(program);
    spoil_on_demand("gradient", program);
    made_.gradient = std::move(program);
    make_cost();
    if (grad_constants_ == 0) make_forward();
    return std::move(made_);
  }

 private:
  // The gradient in a fresh copy, which lies at the same place.
  Value find(const Program& program) const {
    const Function& function = program.functions[0];
    const std::vector<Value> all = gradients_in(*function.body);
    THX_CHECK(site_.number < all.size(), "gradient {} of {}", site_.number, all.size());
    return all[site_.number];
  }

  void make_cost() {
    Program program = only(wide_, site_.function);
    Function& function = program.functions[0];
    const Grad grad = *as_grad(find(program));
    std::vector<Value> moved;
    for (size_t i = 0; i < grad.targets().size(); ++i)
      if (made_.parameters[i] < 0) moved.push_back(grad.targets()[i]);
    for (const Value constant : grad.constants()) moved.push_back(constant);
    set_outputs(function, {grad.cost()});
    replace_by_inputs(function, moved);
    resolve(program);
    made_.cost = std::move(program);
  }

  void make_forward() {
    Program program = only(wide_, site_.function);
    Function& function = program.functions[0];
    const Grad grad = *as_grad(find(program));
    std::vector<Value> directions;
    for (const Value target : grad.targets())
      directions.push_back(function.graph().parameter(target->type(), "direction"));
    const Value jvp =
        make_jvp(function.graph(), std::array{grad.cost()}, grad.targets(), directions);
    set_outputs(function, {result(function.graph(), jvp, 0)});
    add_inputs(function, directions);
    rebuild(function, {});
    resolve(program);
    spoil_on_demand("tangent", program);
    made_.forward = std::move(program);
  }

  const Program& wide_;
  GradientSite site_;
  size_t grad_constants_ = 0;
  GradientPrograms made_;
};

}  // namespace

GradientCount count_gradients(const Function& function) {
  const size_t outside = gradients_in(*function.body).size();
  return {outside, count_within(*function.body) - outside};
}

std::optional<GradientPrograms> gradient_programs(const Program& wide, const GradientSite& site) {
  return Cut(wide, site).run();
}

}  // namespace thx
