// SPDX-License-Identifier: Apache-2.0
// What a body's operators are applied to: picked from the pool, or made to fit.
#include <algorithm>
#include <limits>

#include "body_generator.h"
#include "ops/axes.h"
#include "ops/build.h"

namespace thx::random {

Value BodyGenerator::add_parameter(const Type& type, std::string_view name) {
  const Value value = graph().parameter(type, name);
  body_.parameters.push_back(value);
  pool_.push_back(value);
  return value;
}

// The latest values more often: programs get deep, and little of them is dead.
Value BodyGenerator::pick(const Accepts& accepts) {
  if (pool_.empty()) return {};
  for (int i = 0; i < 6; ++i) {
    const size_t window = dice_.flip() ? std::min<size_t>(pool_.size(), 6) : pool_.size();
    const Value value = pool_[pool_.size() - 1 - dice_.below(window)];
    if (accepts(value)) return value;
  }
  const size_t first = dice_.below(pool_.size());
  for (size_t i = 0; i < pool_.size(); ++i)
    if (const Value value = pool_[(first + i) % pool_.size()]; accepts(value)) return value;
  return {};
}

Value BodyGenerator::pick_of(DTypes types) {
  if (const Value value = pick([&](Value v) { return accepts(types, v->dtype()); })) return value;
  const Value value = pick();
  if (!value) return {};
  DType dtype = any_dtype();
  while (!accepts(types, dtype)) dtype = dice_.one_of(kDTypes).dtype;
  return cast(graph(), value, dtype);
}

Value BodyGenerator::pick_ranked(int rank) {
  return pick([&](Value v) { return v->type().rank() >= rank; });
}

DType BodyGenerator::any_dtype() {
  const int roll = dice_.below(100);
  if (roll < 50) return DType::f32;
  if (roll < 68) return DType::f64;
  if (roll < 78) return DType::i64;
  if (roll < 86) return DType::boolean;
  return dice_.one_of(kDTypes).dtype;
}

Extent BodyGenerator::any_extent() {
  const Extent n = Extent::symbol("N"), m = Extent::symbol("M"), k = Extent::symbol("K");
  switch (dice_.below(16)) {
    case 0:
    case 1:
    case 2: return n;
    case 3:
    case 4: return m;
    case 5:
    case 6: return k;
    case 7: return n + 1;
    case 8: return m * 2;
    case 9: return n * k;
    case 10: return dice_.chance(10) ? Extent(0) : Extent(3);
    case 11: return 1;
    default: return dice_.from(1, 6);
  }
}

Type BodyGenerator::any_type() {
  Type type{any_dtype(), {}};
  static constexpr int kRanks[] = {0, 1, 1, 2, 2, 2, 3, 4};
  for (int rank = dice_.one_of(kRanks); rank > 0; --rank) {
    type.shape.push_back(any_extent());
    if (!fits(type.shape)) type.shape.pop_back();
  }
  return type;
}

bool BodyGenerator::fits(const Shape& shape) const {
  if (shape.size() > 5) return false;
  for (const Extent::Values* dims : {&setting_.dims, &setting_.odd_dims}) {
    int64_t count = 1;
    Shape all = around_;
    all.insert(all.end(), shape.begin(), shape.end());
    for (const Extent& extent : all) {
      const std::optional<int64_t> value =
          extent.is_known() ? extent.known() : extent.evaluate(*dims);
      if (!value || *value > setting_.options.elements) return false;
      count *= std::max<int64_t>(*value, 0);
      if (count > setting_.options.elements) return false;
    }
  }
  return true;
}

bool BodyGenerator::add(Value value) {
  if (!fits(value->shape())) return false;
  pool_.push_back(value);
  return true;
}

// Whatever the row refuses is not made.
bool BodyGenerator::add(Op op, std::vector<Value> operands, Attrs attrs) {
  std::vector<Type> types;
  for (const Value operand : operands) types.push_back(operand->type());
  const Result<Type> type = infer_type(op, types, attrs);
  if (!type.ok() || !fits(type->shape)) return false;
  return add(make(graph(), op, operands, std::move(attrs)));
}

bool BodyGenerator::require_at_least(const Extent& left, const Extent& right) {
  const Extent slack = (left - right).substitute(setting_.bound);
  if (slack.is_known() && slack.known() < 0) return false;
  if (!(left - right).is_known())
    setting_.requirements.push_back({Requirement::Kind::at_least, left, right, {}});
  return true;
}

Value BodyGenerator::number(DType dtype) {
  static constexpr double kReals[] = {0, 1, -1, 2, 0.5, 3, 0.1, -0.25, 1e-3, 10, -0.0};
  static constexpr double kOdd[] = {1e30,
                                    1e-40,
                                    1e300,
                                    std::numeric_limits<double>::infinity(),
                                    -std::numeric_limits<double>::infinity(),
                                    std::numeric_limits<double>::quiet_NaN()};
  const bool odd = is_float(dtype) && dice_.chance(4);
  const double real = odd ? dice_.one_of(kOdd) : dice_.one_of(kReals);
  const Scalar scalar =
      is_float(dtype) ? Scalar::of(dtype, real) : Scalar::of_integer(dtype, dice_.from(-2, 7));
  Scalar truth = scalar;
  if (is_bool(dtype)) truth.integer = dice_.below(2);
  return make(graph(), Op::constant, {}, {{"value", truth}});
}

// A value whose axes are some of the type's, repeated along the others.
Value BodyGenerator::broadcast_like(const Type& type) {
  AxisList axes;
  const Value value = pick([&](Value v) {
    if (v->dtype() != type.dtype || v->type().rank() >= type.rank()) return false;
    axes.clear();
    size_t next = 0;
    for (size_t axis = 0; axis < type.shape.size() && next < v->shape().size(); ++axis)
      if (v->shape()[next] == type.shape[axis]) {
        axes.push_back(static_cast<int64_t>(axis));
        ++next;
      }
    return next == v->shape().size();
  });
  if (!value) return {};
  return broadcast(graph(), value, type.shape, axes);
}

Value BodyGenerator::like(const Type& type) {
  const int roll = dice_.below(10);
  if (roll < 6)
    if (const Value value = pick([&](Value v) { return v->type() == type; })) return value;
  if (roll < 8)
    if (const Value value = broadcast_like(type)) return value;
  if (roll < 9)
    if (const Value value = pick([&](Value v) { return v->shape() == type.shape; }))
      return cast(graph(), value, type.dtype);
  const Value scalar = number(type.dtype);
  return broadcast(graph(), scalar, type.shape, {});
}

std::vector<Value> BodyGenerator::unread() const {
  std::vector<bool> read(static_cast<size_t>(body_.graph.size()));
  for (int id = 0; id < body_.graph.size(); ++id)
    for (const Value operand : body_.graph.at(id)->operands)
      read[static_cast<size_t>(operand->id)] = true;
  std::vector<Value> result;
  for (auto value = pool_.rbegin(); value != pool_.rend(); ++value)
    if (!read[static_cast<size_t>((*value)->id)] &&
        std::ranges::find(result, *value) == result.end())
      result.push_back(*value);
  return result;
}

}  // namespace thx::random
