// SPDX-License-Identifier: Apache-2.0
// The oracle's composites: functions of a row, in f64, rounded once.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/op_def.h"
#include "reference/array_rules.h"

namespace thx::reference {
namespace {

bool compare(Op op, const Scalar& a, const Scalar& b) {
  const Scalar operands[] = {a, b};
  return elementwise(op).eval(operands, DType::boolean).integer != 0;
}

// The elements of the row through `place` along `axis`.
std::vector<double> row_at(const Array& x, Index place, size_t axis) {
  std::vector<double> row;
  for (place[axis] = 0; place[axis] < x.extents[axis]; ++place[axis])
    row.push_back(x.at(place).real);
  return row;
}

double largest(const std::vector<double>& row) {
  double result = -std::numeric_limits<double>::infinity();
  for (const double x : row) result = x > result || std::isnan(x) ? x : result;
  return result;
}

bool holds_nan(const std::vector<double>& row) {
  return std::ranges::any_of(row, [](double x) { return std::isnan(x); });
}

// The sum of exp(x - peak) over all elements but one that is the peak.
double beside_peak(const std::vector<double>& row, double peak) {
  double sum = -1;
  for (const double x : row) sum += x == peak ? 1 : 0;
  for (const double x : row) sum += x == peak ? 0 : std::exp(x - peak);
  return sum;
}

double logsumexp(const std::vector<double>& row) {
  if (holds_nan(row)) return std::numeric_limits<double>::quiet_NaN();
  const double peak = largest(row);
  if (std::isinf(peak)) return peak;
  return peak + std::log1p(beside_peak(row, peak));
}

// log(softmax(x)) at one element. One infinity takes all the weight; a row of -inf has no limit.
double log_softmax(const std::vector<double>& row, double x) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (holds_nan(row) || largest(row) == -kInfinity) return std::numeric_limits<double>::quiet_NaN();
  if (largest(row) == kInfinity)
    return x == kInfinity ? -std::log(static_cast<double>(std::ranges::count(row, kInfinity)))
                          : -kInfinity;
  const double peak = largest(row);
  return (x - peak) - std::log1p(beside_peak(row, peak));
}

template <class F>
Array along_axis(const Site& site, F&& element) {
  const Array& x = *site.operands[0];
  const auto axis = static_cast<size_t>(site.node.attrs.integer("axis"));
  Array result{x.dtype, site.extents, {}};
  for_each_place(site.extents, [&](const Index& place) {
    Index at = place;
    if (at.size() < x.extents.size()) at.insert(at.begin() + static_cast<long>(axis), 0);
    const double own = x.extents[axis] > 0 ? x.at(at).real : 0;
    result.elements.push_back(Scalar::of(x.dtype, element(row_at(x, at, axis), own)));
  });
  return result;
}

Array evaluate_softmax(const Site& site) {
  return along_axis(
      site, [](const std::vector<double>& row, double x) { return std::exp(log_softmax(row, x)); });
}
Array evaluate_log_softmax(const Site& site) { return along_axis(site, log_softmax); }
Array evaluate_logsumexp(const Site& site) {
  return along_axis(site, [](const std::vector<double>& row, double) { return logsumexp(row); });
}

// w * exp(x - peak), and 0 times max(x, 0) for a weight of 0, so that this neither overflows nor
// loses a NaN.
double weighed(double weight, double x, double peak) {
  return weight * (weight != 0 ? std::exp(x - peak) : x > 0 || std::isnan(x) ? x : 0);
}

/// The sum of w * exp(x), over exp(peak).
struct WeightedSum {
  double peak = 0;
  double sum = 0;
};
WeightedSum weighted_sum(const std::vector<double>& row, const std::vector<double>& weights) {
  double peak = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < row.size(); ++i)
    if (weights[i] != 0) peak = row[i] > peak || std::isnan(row[i]) ? row[i] : peak;
  WeightedSum result{std::isinf(peak) ? 0 : peak};
  for (size_t i = 0; i < row.size(); ++i) result.sum += weighed(weights[i], row[i], result.peak);
  return result;
}

/// `element` is of the row's sum and a place of the operands.
template <class F>
Array weighted_along_axis(const Site& site, F&& element) {
  const Array& x = *site.operands[0];
  const auto axis = static_cast<size_t>(site.node.attrs.integer("axis"));
  Array result{x.dtype, site.extents, {}};
  for_each_place(site.extents, [&](const Index& place) {
    Index at = place;
    if (at.size() < x.extents.size()) at.insert(at.begin() + static_cast<long>(axis), 0);
    const WeightedSum sum = weighted_sum(row_at(x, at, axis), row_at(*site.operands[1], at, axis));
    result.elements.push_back(Scalar::of(x.dtype, element(sum, at)));
  });
  return result;
}
Array evaluate_weighted_softmax(const Site& site) {
  return weighted_along_axis(site, [&](const WeightedSum& row, const Index& at) {
    return weighed(site.operands[2]->at(at).real, site.operands[0]->at(at).real, row.peak) /
           row.sum;
  });
}
Array evaluate_weighted_logsumexp(const Site& site) {
  return weighted_along_axis(
      site, [](const WeightedSum& row, const Index&) { return row.peak + std::log(row.sum); });
}

// The position of the first NaN, or of the first element that `beats` all before it.
template <class Beats>
Array positions(const Site& site, Beats&& beats) {
  const Array& x = *site.operands[0];
  const auto axis = static_cast<size_t>(site.node.attrs.integer("axis"));
  Array result{DType::i64, site.extents, {}};
  for_each_place(site.extents, [&](const Index& place) {
    Index at = place;
    at.insert(at.begin() + static_cast<long>(axis), 0);
    int64_t found = 0;
    Scalar best = x.at(at);
    for (int64_t i = 0; i < x.extents[axis]; ++i) {
      at[axis] = i;
      const Scalar& own = x.at(at);
      if (is_float(x.dtype) && std::isnan(best.real)) break;
      const bool is_nan = is_float(x.dtype) && std::isnan(own.real);
      if (!is_nan && !beats(own, best)) continue;
      best = own;
      found = i;
    }
    result.elements.push_back(Scalar::of_integer(DType::i64, found));
  });
  return result;
}

Array evaluate_argmax(const Site& site) {
  return positions(site,
                   [](const Scalar& a, const Scalar& b) { return compare(Op::greater, a, b); });
}
Array evaluate_argmin(const Site& site) {
  return positions(site, [](const Scalar& a, const Scalar& b) { return compare(Op::less, a, b); });
}

constexpr ArrayRule kRules[] = {
    {Op::softmax, evaluate_softmax},
    {Op::log_softmax, evaluate_log_softmax},
    {Op::logsumexp, evaluate_logsumexp},
    {Op::weighted_softmax, evaluate_weighted_softmax},
    {Op::weighted_logsumexp, evaluate_weighted_logsumexp},
    {Op::argmax, evaluate_argmax},
    {Op::argmin, evaluate_argmin},
};

}  // namespace

std::span<const ArrayRule> composite_rules() { return kRules; }

}  // namespace thx::reference
