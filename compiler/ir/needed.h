// SPDX-License-Identifier: Apache-2.0
// What values need: few nodes of a large graph are found in a time of their own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/graph.h"

namespace thx {

/// The nodes that `roots` need, with a place for each: tables over them are as long as they are
/// many, however large the graph. Nothing behind `ends` counts as needed, but these do.
class NeededNodes {
 public:
  NeededNodes(const Graph& graph, std::span<const Value> roots, std::span<const Value> ends = {});

  /// Operands before users, by id.
  const std::vector<Value>& in_order() const { return in_order_; }
  bool has(Value value) const {
    const auto id = static_cast<size_t>(value->id);
    return id / kBits < words_.size() && (words_[id / kBits] >> (id % kBits) & 1) != 0;
  }
  /// The index in in_order() of a node that is one of them.
  size_t place(Value value) const;

 private:
  static constexpr size_t kBits = 64;
  std::vector<uint64_t> words_;   // by id: whether it is one of them
  std::vector<uint32_t> before_;  // by word: how many stand in those before
  std::vector<Value> in_order_;
};

}  // namespace thx
