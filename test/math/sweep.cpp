// SPDX-License-Identifier: Apache-2.0
// Values and derivatives up to the second over samples and over all of f32.
#include "sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "arguments.h"
#include "error.h"
#include "screen.h"
#include "support/text.h"

namespace thx::math_check {
namespace {

/// One of the functions of a compiled program, and what it is in MPFR.
struct Derivative {
  std::string name;
  int order;
  Function exactly;
  std::vector<Function> of;                  // what it is the derivative of, down to the function
  Function terms = nullptr, part = nullptr;  // see Curvature
};

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

  /// A derivative, where it and the values that it is the derivative of are numbers of the format.
  template <class T>
  void derivative(const Derivative& derivative, T x, T y, T got) {
    const Real rx(static_cast<double>(x)), ry(static_cast<double>(y));
    const Real exact = derivative.exactly(rx, ry);
    if (!fits<T>(exact)) return;
    for (const Function each : derivative.of)
      if (!fits<T>(each(rx, ry))) return;
    if (derivative.order == 2 && !is_inside<T>(derivative, x, y, exact)) return;
    double error = derivative.terms ? ulps_of(got, exact, max(abs(exact), derivative.terms(rx, ry)))
                                    : ulps(got, exact, false);
    if (error > std::max(found_.worst, 1.0) && std::isfinite(error) && !exact.is_zero())
      error /= std::max(1.0, condition_of(derivative.exactly, reference_.operands, rx, ry));
    keep(error, x, y);
  }

  /// Values of f32 over arguments of a block, against `exact` first; by MPFR where that might be a
  /// larger error than the largest so far, and in its turn.
  void screened(const float* xs, const float* got, const double* exact, size_t count) {
    constexpr uint64_t kTurn = 100003;
    const uint64_t before = found_.count;
    auto turn = static_cast<size_t>((kTurn - before % kTurn) % kTurn);
    for (size_t i = 0;; ++i) {
      i = first_over(got, exact, std::max(found_.worst, 0.5), i, std::min(turn, count));
      if (i >= count) break;
      if (i == turn) turn += kTurn;
      value(xs[i], 0.0F, got[i]);
    }
    found_.count = before + count;
  }

  /// The largest error so far is at least that of `other`.
  void start_from(const Finding& other) {
    found_.worst = other.worst;
    found_.x = other.x;
  }

  const Finding& found() const { return found_; }

 private:
  /// Second derivatives: neither they nor what they are made of come near the ends of the range.
  template <class T>
  static bool is_inside(const Derivative& derivative, T x, T y, const Real& exact) {
    using Limits = std::numeric_limits<T>;
    if (std::fabs(x) > Limits::max() / 2 || std::fabs(y) > Limits::max() / 2) return false;
    const Real rx(static_cast<double>(x)), ry(static_cast<double>(y));
    const auto is_normal = [](const Real& value) {
      return value.is_zero() || !(abs(value) < Real(static_cast<double>(Limits::min())));
    };
    if (!is_normal(exact)) return false;
    for (const Function each : derivative.of)
      if (!is_normal(each(rx, ry))) return false;
    for (const Function each : {derivative.terms, derivative.part})
      if (each && !fits<T>(each(rx, ry))) return false;
    return true;
  }

  template <class T>
  static bool fits(const Real& exact) {
    if (!exact.is_finite()) return false;
    return std::isfinite(sizeof(T) == 4 ? static_cast<double>(exact.to_float())
                                        : exact.to_double());
  }

  template <class T>
  void keep(double error, T x, T y) {
    ++found_.count;
    ++found_.decided;
    if (error <= found_.worst) return;
    found_.worst = error;
    found_.x = static_cast<double>(x);
    found_.y = static_cast<double>(y);
  }

