// SPDX-License-Identifier: Apache-2.0
// Walks a body and its regions, each once: a region may be shared.
#include "ir/extent_symbols.h"

#include <unordered_set>
#include <utility>
#include <vector>

namespace thx {
namespace {

void collect(const Shape& shape, std::set<std::string>& symbols) {
  for (const Extent& extent : shape) extent.collect_symbols(symbols);
}

}  // namespace

void collect_symbols(const Body& body, std::span<const Value> roots,
                     std::set<std::string>& symbols) {
  std::unordered_set<const Body*> met = {&body};
  std::vector<std::pair<const Body*, std::span<const Value>>> open = {{&body, roots}};
  while (!open.empty()) {
    const auto [next, results] = open.back();
    open.pop_back();
    for (const Value value : needed(next->graph, results)) {
      for (const Type& type : value->types) collect(type.shape, symbols);
      for (const auto& [key, attr] : value->attrs.entries()) {
        if (const auto* extent = std::get_if<Extent>(&attr)) extent->collect_symbols(symbols);
        if (const auto* shape = std::get_if<Shape>(&attr)) collect(*shape, symbols);
      }
      for (const Region& region : value->regions)
        if (met.insert(region.get()).second) open.emplace_back(region.get(), region->results);
    }
  }
}

}  // namespace thx
