// SPDX-License-Identifier: Apache-2.0
// The functions by which derivatives are held against differences: the derivative at a point, and
// what it differentiates as a function of one target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/derivative_sites.h"
#include "reference/evaluate.h"

namespace thx {

/// Which definitions that bring a gradient of their own differences take by that gradient.
enum class OwnGradients : uint8_t {
  all,
  /// Those whose gradient is another one than the derivative on purpose: definitions that change
  /// nothing but the gradient, those that have no derivative by an operand that they depend on, and
  /// those that are made of such.
  intended,
};

/// Differences do not see a gradient that a definition brings. Where it is taken as given, the
/// results of the definition are held, and what flows to its operands counts as the cost's slope:
/// the differences are those of cost + sum(flow * operand).
struct DerivativeCut {
  enum class Kind : uint8_t { gradient, tangent, jacobian };

  struct Target {
    std::string name;
    std::optional<size_t> parameter;  // of the body; otherwise an input behind the parameters
  };

  Kind kind = Kind::gradient;
  bool of_gradient = false;  // what is differentiated are gradients themselves
  Span span;
  std::vector<Target> targets;
  size_t results = 0;     // of the node
  size_t outputs = 0;     // what it differentiates
  size_t directions = 0;  // of a tangent: one for each target
  size_t held = 0;        // values that keep their value in the differences
  size_t flows = 0;
  std::vector<std::string> own;  // definitions whose own gradient counts as a derivative
  /// Function 0, of the parameters: results, values of the targets, directions, held values, flows.
  /// Function 1 + i, of the parameters, target i unless it is one of them, and the held values:
  /// what is differentiated, and the operands that the flows flow to.
  Program program;

  size_t first_target() const { return results; }
  size_t first_direction() const { return first_target() + targets.size(); }
  size_t first_held() const { return first_direction() + directions; }
  size_t first_flow() const { return first_held() + held; }
};

/// Nothing where a gradient that has to be taken as given stands where it cannot be: inside of a
/// loop or a branch, or on the way of anything but a gradient of first order.
std::optional<DerivativeCut> cut_derivative(const Program& program, const DerivativeSite& site,
                                            OwnGradients own);

/// What function 1 + i of a cut takes, and where target i stands among it.
struct PointOfTarget {
  reference::Arguments arguments;
  size_t place;
};

/// `parameters`: what function 0 takes; `base`: what it gives for that.
PointOfTarget point_of_target(const DerivativeCut& cut, size_t i,
                              const reference::Arguments& parameters,
                              std::span<const reference::Array> base);

}  // namespace thx