  const Reference& reference_;
  bool conditioned_;
  Finding found_;
};

/// The function itself, its derivatives or its second derivatives.
std::vector<Derivative> derivatives(const Reference& reference, int order) {
  if (order == 0) return {{"value", 0, reference.value, {}}};
  std::vector<Derivative> all;
  for (int by = 0; by < reference.operands && order == 1; ++by)
    all.push_back({format("slope{}", by), 1, reference.slope[by], {reference.value}});
  if (order == 1) return all;
  const Curvature& second = *curvature(reference.name);
  for (int pair = 0; pair < 3; ++pair) {
    const Function slope = reference.slope[pair / 2];
    if (second.by[pair])
      all.push_back({format("curve{}", pair),
                     2,
                     second.by[pair],
                     {slope, reference.value},
                     second.terms,
                     second.parts[pair]});
  }
  return all;
}

template <class T>
Finding over_samples(const Reference& reference, const Sweep& sweep, const Compiled& compiled,
                     bool conditioned, const Derivative& derivative) {
  Probe probe(reference, conditioned, derivative.name);
  const Operands<T> operands = samples<T>(reference, sweep.samples);
  const std::vector<T> got = compiled.run(derivative.name, operands.x, operands.y);
  for (size_t i = 0; i < got.size(); ++i) {
    const T x = operands.x[i], y = operands.y.empty() ? T(0) : operands.y[i];
    if (sweep.order == 0) {
      probe.value(x, y, got[i]);
    } else {
      probe.derivative(derivative, x, y, got[i]);
    }
  }
  return probe.found();
}

/// The function in f64 over numbers of f32: by the C library where it has it. Otherwise by the
/// function's own kernel for f64, which samples of f64 hold to MPFR, and every 1009th by the
/// host's.
class Filter {
 public:
  Filter(const Reference& reference, const CompileAs& as) : host_(reference.host) {
    if (!host_.quick) block_.emplace(compiled_.emplace(reference, DType::f64, as, 0), "value");
  }

  /// Of kBlock numbers, the first of which is number `first` of the sweep.
  const double* run(const float* xs, uint64_t first) {
    if (host_.quick) {
      evaluate(host_.of, xs, exact_.data(), exact_.size());
      return exact_.data();
    }
    widen(xs, block_->arguments(), Compiled::kBlock);
    std::memcpy(exact_.data(), block_->run(), sizeof(double) * exact_.size());
    for (size_t i = (kTurn - first % kTurn) % kTurn; i < exact_.size(); i += kTurn)
      exact_[i] = host_.of(static_cast<double>(xs[i]));
    return exact_.data();
  }

 private:
  static constexpr uint64_t kTurn = 1009;
  HostFunction host_;
  std::optional<Compiled> compiled_;
  std::optional<Block<double>> block_;
  std::vector<double> exact_ = std::vector<double>(Compiled::kBlock);
};

/// Every stride-th number of f32; `known` is the largest error that is known already.
Finding over_all(const Reference& reference, const Sweep& sweep, const Compiled& compiled,
                 bool conditioned, const Finding& known) {
  Probe probe(reference, conditioned, "all  ");
  probe.start_from(known);
  Block<float> block(compiled, "value");
  Filter filter(reference, sweep.as);
  const uint64_t count = ((uint64_t{1} << 32) + sweep.stride - 1) / sweep.stride;
  for (uint64_t done = 0; done < count; done += Compiled::kBlock) {
    // The last block is as long as every other; what is behind the last number does not count.
    every_number(static_cast<uint32_t>(done * sweep.stride), static_cast<uint32_t>(sweep.stride),
                 block.arguments(), Compiled::kBlock);
    probe.screened(block.arguments(), block.run(), filter.run(block.arguments(), done),
                   std::min<uint64_t>(Compiled::kBlock, count - done));
  }
  return probe.found();
}

}  // namespace

template <class T>
std::vector<Finding> probe(const Reference& reference, const Sweep& sweep, bool conditioned) {
  const DType dtype = sizeof(T) == 4 ? DType::f32 : DType::f64;
  const Compiled compiled(reference, dtype, sweep.as, sweep.order);
  std::vector<Finding> all;
  for (const Derivative& each : derivatives(reference, sweep.order))
    all.push_back(over_samples<T>(reference, sweep, compiled, conditioned, each));
  if (sizeof(T) == 4 && sweep.order == 0 && sweep.stride > 0 && reference.operands == 1)
    all.push_back(over_all(reference, sweep, compiled, conditioned, all.back()));
  return all;
}

template std::vector<Finding> probe<float>(const Reference&, const Sweep&, bool);
template std::vector<Finding> probe<double>(const Reference&, const Sweep&, bool);

}  // namespace thx::math_check
