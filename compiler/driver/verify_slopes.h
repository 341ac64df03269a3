// SPDX-License-Identifier: Apache-2.0
// The programs by which a gradient is held against something else: the cost as a function of what
// it is differentiated by, the gradient itself, and its product with a direction by forward mode.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/function.h"

namespace thx {

/// One gradient of a function: the `number`-th in the order of its body's nodes.
struct GradientSite {
  size_t function, number;
};

/// What `functions` of one program each have as their only function. Targets that are values of
/// the program are inputs of the same order behind the function's own ones.
struct GradientPrograms {
  Program cost;      // over all parameters and the targets; one output
  Program gradient;  // outputs: the targets that are values, then the gradient of each target
  Span span;
  std::vector<std::string> names;  // of the targets
  std::vector<int> parameters;     // by target: of the function's inputs and states, or -1
  size_t moved = 0;                // targets that are values, then held constants
  /// Over the parameters and a direction for each target, behind the inputs: the derivative along
  /// them by forward mode. Nothing where values are held constant, which forward mode does not
  /// know.
  std::optional<Program> forward;
};

/// How many gradients stand in the function itself, and in loops and branches within it.
struct GradientCount {
  size_t outside = 0, inside = 0;
};
GradientCount count_gradients(const Function& function);

/// In f64, everything else differentiated away. Nothing where a part of the cost brings its own
/// gradient, which differences cannot know.
std::optional<GradientPrograms> gradient_programs(const Program& wide, const GradientSite& site);

}  // namespace thx
