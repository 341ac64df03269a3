// SPDX-License-Identifier: Apache-2.0
// Derivatives at random points: which probes are made of each, and the words for what is no slope.
#include "driver/test_slopes.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "driver/derivative_cut.h"
#include "driver/element_place.h"
#include "driver/random_points.h"
#include "driver/slope_probe.h"
#include "driver/test_programs.h"
#include "ops/copy.h"
#include "support/text.h"

namespace thx {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = DerivativeCut::Kind;
using reference::Array;

constexpr int kAttempts = 48;
constexpr size_t kPoints = 4;            // smooth points for each derivative, of different dims
constexpr size_t kAll = 64;              // of a target with so many elements each is looked at
constexpr size_t kSome = 16;             // of a larger one
constexpr int64_t kMostDrawn = 1 << 20;  // of all inputs together

// What probes of one point came to, by target.
struct Probed {
  std::vector<bool> smooth = {};  // some slope was compared
  bool wrong = false;
  bool large = false;  // more numbers than are drawn
};

class SlopeCheck {
 public:
  SlopeCheck(const Program& program, const CompileOptions& options, Diagnostics& diagnostics,
             const DerivativeSite& site, Clock::time_point until)
      : program_(program),
        options_(options),
        diagnostics_(diagnostics),
        site_(site),
        until_(until),
        random_(0x7468782d73656564) {}

  void run(SlopeCounts& counts) {
    std::optional<DerivativeCut> cut = cut_derivative(program_, site_, OwnGradients::intended);
    if (!cut) {
      ++counts.own;
      return;
    }
    cut_ = std::move(*cut);
    wide_ = widened(cut_.program);
    if (!differentiate(wide_, options_, diagnostics_)) return;
    std::vector<bool> smooth(cut_.targets.size());
    size_t points = 0;
    bool always_large = true;
    for (int attempt = 0; attempt < kAttempts && points < kPoints; ++attempt) {
      const bool each = std::ranges::all_of(smooth, std::identity());
      if (points > 0 && each && late()) break;
      const Probed probed = try_point(attempt);
      always_large = always_large && probed.large;
      if (probed.wrong) {
        ++counts.failed;
        smooth.assign(smooth.size(), true);
        break;
      }
      bool any = false;
      for (size_t i = 0; i < probed.smooth.size(); ++i) {
        any = any || probed.smooth[i];
        smooth[i] = smooth[i] || probed.smooth[i];
      }
      points += any ? 1 : 0;
    }
    if (always_large) {
      ++counts.large;
      return;
    }
    if (!std::ranges::all_of(smooth, std::identity())) {
      counts.unchecked.push_back(cut_.span);
      return;
    }
    ++counts.checked;
    counts.gradients_only = counts.gradients_only && cut_.kind == Kind::gradient;
    counts.cut_short += late_ ? 1 : 0;
  }

 private:
  bool late() {
    late_ = late_ || Clock::now() >= until_;
    return late_;
  }

  // Nothing where the derivative has no finite value there.
  Probed try_point(int attempt) {
    const Function& point = wide_.functions[0];
    const Extent::Values dims = random_.dims(wide_, attempt);
    if (input_numbers(point, dims) > kMostDrawn) return {.large = true};
    reference::Arguments drawn;
    drawn.dims = dims;
    for (const Input& input : point.inputs) {
      drawn.inputs.push_back(random_.array(input.value->type(), dims, attempt));
    }
    const reference::Outcome outcome = reference::evaluate(point, drawn);
    if (outcome.status == reference::Status::size) return {.large = true};
    if (outcome.status != reference::Status::ok) return {};
    for (const Array& array : outcome.outputs) {
      const auto finite = [](const Scalar& each) { return std::isfinite(each.real); };
      if (is_float(array.dtype) && !std::ranges::all_of(array.elements, finite)) return {};
    }
    const SlopeProbe probe(cut_, wide_, drawn, outcome.outputs);
    Probed probed;
    probed.smooth.resize(cut_.targets.size());
    if (cut_.kind == Kind::tangent) {
      check_tangent(probe, drawn, outcome.outputs, probed);
    } else {
      for (size_t i = 0; i < cut_.targets.size() && !probed.wrong; ++i) {
        check_target(probe, i, drawn, probed);
      }
    }
    return probed;
  }

