// SPDX-License-Identifier: Apache-2.0
// What the roots of sums of squares, and their slopes, are made of.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace thx {

/// One number for all elements, positive where the value has elements.
bool is_positive_number(Value value);

bool is_sum(const Node& node);

/// x @ x of a vector.
bool is_self_product(const Node& node);

/// The values whose squares a norm of `total` adds up.
std::vector<Value> squared_elements(Value total);

/// A value below views.
struct Viewed {
  Value value;
  std::vector<Value> views = {};  // from the outermost one on

  /// Another value below the same views.
  Value instead(Graph& graph, Value other) const;
};
Viewed below_views(Value value);

}  // namespace thx
