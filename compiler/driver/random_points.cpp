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

namespace {

constexpr int kPlain = 3;
constexpr double kMagnitudes[] = {8, 0.02, 100, 1e-4};

}  // namespace

int RandomPoints::kinds() const {
  if (!wide_) return kPlain;
  return kPlain + static_cast<int>(std::size(kMagnitudes) + 2 * centers_.size());
}

double RandomPoints::number(int kind) {
  if (kind == 0) return normal();
  if (kind == 1) return 0.3 * normal();
  if (kind == 2) return 0.1 + uniform();
  auto next = static_cast<size_t>(kind - kPlain);
  if (next < std::size(kMagnitudes)) return kMagnitudes[next] * normal();
  next -= std::size(kMagnitudes);
  const double center = centers_[next / 2];
  const double away = (0.02 + 0.3 * uniform()) * std::abs(center);
  return next % 2 == 0 ? center + away : center - away;
}

Array RandomPoints::array(const Type& type, const Extent::Values& dims, int attempt) {
  Array array{type.dtype, {}, {}};
  for (const Extent& extent : type.shape) {
    array.extents.push_back(std::max<int64_t>(0, extent.evaluate(dims).value_or(0)));
  }
  const int64_t size = reference::count(array.extents);
  const int kind = attempt % kinds();
  for (int64_t i = 0; i < size; ++i) {
    if (is_float(type.dtype)) {
      array.elements.push_back(Scalar::of(type.dtype, number(kind)));
    } else {
      const int64_t number = kind >= kPlain && kind % 2 == 0 ? below(8)
                             : attempt % 4 == 3              ? 0
                                                             : below(2);
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
