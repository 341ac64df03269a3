// SPDX-License-Identifier: Apache-2.0
// The step of growth; operators whose rows and attribute keys say all that is needed.
#include <algorithm>

#include "body_generator.h"
#include "ir/verify_node.h"
#include "ops/axes.h"
#include "ops/build.h"

namespace thx::random {

namespace {

// How often each family is taken, in percent.
constexpr std::pair<Family, int> kWeights[] = {
    {Family::elementwise, 36}, {Family::reduction, 11}, {Family::view, 14},
    {Family::placement, 6},    {Family::cumulative, 3}, {Family::contraction, 6},
    {Family::indexing, 8},     {Family::composite, 4},  {Family::source, 2},
    {Family::control, 10},
};

Family any_family(Dice& dice) {
  int roll = dice.below(100);
  for (const auto& [family, weight] : kWeights) {
    roll -= weight;
    if (roll < 0) return family;
  }
  return Family::elementwise;
}

Op any_of(Family family, Dice& dice) {
  static const std::vector<std::vector<Op>> by_family = [] {
    std::vector<std::vector<Op>> all(static_cast<size_t>(Family::control) + 1);
    for (const OpInfo& entry : kOps) all[static_cast<size_t>(entry.family)].push_back(entry.op);
    return all;
  }();
  return dice.one_of(std::span(by_family[static_cast<size_t>(family)]));
}

}  // namespace

void BodyGenerator::grow(int operations) {
  for (int made = 0, tried = 0; made < operations && tried < 4 * operations; ++tried)
    if (step()) ++made;
}

bool BodyGenerator::step() {
  const Family family = any_family(dice_);
  if (family == Family::control) return add_control();
  const Op op = any_of(family, dice_);
  switch (op) {
    case Op::broadcast: return add_broadcast();
    case Op::reshape: return add_reshape();
    case Op::slice: return add_slice();
    case Op::concat: return add_concat();
    case Op::place: return add_place();
    case Op::dot: return add_dot();
    case Op::gather: return add_gather();
    case Op::scatter_add:
    case Op::scatter_set: return add_scatter(op);
    case Op::dynamic_slice: return add_dynamic_slice();
    case Op::parameter:
    case Op::random_normal:  // draws stand in `init` alone
    case Op::random_uniform:
    case Op::random_integers: return false;
    default: break;
  }
  return family == Family::elementwise ? add_elementwise(op) : add_general(op);
}

// Where most of the operator's results would not be numbers, the operand is moved into its domain.
Value BodyGenerator::guarded(Samples samples, Value x) {
  if (!is_float(x->dtype()) || dice_.chance(15)) return x;
  Graph& g = graph();
  const auto constant = [&](double value) { return constant_like(g, x, value); };
  const auto magnitude = [&] { return node::abs(g, x); };
  switch (samples) {
    case Samples::positive: return node::add(g, magnitude(), constant(0.125));
    case Samples::nonzero: return node::add(g, magnitude(), constant(0.5));
    case Samples::above_one: return node::add(g, magnitude(), constant(1.25));
    case Samples::unit: return node::div(g, x, node::add(g, magnitude(), constant(1.0625)));
    default: return x;
  }
}

bool BodyGenerator::add_elementwise(Op op) {
  const ElementwiseDef& row = elementwise(op);
  const Value found = pick_of(row.types);
  if (!found) return false;
  const Value x = guarded(row.samples, found);
  std::vector<Value> operands;
  if (row.result == ResultDType::chosen) operands.push_back(like(x->type().with(DType::boolean)));
  operands.push_back(x);
  const auto count = static_cast<size_t>(info(op).operands);
  while (operands.size() < count) {
    const Value other = like(x->type());
    operands.push_back(row.samples == Samples::reals ? other : guarded(row.samples, other));
  }
  if (row.result != ResultDType::chosen && count == 2 && dice_.flip())
    std::swap(operands[0], operands[1]);
  Attrs attrs;
  if (row.result == ResultDType::given) attrs.set("dtype", any_dtype());
  return add(op, std::move(operands), std::move(attrs));
}

// The value of a key that says all by itself; false where there is none for these operands.
bool BodyGenerator::propose(std::string_view key, Op op, std::span<const Value> operands,
                            Attrs& attrs) {
  const int rank = operands.empty() ? 0 : operands[0]->type().rank();
  if (key == "axis") {
    const int axes = operands.empty() ? static_cast<int>(attrs.shape("shape").size()) : rank;
    if (axes == 0) return false;
    attrs.set(key, int64_t{dice_.below(axes)});
  } else if (key == "axes" || key == "permutation") {
    AxisList axes = axis_run(0, rank);
    if (key == "permutation" || op == Op::diagonal) dice_.shuffle(axes);
    if (op == Op::diagonal) axes.resize(std::min<size_t>(axes.size(), 2));
    if (family_of(op) == Family::reduction) {
      std::erase_if(axes, [&](int64_t) { return axes.size() > 1 && dice_.flip(); });
      if (axes.empty() && !dice_.chance(10)) return false;
    }
    attrs.set(key, axes);
  } else if (key == "shape") {
    Shape shape = any_type().shape;
    if (shape.empty()) shape.push_back(any_extent());
    attrs.set(key, shape);
  } else if (key == "extent") {
    attrs.set(key, any_extent());
  } else if (key == "value") {
    attrs.set(key, *constant_of(number(any_dtype())));
  } else if (key == "dtype") {
    attrs.set(key, any_dtype());
  } else if (const AttrKey* entry = attr_key(key); entry && entry->kind == AttrKind::flag) {
    attrs.set(key, dice_.flip());
  } else {
    return false;
  }
  return true;
}

bool BodyGenerator::add_general(Op op) {
  const Family family = family_of(op);
  DTypes types = DTypes::any;
  if (family == Family::reduction) types = reduction(op).types;
  if (family == Family::cumulative) types = cumulative(op).types;
  if (family == Family::composite) types = array(op).types;
  std::vector<Value> operands;
  for (int i = 0; i < info(op).operands; ++i) {
    const Value operand = i == 0 ? pick_of(types) : like(operands[0]->type());
    if (!operand) return false;
    operands.push_back(operand);
  }
  Attrs attrs;
  const AttrNames names = attribute_names(op);
  // `shape` first: an axis is one of it.
  for (const bool shapes : {true, false})
    for (const std::string_view key : split(names.required, ' '))
      if (!key.empty() && (key == "shape") == shapes && !propose(key, op, operands, attrs))
        return false;
  for (const std::string_view key : split(names.optional, ' '))
    if (attr_key(key) != nullptr && attr_key(key)->kind == AttrKind::flag && dice_.flip())
      propose(key, op, operands, attrs);
  const bool refuses_empty = (family == Family::reduction && reduction(op).refuses_empty) ||
                             (family == Family::composite && attrs.has("axis"));
  if (refuses_empty && !dice_.chance(10)) {
    for (size_t axis = 0; axis < operands[0]->shape().size(); ++axis) {
      const bool reduced = attrs.has("axis")
                               ? attrs.integer("axis") == static_cast<int64_t>(axis)
                               : contains(attrs.ints("axes"), static_cast<int64_t>(axis));
      const Extent& extent = operands[0]->shape()[axis];
      if (reduced && (extent.is(0) || extent.evaluate(setting_.dims) == 0)) return false;
    }
  }
  return add(op, std::move(operands), std::move(attrs));
}

}  // namespace thx::random
