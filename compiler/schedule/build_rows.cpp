// SPDX-License-Identifier: Apache-2.0
// Row loops: sums and maps over the rest of each row, in as few loops as their dependences allow.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "ops/op_def.h"
#include "schedule/nests.h"

namespace thx::loop {
namespace {

/// One loop inside the row loop: sums and results that run over the same extents.
struct InnerLoop {
  int stage;
  Shape shape;
  int lanes;  // 0: no sum is in it
  std::vector<Value> sums;
  std::vector<size_t> results;
  std::vector<Value> rooms;  // costly values that later loops read again
};

class Rows {
 public:
  Rows(ElementBuilder& elements, const Shape& rows)
      : elements_(elements),
        region_(elements.buffers().region()),
        rows_(rows),
        nodes_(region_nodes(region_)),
        stage_(static_cast<size_t>(region_.graph.size()), 0) {}

  void build() {
    find_loops();
    keep_costly_values();
    row_ = open_rows();
    const size_t depth = depth_;
    for (const InnerLoop& loop : loops_) run(loop);
    store_row_results();
    elements_.close_all(depth);
  }

 private:
  size_t& stage_slot(Value value) { return stage_[static_cast<size_t>(value->id)]; }
  int stage(Value value) { return static_cast<int>(stage_slot(value)); }
  bool is_inner(Value value) const { return value->shape().size() > rows_.size(); }
  bool is_row_sum(Value value) const { return is_sum(*value) && value->shape() == rows_; }

  Position open_rows() {
    if (rows_.size() > 1 && loops_.empty() && is_flat()) {
      depth_ = 1;
      return elements_.split(elements_.open_loop("i", 0, element_count(rows_)), rows_);
    }
    depth_ = rows_.size();
    return elements_.open_all(rows_);
  }

  /// Whether every value is read at the row's own place, so that one loop can run over all axes.
  bool is_flat() const {
    return std::ranges::all_of(nodes_, [&](Value value) {
      if (value->family() == Family::view) return value->operands[0]->type().is_scalar();
      if (value->family() != Family::elementwise && value->family() != Family::source) return false;
      return value->shape() == rows_ || value->type().is_scalar();
    });
  }

  /// A sum's loop runs once all sums that its terms read are complete.
  void find_loops() {
    for (Value value : nodes_) {
      size_t latest = 0;
      for (Value operand : value->operands) latest = std::max(latest, stage_slot(operand));
      stage_slot(value) = is_row_sum(value) ? latest + 1 : latest;
      if (is_row_sum(value) && sum_order(*value) == SumOrder::lanes)
        loop_for(static_cast<int>(latest), summed_shape(*value), sum_lanes(*value))
            .sums.push_back(value);
    }
    for (size_t i = 0; i < region_.results.size(); ++i) {
      const Value result = region_.results[i];
      if (!is_inner(result)) continue;
      const Shape rest(result->shape().begin() + static_cast<ptrdiff_t>(rows_.size()),
                       result->shape().end());
      loop_for(stage(result), rest, 0).results.push_back(i);
    }
    order_loops();
  }

  /// By stage, otherwise as found.
  void order_loops() {
    std::vector<std::pair<int, size_t>> order;
    for (size_t i = 0; i < loops_.size(); ++i) order.emplace_back(loops_[i].stage, i);
    std::ranges::sort(order);
    std::vector<InnerLoop> ordered;
    for (const auto& [stage, i] : order) ordered.push_back(std::move(loops_[i]));
    loops_ = std::move(ordered);
  }

  /// A loop of this stage and shape; results join a loop of sums.
  InnerLoop& loop_for(int stage, const Shape& shape, int lanes) {
    for (InnerLoop& loop : loops_)
      if (loop.stage == stage && loop.shape == shape && (lanes == 0 || loop.lanes == lanes))
        return loop;
    loops_.push_back({stage, shape, lanes, {}, {}, {}});
    return loops_.back();
  }

  // ---- Costly values that several loops read ----

