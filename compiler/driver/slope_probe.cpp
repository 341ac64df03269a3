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
std::vector<double> SlopeProbe::values_at(size_t i, PointOfTarget& point,
                                          const std::vector<double>& direction, double step) const {
  Array& at = point.arguments.inputs[point.place];
  const std::vector<Scalar> before = at.elements;
  for (size_t k = 0; k < direction.size(); ++k) {
    if (direction[k] == 0) continue;
    at.elements[k] = Scalar::of(at.dtype, before[k].real + step * direction[k]);
  }
  const reference::Outcome outcome = reference::evaluate(wide_.functions[1 + i], point.arguments);
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

void SlopeProbe::add_rounding(size_t i, const reference::Arguments& arguments,
                              std::vector<double>& most) const {
  const reference::BoundedOutcome outcome =
      reference::evaluate_bounded(wide_.functions[1 + i], arguments);
  std::vector<double> errors;
  if (outcome.status == reference::Status::ok) {
    for (size_t k = 0; k < cut_.outputs; ++k)
      for (const double each : outcome.outputs[k].error) errors.push_back(each);
    for (size_t k = 0; k < cut_.flows; ++k) {
      const Array& flow = base_[cut_.first_flow() + k];
      const std::vector<double>& error = outcome.outputs[cut_.outputs + k].error;
      for (size_t e = 0; e < flow.elements.size(); ++e)
        errors[0] += std::abs(flow.elements[e].real) * error[e];
    }
  }
  for (size_t j = 0; j < most.size(); ++j)
    most[j] = std::max(most[j], j < errors.size() ? errors[j] : INFINITY);
}

std::vector<double> SlopeProbe::rounding(size_t i, const std::vector<double>& direction,
                                         double fine) const {
  std::vector<double> most(size(i));
  PointOfTarget point = point_of_target(cut_, i, drawn_, base_);
  Array& at = point.arguments.inputs[point.place];
  const std::vector<Scalar> before = at.elements;
  const double step = step_along(i, direction) * fine;
  for (const double by : {0.0, step, -step}) {
    for (size_t k = 0; k < direction.size(); ++k)
      at.elements[k] = Scalar::of(at.dtype, before[k].real + by * direction[k]);
    add_rounding(i, point.arguments, most);
  }
  // (4 s1 - s0) / 3 of slopes with the step and with half of it makes 3 times the error of a value
  // over the step.
  for (double& each : most) each *= 3 / step;
  return most;
}

std::vector<double> SlopeProbe::rounding_of_given(size_t i,
                                                  const std::vector<double>& direction) const {
  std::vector<double> errors(size(i), INFINITY);
  const reference::BoundedOutcome outcome = reference::evaluate_bounded(wide_.functions[0], drawn_);
  if (outcome.status != reference::Status::ok) return errors;
  if (cut_.kind == DerivativeCut::Kind::tangent) {
    errors.clear();
    for (size_t k = 0; k < cut_.results; ++k) {
      const std::vector<double>& error = outcome.outputs[k].error;
      errors.insert(errors.end(), error.begin(), error.end());
    }
    return errors;
  }
  const std::vector<double>& rows = outcome.outputs[i].error;
  for (size_t j = 0; j < errors.size(); ++j) {
    errors[j] = 0;
    for (size_t k = 0; k < direction.size(); ++k)
      if (direction[k] != 0) errors[j] += rows[j * direction.size() + k] * std::abs(direction[k]);
  }
  return errors;
}

double SlopeProbe::step_along(size_t i, const std::vector<double>& direction) const {
  double largest = 1;
  for (size_t k = 0; k < direction.size(); ++k) {
    if (direction[k] != 0) largest = std::max(largest, std::abs(target(i).elements[k].real));
  }
  return 0x1p-10 * largest;
}

std::vector<ElementSlope> SlopeProbe::slopes(size_t i, const std::vector<double>& direction,
                                             double fine) const {
  PointOfTarget point = point_of_target(cut_, i, drawn_, base_);
  const double step = step_along(i, direction) * fine;
  const auto at = [&](double by) { return values_at(i, point, direction, by); };
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
        slope.value = NAN;
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
