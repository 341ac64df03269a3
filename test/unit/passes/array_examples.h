// SPDX-License-Identifier: Apache-2.0
// Examples of every array operator, for the tests that loop over them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace thx::testing {

inline const Extent::Values kDims = {{"N", 3}, {"M", 2}, {"K", 4}};

/// An operator applied to parameters; the last of them may be index arrays.
struct Example {
  std::string name;
  std::vector<Type> types;
  std::function<Value(Graph&, std::span<const Value>)> build;
  int64_t lowest_index = -2;  // of four
};

/// Those with derivatives: at least one for each operator that has some.
std::vector<Example> examples();
/// Those without.
std::vector<Example> positions();

}  // namespace thx::testing
