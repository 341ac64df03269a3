// SPDX-License-Identifier: Apache-2.0
// The programs by which a gradient is held against something else: differences of its cost, and its
// product with a direction by forward mode.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/derivative_cut.h"
#include "driver/derivative_lift.h"

namespace thx {

inline constexpr double kSmall = 0x1p-40, kOtherSmall = -0x1p-41;

/// Programs in f64, with everything differentiated. Their functions take the inputs of the function
/// around the gradient, then its states.
struct GradientPrograms {
  std::string_view step;           // of loops around the gradient
  std::vector<std::string> names;  // of the targets
  Span span;
  /// Nothing where a definition brings a gradient inside of a loop or a branch of the cost, which
  /// differences do not reach.
  std::optional<DerivativeCut> cut;
  /// The tangent of the cost along a direction for each target, behind the parameters, by forward
  /// mode. Nothing where values are held constant, which forward mode does not know, and where the
  /// gradient of a definition chooses by its cotangents. Where
  /// definitions bring gradients, forward mode takes them for small cotangents: then the gradients
  /// of kSmall and of kOtherSmall times the cost stand behind the tangent, and are what it is held
  /// against.
  std::optional<Program> forward;
  bool is_small = false;
  bool reached = false;  // by a call
};

/// All gradients of a function of `wide`; those in loops and branches at the first and last step.
std::vector<GradientPrograms> gradient_programs(const Program& wide, const Function& function);

}  // namespace thx
