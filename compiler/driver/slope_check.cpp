// SPDX-License-Identifier: Apache-2.0
// Which probes are made of a derivative, and where it is no slope.
#include "driver/slope_check.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "driver/element_place.h"
#include "driver/test_programs.h"
#include "ops/copy.h"
#include "support/text.h"

namespace thx {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = DerivativeCut::Kind;
using reference::Array;

constexpr int kAttempts = 48;
constexpr size_t kPoints = 4;   // smooth points for each derivative, of different dims
constexpr int kOfEachKind = 2;  // points with numbers of each kind, smooth or not
constexpr size_t kAll = 64;     // of a target with so many elements each is looked at
constexpr size_t kSome = 16;    // of a larger one

// What probes of one point came to, by target.
struct Probed {
  std::vector<bool> smooth = {};  // some slope was compared
  bool wrong = false;
  bool large = false;  // more numbers than are drawn
};

class SlopeCheck {
 public:
  SlopeCheck(const CompileOptions& options, Diagnostics& diagnostics, Clock::time_point until,
             RandomPoints random, DerivativeCut cut)
      : options_(options),
        diagnostics_(diagnostics),
        until_(until),
        random_(std::move(random)),
        cut_(std::move(cut)) {}

  SlopeFinding run(bool each_kind) {
    wide_ = widened(cut_.program);
    if (!differentiate(wide_, options_, diagnostics_)) return {};
    finding_.kind = compare(each_kind);
    finding_.cut = std::move(cut_);
    finding_.cut_short = late_;
    return std::move(finding_);
  }

 private:
  SlopeFinding::Kind compare(bool each_kind) {
    std::vector<bool> smooth(cut_.targets.size());
    const int attempts = each_kind ? kOfEachKind * random_.kinds() : kAttempts;
    size_t points = 0;
    bool always_large = true;
    for (int attempt = 0; attempt < attempts && (each_kind || points < kPoints); ++attempt) {
      const bool each = std::ranges::all_of(smooth, std::identity());
      if (points > 0 && each && late()) break;
      const Probed probed = try_point(attempt);
      always_large = always_large && probed.large;
      if (probed.wrong) return SlopeFinding::Kind::wrong;
      bool any = false;
      for (size_t i = 0; i < probed.smooth.size(); ++i) {
        any = any || probed.smooth[i];
        smooth[i] = smooth[i] || probed.smooth[i];
      }
      points += any ? 1 : 0;
    }
    if (always_large) return SlopeFinding::Kind::large;
    return std::ranges::all_of(smooth, std::identity()) ? SlopeFinding::Kind::slope
                                                        : SlopeFinding::Kind::rough;
  }

  bool late() {
    late_ = late_ || Clock::now() >= until_;
    return late_;
  }

  // Nothing where the derivative is no number there.
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
    // An infinite derivative is one only where the slope is: there differences are rough.
    for (size_t k = 0; k < outcome.outputs.size(); ++k) {
      const Array& array = outcome.outputs[k];
      const auto is_number = [&](const Scalar& each) {
        return k < cut_.results ? !std::isnan(each.real) : std::isfinite(each.real);
      };
      if (is_float(array.dtype) && !std::ranges::all_of(array.elements, is_number)) return {};
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
      const std::vector<ElementSlope> slopes = probe.slopes(i, values_of(probe.direction(i)));
      if (slopes.size() != sums.size()) return;
      for (size_t j = 0; j < sums.size(); ++j) {
        sums[j].value += slopes[j].value;
        sums[j].scale += slopes[j].scale;
        sums[j].bound += slopes[j].bound;
        sums[j].rough = sums[j].rough || slopes[j].rough;
      }
    }
    std::vector<double> rounding, of_given;  // from where they are asked for
    for (size_t j = 0; j < sums.size() && !probed.wrong; ++j) {
      if (std::isnan(sums[j].value)) continue;
      const double apart = std::abs(given[j] - sums[j].value) - sums[j].bound;
      if ((sums[j].rough || apart > 0) && rounding.empty()) {
        rounding = rounding_of_tangent(probe, sums.size());
        of_given = probe.rounding_of_given(0, {});
      }
      if (sums[j].rough && !sums[j].is_noise(rounding[j])) continue;
      probed.smooth.assign(probed.smooth.size(), true);
      if (!(apart > 0 && apart > rounding[j] + known_error(of_given[j], given[j]))) continue;
      size_t output = 0, element = j;
      while (element >= base[output].elements.size()) element -= base[output++].elements.size();
      const std::string of = cut_.results > 1 ? format(" of value {}", output + 1) : "";
      const std::string place = element_place(base[output].extents, element);
      note(format("{}{}{}the tangent is", place.empty() && of.empty() ? "" : "at ", place,
                  of.empty() && place.empty() ? "" : of + " "),
           {j, given[j], sums[j].value}, drawn);
      probed.wrong = true;
    }
  }

