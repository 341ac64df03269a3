// SPDX-License-Identifier: Apache-2.0
// Regions, marks and what is differentiated.
#include <algorithm>

#include "body_generator.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/control.h"

namespace thx::random {

namespace {
constexpr int kMaxDepth = 2;
constexpr int kMaxRegions = 4;
}  // namespace

bool BodyGenerator::add_control() {
  const bool regions =
      setting_.options.control && depth_ < kMaxDepth && setting_.regions < kMaxRegions;
  const int roll = dice_.below(10);
  if (roll < 3) return regions && add_cond();
  if (roll < 6) return regions && add_scan();
  if (!setting_.options.derivatives) return false;
  return roll < 8 ? add_mark() : add_grad();
}

bool BodyGenerator::add_results(Value node) {
  bool any = false;
  for (size_t i = 0; i < node->types.size(); ++i)
    if (fits(node->types[i].shape)) any |= add(result(graph(), node, static_cast<int64_t>(i)));
  return any;
}

bool BodyGenerator::add_cond() {
  std::vector<Value> captures;
  for (int count = dice_.from(1, 3); count > 0; --count) {
    const Value value = pick();
    if (value && std::ranges::find(captures, value) == captures.end()) captures.push_back(value);
  }
  if (captures.empty()) return false;
  const Value condition = like(Type{DType::boolean, {}});
  std::vector<Type> results;
  for (int count = dice_.from(1, 2); count > 0; --count)
    results.push_back(captures[dice_.below(captures.size())]->type());
  ++setting_.regions;
  const auto region = [&] {
    auto body = std::make_shared<Body>();
    BodyGenerator inner(setting_, *body, depth_ + 1);
    for (size_t i = 0; i < captures.size(); ++i)
      inner.add_parameter(captures[i]->type(), format("c{}", i));
    inner.grow(dice_.from(0, 5));
    for (const Type& type : results) body->results.push_back(inner.like(type));
    return body;
  };
  const Region then = region(), otherwise = region();
  return add_results(make_cond(graph(), condition, captures, then, otherwise));
}

bool BodyGenerator::add_scan() {
  std::vector<Value> initial, sequences, captures;
  for (int count = dice_.from(0, 2); count > 0; --count)
    if (const Value value = pick()) initial.push_back(value);
  Extent length = any_extent();
  if (const Value first = pick_ranked(1); first && dice_.chance(80)) {
    length = first->shape()[0];
    sequences.push_back(first);
    const Value second = pick(
        [&](Value v) { return v->type().rank() >= 1 && v->shape()[0] == length && v != first; });
    if (second && dice_.chance(30)) sequences.push_back(second);
  }
  if (initial.empty() && sequences.empty()) return false;
  if (const Value value = pick(); value && dice_.flip()) captures.push_back(value);
  if (!fits({length})) return false;
  ++setting_.regions;
  auto body = std::make_shared<Body>();
  BodyGenerator inner(setting_, *body, depth_ + 1);
  for (const Value value : initial) inner.add_parameter(value->type(), "h");
  for (const Value value : sequences) {
    Type type = value->type();
    type.shape.erase(type.shape.begin());
    inner.add_parameter(type, "x");
  }
  for (const Value value : captures) inner.add_parameter(value->type(), "w");
  inner.grow(dice_.from(1, 5));
  for (const Value value : initial) body->results.push_back(inner.like(value->type()));
  for (int yields = dice_.from(initial.empty() ? 1 : 0, 1); yields > 0; --yields) {
    const std::vector<Value> unread = inner.unread();
    body->results.push_back(unread.empty() ? inner.pool().back() : unread.front());
  }
  return add_results(
      make_scan(graph(), {initial, sequences, captures, body, length, dice_.chance(30)}));
}

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

bool BodyGenerator::add_grad() {
  const Value value = pick_of(DTypes::floats);
  if (!value) return false;
  std::vector<Value> targets, constants;
  const auto usable = [&](Value v) {
    return is_float(v->dtype()) && std::ranges::find(targets, v) == targets.end();
  };
  std::vector<Value> choices = marks_;
  if (depth_ == 0) choices.insert(choices.end(), body_.parameters.begin(), body_.parameters.end());
  dice_.shuffle(choices);
  for (const Value choice : choices)
    if (usable(choice) && targets.size() < 2) targets.push_back(choice);
  if (targets.empty()) return false;
  for (const Value mark : marks_)
    if (usable(mark) && dice_.chance(15)) constants.push_back(mark);
  GradParts parts{scalar_of(value), targets, constants};
  parts.disconnected_is_zero = true;
  return add_results(make_grad(graph(), parts));
}

}  // namespace thx::random
