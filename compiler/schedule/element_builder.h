// SPDX-License-Identifier: Apache-2.0
// Builds the statements that compute one element of a value of a kernel's region, wherever it is
// asked for: loads, views, operators, whole sums.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grouping/access.h"
#include "schedule/emit_row.h"
#include "schedule/kernel_buffers.h"
#include "schedule/loop_builder.h"
#include "schedule/prove.h"

namespace thx::loop {

/// Elements per block of the `lanes` and of the `blocks` order.
inline constexpr int64_t kLaneBlock = 4096;
inline constexpr int64_t kOuterBlock = 256;

/// How many lanes a sum in `lanes` order has: a matter of language section 6, not of the machine.
int sum_lanes(const Node& sum);

/// Room for the partial sums of blocks, each of shape `kept`, and for the sum of none: whole cache
/// lines where that can be, so that how many bytes they are is a plain formula.
Extent block_room(const Extent& count, int64_t block, DType dtype, const Shape& kept);

/// Whether the sum of `node` goes over its terms in lanes, in blocks or upwards.
enum class SumOrder : uint8_t { lanes, blocks, upward };
SumOrder sum_order(const Node& node);
/// The extents of the axes that a reduction or dot sums over.
Shape summed_shape(const Node& node);

/// Values are pulled: an element is computed in the outermost open loop that knows its position,
/// once, and reused in the loops inside.
class ElementBuilder {
 public:
  ElementBuilder(KernelBuilder& builder, KernelBuffers& buffers)
      : b_(builder), buffers_(buffers), frames_(1) {}

  KernelBuilder& builder() { return b_; }
  KernelBuffers& buffers() { return buffers_; }

  // ---- Loops ----
  Extent open_loop(std::string_view var, const Extent& begin, const Extent& end,
                   const KernelBuilder::LoopOptions& options = KernelBuilder::LoopOptions{});
  /// A loop over lanes with a masked tail: positions in its variable are `lanes` at once.
  Extent open_lanes(std::string_view var, const Extent& begin, const Extent& end, int lanes);
  void close();
  /// One serial loop per axis of `shape`; close_all() closes as many.
  Position open_all(const Shape& shape, std::string_view var = "i");
  void close_all(size_t count);
  /// The position in `shape` of the row-major position `flat`, a loop variable: values in memory of
  /// that shape are then read with one index.
  Position split(const Extent& flat, const Shape& shape);

  // ---- Elements ----
  /// The element of `value`: as many lanes as its position has.
  Lane element(Value value, const Position& at);
  /// From here on `value` at `at` is `lane`.
  void know(Value value, const Position& at, Lane lane);
  /// Memory that a kernel writes: a result, or room for a value of `shape`, the last axes of the
  /// positions that it is addressed with.
  struct Room {
    int result = -1;
    int32_t buffer = -1;  // of one axis, row-major
    Shape shape;
  };
  Room room_for(Value value, const Shape& shape);
  Room room_of_result(size_t index) const;
  /// From here on elements of `value` are loaded from there.
  void keep_in(Value value, Room room) { kept_.insert_or_assign(value.node, std::move(room)); }
  Lane load(const Room& room, const Position& at);
  void store(const Room& room, const Position& at, Lane lane);
  Lane load(int32_t buffer, const Position& at);
  void store(int32_t buffer, const Position& at, Lane lane);
  /// One term more of a sum: combine(acc, term), or a multiply-add of a dot.
  Lane add_term(const Node& sum, Lane acc, const Position& at, const Position& k);
  Lane identity(const Node& sum, int lanes);
  Lane empty(const Node& sum);

  /// Sums and stores that share one loop over lanes.
  struct Sum {
    Value node;
    Position at;
  };
  struct Stored {
    Value value;
    Position row;  // the position's first axes; the rest is the loop's
    Room room;
  };
  /// Runs over `shape` with `lanes` lanes in blocks: afterwards the sums are known and the stored
  /// values are in their buffers. `costly`: the terms are, and go in the machine's own lanes.
  void lane_loop(const Shape& shape, int lanes, const std::vector<Sum>& sums,
                 const std::vector<Stored>& stores, bool costly);

  /// An index in [-extent, extent) as a position in [0, extent).
  Extent normalized_index(Value index, const Position& at, const Extent& extent);
  /// A start in [0, end) as a position.
  Extent start_position(Value start, const Extent& end);
  /// A position as i64: as many lanes as it has.
  Lane position_value(const Extent& position);

