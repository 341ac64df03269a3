// SPDX-License-Identifier: Apache-2.0
// How long programs are.
#pragma once

#include <cstddef>
#include <span>

#include "ir/graph.h"

namespace thx {

/// How many operations `roots` need, those in regions within them too, up to `limit`.
size_t count_operations(const Graph& graph, std::span<const Value> roots, size_t limit);

}  // namespace thx
