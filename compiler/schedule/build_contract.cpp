// SPDX-License-Identifier: Apache-2.0
// Products accumulated upwards: a tile of rows by one register of columns, then a map of the tile.
#include <algorithm>

#include "ops/axes.h"
#include "schedule/nests.h"
#include "support/check.h"

namespace thx::loop {
namespace {

/// Rows of a tile: as many accumulators as keep two units of four cycles' latency busy; what is
/// left over goes in smaller tiles.
constexpr int64_t kTileRows[] = {8, 4, 1};

class Contract {
 public:
  explicit Contract(ElementBuilder& elements)
      : elements_(elements), b_(elements.builder()), region_(elements.buffers().region()) {}

  void build() {
    for (Value value : region_nodes(region_))
      if (is_sum(*value)) product_ = value;
    THX_CHECK(product_, "a contract kernel without a product");
    summed_ = summed_shape(*product_);
    const Shape& shape = product_->shape();
    if (shape.empty()) {  // one element
      store_tile({Position{}}, {elements_.element(product_, Position{})});
      return;
    }
    const int lanes = std::max(1, b_.machine().vector_bytes / bytes_of(product_->dtype()));
    const bool tiled = shape.size() > 1;
    const size_t outer = tiled ? shape.size() - 2 : 0;
    Position position =
        elements_.open_all(Shape(shape.begin(), shape.begin() + static_cast<ptrdiff_t>(outer)));
    const Extent j = elements_.open_lanes("j", 0, shape.back(), lanes);
    if (tiled) {
      Extent begin = 0;
      for (int64_t rows : kTileRows) {
        const Extent end = rows * floordiv(shape[outer], rows);
        if (!(begin == end)) run_rows(position, begin, end, rows, j);
        begin = end;
      }
    } else {
      run_tile({{j}});
    }
    elements_.close();
    elements_.close_all(outer);
  }

 private:
  void run_rows(const Position& outer, const Extent& begin, const Extent& end, int64_t rows,
                const Extent& j) {
    const Extent i = elements_.open_loop("i", begin, end, {.step = rows});
    std::vector<Position> tile;
    for (int64_t r = 0; r < rows; ++r) {
      tile.push_back(outer);
      tile.back().push_back(i + r);
      tile.back().push_back(j);
    }
    run_tile(tile);
    elements_.close();
  }

  void run_tile(const std::vector<Position>& tile) {
    const int lanes = b_.lanes();
    const Lane first = elements_.identity(*product_, lanes);
    std::vector<Lane> accs(tile.size(), first);
    Position k;
    accumulate(0, k, tile, accs);
    const Extent count = element_count(summed_);
    if (!count.is_known() || count.known() == 0) or_empty(count, lanes, accs);
    b_.set_lanes(lanes);
    store_tile(tile, accs);
  }

  /// One loop per contracted axis, the accumulators carried through all of them.
  void accumulate(size_t axis, Position& k, const std::vector<Position>& tile,
                  std::vector<Lane>& accs) {
    if (axis == summed_.size()) {
      for (size_t r = 0; r < tile.size(); ++r)
        accs[r] = elements_.add_term(*product_, accs[r], tile[r], k);
      return;
    }
    k.push_back(elements_.open_loop("k", 0, summed_[axis]));
    std::vector<Lane> carried;
    for (Lane acc : accs) carried.push_back(b_.carry(acc));
    std::vector<Lane> inner = carried;
    accumulate(axis + 1, k, tile, inner);
    for (size_t r = 0; r < tile.size(); ++r) b_.next(carried[r], inner[r]);
    elements_.close();
    k.pop_back();
    accs = carried;
  }

  void or_empty(const Extent& count, int lanes, std::vector<Lane>& accs) {
    const Lane none = elements_.empty(*product_);
    b_.set_lanes(1);
    const Lane is_empty =
        b_.op(Instruction::equal, b_.index_value(count), b_.constant_integer(DType::i64, 0));
    b_.set_lanes(lanes);
    for (Lane& acc : accs) acc = b_.select(is_empty, none, acc);
  }

  void store_tile(const std::vector<Position>& tile, const std::vector<Lane>& accs) {
    for (size_t r = 0; r < tile.size(); ++r) elements_.know(product_, tile[r], accs[r]);
    std::vector<Lane> values;
    for (const Position& position : tile)
      for (Value result : region_.results) values.push_back(elements_.element(result, position));
    size_t next = 0;
    for (const Position& position : tile)
      for (size_t i = 0; i < region_.results.size(); ++i)
        elements_.store(elements_.room_of_result(i), position, values[next++]);
  }

  ElementBuilder& elements_;
  KernelBuilder& b_;
  const Body& region_;
  Value product_;
  Shape summed_;
};

}  // namespace

void build_contract(ElementBuilder& elements) { Contract(elements).build(); }

}  // namespace thx::loop
