// SPDX-License-Identifier: Apache-2.0
// Values and derivatives over samples and over all of f32.
#include "sweep.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "arguments.h"
#include "error.h"
#include "screen.h"
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

/// The function in f64 over numbers of f32: by the C library where it has it. Otherwise by the
/// function's own kernel for f64, which samples of f64 hold to MPFR, and every 1009th by the
/// host's.
class Filter {
 public:
  Filter(const Reference& reference, const CompileAs& as) : host_(reference.host) {
    if (!host_.quick) block_.emplace(compiled_.emplace(reference, DType::f64, as), "value");
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
  const Compiled compiled(reference, sizeof(T) == 4 ? DType::f32 : DType::f64, sweep.as);
  std::vector<Finding> all;
  for (int by = 0; by < (sweep.order == 0 ? 1 : reference.operands); ++by)
    all.push_back(over_samples<T>(reference, sweep, compiled, conditioned, by));
  if (sizeof(T) == 4 && sweep.order == 0 && sweep.stride > 0 && reference.operands == 1)
    all.push_back(over_all(reference, sweep, compiled, conditioned, all.back()));
  return all;
}

template std::vector<Finding> probe<float>(const Reference&, const Sweep&, bool);
template std::vector<Finding> probe<double>(const Reference&, const Sweep&, bool);

}  // namespace thx::math_check