 private:
  /// A position and where it is known.
  struct Where {
    Position at;
    std::string key;
    int level = 0;       // the open loop that defines the last of its symbols
    bool lanes = false;  // whether it mentions the lane loop's variable
  };
  struct Frame {
    std::map<std::pair<const Node*, std::string>, Lane> known;
    std::vector<Range> symbols = {};       // a loop's variable, indices in registers
    std::optional<Extent> inhabited = {};  // a loop: >= 0 inside it
  };
  struct Lanes {
    std::string var;
    Extent end;
    int count = 1;
    int level = 0;
  };
  struct Flat {
    Extent var;
    Shape shape;
    Position parts;
  };
  /// Blocks and lanes set aside while something is computed further out.
  class Outward {
   public:
    Outward(ElementBuilder& elements, int level)
        : elements_(elements),
          lanes_(elements.lanes_),
          count_(elements.b_.lanes()),
          blocks_(elements.b_.set_aside(level)) {
      const auto first = elements.frames_.begin() + level + 1;
      frames_.assign(std::make_move_iterator(first),
                     std::make_move_iterator(elements.frames_.end()));
      elements.frames_.erase(first, elements.frames_.end());
      if (elements.lanes_ && elements.lanes_->level > level) elements.lanes_.reset();
    }
    ~Outward() {
      elements_.b_.take_back(std::move(blocks_));
      for (Frame& frame : frames_) elements_.frames_.push_back(std::move(frame));
      elements_.lanes_ = std::move(lanes_);
      elements_.b_.set_lanes(count_);
    }
    Outward(const Outward&) = delete;
    Outward& operator=(const Outward&) = delete;

   private:
    ElementBuilder& elements_;
    std::optional<Lanes> lanes_;
    int count_;
    decltype(std::declval<KernelBuilder&>().set_aside(0)) blocks_;
    std::vector<Frame> frames_;
  };

  Where where(Position at) const;
  Lane element(Value value, const Where& at);
  Lane compute(Value value, const Where& at);
  Lane pointwise(const Node& node, const Where& at);
  Lane gather(const Node& node, const Where& at);
  Lane dynamic_slice(const Node& node, const Where& at);
  Lane scatter(const Node& node, const Where& at);
  Lane sum(Value value, const Where& at);
  Lane sum_upward(const Node& node, const Position& at);
  Lane sum_blocks(const Node& node, const Position& at);
  Lane lane_by_lane(Value value, const Where& at);
  Lane load_parameter(Value value, const Shape& shape, const Where& at);
  /// Whether what is known of the loops around shows that the position is one of an axis of
  /// `extent`.
  bool lies_within(const Extent& position, const Extent& extent) const;
  bool lanes_lie_within(const Position& at, const Shape& extents) const;
  /// The axis along which the lanes of a position lie, -1 where it has one lane; nothing where they
  /// do not lie along one.
  std::optional<int> lane_axis(const Position& at) const;
  std::vector<Index> indices(const Position& at, const Shape& extents);
  Extent guarded_symbol(Lane raw, bool wraps, const Extent& end);
  Lane guarded(const Extent& position, const Extent& extent);
  Lane lane_by_lane_position(const Extent& position);
  Lane arithmetic(const Extent& extent);
  Lane factor_value(const Extent::Factor& factor);
  std::optional<int32_t> few_columns(const Buffer& buffer, int32_t id, const Position& at,
                                     Position& turned);
  bool merge_flat(Position& at, Shape& shape) const;
  std::pair<int32_t, Position> address(const Room& room, const Position& at);
  void run_lane_block(const Shape& shape, int lanes, const std::vector<Sum>& sums,
                      const std::vector<Stored>& stores, const Extent& begin, const Extent& end,
                      std::vector<Lane>& totals);
  void run_costly_block(const Shape& shape, int lanes, const std::vector<Sum>& sums,
                        const std::vector<Stored>& stores, const Extent& begin, const Extent& end,
                        std::vector<Lane>& totals);
  void store_all(const std::vector<Stored>& stores, const Position& k);
  Lane first_of(int32_t buffer);

  KernelBuilder& b_;
  KernelBuffers& buffers_;
  std::vector<Frame> frames_;
  std::optional<Lanes> lanes_;
  std::vector<Flat> flats_;
  std::map<const Node*, Room> kept_;
  std::map<std::string, Lane> lane_symbols_;           // `$r0`: an index in a register
  std::map<std::string, std::string> symbol_names_;    // by register and extent
  std::map<std::pair<int32_t, int>, int32_t> turned_;  // transposed copies of small buffers
};

}  // namespace thx::loop
