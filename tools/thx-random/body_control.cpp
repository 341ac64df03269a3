// SPDX-License-Identifier: Apache-2.0
// Nodes with regions: choices, loops, maps, and calls that bring their gradients.
#include <algorithm>

#include "body_generator.h"
#include "ops/build.h"
#include "ops/control.h"

namespace thx::random {

namespace {
constexpr int kMaxDepth = 2;
constexpr int kMaxRegions = 4;
}  // namespace

const BodyGenerator::Choice BodyGenerator::kChoices[] = {
    {&BodyGenerator::add_cond, 20, true, false}, {&BodyGenerator::add_scan, 18, true, false},
    {&BodyGenerator::add_vmap, 16, true, false}, {&BodyGenerator::add_call, 14, true, true},
    {&BodyGenerator::add_mark, 12, false, true}, {&BodyGenerator::add_grad, 9, false, true},
    {&BodyGenerator::add_jvp, 7, false, true},   {&BodyGenerator::add_jacobian, 4, false, true},
};

bool BodyGenerator::add_control() {
  const auto regions = [&] {
    return setting_.options.control && depth_ < kMaxDepth && setting_.regions < kMaxRegions;
  };
  int roll = dice_.below(100);
  for (const Choice& choice : kChoices) {
    roll -= choice.weight;
    if (roll >= 0) continue;
    if (choice.has_regions && !regions()) return false;
    if (choice.derives && !setting_.options.derivatives) return false;
    return (this->*choice.add)();
  }
  return false;
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

bool BodyGenerator::add_vmap() {
  const Value first = pick_ranked(1);
  if (!first) return false;
  const Extent extent = first->shape()[0];
  std::vector<Value> mapped = {first};
  const Value second =
      pick([&](Value v) { return v->type().rank() >= 1 && v->shape()[0] == extent && v != first; });
  if (second && dice_.flip()) mapped.push_back(second);
  const std::vector<Value> captures = any_operands(dice_.below(3));
  ++setting_.regions;
  auto body = std::make_shared<Body>();
  Shape around = around_;
  around.push_back(extent);
  BodyGenerator inner(setting_, *body, depth_ + 1, around);
  for (const Value value : mapped) {
    Type type = value->type();
    type.shape.erase(type.shape.begin());
    inner.add_parameter(type, "x");
  }
  for (const Value value : captures) inner.add_parameter(value->type(), "k");
  inner.grow(dice_.from(1, 6));
  inner.end_with_unread(*body, dice_.from(1, 2));
  return add_results(make_vmap(graph(), mapped, captures, extent, body));
}

// The gradient is any function of its parameters; where a cotangent fits, mostly linear in it.
bool BodyGenerator::add_call() {
  const std::vector<Value> operands = any_operands(3);
  if (operands.empty()) return false;
  ++setting_.regions;
  auto body = std::make_shared<Body>();
  BodyGenerator inner(setting_, *body, depth_ + 1, around_);
  for (const Value value : operands) inner.add_parameter(value->type(), "a");
  inner.grow(dice_.from(1, 5));
  inner.end_with_unread(*body, dice_.from(1, 2));

  auto gradient = std::make_shared<Body>();
  BodyGenerator back(setting_, *gradient, depth_ + 1, around_);
  for (const Value value : operands) back.add_parameter(value->type(), "a");
  std::vector<Value> cotangents;
  for (const Value made : body->results)
    cotangents.push_back(back.add_parameter(made->type(), "g"));
  back.grow(dice_.below(5));
  std::vector<int64_t> gradients;
  for (size_t i = 0; i < operands.size(); ++i) {
    const Type& type = operands[i]->type();
    if (!is_float(type.dtype) || dice_.chance(15)) continue;
    Value cotangent = back.like(type);
    for (const Value given : cotangents)
      if (given->type() == type && dice_.chance(70))
        cotangent = node::mul(gradient->graph, cotangent, given);
    gradient->results.push_back(cotangent);
    gradients.push_back(static_cast<int64_t>(i));
  }
  return add_results(make_call(graph(), {.operands = operands,
                                         .body = body,
                                         .gradient = gradient,
                                         .gradients = gradients,
                                         .name = "d"}));
}

// Different values of the pool, at most so many.
std::vector<Value> BodyGenerator::any_operands(int most) {
  std::vector<Value> operands;
  for (; most > 0; --most) {
    const Value value = pick();
    if (value && std::ranges::find(operands, value) == operands.end()) operands.push_back(value);
  }
  return operands;
}

// Ends this region's body with some of what nothing has read.
void BodyGenerator::end_with_unread(Body& body, int count) {
  for (const Value value : unread())
    if (count-- > 0) body.results.push_back(value);
  if (body.results.empty()) body.results.push_back(pool_.back());
}

}  // namespace thx::random
