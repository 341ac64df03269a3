// SPDX-License-Identifier: Apache-2.0
// How long programs are.
#include "ir/count.h"

namespace thx {

size_t count_operations(const Graph& graph, std::span<const Value> roots, size_t limit) {
  size_t count = 0;
  for (Value value : needed(graph, roots)) {
    if (count >= limit) break;
    ++count;
    for (const Region& region : value->regions)
      count += count_operations(region->graph, region->results, limit - count);
  }
  return count;
}

}  // namespace thx