  // The sum of what comes of each target along its direction.
  void check_tangent(const SlopeProbe& probe, const reference::Arguments& drawn,
                     const std::vector<Array>& base, Probed& probed) {
    const std::vector<double> given = probe.given(0, {});
    std::vector<ElementSlope> sums(given.size());
    for (size_t i = 0; i < cut_.targets.size(); ++i) {
      std::vector<double> direction;
      for (const Scalar& each : probe.direction(i).elements) direction.push_back(each.real);
      const std::vector<ElementSlope> slopes = probe.slopes(i, direction);
      if (slopes.size() != sums.size()) return;
      for (size_t j = 0; j < sums.size(); ++j) {
        sums[j].value += slopes[j].value;
        sums[j].bound += slopes[j].bound;
        sums[j].rough = sums[j].rough || slopes[j].rough;
      }
    }
    std::vector<std::vector<double>> rounding;  // by target, from where it is asked for
    for (size_t j = 0; j < sums.size() && !probed.wrong; ++j) {
      if (sums[j].rough) continue;
      probed.smooth.assign(probed.smooth.size(), true);
      const double apart = std::abs(given[j] - sums[j].value) - sums[j].bound;
      if (apart <= 0) continue;
      if (rounding.empty())
        for (size_t i = 0; i < cut_.targets.size(); ++i) rounding.push_back(probe.rounding(i));
      double most = 0;
      for (const std::vector<double>& each : rounding) most += at_or_infinite(each, j);
      if (!(apart > most)) continue;
      size_t output = 0, element = j;
      while (element >= base[output].elements.size()) element -= base[output++].elements.size();
      const std::string of = cut_.results > 1 ? format(" of value {}", output + 1) : "";
      report(format("at {}{} the tangent is", element_place(base[output].extents, element), of),
             {j, given[j], sums[j].value}, drawn);
      probed.wrong = true;
    }
  }

  // Along a random direction of all elements, and then by elements: by those that are wrong, where
  // the direction says that there are some.
  void check_target(const SlopeProbe& probe, size_t i, const reference::Arguments& drawn,
                    Probed& probed) {
    const size_t size = probe.target(i).elements.size();
    std::optional<size_t> wrong_element;
    if (size > 1) {
      std::vector<double> direction;
      for (size_t k = 0; k < size; ++k) direction.push_back(2 * random_.uniform() - 1);
      if (const auto wrong = compare(probe, i, direction, probed)) {
        wrong_element = narrow(probe, i, direction, probed);
        if (!wrong_element) {
          report(format("along a direction of all of {} the {} is", name(i), word()), *wrong,
                 drawn);
          probed.wrong = true;
          return;
        }
      }
    }
    const size_t count = wrong_element ? 1 : size <= kAll ? size : kSome;
    for (size_t n = 0; n < count && (n == 0 || !late()) && !probed.wrong; ++n) {
      const size_t element = wrong_element ? *wrong_element
                             : size <= kAll
                                 ? n
                                 : static_cast<size_t>(random_.below(static_cast<int64_t>(size)));
      std::vector<double> direction(size);
      direction[element] = 1;
      const std::optional<Wrong> wrong = compare(probe, i, direction, probed);
      if (!wrong) continue;
      const std::string by = name(i) + element_place(probe.target(i).extents, element);
      report(cut_.kind == Kind::gradient ? format("at {} the {} is", by, word())
                                         : format("by {}, at element {} of the value, the {} is",
                                                  by, wrong->output, word()),
             *wrong, drawn);
      probed.wrong = true;
    }
  }

  // Halves a direction that is wrong down to one element; nothing where no half is wrong by itself.
  std::optional<size_t> narrow(const SlopeProbe& probe, size_t i,
                               const std::vector<double>& direction, Probed& probed) {
    size_t first = 0, end = direction.size();
    while (end - first > 1) {
      const size_t middle = first + (end - first) / 2;
      const auto is_wrong = [&](size_t from, size_t to) {
        std::vector<double> half(direction.size());
        std::copy(direction.begin() + static_cast<ptrdiff_t>(from),
                  direction.begin() + static_cast<ptrdiff_t>(to),
                  half.begin() + static_cast<ptrdiff_t>(from));
        return compare(probe, i, half, probed).has_value();
      };
      if (is_wrong(first, middle)) {
        end = middle;
      } else if (is_wrong(middle, end)) {
        first = middle;
      } else {
        return std::nullopt;
      }
    }
    // The difference at the element by itself is what is reported.
    std::vector<double> alone(direction.size());
    alone[first] = 1;
    return compare(probe, i, alone, probed) ? std::optional(first) : std::nullopt;
  }

  static double at_or_infinite(const std::vector<double>& rounding, size_t output) {
    return output < rounding.size() ? rounding[output] : INFINITY;
  }

  struct Wrong {
    size_t output;  // the element of what is differentiated
    double given, slope;
  };

