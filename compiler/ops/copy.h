// SPDX-License-Identifier: Apache-2.0
// Copies of functions and programs, as they are and with other types.
#pragma once

#include "ops/build.h"

namespace thx {

/// Copies functions and programs such that a copy can be changed apart from its original: with
/// their types and attributes, or with wider ones.
class Copier {
 public:
  Copier();
  /// Every f32 is f64, scalars among the attributes too.
  static Copier widening();

  Function copy(const Function& function) const;
  /// With all functions, states and initial values.
  Program copy(const Program& program) const;
  /// `count` functions from `first` on, which use no states.
  Program copy_functions(const Program& program, size_t first, size_t count) const;

 private:
  explicit Copier(Retyping retyping) : retyping_(std::move(retyping)) {}

  Retyping retyping_;
};

/// A program that can be changed apart from `program`.
Program clone(const Program& program);
/// Every f32 is f64.
Program widened(const Program& program);

}  // namespace thx
