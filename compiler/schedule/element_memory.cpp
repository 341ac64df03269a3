// SPDX-License-Identifier: Apache-2.0
// Loads, stores and positions: affine where they are, in registers otherwise.
#include <algorithm>
#include <set>

#include "schedule/element_builder.h"
#include "support/check.h"

namespace thx::loop {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Up to how many columns a small operand has that is read along its rows: it is turned once.
constexpr int64_t kFewColumns = 16;

std::set<std::string> loop_symbols(const Extent& extent) {
  std::set<std::string> symbols;
  extent.collect_symbols(symbols);
  std::erase_if(symbols, [](const std::string& symbol) { return symbol.front() != '$'; });
  return symbols;
}

/// Whether `extent` is a sum of loop variables with coefficients that are free of them.
bool is_affine(const Extent& extent) {
  for (const std::string& symbol : loop_symbols(extent)) {
    const std::optional<Extent> coefficient = extent.coefficient(symbol);
    if (!coefficient || !loop_symbols(*coefficient).empty()) return false;
  }
  return true;
}

}  // namespace

Lane ElementBuilder::load(int32_t buffer, const Position& position) {
  const std::optional<int> axis = lane_axis(position);
  THX_CHECK(axis, "lanes of {} that do not lie along an axis", b_.buffer(buffer).name);
  return b_.load(buffer, indices(position, b_.buffer(buffer).extents), *axis);
}

void ElementBuilder::store(int32_t buffer, const Position& position, Lane lane) {
  const std::optional<int> axis = lane_axis(position);
  THX_CHECK(axis, "lanes of {} that do not lie along an axis", b_.buffer(buffer).name);
  b_.store(buffer, indices(position, b_.buffer(buffer).extents), lane, *axis);
}

ElementBuilder::Room ElementBuilder::room_for(Value value, const Shape& shape) {
  return {-1, buffers_.temporary("row", value->dtype(), {element_count(shape)}), shape};
}

ElementBuilder::Room ElementBuilder::room_of_result(size_t index) const {
  return {static_cast<int>(index), -1, buffers_.region().results[index]->shape()};
}

Lane ElementBuilder::load(const Room& room, const Position& position) {
  const auto [buffer, place] = address(room, position);
  return load(buffer, place);
}

void ElementBuilder::store(const Room& room, const Position& position, Lane lane) {
  const auto [buffer, place] = address(room, position);
  store(buffer, place, lane);
}

std::pair<int32_t, Position> ElementBuilder::address(const Room& room, const Position& position) {
  Position place(position.end() - static_cast<ptrdiff_t>(room.shape.size()), position.end());
  Shape shape = room.shape;
  while (merge_flat(place, shape)) {
  }
  if (room.result >= 0) return {buffers_.result(at(room.result), shape), place};
  Extent linear = 0;
  for (size_t i = 0; i < place.size(); ++i) linear = linear * shape[i] + place[i];
  return {room.buffer, {linear}};
}

std::optional<int> ElementBuilder::lane_axis(const Position& position) const {
  if (!lanes_) return -1;
  int axis = -1;
  for (size_t i = 0; i < position.size(); ++i) {
    if (!position[i].mentions(lanes_->var)) continue;
    const std::optional<Extent> coefficient = position[i].coefficient(lanes_->var);
    if (axis >= 0 || !coefficient || !coefficient->is(1)) return std::nullopt;
    int registers = 0;  // a position has the value of one of them at most
    for (const std::string& symbol : loop_symbols(position[i])) {
      if (!lane_symbols_.contains(symbol)) continue;
      const std::optional<Extent> times = position[i].coefficient(symbol);
      if (!times || !times->is(1) || ++registers > 1) return std::nullopt;
    }
    if (!is_affine(position[i])) return std::nullopt;
    axis = static_cast<int>(i);
  }
  return axis;
}

/// Positions that loops and one register say together, or one register alone.
std::vector<Index> ElementBuilder::indices(const Position& position, const Shape& extents) {
  std::vector<Index> result;
  for (const Extent& extent : position) {
    const std::string* in_register = nullptr;
    bool direct = is_affine(extent);
    const std::set<std::string> symbols = loop_symbols(extent);
    for (const std::string& symbol : symbols) {
      if (!lane_symbols_.contains(symbol)) continue;
      const std::optional<Extent> coefficient = extent.coefficient(symbol);
      direct = direct && in_register == nullptr && coefficient && coefficient->is(1);
      in_register = &symbol;
    }
    if (!direct || !lies_within(extent, extents[result.size()])) {
      result.push_back({Extent(0), b_.ref(guarded(extent, extents[result.size()]))});
    } else if (in_register != nullptr) {
      result.push_back(
          {extent - Extent::symbol(*in_register), b_.ref(lane_symbols_.at(*in_register))});
    } else {
      result.push_back({extent});
    }
  }
  return result;
}

