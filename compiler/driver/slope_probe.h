// SPDX-License-Identifier: Apache-2.0
// The slope of what a derivative differentiates, by differences along a direction of one target.
#pragma once

#include <cmath>
#include <vector>

#include "driver/derivative_cut.h"
#include "reference/evaluate.h"

namespace thx {

/// Of one element of what is differentiated.
struct ElementSlope {
  double value = 0;
  double scale = 0;    // of the slopes at both steps
  double bound = 0;    // how far the value may be from the slope
  bool rough = false;  // a kink, a jump, or no number

  /// Whether it is rough for nothing but rounding, which may take the slope of a constant so far.
  bool is_noise(double rounding) const {
    return rough && std::isfinite(value) && rounding < 1e-3 && scale + bound <= rounding;
  }
};

/// A cut derivative at one point.
class SlopeProbe {
 public:
  /// `base`: what function 0 of the cut, as the passes made it into `wide`, gives for `drawn`.
  SlopeProbe(const DerivativeCut& cut, const Program& wide, const reference::Arguments& drawn,
             const std::vector<reference::Array>& base);

  const reference::Array& target(size_t i) const { return base_[cut_.first_target() + i]; }
  const reference::Array& direction(size_t i) const { return base_[cut_.first_direction() + i]; }
  /// How many elements what is differentiated has together.
  size_t size(size_t i) const;
  /// The slopes of all elements of what is differentiated, where target `i` moves along
  /// `direction`. `fine`: parts of the usual step.
  std::vector<ElementSlope> slopes(size_t i, const std::vector<double>& direction,
                                   double fine = 1) const;
  /// How far rounding may take such a slope, by the error bounds of all that the values are
  /// computed from. It takes longer than the slopes, whose bounds know of rounding by the values'
  /// size alone.
  std::vector<double> rounding(size_t i, const std::vector<double>& direction,
                               double fine = 1) const;
  /// What the derivative says that these slopes are. Of a tangent: by all targets together, along
  /// its own directions.
  std::vector<double> given(size_t i, const std::vector<double>& direction) const;

  /// How far rounding may take what the derivative says.
  std::vector<double> rounding_of_given(size_t i, const std::vector<double>& direction) const;

 private:
  double step_along(size_t i, const std::vector<double>& direction) const;
  std::vector<double> values_at(size_t i, PointOfTarget& point,
                                const std::vector<double>& direction, double step) const;
  void add_rounding(size_t i, const reference::Arguments& arguments,
                    std::vector<double>& most) const;

  const DerivativeCut& cut_;
  const Program& wide_;
  const reference::Arguments& drawn_;
  const std::vector<reference::Array>& base_;
};

}  // namespace thx
