// SPDX-License-Identifier: Apache-2.0
// The gradients that definitions bring, each as a program of its own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "driver/derivative_sites.h"

namespace thx {

/// A definition that brings its gradient, as one call of it has its types.
struct OwnGradient {
  std::string name;
  /// One function, named as the one that the call stands in, of the operands of the call and one
  /// cotangent for each result of floats: the derivatives of the sum of cotangents times results,
  /// by the operands that something flows to.
  Program program;
  /// Constants of the definition and of its gradient, of both signs, first those that something is
  /// compared with.
  std::vector<double> constants;
};

/// Those of all calls in `programs`, also in regions; calls that are alike are there once.
std::vector<OwnGradient> own_gradients(std::span<const Program* const> programs);
/// Where the derivatives stand.
DerivativeSite site_of(const OwnGradient& own);

}  // namespace thx
