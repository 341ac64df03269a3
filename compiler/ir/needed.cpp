// SPDX-License-Identifier: Apache-2.0
// Finds what values need, 64 nodes at a time where there are none.
#include "ir/needed.h"

#include <algorithm>
#include <bit>

namespace thx {

NeededNodes::NeededNodes(const Graph& graph, std::span<const Value> roots,
                         std::span<const Value> ends) {
  int last = -1;
  for (const Value root : roots) last = std::max(last, root->id);
  words_.resize(static_cast<size_t>(last + 1 + 63) / kBits);
  const auto insert = [this](Value value) {
    const auto id = static_cast<size_t>(value->id);
    words_[id / kBits] |= uint64_t{1} << (id % kBits);
  };
  for (const Value root : roots) insert(root);
  std::vector<uint64_t> ended(ends.empty() ? 0 : words_.size());
  for (const Value end : ends) {
    const auto id = static_cast<size_t>(end->id);
    if (id / kBits < ended.size()) ended[id / kBits] |= uint64_t{1} << (id % kBits);
  }
  size_t count = 0;
  for (size_t word = words_.size(); word-- > 0;) {
    if (words_[word] == 0) continue;
    // Bit by bit: which comes next is guessed long before what it needs is read.
    for (size_t bit = kBits; bit-- > 0;) {
      if ((words_[word] >> bit & 1) == 0) continue;
      ++count;
      if (!ended.empty() && (ended[word] >> bit & 1) != 0) continue;
      for (const Value operand : graph.at(static_cast<int>(word * kBits + bit))->operands)
        insert(operand);
    }
  }
  in_order_.reserve(count);
  before_.reserve(words_.size());
  for (size_t word = 0; word < words_.size(); ++word) {
    before_.push_back(static_cast<uint32_t>(in_order_.size()));
    for (uint64_t open = words_[word]; open != 0; open &= open - 1) {
      const auto bit = static_cast<size_t>(std::countr_zero(open));
      in_order_.push_back(graph.at(static_cast<int>(word * kBits + bit)));
    }
  }
}

size_t NeededNodes::place(Value value) const {
  const auto id = static_cast<size_t>(value->id);
  const uint64_t below = words_[id / kBits] & ((uint64_t{1} << (id % kBits)) - 1);
  return before_[id / kBits] + static_cast<size_t>(std::popcount(below));
}

std::vector<Value> needed(const Graph& graph, std::span<const Value> roots) {
  return NeededNodes(graph, roots).in_order();
}

}  // namespace thx
