// SPDX-License-Identifier: Apache-2.0
// The orders in which terms are combined; the oracle's own statement of them.
#pragma once

#include <functional>
#include <string_view>

#include "ir/attrs.h"

namespace thx::reference {

/// What is folded: `count` terms, where step(acc, i) is acc with term i, and merge joins two parts.
struct Fold {
  int64_t count;
  Scalar identity;
  std::function<Scalar(const Scalar& acc, int64_t i)> step;
  std::function<Scalar(const Scalar& a, const Scalar& b)> merge;
  bool to_scalar;  // everything is reduced: more lanes
};

/// The fold in `order`: lanes, blocks or upward, bit for bit as every level computes it.
Scalar fold_in_order(const Fold& fold, std::string_view order);
/// Upwards from the identity.
Scalar fold_upward(const Fold& fold);

}  // namespace thx::reference
