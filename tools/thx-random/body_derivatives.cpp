// SPDX-License-Identifier: Apache-2.0
// Marks and derivatives.
#include <algorithm>

#include "body_generator.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"

namespace thx::random {

bool BodyGenerator::add_mark() {
  const Value value = pick_of(DTypes::floats);
  if (!value) return false;
  const Value mark = make_mark(graph(), value, format("m{}", setting_.marks++));
  if (!add(mark)) return false;
  marks_.push_back(mark);
  return true;
}

// A float scalar that the value decides.
Value BodyGenerator::scalar_of(Value value) {
  Graph& g = graph();
  if (dice_.flip()) value = node::tanh(g, value);
  if (value->type().is_scalar()) return value;
  return reduce(g, Op::sum, value, axis_run(0, value->type().rank()));
}

// One or two marks; of a function, inputs and states too.
std::vector<Value> BodyGenerator::any_targets() {
  std::vector<Value> choices = marks_;
  if (depth_ == 0) choices.insert(choices.end(), body_.parameters.begin(), body_.parameters.end());
  dice_.shuffle(choices);
  std::vector<Value> targets;
  for (const Value choice : choices)
    if (is_float(choice->dtype()) && targets.size() < 2 &&
        std::ranges::find(targets, choice) == targets.end())
      targets.push_back(choice);
  return targets;
}

bool BodyGenerator::add_grad() {
  const Value value = pick_of(DTypes::floats);
  const std::vector<Value> targets = any_targets();
  if (!value || targets.empty()) return false;
  std::vector<Value> constants;
  for (const Value mark : marks_)
    if (std::ranges::find(targets, mark) == targets.end() && dice_.chance(15))
      constants.push_back(mark);
  GradParts parts{scalar_of(value), targets, constants};
  parts.disconnected_is_zero = true;
  return add_results(make_grad(graph(), parts));
}

bool BodyGenerator::add_jvp() {
  std::vector<Value> outputs;
  for (int count = dice_.from(1, 2); count > 0; --count)
    if (const Value value = pick_of(DTypes::floats)) outputs.push_back(value);
  const std::vector<Value> targets = any_targets();
  if (outputs.empty() || targets.empty()) return false;
  std::vector<Value> directions;
  for (const Value target : targets) directions.push_back(like(target->type()));
  return add_results(make_jvp(graph(), outputs, targets, directions));
}

// Of an output that is small enough for an array of all cotangents that are 1 at one element.
bool BodyGenerator::add_jacobian() {
  const auto squared = [](Value value) {
    Shape shape = value->shape();
    shape.insert(shape.end(), value->shape().begin(), value->shape().end());
    return shape;
  };
  Value output = pick([&](Value v) { return is_float(v->dtype()) && fits(squared(v)); });
  const std::vector<Value> targets = any_targets();
  if (!output || targets.empty()) return false;
  if (dice_.flip()) output = node::sin(graph(), output);
  const Value jacobian = make_jacobian(graph(), output, targets);
  return std::ranges::all_of(jacobian->types, [&](const Type& t) { return fits(t.shape); }) &&
         add_results(jacobian);
}

}  // namespace thx::random
