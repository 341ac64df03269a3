// SPDX-License-Identifier: Apache-2.0
// Whether the outputs of a test are what its expectations say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontend/tests.h"
#include "reference/array.h"

namespace thx {

/// Why an expectation does not hold: where the sides differ first, and by how much.
struct Mismatch {
  std::string left, right;  // the values there
  std::string difference;   // "they differ by 0.5 at [1, 2], the first of 3 places"
};

/// For close, comparison and holds; nothing where the expectation holds.
std::optional<Mismatch> compare(const Expectation& expectation,
                                const std::vector<reference::Array>& outputs);

/// A gradient against differences, element by element; nothing where they agree.
std::optional<Mismatch> compare_gradient(const Expectation& expectation,
                                         const reference::Array& gradient,
                                         const reference::Array& differences);

}  // namespace thx