  /// The costly values that a loop computes for each of its places.
  std::set<int> costly_in(const InnerLoop& loop) const {
    std::vector<Value> left;
    for (Value sum : loop.sums) left.insert(left.end(), sum->operands.begin(), sum->operands.end());
    for (size_t result : loop.results) left.push_back(region_.results[result]);
    std::set<int> met, costly;
    while (!left.empty()) {
      const Value value = left.back();
      left.pop_back();
      if (!is_inner(value) || is_sum(*value) || !met.insert(value->id).second) continue;
      if ((traits_of(value->op) & kCostly) != 0 && has_loop_shape(value, loop))
        costly.insert(value->id);
      left.insert(left.end(), value->operands.begin(), value->operands.end());
    }
    return costly;
  }

  bool has_loop_shape(Value value, const InnerLoop& loop) const {
    return std::equal(value->shape().begin() + static_cast<ptrdiff_t>(rows_.size()),
                      value->shape().end(), loop.shape.begin(), loop.shape.end());
  }

  void keep_costly_values() {
    std::unordered_map<int, size_t> first;
    for (size_t i = 0; i < loops_.size(); ++i) {
      for (int id : costly_in(loops_[i])) {
        const auto [place, is_first] = first.try_emplace(id, i);
        const Value value = region_.graph.at(id);
        InnerLoop& owner = loops_[place->second];
        if (!is_first && std::ranges::find(owner.rooms, value) == owner.rooms.end())
          owner.rooms.push_back(value);
      }
    }
  }

  // ---- Statements ----

  void run(const InnerLoop& loop) {
    std::vector<ElementBuilder::Stored> stores;
    std::vector<std::pair<Value, ElementBuilder::Room>> kept;
    for (size_t result : loop.results)
      stores.push_back({region_.results[result], row_, elements_.room_of_result(result)});
    for (Value value : loop.rooms) {
      ElementBuilder::Room room = result_room(loop, value);
      if (room.result < 0) {
        room = elements_.room_for(value, loop.shape);
        stores.push_back({value, row_, room});
      }
      kept.emplace_back(value, room);
    }
    if (loop.lanes == 0) {
      run_map(loop, stores);
    } else {
      std::vector<ElementBuilder::Sum> sums;
      for (Value sum : loop.sums) sums.push_back({sum, row_});
      elements_.lane_loop(loop.shape, loop.lanes, sums, stores, !costly_in(loop).empty());
    }
    for (auto& [value, room] : kept) elements_.keep_in(value, std::move(room));
  }

  ElementBuilder::Room result_room(const InnerLoop& loop, Value value) const {
    for (size_t result : loop.results)
      if (region_.results[result] == value) return elements_.room_of_result(result);
    return {};
  }

  void run_map(const InnerLoop& loop, const std::vector<ElementBuilder::Stored>& stores) {
    const Position k = elements_.open_all(loop.shape, "k");
    std::vector<Lane> values;
    std::vector<Position> places;
    for (const ElementBuilder::Stored& stored : stores) {
      Position place = stored.row;
      place.insert(place.end(), k.begin(), k.end());
      values.push_back(elements_.element(stored.value, place));
      places.push_back(std::move(place));
    }
    for (size_t i = 0; i < stores.size(); ++i)
      elements_.store(stores[i].room, places[i], values[i]);
    elements_.close_all(loop.shape.size());
  }

  /// Everything is computed before anything is stored: a result may take an operand's memory.
  void store_row_results() {
    std::vector<std::pair<size_t, Lane>> values;
    for (size_t i = 0; i < region_.results.size(); ++i)
      if (!is_inner(region_.results[i]))
        values.emplace_back(i, elements_.element(region_.results[i], row_));
    for (const auto& [result, lane] : values)
      elements_.store(elements_.room_of_result(result), row_, lane);
  }

  ElementBuilder& elements_;
  const Body& region_;
  const Shape& rows_;
  std::vector<Value> nodes_;
  std::vector<size_t> stage_;
  std::vector<InnerLoop> loops_;
  Position row_;
  size_t depth_ = 0;
};

}  // namespace

void build_rows(ElementBuilder& elements, const Shape& rows) { Rows(elements, rows).build(); }

}  // namespace thx::loop
