// SPDX-License-Identifier: Apache-2.0
// Contractions and indexing by values.
#include <algorithm>

#include "body_generator.h"
#include "ops/axes.h"
#include "ops/build.h"

namespace thx::random {

bool BodyGenerator::add_dot() {
  const auto usable = [](Value v) { return v->type().rank() >= 1 && !is_bool(v->dtype()); };
  const Value x = pick(usable);
  if (!x) return false;
  const auto meets = [&](Value y) {
    if (y->dtype() != x->dtype()) return false;
    return std::ranges::any_of(x->shape(), [&](const Extent& extent) {
      return std::ranges::find(y->shape(), extent) != y->shape().end();
    });
  };
  const Value y = pick(meets);
  if (!y) return false;
  AxisList lhs_contract, rhs_contract, lhs_batch, rhs_batch;
  AxisList left = axis_run(0, x->type().rank()), right = axis_run(0, y->type().rank());
  dice_.shuffle(left);
  dice_.shuffle(right);
  for (const int64_t a : left) {
    const auto b = std::ranges::find_if(right, [&](int64_t axis) {
      return y->shape()[static_cast<size_t>(axis)] == x->shape()[static_cast<size_t>(a)] &&
             !contains(rhs_contract, axis) && !contains(rhs_batch, axis);
    });
    if (b == right.end()) continue;
    const bool first = lhs_contract.empty();
    if (!first && dice_.chance(50)) continue;
    const bool batch = !first && dice_.chance(60);
    (batch ? lhs_batch : lhs_contract).push_back(a);
    (batch ? rhs_batch : rhs_contract).push_back(*b);
  }
  Attrs attrs = {{"lhs_contract", lhs_contract}, {"rhs_contract", rhs_contract}};
  if (!lhs_batch.empty()) {
    attrs.set("lhs_batch", lhs_batch);
    attrs.set("rhs_batch", rhs_batch);
  }
  return add(Op::dot, {x, y}, attrs);
}

// Integers of [0, extent), or of [-extent, extent); some leave the axis.
Value BodyGenerator::indices(const Extent& extent, const Shape& shape) {
  const Type type{DType::i64, shape};
  if (dice_.chance(3)) return like(type);
  Value base = like(type);
  if (!shape.empty() && dice_.chance(30))
    base = make(graph(), Op::iota, {},
                {{"axis", static_cast<int64_t>(dice_.below(shape.size()))}, {"shape", shape}});
  const Value length = broadcast(graph(), extent_value(graph(), extent), shape, {});
  const Value inside = node::remainder(graph(), base, length);
  return dice_.chance(20) ? node::sub(graph(), inside, length) : inside;
}

bool BodyGenerator::choose_indices(Value x, Attrs& attrs, std::vector<Value>& arrays) {
  const int rank = x->type().rank();
  const int batch = rank > 1 && dice_.chance(20) ? 1 : 0;
  AxisList axes = axis_run(batch, rank - batch);
  dice_.shuffle(axes);
  axes.resize(std::min<size_t>(axes.size(), dice_.chance(70) ? 1 : 2));
  for (const int64_t axis : axes)  // nothing can be read of an axis of no elements
    for (const Extent::Values* dims : {&setting_.dims})
      if (x->shape()[static_cast<size_t>(axis)].evaluate(*dims) == 0 && !dice_.chance(10))
        return false;
  Shape shape(x->shape().begin(), x->shape().begin() + batch);
  for (int own = dice_.below(3); own > 0; --own) shape.push_back(any_extent());
  if (!fits(shape)) return false;
  for (const int64_t axis : axes)
    arrays.push_back(indices(x->shape()[static_cast<size_t>(axis)], shape));
  attrs.set("axes", axes);
  if (batch > 0) attrs.set("batch", int64_t{batch});
  return true;
}

bool BodyGenerator::add_gather() {
  const Value x = pick_ranked(1);
  Attrs attrs;
  std::vector<Value> operands = {x};
  return x && choose_indices(x, attrs, operands) && add(Op::gather, operands, attrs);
}

bool BodyGenerator::add_scatter(Op op) {
  const Value base = pick([](Value v) { return v->type().rank() >= 1 && !is_bool(v->dtype()); });
  Attrs attrs;
  std::vector<Value> arrays = {base};
  if (!base || !choose_indices(base, attrs, arrays)) return false;
  std::vector<Type> types;
  for (const Value value : arrays) types.push_back(value->type());
  const Result<Type> updates = infer_type(Op::gather, types, attrs);
  if (!updates.ok() || !fits(updates->shape)) return false;
  arrays.insert(arrays.begin() + 1, like(*updates));
  return add(op, arrays, attrs);
}

bool BodyGenerator::add_dynamic_slice() {
  const Value x = pick_ranked(1);
  if (!x) return false;
  AxisList axes = axis_run(0, x->type().rank());
  dice_.shuffle(axes);
  axes.resize(std::min<size_t>(axes.size(), dice_.chance(70) ? 1 : 2));
  Shape shape = x->shape();
  std::vector<Value> operands = {x};
  for (const int64_t axis : axes) {
    Extent& length = shape[static_cast<size_t>(axis)];
    const Extent extent = length;
    if (extent.is_known()) {
      length = dice_.from(0, static_cast<int>(extent.known()));
    } else if (dice_.chance(70) && require_at_least(extent, 1)) {
      length = dice_.flip() ? Extent(1) : extent - 1;
    }
    operands.push_back(indices(extent - length + 1, {}));
    if (dice_.chance(97))
      operands.back() =
          node::maximum(graph(), operands.back(), constant(graph(), Type{DType::i64, {}}, 0));
  }
  return add(Op::dynamic_slice, operands, {{"axes", axes}, {"shape", shape}});
}

}  // namespace thx::random
