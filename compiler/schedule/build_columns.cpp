// SPDX-License-Identifier: Apache-2.0
// Sums over outer axes: partial sums per block, folded by the tree, then a map of what is kept.
#include <algorithm>

#include "schedule/nests.h"
#include "support/check.h"

namespace thx::loop {
namespace {

/// Rows whose terms are added to a partial sum between its load and its store. A block is a
/// multiple of it.
constexpr int64_t kRowsAtOnce = 4;

class Columns {
 public:
  explicit Columns(ElementBuilder& elements)
      : elements_(elements), b_(elements.builder()), region_(elements.buffers().region()) {}

  void build() {
    for (Value value : region_nodes(region_))
      if (is_sum(*value) && sum_order(*value) == SumOrder::blocks) sums_.push_back(value);
    THX_CHECK(!sums_.empty(), "a columns kernel without a sum over outer axes");
    summed_ = summed_shape(*sums_[0]);
    count_ = element_count(summed_);
    make_parts();
    run_blocks();
    for (size_t i = 0; i < sums_.size(); ++i)
      b_.tree(parts_[i], sum_row(*sums_[i]).combine, ceildiv(count_, kOuterBlock));
    store_results();
  }

 private:
  void make_parts() {
    for (Value sum : sums_) {
      Shape shape{block_room(count_, kOuterBlock, sum->dtype(), sum->shape())};
      shape.insert(shape.end(), sum->shape().begin(), sum->shape().end());
      parts_.push_back(elements_.buffers().temporary("parts", sum->dtype(), shape));
    }
    if (!count_.is_known() || count_.known() == 0)
      for (size_t i = 0; i < sums_.size(); ++i) fill(i, 0, elements_.empty(*sums_[i]));
  }

  /// Stores `lane` in every element of a block's partial sums.
  void fill(size_t sum, const Extent& block, Lane lane) {
    const Position kept = elements_.open_all(sums_[sum]->shape(), "j");
    elements_.store(parts_[sum], part_position(block, kept), lane);
    elements_.close_all(kept.size());
  }

  static Position part_position(const Extent& block, const Position& kept) {
    Position position{block};
    position.insert(position.end(), kept.begin(), kept.end());
    return position;
  }

  void run_blocks() {
    const Extent block = elements_.open_loop("b", 0, ceildiv(count_, kOuterBlock));
    for (size_t i = 0; i < sums_.size(); ++i) fill(i, block, elements_.identity(*sums_[i], 1));
    const Extent begin = kOuterBlock * block;
    const Extent rows = min(Extent(kOuterBlock), count_ - begin);
    const Extent whole = begin + kRowsAtOnce * floordiv(rows, kRowsAtOnce);
    const bool at_once = summed_.size() == 1 && !stores_prologue();
    if (at_once) run_rows(block, begin, whole, kRowsAtOnce);
    run_rows(block, at_once ? whole : begin, begin + rows, 1);
    elements_.close();
  }

  void run_rows(const Extent& block, const Extent& begin, const Extent& end, int64_t rows) {
    if (begin == end) return;
    const Extent n = elements_.open_loop("n", begin, end, {.step = rows});
    std::vector<Position> terms;
    if (rows == 1) terms.push_back(elements_.split(n, summed_));
    for (int64_t r = 0; rows > 1 && r < rows; ++r) terms.push_back({n + r});
    for (size_t i = 0; i < sums_.size(); ++i) add_terms(i, block, terms);
    elements_.close();
  }

  void add_terms(size_t sum, const Extent& block, const std::vector<Position>& terms) {
    const Node& node = *sums_[sum];
    const Position kept = elements_.open_all(node.shape(), "j");
    const Position part = part_position(block, kept);
    Lane total = elements_.load(parts_[sum], part);
    for (const Position& k : terms) total = elements_.add_term(node, total, kept, k);
    if (terms.size() == 1) store_prologue(node, kept, terms[0]);
    elements_.store(parts_[sum], part, total);
    elements_.close_all(kept.size());
  }

  bool stores_prologue() const {
    return std::ranges::any_of(sums_, [&](Value sum) {
      return sum->family() == Family::reduction &&
             std::ranges::any_of(region_.results, [&](Value result) {
               return result->shape() == sum->operands[0]->shape();
             });
    });
  }

  /// Results that the sum's terms are made of are stored where they are computed.
  void store_prologue(const Node& sum, const Position& kept, const Position& k) {
    if (sum.family() != Family::reduction) return;
    for (size_t i = 0; i < region_.results.size(); ++i) {
      const Value result = region_.results[i];
      if (result->shape() != sum.operands[0]->shape() ||
          std::ranges::find(stored_, i) != stored_.end())
        continue;
      const Position position = reduction_position(sum, kept, k);
      elements_.store(elements_.room_of_result(i), position, elements_.element(result, position));
      stored_.push_back(i);
    }
  }

  void store_results() {
    std::vector<size_t> left;
    for (size_t i = 0; i < region_.results.size(); ++i)
      if (std::ranges::find(stored_, i) == stored_.end()) left.push_back(i);
    while (!left.empty()) {  // one loop nest for each shape
      const Shape shape = region_.results[left.front()]->shape();
      const Position kept = elements_.open_all(shape, "j");
      for (size_t i = 0; i < sums_.size(); ++i)
        if (sums_[i]->shape() == shape)
          elements_.know(sums_[i], kept, elements_.load(parts_[i], part_position(0, kept)));
      std::vector<std::pair<size_t, Lane>> values;
      for (size_t i : left)
        if (region_.results[i]->shape() == shape)
          values.emplace_back(i, elements_.element(region_.results[i], kept));
      for (const auto& [result, lane] : values)
        elements_.store(elements_.room_of_result(result), kept, lane);
      elements_.close_all(kept.size());
      std::erase_if(left, [&](size_t i) { return region_.results[i]->shape() == shape; });
    }
  }

  ElementBuilder& elements_;
  KernelBuilder& b_;
  const Body& region_;
  std::vector<Value> sums_;
  std::vector<int32_t> parts_;
  std::vector<size_t> stored_;
  Shape summed_;
  Extent count_;
};

}  // namespace

void build_columns(ElementBuilder& elements) { Columns(elements).build(); }

}  // namespace thx::loop
