// SPDX-License-Identifier: Apache-2.0
// Values and derivatives over samples and over all of f32.
#include "sweep.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "arguments.h"
#include "error.h"
#include "support/text.h"

namespace thx::math_check {
namespace {

class Probe {
 public:
  Probe(const Reference& reference, bool conditioned, std::string what)
      : reference_(reference), conditioned_(conditioned) {
    found_.what = std::move(what);
  }

  /// A value, by MPFR.
  template <class T>
  void value(T x, T y, T got) {
    const Real rx(static_cast<double>(x)), ry(static_cast<double>(y));
    double error = ulps(got, reference_.value(rx, ry), true);
    // The condition is asked for where it matters.
    if (conditioned_ && error > std::max(found_.worst, 1.0) && std::isfinite(error))
      error /= std::max(1.0, condition(reference_, rx, ry));
    keep(error, x, y);
  }

  /// A derivative, where it and the function's value are numbers of the format.
  template <class T>
  void slope(int by, T x, T y, T got) {
    const Real rx(static_cast<double>(x)), ry(static_cast<double>(y));
    const Real exact = reference_.slope[by](rx, ry), of = reference_.value(rx, ry);
    if (!fits<T>(exact) || !fits<T>(of)) return;
    double error = ulps(got, exact, false);
    if (error > std::max(found_.worst, 1.0) && std::isfinite(error))
      error /= std::max(1.0, condition_of_slope(reference_, by, rx, ry));
    keep(error, x, y);
  }

  /// A value of f32, against `exact` first; by MPFR where that might be a larger error, and now and
  /// then.
  void quick(float x, float got, double exact) {
    if (quick_ulps(got, exact) > found_.worst * (1 - 1e-6) || found_.count % 100003 == 0)
      return value(x, 0.0F, got);
    ++found_.count;
  }

  const Finding& found() const { return found_; }

 private:
  template <class T>
  static bool fits(const Real& exact) {
    if (!exact.is_finite()) return false;
    return std::isfinite(sizeof(T) == 4 ? static_cast<double>(exact.to_float())
                                        : exact.to_double());
  }

  template <class T>
  void keep(double error, T x, T y) {
    ++found_.count;
    if (error <= found_.worst) return;
    found_.worst = error;
    found_.x = static_cast<double>(x);
    found_.y = static_cast<double>(y);
  }

  const Reference& reference_;
  bool conditioned_;
  Finding found_;
};

template <class T>
Finding over_samples(const Reference& reference, const Sweep& sweep, const Compiled& compiled,
                     bool conditioned, int by) {
  const std::string what = sweep.order == 0 ? "value" : format("slope{}", by);
  Probe probe(reference, conditioned, what);
  const Operands<T> operands = samples<T>(reference, sweep.samples);
  const std::vector<T> got = compiled.run(what, operands.x, operands.y);
  for (size_t i = 0; i < got.size(); ++i) {
    const T x = operands.x[i], y = operands.y.empty() ? T(0) : operands.y[i];
    if (sweep.order == 0) probe.value(x, y, got[i]);
    if (sweep.order == 1) probe.slope(by, x, y, got[i]);
  }
  return probe.found();
}

Finding over_all(const Reference& reference, const Sweep& sweep, const Compiled& compiled,
                 bool conditioned) {
  Probe probe(reference, conditioned, "all  ");
  std::vector<float> xs;
  const uint64_t count = ((uint64_t{1} << 32) + sweep.stride - 1) / sweep.stride;
  for (uint64_t i = 0; i < count; ++i) {
    xs.push_back(std::bit_cast<float>(static_cast<uint32_t>(i * sweep.stride)));
    if (xs.size() < Compiled::kBlock && i + 1 < count) continue;
    const std::vector<float> got = compiled.run("value", xs, {});
    for (size_t k = 0; k < xs.size(); ++k)
      probe.quick(xs[k], got[k], reference.quick(static_cast<double>(xs[k])));
    xs.clear();
  }
  return probe.found();
}

}  // namespace

template <class T>
std::vector<Finding> probe(const Reference& reference, const Sweep& sweep, bool conditioned) {
  const Compiled compiled(reference, sizeof(T) == 4 ? DType::f32 : DType::f64, sweep.as);
  std::vector<Finding> all;
  for (int by = 0; by < (sweep.order == 0 ? 1 : reference.operands); ++by)
    all.push_back(over_samples<T>(reference, sweep, compiled, conditioned, by));
  if (sizeof(T) == 4 && sweep.order == 0 && sweep.stride > 0 && reference.quick)
    all.push_back(over_all(reference, sweep, compiled, conditioned));
  return all;
}

template std::vector<Finding> probe<float>(const Reference&, const Sweep&, bool);
template std::vector<Finding> probe<double>(const Reference&, const Sweep&, bool);

}  // namespace thx::math_check
