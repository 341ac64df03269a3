// SPDX-License-Identifier: Apache-2.0
// Sums in the three orders of language section 6.
#include <algorithm>
#include <numeric>

#include "ops/axes.h"
#include "schedule/element_builder.h"
#include "support/check.h"

namespace thx::loop {
namespace {

/// Above how many of the machine's registers' lanes costly terms are computed piece by piece.
constexpr int kRegistersPerAccumulator = 2;
constexpr int64_t kCacheLine = 64;

bool is_dot(const Node& node) { return node.family() == Family::contraction; }

}  // namespace

int sum_lanes(const Node& sum) {
  const int lanes = sum.dtype() == DType::f32 ? 16 : 8;
  return sum.type().is_scalar() ? 4 * lanes : lanes;
}

Extent block_room(const Extent& count, int64_t block, DType dtype, const Shape& kept) {
  const Extent blocks = ceildiv(count, block);
  if (blocks.is_known()) return max(Extent(1), blocks);
  const Extent bytes = bytes_of(dtype) * element_count(kept);
  if (!bytes.is_known() || bytes.known() == 0) return blocks + 1;
  const int64_t line = kCacheLine / std::gcd(kCacheLine, bytes.known());
  return line * ceildiv(count, line * block) + line;
}

SumOrder sum_order(const Node& node) {
  if (node.attrs.has("order") && (is_dot(node) || reduction(node.op).ordered)) {
    const std::string& order = node.attrs.word("order");
    if (order == "lanes") return SumOrder::lanes;
    if (order == "blocks") return SumOrder::blocks;
    if (order == "upward" || is_dot(node)) return SumOrder::upward;
  }
  if (is_dot(node)) return SumOrder::upward;
  return reduces_last_axes(node) ? SumOrder::lanes : SumOrder::blocks;
}

Shape summed_shape(const Node& node) {
  return is_dot(node) ? contracted_shape(node) : reduced_shape(node);
}

Lane ElementBuilder::identity(const Node& node, int lanes) {
  const SumRow row = sum_row(node);
  b_.set_lanes(lanes);
  const Scalar value = Scalar::of(row.dtype, row.identity);
  const Lane lane = is_float(row.dtype) ? b_.constant_real(row.dtype, value.real)
                                        : b_.constant_integer(row.dtype, value.integer);
  return lane;
}

Lane ElementBuilder::empty(const Node& node) {
  const SumRow row = sum_row(node);
  b_.set_lanes(1);
  const Scalar value = Scalar::of(row.dtype, row.empty);
  return is_float(row.dtype) ? b_.constant_real(row.dtype, value.real)
                             : b_.constant_integer(row.dtype, value.integer);
}

Lane ElementBuilder::add_term(const Node& node, Lane acc, const Position& position,
                              const Position& k) {
  const SumRow row = sum_row(node);
  if (!is_dot(node))
    return b_.op(row.combine, acc,
                 element(node.operands[0], reduction_position(node, position, k)));
  const Lane a = element(node.operands[0], dot_operand_position(node, false, position, k));
  const Lane b = element(node.operands[1], dot_operand_position(node, true, position, k));
  if (node.attrs.flag("fused")) return b_.op(Instruction::fma, a, b, acc);
  return b_.op(row.combine, acc, b_.mul(a, b));
}

Lane ElementBuilder::sum(Value value, const Where& place) {
  if (place.lanes) return lane_by_lane(value, place);
  switch (sum_order(*value)) {
    case SumOrder::lanes:
      lane_loop(summed_shape(*value), sum_lanes(*value), {{value, place.at}}, {}, false);
      return frames_.back().known.at({value.node, place.key});
    case SumOrder::blocks: return sum_blocks(*value, place.at);
    case SumOrder::upward: return sum_upward(*value, place.at);
  }
  THX_UNREACHABLE("an order of sums");
}

Lane ElementBuilder::sum_upward(const Node& node, const Position& position) {
  const Shape shape = summed_shape(node);
  const Extent count = element_count(shape);
  const Lane first = identity(node, 1);
  const Extent k = open_loop("k", 0, count);
  const Lane acc = b_.carry(first);
  b_.next(acc, add_term(node, acc, position, split(k, shape)));
  close();
  if (count.is_known() && count.known() > 0) return acc;
  const Lane none = empty(node);
  const Lane is_empty =
      b_.op(Instruction::equal, b_.index_value(count), b_.constant_integer(DType::i64, 0));
  return b_.select(is_empty, none, acc);
}

Lane ElementBuilder::sum_blocks(const Node& node, const Position& position) {
  const Shape shape = summed_shape(node);
  const Extent count = element_count(shape);
  const int32_t parts =
      buffers_.temporary("parts", node.dtype(), {block_room(count, kOuterBlock, node.dtype(), {})});
  b_.store(parts, {{Extent(0)}}, empty(node));
  const Lane first = identity(node, 1);
  const Extent block = open_loop("b", 0, ceildiv(count, kOuterBlock));
  const Extent begin = kOuterBlock * block;
  const Extent k = open_loop("k", begin, min(begin + kOuterBlock, count));
  const Lane acc = b_.carry(first);
  b_.next(acc, add_term(node, acc, position, split(k, shape)));
  close();
  b_.store(parts, {{block}}, acc);
  close();
  b_.tree(parts, sum_row(node).combine, ceildiv(count, kOuterBlock));
  return first_of(parts);
}

Lane ElementBuilder::first_of(int32_t buffer) {
  b_.set_lanes(1);
  return b_.load(buffer, {{Extent(0)}});
}

void ElementBuilder::lane_loop(const Shape& shape, int lanes, const std::vector<Sum>& sums,
                               const std::vector<Stored>& stores, bool costly) {
  const Extent count = element_count(shape);
  if (count.is(0)) {
    for (const Sum& sum : sums) know(sum.node, sum.at, empty(*sum.node));
    return;
  }
  int widest = 1;
  for (const Sum& sum : sums) widest = std::max(widest, bytes_of(sum.node->dtype()));
  const int machine_lanes = std::max(1, b_.machine().vector_bytes / widest);
  const auto run_block = costly && lanes > kRegistersPerAccumulator * machine_lanes
                             ? &ElementBuilder::run_costly_block
                             : &ElementBuilder::run_lane_block;
  std::vector<Lane> totals;
  if (count.is_known() && count.known() <= kLaneBlock) {
    (this->*run_block)(shape, lanes, sums, stores, 0, count, totals);
    for (size_t i = 0; i < sums.size(); ++i) know(sums[i].node, sums[i].at, totals[i]);
    return;
  }
  std::vector<int32_t> parts;
  for (const Sum& sum : sums) {
    parts.push_back(buffers_.temporary("parts", sum.node->dtype(),
                                       {block_room(count, kLaneBlock, sum.node->dtype(), {})}));
    b_.store(parts.back(), {{Extent(0)}}, empty(*sum.node));
  }
  const Extent block = open_loop("b", 0, ceildiv(count, kLaneBlock));
  const Extent begin = kLaneBlock * block;
  (this->*run_block)(shape, lanes, sums, stores, begin, min(begin + kLaneBlock, count), totals);
  b_.set_lanes(1);
  for (size_t i = 0; i < sums.size(); ++i) b_.store(parts[i], {{block}}, totals[i]);
  close();
  for (size_t i = 0; i < sums.size(); ++i) {
    b_.tree(parts[i], sum_row(*sums[i].node).combine, ceildiv(count, kLaneBlock));
    know(sums[i].node, sums[i].at, first_of(parts[i]));
  }
}

void ElementBuilder::store_all(const std::vector<Stored>& stores, const Position& k) {
  std::vector<Lane> values;
  std::vector<Position> places;
  for (const Stored& stored : stores) {
    Position position = stored.row;
    position.insert(position.end(), k.begin(), k.end());
    values.push_back(element(stored.value, position));
    places.push_back(std::move(position));
  }
  for (size_t i = 0; i < stores.size(); ++i) store(stores[i].room, places[i], values[i]);
}

/// All accumulators are registers of all lanes.
void ElementBuilder::run_lane_block(const Shape& shape, int lanes, const std::vector<Sum>& sums,
                                    const std::vector<Stored>& stores, const Extent& begin,
                                    const Extent& end, std::vector<Lane>& totals) {
  std::vector<Lane> firsts, accs;
  for (const Sum& sum : sums) firsts.push_back(identity(*sum.node, lanes));
  const Extent k = open_lanes("k", begin, end, lanes);
  for (Lane first : firsts) accs.push_back(b_.carry(first));
  const Position position = split(k, shape);
  for (size_t i = 0; i < sums.size(); ++i)
    b_.next(accs[i], add_term(*sums[i].node, accs[i], sums[i].at, position));
  store_all(stores, position);
  close();
  for (size_t i = 0; i < sums.size(); ++i)
    totals.push_back(b_.fold(sum_row(*sums[i].node).combine, accs[i]));
}

/// The accumulators are in memory; terms are computed in as many lanes as a register has.
void ElementBuilder::run_costly_block(const Shape& shape, int lanes, const std::vector<Sum>& sums,
                                      const std::vector<Stored>& stores, const Extent& begin,
                                      const Extent& end, std::vector<Lane>& totals) {
  int widest = 1;
  for (const Sum& sum : sums) widest = std::max(widest, bytes_of(sum.node->dtype()));
  const int machine_lanes = std::max(1, b_.machine().vector_bytes / widest);
  std::vector<int32_t> rooms;
  for (const Sum& sum : sums) {
    rooms.push_back(buffers_.scratch("acc", sum.node->dtype(), {Extent(lanes)}));
    const Lane first = identity(*sum.node, lanes);
    b_.store(rooms.back(), {{Extent(0)}}, first, 0);
  }
  const Extent group = open_loop("g", begin, end, {.step = lanes});
  const Extent k = open_lanes("k", group, min(group + lanes, end), machine_lanes);
  const Position position = split(k, shape);
  for (size_t i = 0; i < sums.size(); ++i) {
    const Lane acc = b_.load(rooms[i], {{k - group}}, 0);
    b_.store(rooms[i], {{k - group}}, add_term(*sums[i].node, acc, sums[i].at, position), 0);
  }
  store_all(stores, position);
  close();
  close();
  for (size_t i = 0; i < sums.size(); ++i) {
    b_.set_lanes(lanes);
    totals.push_back(b_.fold(sum_row(*sums[i].node).combine, b_.load(rooms[i], {{Extent(0)}}, 0)));
  }
  b_.set_lanes(1);
}

}  // namespace thx::loop
