// SPDX-License-Identifier: Apache-2.0
// Gradients that stand in loops, branches and maps, as gradients of the function around them.
#pragma once

#include <string_view>
#include <vector>

#include "driver/derivative_sites.h"

namespace thx {

inline constexpr std::string_view kFirstStep = "at the first step";
inline constexpr std::string_view kLastStep = "at the last step";

/// A gradient of a region, in a function with the parameters of the function around it (inputs,
/// then states): what the region sees at one of its steps is computed from these.
struct LiftedGradient {
  Function function;
  Value node;             // in its body
  std::string_view step;  // kFirstStep or kLastStep; empty where there are none
};

/// The gradients in regions of `function`, each at the first and at the last step of the loops and
/// maps around it. A call with no step is refused by the function's requirements.
std::vector<LiftedGradient> lift_gradients(const Function& function);

}  // namespace thx
