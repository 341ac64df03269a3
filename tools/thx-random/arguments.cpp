// SPDX-License-Identifier: Apache-2.0
// Draws arguments by name.
#include "arguments.h"

#include <cmath>
#include <limits>

#include "dice.h"
#include "reference/array_rules.h"

namespace thx::random {

namespace {

using reference::Array;

double odd_number(Dice& dice, DType dtype) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static constexpr double kNumbers[] = {
      0.0, -0.0, 1, -1, kInfinity, -kInfinity, std::numeric_limits<double>::quiet_NaN(), 1e-3, 1e4};
  if (dice.chance(80)) return dice.one_of(kNumbers);
  const bool f32 = dtype == DType::f32;
  switch (dice.below(4)) {
    case 0: return f32 ? 1e-42 : 1e-315;
    case 1: return f32 ? 3e38 : 1.7e308;
    case 2: return f32 ? -1.2e-38 : -2.3e-308;
    default: return 90 * (dice.unit() - 0.5);
  }
}

Scalar element(Dice& dice, DType dtype, int mode) {
  if (is_float(dtype)) {
    if (mode == 2 && dice.chance(25)) return Scalar::of(dtype, odd_number(dice, dtype));
    if (mode == 1 && dice.chance(30)) return Scalar::of(dtype, dice.from(-3, 3));
    return Scalar::of(dtype, 3 * (dice.unit() - 0.5));
  }
  if (is_bool(dtype)) return Scalar::of_integer(dtype, dice.below(2));
  if (mode == 2 && dice.chance(15))
    return Scalar::of_integer(dtype, static_cast<int64_t>(dice.bits() << dice.below(64)));
  return Scalar::of_integer(dtype, dice.from(-3, 6));
}

Array drawn(const Type& type, const Extent::Values& dims, Dice dice) {
  Array array{type.dtype, reference::numbers(type.shape, dims), {}};
  const int mode = dice.chance(60) ? 0 : dice.from(1, 2);
  bool negative = false;
  for (const int64_t extent : array.extents) negative |= extent < 0;
  const int64_t count = negative ? 0 : reference::count(array.extents);
  for (int64_t i = 0; i < count; ++i) array.elements.push_back(element(dice, type.dtype, mode));
  return array;
}

}  // namespace

reference::Arguments arguments_for(const Function& function, const Extent::Values& dims,
                                   uint64_t seed) {
  reference::Arguments arguments;
  arguments.dims = dims;
  for (const Input& input : function.inputs)
    arguments.inputs.push_back(drawn(input.value->type(), dims, Dice(seed, input.name)));
  for (const StateUse& use : function.states)
    arguments.states.push_back(drawn(use.current->type(), dims, Dice(seed, use.name)));
  return arguments;
}

}  // namespace thx::random