  std::vector<double> rounding_of_tangent(const SlopeProbe& probe, size_t count) const {
    std::vector<double> sum(count);
    for (size_t i = 0; i < cut_.targets.size(); ++i) {
      const std::vector<double> own = probe.rounding(i, values_of(probe.direction(i)));
      for (size_t j = 0; j < sum.size(); ++j) sum[j] += own[j];
    }
    return sum;
  }

  static std::vector<double> values_of(const Array& array) {
    std::vector<double> values;
    for (const Scalar& each : array.elements) values.push_back(each.real);
    return values;
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
          note(format("along a direction of all of {} the {} is", name(i), word_of(cut_)), *wrong,
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
      note(cut_.kind == Kind::gradient ? format("at {} the {} is", by, word_of(cut_))
                                       : format("by {}, at element {} of the value, the {} is", by,
                                                wrong->output, word_of(cut_)),
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

  struct Wrong {
    size_t output;  // the element of what is differentiated
    double given, slope;
  };

  // Bounds of what has left the range are infinite, but no rounding excuses an infinite derivative.
  static double known_error(double error, double says) { return std::isinf(says) ? 0 : error; }

  // What seems wrong is looked at again with error bounds, and with smaller steps: those of a wave
  // may meet it at places that look like a slope.
  struct Again {
    static constexpr double kFine = 0x1p-4;

    Again(const SlopeProbe& probe, size_t i, const std::vector<double>& direction)
        : rounding(probe.rounding(i, direction)),
          fine_rounding(probe.rounding(i, direction, kFine)),
          of_given(probe.rounding_of_given(i, direction)),
          fine(probe.slopes(i, direction, kFine)) {}

    bool is_noise(const ElementSlope& slope, size_t j) const { return slope.is_noise(rounding[j]); }
    // `says`: the derivative. `apart`: its distance to the slope, as far as that is known.
    bool is_wrong(double apart, size_t j, double says) const {
      const double error = known_error(of_given[j], says);
      return apart > rounding[j] + error && j < fine.size() &&
             (!fine[j].rough || fine[j].is_noise(fine_rounding[j])) &&
             std::abs(says - fine[j].value) > fine[j].bound + fine_rounding[j] + error;
    }

   private:
    std::vector<double> rounding, fine_rounding, of_given;
    std::vector<ElementSlope> fine;
  };

  // The first element of the value whose slope is another one than the derivative says.
  static std::optional<Wrong> compare(const SlopeProbe& probe, size_t i,
                                      const std::vector<double>& direction, Probed& probed) {
    const std::vector<double> says = probe.given(i, direction);
    const std::vector<ElementSlope> slopes = probe.slopes(i, direction);
    if (slopes.size() != says.size()) return std::nullopt;
    std::optional<Again> again;
    for (size_t j = 0; j < slopes.size(); ++j) {
      if (std::isnan(slopes[j].value)) continue;
      const double apart = std::abs(says[j] - slopes[j].value) - slopes[j].bound;
      if ((slopes[j].rough || apart > 0) && !again) again.emplace(probe, i, direction);
      if (slopes[j].rough && !again->is_noise(slopes[j], j)) continue;
      probed.smooth[i] = true;
      if (apart > 0 && again->is_wrong(apart, j, says[j]))
        return Wrong{j, says[j], slopes[j].value};
    }
    return std::nullopt;
  }

  const std::string& name(size_t i) const { return cut_.targets[i].name; }

  void note(const std::string& where, const Wrong& wrong, const reference::Arguments& drawn) {
    finding_.what = format("{} {:.9g}, differences give {:.9g}", where, wrong.given, wrong.slope);
    for (const auto& [dim, value] : drawn.dims)
      finding_.dims.push_back(format("{} = {}", dim, value));
  }

  const CompileOptions& options_;
  Diagnostics& diagnostics_;
  const Clock::time_point until_;
  RandomPoints random_;
  DerivativeCut cut_;
  Program wide_;
  bool late_ = false;
  SlopeFinding finding_;
};

}  // namespace

SlopeFinding check_slope(const Program& program, const DerivativeSite& site,
                         const CompileOptions& options, std::chrono::steady_clock::time_point until,
                         RandomPoints random, bool each_kind, Diagnostics& diagnostics) {
  std::optional<DerivativeCut> cut = cut_derivative(program, site, OwnGradients::intended);
  if (!cut) return {.kind = SlopeFinding::Kind::given};
  return SlopeCheck(options, diagnostics, until, std::move(random), std::move(*cut)).run(each_kind);
}

std::string_view word_of(const DerivativeCut& cut) {
  if (cut.kind == Kind::gradient) return "gradient";
  if (cut.kind == Kind::tangent) return "tangent";
  return cut.of_gradient ? "Hessian" : "Jacobian";
}

}  // namespace thx
