// SPDX-License-Identifier: Apache-2.0
// Views and placements, whose attributes follow from their operands' extents.
#include "body_generator.h"
#include "ops/axes.h"
#include "ops/build.h"

namespace thx::random {

bool BodyGenerator::add_broadcast() {
  const Value x = pick();
  if (!x) return false;
  Shape shape = x->shape();
  AxisList axes = axis_run(0, x->type().rank());
  for (Extent& extent : shape)
    if (extent.is(1) && dice_.flip()) extent = any_extent();
  for (int added = dice_.from(0, 2); added > 0; --added) {
    const size_t place = dice_.below(shape.size() + 1);
    shape.insert(shape.begin() + static_cast<ptrdiff_t>(place), any_extent());
    for (int64_t& axis : axes)
      if (axis >= static_cast<int64_t>(place)) ++axis;
  }
  return add(Op::broadcast, {x}, {{"axes", axes}, {"shape", shape}});
}

bool BodyGenerator::add_reshape() {
  const Value x = pick();
  if (!x) return false;
  Shape shape = x->shape();
  for (int change = dice_.from(1, 3); change > 0; --change) {
    const size_t at = dice_.below(shape.size() + 1);
    const auto place = shape.begin() + static_cast<ptrdiff_t>(at);
    switch (dice_.below(4)) {
      case 0: shape.insert(place, Extent(1)); break;
      case 1:  // joins
        if (at + 1 >= shape.size()) break;
        shape[at] *= shape[at + 1];
        shape.erase(place + 1);
        break;
      case 2: {  // splits
        if (at >= shape.size() || !shape[at].is_known()) break;
        const int64_t extent = shape[at].known();
        const int64_t inner = dice_.from(2, 4);
        if (extent == 0 || extent % inner != 0) break;
        shape[at] = extent / inner;
        shape.insert(place + 1, Extent(inner));
        break;
      }
      default:
        if (at < shape.size() && shape[at].is(1)) shape.erase(place);
    }
  }
  return add(Op::reshape, {x}, {{"shape", shape}});
}

// Positions on an axis; a symbolic axis is long enough for them where the function is entered.
BodyGenerator::Run BodyGenerator::any_run(const Extent& extent, bool backwards) {
  const bool turned = backwards && dice_.chance(30);
  const Extent whole_start = turned ? extent - 1 : Extent(0);
  if (!extent.is_known()) {
    const int step = turned ? -1 : 1;
    switch (dice_.below(5)) {
      case 0: return {whole_start, extent, step};
      case 1:
        if (!require_at_least(extent, 1)) break;
        return {turned ? extent - 1 : Extent(1), extent - 1, step};
      case 2: return {0, ceildiv(extent, 2), 2};
      case 3:
        if (!require_at_least(extent, 1)) break;
        return {extent - 1, 1, 1};
      default: break;
    }
    return {0, extent, 1};
  }
  const auto length = static_cast<int>(extent.known());
  if (length == 0) return {0, 0, 1};
  const int step = dice_.chance(70) ? 1 : dice_.from(2, 3);
  const int start = dice_.below(length);
  const int most = turned ? start / step + 1 : (length - start + step - 1) / step;
  const int count = dice_.chance(8) ? 0 : dice_.from(1, most);
  return {start, count, turned ? -step : step};
}

bool BodyGenerator::add_slice() {
  const Value x = pick_ranked(1);
  if (!x) return false;
  Shape starts, shape;
  AxisList steps;
  for (const Extent& extent : x->shape()) {
    Run run = any_run(extent, true);
    if (dice_.flip()) run = {0, extent, 1};
    starts.push_back(run.start);
    shape.push_back(run.count);
    steps.push_back(run.step);
  }
  return add(Op::slice, {x}, {{"starts", starts}, {"steps", steps}, {"shape", shape}});
}

bool BodyGenerator::add_concat() {
  const Value x = pick_ranked(1);
  if (!x) return false;
  const size_t axis = dice_.below(x->shape().size());
  std::vector<Value> parts = {x};
  for (int count = dice_.below(4); count > 0; --count) {
    Type type = x->type();
    if (dice_.flip()) type.shape[axis] = any_extent();
    if (!fits(type.shape)) continue;
    parts.push_back(like(type));
  }
  dice_.shuffle(parts);
  return add(Op::concat, parts, {{"axis", static_cast<int64_t>(axis)}});
}

bool BodyGenerator::add_place() {
  const Value base = pick_ranked(1);
  if (!base) return false;
  Type part = base->type();
  Shape starts;
  AxisList steps;
  for (Extent& extent : part.shape) {
    const Run run = dice_.flip() ? any_run(extent, false) : Run{0, extent, 1};
    starts.push_back(run.start);
    steps.push_back(run.step);
    extent = run.count;
  }
  return add(Op::place, {base, like(part)}, {{"starts", starts}, {"steps", steps}});
}

}  // namespace thx::random
