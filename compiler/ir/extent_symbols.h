// SPDX-License-Identifier: Apache-2.0
// The dims that a body mentions.
#pragma once

#include <set>
#include <span>
#include <string>

#include "ir/graph.h"

namespace thx {

/// Adds the symbols of all extents of what `roots` need, in types, attributes and regions.
void collect_symbols(const Body& body, std::span<const Value> roots,
                     std::set<std::string>& symbols);

}  // namespace thx