  // The first element of the value whose slope is another one than the derivative says.
  static std::optional<Wrong> compare(const SlopeProbe& probe, size_t i,
                                      const std::vector<double>& direction, Probed& probed) {
    const std::vector<double> says = probe.given(i, direction);
    const std::vector<ElementSlope> slopes = probe.slopes(i, direction);
    if (slopes.size() != says.size()) return std::nullopt;
    std::optional<std::vector<double>> rounding;
    for (size_t j = 0; j < slopes.size(); ++j) {
      if (slopes[j].rough) continue;
      probed.smooth[i] = true;
      const double apart = std::abs(says[j] - slopes[j].value) - slopes[j].bound;
      // What seems wrong is looked at again with error bounds.
      if (apart <= 0) continue;
      if (!rounding) rounding = probe.rounding(i);
      if (!(apart > at_or_infinite(*rounding, j))) continue;
      return Wrong{j, says[j], slopes[j].value};
    }
    return std::nullopt;
  }

  const std::string& name(size_t i) const { return cut_.targets[i].name; }

  std::string_view word() const {
    if (cut_.kind == Kind::gradient) return "gradient";
    if (cut_.kind == Kind::tangent) return "tangent";
    return cut_.of_gradient ? "Hessian" : "Jacobian";
  }

  void report(const std::string& where, const Wrong& wrong, const reference::Arguments& drawn) {
    std::vector<std::string> names, dims;
    for (const DerivativeCut::Target& target : cut_.targets) {
      names.push_back(format("`{}`", target.name));
    }
    for (const auto& [dim, value] : drawn.dims) dims.push_back(format("{} = {}", dim, value));
    const std::string_view of = cut_.kind == Kind::gradient ? "cost"
                                : cut_.of_gradient          ? "gradient"
                                                            : "value";
    Diagnostic& error = diagnostics_.report(
        {Err::expectation_failed, cut_.span,
         format("the {} {} {} is not the slope of its {}", word(),
                cut_.kind == Kind::tangent ? "along" : "by", join(names, ", "), of)});
    error.note(format("{} {:.9g}, differences give {:.9g}", where, wrong.given, wrong.slope));
    error.note(format("in `{}`, at a random point{}{}", site_.function->name,
                      dims.empty() ? "" : " with ", join(dims, ", ")));
    for (const std::string& own : cut_.own) {
      error.note(format("it goes through `{}`, which brings a gradient of its own", own));
    }
  }

  const Program& program_;
  const CompileOptions& options_;
  Diagnostics& diagnostics_;
  const DerivativeSite& site_;
  const Clock::time_point until_;
  bool late_ = false;
  DerivativeCut cut_;
  Program wide_;
  RandomPoints random_;
};

}  // namespace

SlopeCounts check_slopes(const Program& program, const CompileOptions& options, double seconds,
                         Diagnostics& diagnostics) {
  const std::vector<DerivativeSite> sites = derivative_sites(program);
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  SlopeCounts counts;
  for (size_t i = 0; i < sites.size(); ++i) {
    // What one leaves over is for the others.
    const Clock::duration share = (end - Clock::now()) / static_cast<int64_t>(sites.size() - i);
    SlopeCheck(program, options, diagnostics, sites[i], Clock::now() + share).run(counts);
  }
  return counts;
}

std::string text(const SlopeCounts& counts) {
  std::string line;
  const std::string_view word = counts.gradients_only ? "gradient" : "derivative";
  const std::string_view of = counts.gradients_only ? "cost" : "value";
  const auto counted = [&](size_t count) {
    return format("{} {}{}", count, word, count == 1 ? "" : "s");
  };
  if (counts.checked > 0 && counts.failed == 0) {
    line = counts.checked == 1
               ? format("{} is the slope of its {}", counted(1), of)
               : format("{} are the slopes of their {}s", counted(counts.checked), of);
  } else if (counts.checked > 0) {
    line = format("{} of {} {} not the slope of {} {}", counts.failed, counted(counts.checked),
                  counts.failed == 1 ? "is" : "are", counts.failed == 1 ? "its" : "their", of);
  }
  const auto append = [&](std::string part) { line += (line.empty() ? "" : "; ") + part; };
  if (counts.cut_short > 0) append(format("{} of them in part, for time", counts.cut_short));
  if (counts.own > 0) append(counted(counts.own) + " through definitions with their own");
  if (!counts.unchecked.empty()) {
    append(counted(counts.unchecked.size()) + " at no smooth point that was tried");
  }
  if (counts.large > 0) {
    append(
        format("{} not compared: over {} numbers are too many", counted(counts.large), kMostDrawn));
  }
  return line;
}

}  // namespace thx