bool ElementBuilder::lies_within(const Extent& position, const Extent& extent) const {
  Facts facts;
  for (const Frame& frame : frames_) {
    for (const Range& range : frame.symbols) {
      if (position == Extent::symbol(range.symbol) && range.low.is_known() &&
          range.low.known() >= 0 && *range.high + 1 == extent)
        return true;
      facts.ranges.push_back(range);
    }
    if (frame.inhabited) facts.nonnegative.push_back(*frame.inhabited);
  }
  const std::vector<Extent>& assumed = buffers_.assumed();
  facts.nonnegative.insert(facts.nonnegative.end(), assumed.begin(), assumed.end());
  return facts.prove(position) && facts.prove(extent - 1 - position);
}

bool ElementBuilder::lanes_lie_within(const Position& position, const Shape& extents) const {
  for (size_t i = 0; lanes_ && i < position.size(); ++i)
    if (position[i].mentions(lanes_->var) && !lies_within(position[i], extents[i])) return false;
  return true;
}

/// Quotients and remainders of positions are in range by construction, which the statement that
/// never fails tells whoever verifies the kernel.
Lane ElementBuilder::guarded(const Extent& position, const Extent& extent) {
  const int lanes = b_.lanes();
  b_.set_lanes(1);
  const Lane lane = arithmetic(position);
  const Lane low = b_.op(Instruction::less, lane, b_.constant_integer(DType::i64, 0));
  const Lane high = b_.op(Instruction::greater_equal, lane, b_.index_value(extent));
  b_.fail(FailStatus::index, lane, b_.op(Instruction::bit_or, low, high));
  b_.set_lanes(lanes);
  return lane;
}

bool ElementBuilder::merge_flat(Position& position, Shape& shape) const {
  for (const Flat& flat : flats_) {
    const size_t count = flat.parts.size();
    for (size_t first = 0; first + count <= position.size(); ++first) {
      const auto place = position.begin() + static_cast<ptrdiff_t>(first);
      const auto extents = shape.begin() + static_cast<ptrdiff_t>(first);
      if (!std::equal(flat.parts.begin(), flat.parts.end(), place) ||
          !std::equal(flat.shape.begin(), flat.shape.end(), extents))
        continue;
      *place = flat.var;
      *extents = element_count(flat.shape);
      position.erase(place + 1, place + static_cast<ptrdiff_t>(count));
      shape.erase(extents + 1, extents + static_cast<ptrdiff_t>(count));
      return true;
    }
  }
  return false;
}

Lane ElementBuilder::load_parameter(Value value, const Shape& shape, const Where& place) {
  const Value parameter = value->operands.empty() ? value : value->operands[0];
  Position position = place.at;
  Shape extents = shape;
  while (merge_flat(position, extents)) {
  }
  const int32_t buffer = buffers_.operand(parameter, extents);
  if (!lanes_lie_within(position, extents)) return lane_by_lane(value, place);
  const std::optional<int> axis = lane_axis(position);
  if (axis && (*axis < 0 || b_.buffer(buffer).strides[at(*axis)].is(1)))
    return load(buffer, position);
  Position turned;
  if (const std::optional<int32_t> copy = few_columns(b_.buffer(buffer), buffer, position, turned))
    return load(*copy, turned);
  return axis ? load(buffer, position) : lane_by_lane(value, place);
}

/// A copy of a buffer of few columns with the lanes' axis last, made before the first loop.
std::optional<int32_t> ElementBuilder::few_columns(const Buffer& buffer, int32_t id,
                                                   const Position& position, Position& turned) {
  int axis = -1;
  Extent others = 1;
  Shape extents;
  for (size_t i = 0; i < position.size(); ++i) {
    if (!position[i].mentions(lanes_->var)) {
      others *= buffer.extents[i];
      extents.push_back(buffer.extents[i]);
      turned.push_back(position[i]);
    } else if (axis >= 0 || !(position[i] == Extent::symbol(lanes_->var))) {
      return std::nullopt;
    } else {
      axis = static_cast<int>(i);
    }
  }
  if (axis < 0 || !others.is_known() || others.known() > kFewColumns ||
      b_.buffer(id).access != Access::in)
    return std::nullopt;
  extents.push_back(buffer.extents[at(axis)]);
  turned.push_back(position[at(axis)]);
  const auto [copy, is_new] = turned_.try_emplace({id, axis}, -1);
  if (!is_new) return copy->second;
  const Outward outward(*this, 0);
  b_.set_lanes(1);
  const std::string name = format("{}_t", buffer.name);
  copy->second = buffers_.temporary(name, buffer.dtype, extents);
  Position to = open_all(extents, "t");
  Position from(to.begin(), to.end() - 1);
  from.insert(from.begin() + axis, to.back());
  store(copy->second, to, load(id, from));
  close_all(extents.size());
  return copy->second;
}

// ---- Positions as values ----

