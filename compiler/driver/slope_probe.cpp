// SPDX-License-Identifier: Apache-2.0
// Central differences of two steps: where a value is smooth they agree, and their combination
// (Richardson's) leaves an error of the fourth order.
#include "driver/slope_probe.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "reference/error_bounds.h"

namespace thx {

using reference::Array;

SlopeProbe::SlopeProbe(const DerivativeCut& cut, const Program& wide,
                       const reference::Arguments& drawn, const std::vector<Array>& base)
    : cut_(cut), wide_(wide), drawn_(drawn), base_(base) {}

// Everything moves by at most the step, relative to numbers over 1.
std::vector<double> SlopeProbe::values_at(size_t i, reference::Arguments& arguments, size_t place,
                                          const std::vector<double>& direction, double step) const {
  Array& at = arguments.inputs[place];
  const std::vector<Scalar> before = at.elements;
  for (size_t k = 0; k < direction.size(); ++k) {
    if (direction[k] == 0) continue;
    at.elements[k] = Scalar::of(at.dtype, before[k].real + step * direction[k]);
  }
  const reference::Outcome outcome = reference::evaluate(wide_.functions[1 + i], arguments);
  at.elements = before;
  std::vector<double> values;
  if (outcome.status != reference::Status::ok) return values;
  for (size_t k = 0; k < cut_.outputs; ++k) {
    for (const Scalar& each : outcome.outputs[k].elements) values.push_back(each.real);
  }
  for (size_t k = 0; k < cut_.flows; ++k) {  // only a cost has flows
    const Array& flow = base_[cut_.first_flow() + k];
    const Array& operand = outcome.outputs[cut_.outputs + k];
    for (size_t e = 0; e < flow.elements.size(); ++e) {
      values[0] += flow.elements[e].real * operand.elements[e].real;
    }
  }
  return values;
}

// What function 1 + i takes, and where the target stands among it.
reference::Arguments SlopeProbe::arguments_of(size_t i, size_t& place) const {
  reference::Arguments arguments = drawn_;
  const std::optional<size_t> parameter = cut_.targets[i].parameter;
  place = parameter.value_or(arguments.inputs.size());
  if (!parameter) arguments.inputs.push_back(target(i));
  for (size_t k = 0; k < cut_.held; ++k) arguments.inputs.push_back(base_[cut_.first_held() + k]);
  return arguments;
}

std::vector<double> SlopeProbe::rounding(size_t i) const {
  size_t place = 0;
  const reference::BoundedOutcome outcome =
      reference::evaluate_bounded(wide_.functions[1 + i], arguments_of(i, place));
  std::vector<double> errors;
  if (outcome.status != reference::Status::ok) return errors;
  // Over 3 * 2**10: what (4 s1 - s0) / 3 makes of an error, with steps of 2**-10 and 2**-11.
  constexpr double kSteps = 8 * 0x1p10;
  for (size_t k = 0; k < cut_.outputs; ++k) {
    for (const double each : outcome.outputs[k].error) errors.push_back(kSteps * each);
  }
  for (size_t k = 0; k < cut_.flows; ++k) {
    const Array& flow = base_[cut_.first_flow() + k];
    const std::vector<double>& error = outcome.outputs[cut_.outputs + k].error;
    for (size_t e = 0; e < flow.elements.size(); ++e) {
      errors[0] += kSteps * std::abs(flow.elements[e].real) * error[e];
    }
  }
  return errors;
}

std::vector<ElementSlope> SlopeProbe::slopes(size_t i, const std::vector<double>& direction) const {
  size_t place = 0;
  reference::Arguments arguments = arguments_of(i, place);
  double largest = 1;
  for (size_t k = 0; k < direction.size(); ++k) {
    if (direction[k] != 0) largest = std::max(largest, std::abs(target(i).elements[k].real));
  }
  const double step = 0x1p-10 * largest;
  const auto at = [&](double by) { return values_at(i, arguments, place, direction, by); };
  const std::vector<double> middle = at(0);
  const std::array<std::vector<double>, 2> above = {at(step), at(step / 2)};
  const std::array<std::vector<double>, 2> below = {at(-step), at(-step / 2)};
  const size_t count = middle.size();
  std::vector<ElementSlope> made(count);
  for (size_t j = 0; j < count; ++j) {
    ElementSlope& slope = made[j];
    double slopes[2], bends[2], size = std::abs(middle[j]);
    for (const size_t halving : {0, 1}) {
      if (above[halving].size() != count || below[halving].size() != count) {
        slope.rough = true;
        break;
      }
      const double h = step / (halving == 0 ? 1 : 2), up = above[halving][j],
                   down = below[halving][j];
      slopes[halving] = (up - down) / (2 * h);
      bends[halving] = std::abs(up - 2 * middle[j] + down) / h;
      size = std::max({size, std::abs(up), std::abs(down)});
    }
    if (slope.rough) continue;
    slope.value = (4 * slopes[1] - slopes[0]) / 3;
    const double noise = 64 * 0x1p-52 * size / step;
    const double change = std::abs(slopes[1] - slopes[0]);
    slope.scale = std::max(std::abs(slopes[0]), std::abs(slopes[1]));
    slope.bound = 1e-6 * slope.scale + change + noise;
    // At a kink the slopes of both sides differ by as much however small the step is.
    slope.rough = !std::isfinite(slope.value) || change > 1e-3 * slope.scale + noise ||
                  (bends[1] > 0.75 * bends[0] && bends[1] > 5e-7 * slope.scale + noise);
  }
  return made;
}

size_t SlopeProbe::size(size_t i) const {
  if (cut_.kind == DerivativeCut::Kind::gradient) return 1;
  const size_t elements = base_[i].elements.size();
  if (cut_.kind == DerivativeCut::Kind::jacobian) {
    return elements / std::max<size_t>(1, target(i).elements.size());
  }
  size_t all = 0;
  for (size_t k = 0; k < cut_.results; ++k) all += base_[k].elements.size();
  return all;
}

std::vector<double> SlopeProbe::given(size_t i, const std::vector<double>& direction) const {
  std::vector<double> slopes;
  if (cut_.kind == DerivativeCut::Kind::tangent) {
    for (size_t k = 0; k < cut_.results; ++k) {
      for (const Scalar& each : base_[k].elements) slopes.push_back(each.real);
    }
    return slopes;
  }
  const std::vector<Scalar>& rows = base_[i].elements;
  for (size_t j = 0; j < size(i); ++j) {
    double sum = 0;
    for (size_t k = 0; k < direction.size(); ++k) {
      if (direction[k] != 0) sum += rows[j * direction.size() + k].real * direction[k];
    }
    slopes.push_back(sum);
  }
  return slopes;
}

}  // namespace thx
