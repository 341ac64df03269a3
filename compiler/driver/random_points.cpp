// SPDX-License-Identifier: Apache-2.0
// Random dims and data: SplitMix64 (Steele, Lea, Flood 2014), and the normal distribution by Box
// and Muller.
#include "driver/random_points.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "reference/liveness.h"

namespace thx {

using reference::Array;

uint64_t RandomPoints::bits() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double RandomPoints::normal() {
  return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
}

Extent::Values RandomPoints::dims(const Program& program, int attempt) {
  constexpr int64_t kFirst[] = {3, 2, 4, 5}, kSmall = 3;
  Extent::Values dims;
  size_t next = 0;
  for (const Dim& dim : program.dims) {
    dims[dim.name] = dim.value      ? (attempt % 2 == 0 ? *dim.value : std::min(*dim.value, kSmall))
                     : attempt == 0 ? kFirst[next++ % std::size(kFirst)]
                                    : 1 + below(5);
  }
  return dims;
}

Array RandomPoints::array(const Type& type, const Extent::Values& dims, int attempt) {
  Array array{type.dtype, {}, {}};
  for (const Extent& extent : type.shape) {
    array.extents.push_back(std::max<int64_t>(0, extent.evaluate(dims).value_or(0)));
  }
  const int64_t size = reference::count(array.extents);
  for (int64_t i = 0; i < size; ++i) {
    if (is_float(type.dtype)) {
      const double number = attempt % 3 == 0   ? normal()
                            : attempt % 3 == 1 ? 0.3 * normal()
                                               : 0.1 + uniform();
      array.elements.push_back(Scalar::of(type.dtype, number));
    } else {
      const int64_t number = attempt % 4 == 3 ? 0 : below(2);
      array.elements.push_back(Scalar::of_integer(type.dtype, number));
    }
  }
  return array;
}

reference::Arguments RandomPoints::arguments(const Program& program, const Function& function,
                                             int attempt) {
  reference::Arguments arguments;
  arguments.dims = dims(program, attempt);
  for (const Input& input : function.inputs) {
    arguments.inputs.push_back(array(input.value->type(), arguments.dims, attempt));
  }
  return arguments;
}

double input_numbers(const Function& function, const Extent::Values& dims) {
  double numbers = 0;
  for (const Input& input : function.inputs) {
    numbers += reference::elements_of(input.value->shape(), dims);
  }
  return numbers;
}

}  // namespace thx