Lane ElementBuilder::position_value(const Extent& extent) {
  if (!lanes_ || !extent.mentions(lanes_->var)) return arithmetic(extent);
  const std::optional<Extent> step = extent.coefficient(lanes_->var);
  if (!step || !loop_symbols(*step).empty()) return lane_by_lane_position(extent);
  const Lane start = arithmetic(extent);
  b_.set_lanes(lanes_->count);
  Lane along = b_.emit(Instruction::iota, {}, DType::i64);
  if (!step->is(1)) along = b_.mul(along, b_.index_value(*step));
  return b_.add(start, along);
}

Lane ElementBuilder::lane_by_lane_position(const Extent& extent) {
  const Lanes lanes = *lanes_;
  const Extent first = Extent::symbol(lanes.var);
  const int32_t room = buffers_.scratch("lanes", DType::i64, {Extent(lanes.count)});
  const Extent lane = open_loop("l", first, min(first + lanes.count, lanes.end));
  lanes_.reset();
  b_.set_lanes(1);
  b_.store(room, {{lane - first}}, arithmetic(extent.substitute({{lanes.var, lane}})));
  close();
  lanes_ = lanes;
  b_.set_lanes(lanes.count);
  return b_.load(room, {{Extent(0)}}, 0);
}

/// The scalar value of a position; a lane loop's variable stands for its first lane.
Lane ElementBuilder::arithmetic(const Extent& extent) {
  const int lanes = b_.lanes();
  b_.set_lanes(1);
  bool in_registers = false;
  for (const std::string& symbol : loop_symbols(extent))
    in_registers = in_registers || lane_symbols_.contains(symbol);
  std::optional<Lane> total;
  if (in_registers) {
    for (const Extent::Term& term : extent.terms()) {
      Lane product = b_.constant_integer(DType::i64, term.coefficient);
      for (const Extent::Factor& factor : term.factors)
        product = b_.mul(product, factor_value(factor));
      total = total ? b_.add(*total, product) : product;
    }
  }
  const Lane result = total ? *total : b_.index_value(extent);
  b_.set_lanes(lanes);
  return result;
}

/// Positions are not negative, so truncating division is the floor.
Lane ElementBuilder::factor_value(const Extent::Factor& factor) {
  if (!factor.symbol.empty()) {
    const auto found = lane_symbols_.find(factor.symbol);
    return found != lane_symbols_.end() ? found->second
                                        : b_.index_value(Extent::symbol(factor.symbol));
  }
  const Lane a = arithmetic(*factor.a), b = arithmetic(*factor.b);
  switch (factor.function) {
    case ExtentFunction::floordiv: return b_.div(a, b);
    case ExtentFunction::mod: return b_.sub(a, b_.mul(b_.div(a, b), b));
    case ExtentFunction::min: return b_.op(Instruction::minimum, a, b);
    case ExtentFunction::max: return b_.op(Instruction::maximum, a, b);
  }
  THX_UNREACHABLE("a function of extents");
}

Extent ElementBuilder::normalized_index(Value index, const Position& position,
                                        const Extent& extent) {
  const std::optional<Extent> known = known_index(index, position);
  if (known && always_in_range(index, extent)) {
    const bool from_end = known->is_known() && known->known() < 0;
    return from_end ? *known + extent : *known;
  }
  const Where place = where(position);
  const Outward outward(*this, place.level);
  b_.set_lanes(1);
  const Lane raw = element(index, place);
  return guarded_symbol(raw, true, extent);
}

Extent ElementBuilder::start_position(Value start, const Extent& end) {
  if (always_below(start, end)) return *known_index(start, {});
  const Where place = where({});
  const Outward outward(*this, place.level);
  b_.set_lanes(1);
  const Lane raw = element(start, place);
  return guarded_symbol(raw, false, end);
}

/// A symbol for a position in [0, end) that a register holds; with `wraps`, negative values count
/// from the end. It is checked before the kernel; here the check says so to whoever verifies it.
Extent ElementBuilder::guarded_symbol(Lane raw, bool wraps, const Extent& end) {
  std::string& name = symbol_names_[format("{} {}", raw.id, end.text())];
  // A constant is seen in every loop, the symbol that was made of it in its own alone.
  const bool is_open = std::ranges::any_of(frames_, [&](const Frame& frame) {
    return std::ranges::find(frame.symbols, name, &Range::symbol) != frame.symbols.end();
  });
  if (is_open) return Extent::symbol(name);
  const Lane zero = b_.constant_integer(DType::i64, 0);
  const Lane count = b_.index_value(end);
  Lane position = raw;
  if (wraps) position = b_.select(b_.op(Instruction::less, raw, zero), b_.add(raw, count), raw);
  b_.fail(FailStatus::index, raw,
          b_.op(Instruction::bit_or, b_.op(Instruction::less, position, zero),
                b_.op(Instruction::greater_equal, position, count)));
  name = format("$r{}", lane_symbols_.size());
  lane_symbols_.emplace(name, position);
  frames_.back().symbols.push_back({name, 0, end - 1});
  return Extent::symbol(name);
}

}  // namespace thx::loop
