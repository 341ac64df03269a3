// SPDX-License-Identifier: Apache-2.0
// Elements of values: where they are computed, and by which statements.
#include "schedule/element_builder.h"

#include <algorithm>
#include <set>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "support/check.h"

namespace thx::loop {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

std::set<std::string> loop_symbols(const Position& position) {
  std::set<std::string> symbols;
  for (const Extent& extent : position) extent.collect_symbols(symbols);
  std::erase_if(symbols, [](const std::string& symbol) { return symbol.front() != '$'; });
  return symbols;
}

}  // namespace

// ---- Loops ----

Extent ElementBuilder::open_loop(std::string_view var, const Extent& begin, const Extent& end,
                                 const KernelBuilder::LoopOptions& options) {
  const Extent variable = b_.open_loop(var, begin, end, options);
  const bool whole = !options.masked_tail && divides(options.step, end - begin);
  frames_.push_back(
      {{}, {{variable.text(), begin, end - (whole ? Extent(options.step) : 1)}}, end - begin - 1});
  return variable;
}

Extent ElementBuilder::open_lanes(std::string_view var, const Extent& begin, const Extent& end,
                                  int lanes) {
  const Extent variable = open_loop(var, begin, end, {.step = lanes, .masked_tail = true});
  lanes_ = Lanes{variable.text(), end, lanes, b_.depth()};
  b_.set_lanes(lanes);
  return variable;
}

void ElementBuilder::close() {
  if (lanes_ && lanes_->level == b_.depth()) {
    lanes_.reset();
    b_.set_lanes(1);
  }
  b_.close();
  frames_.pop_back();
}

Position ElementBuilder::open_all(const Shape& shape, std::string_view var) {
  Position position;
  for (const Extent& extent : shape) position.push_back(open_loop(var, 0, extent));
  return position;
}

void ElementBuilder::close_all(size_t count) {
  for (size_t i = 0; i < count; ++i) close();
}

Position ElementBuilder::split(const Extent& flat, const Shape& shape) {
  if (shape.size() == 1) return {flat};
  Position parts(shape.size());
  Extent inner = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    const Extent quotient = inner.is(1) ? flat : floordiv(flat, inner);
    parts[i] = i == 0 ? quotient : mod(quotient, shape[i]);
    inner *= shape[i];
  }
  flats_.push_back({flat, shape, parts});
  return parts;
}

// ---- Where a value is computed ----

ElementBuilder::Where ElementBuilder::where(Position position) const {
  Where result;
  result.key = join(position, ",", [](const Extent& extent) { return extent.text(); });
  for (const std::string& symbol : loop_symbols(position)) {
    int level = static_cast<int>(frames_.size()) - 1;
    while (level >= 0 && std::ranges::find(frames_[at(level)].symbols, symbol, &Range::symbol) ==
                             frames_[at(level)].symbols.end())
      --level;
    THX_CHECK(level >= 0, "{} is not the variable of an open loop", symbol);
    result.level = std::max(result.level, level);
    result.lanes = result.lanes || (lanes_ && lanes_->var == symbol);
  }
  result.at = std::move(position);
  return result;
}

Lane ElementBuilder::element(Value value, const Position& position) {
  if (const Scalar* constant = constant_of(value))
    return is_float(constant->dtype) ? b_.constant_real(constant->dtype, constant->real)
                                     : b_.constant_integer(constant->dtype, constant->integer);
  return element(value, where(position));
}

Lane ElementBuilder::element(Value value, const Where& at_place) {
  if (constant_of(value) != nullptr) return element(value, at_place.at);
  auto& known = frames_[at(at_place.level)].known;
  const auto found = known.find({value.node, at_place.key});
  if (found != known.end()) return found->second;
  const Outward outward(*this, at_place.level);
  b_.set_lanes(at_place.lanes ? lanes_->count : 1);
  const Lane lane = compute(value, at_place);
  frames_.back().known[{value.node, at_place.key}] = lane;
  return lane;
}

void ElementBuilder::know(Value value, const Position& position, Lane lane) {
  const Where place = where(position);
  frames_[at(place.level)].known[{value.node, place.key}] = lane;
}

// ---- Families ----

Lane ElementBuilder::compute(Value value, const Where& place) {
  if (const auto kept = kept_.find(value.node); kept != kept_.end())
    return load(kept->second, place.at);
  // No element is ever asked for, and what would be read may have none either.
  if (element_count(value->shape()).is(0))
    return is_float(value->dtype()) ? b_.constant_real(value->dtype(), 0)
                                    : b_.constant_integer(value->dtype(), 0);
  switch (value->family()) {
    case Family::elementwise: return pointwise(*value, place);
    case Family::view: {
      const Value operand = value->operands[0];
      if (is_reshape(*value) && is_parameter(*operand))
        return load_parameter(value, value->shape(), place);
      return element(operand, view(value->op).index_map(*value, place.at));
    }
    case Family::reduction:
    case Family::contraction: return sum(value, place);
    case Family::indexing:
      if (is_dynamic_slice(*value)) return dynamic_slice(*value, place);
      return is_gather(*value) ? gather(*value, place) : scatter(*value, place);
    case Family::source: break;
    default: THX_UNREACHABLE("{} inside a kernel", name_of(value->op));
  }
  if (is_parameter(*value)) return load_parameter(value, value->shape(), place);
  if (is_iota(*value)) return position_value(place.at[at(value->attrs.integer("axis"))]);
  THX_CHECK(is_extent(*value), "{} has no elements", name_of(value->op));
  return position_value(value->attrs.get<Extent>("extent"));
}

Lane ElementBuilder::pointwise(const Node& node, const Where& place) {
  std::vector<Lane> operands;
  for (Value operand : node.operands) operands.push_back(element(operand, place));
  return emit_row(b_, node.op, operands, node.dtype());
}

Lane ElementBuilder::gather(const Node& node, const Where& place) {
  const IndexingShape shape = indexing_shape(node);
  const auto axes = axes_of(node.attrs, "axes");
  const auto places = static_cast<ptrdiff_t>(shape.batch + shape.places);
  const Position index_at(place.at.begin(), place.at.begin() + places);
  const bool index_per_lane = where(index_at).lanes;
  const Value source = node.operands[0];
  for (size_t i = 0; index_per_lane && i < axes.size(); ++i)
    if (!always_in_range(index_operands(node)[i], source->shape()[at(axes[i])]))
      return lane_by_lane({&node}, place);
  Position position;
  ptrdiff_t rest = places;
  for (int axis = 0; axis < source->type().rank(); ++axis) {
    const auto found = std::ranges::find(axes, static_cast<int64_t>(axis));
    if (axis < shape.batch) {
      position.push_back(place.at[at(axis)]);
    } else if (found == axes.end()) {
      position.push_back(place.at[at(rest++)]);
    } else {
      const Value index = index_operands(node)[at(found - axes.begin())];
      position.push_back(normalized_index(index, index_at, source->shape()[at(axis)]));
    }
  }
  return element(source, position);
}

Lane ElementBuilder::dynamic_slice(const Node& node, const Where& place) {
  const Value source = node.operands[0];
  const auto axes = axes_of(node.attrs, "axes");
  Position position = place.at;
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t axis = at(axes[i]);
    position[axis] +=
        start_position(index_operands(node)[i], source->shape()[axis] - node.shape()[axis] + 1);
  }
  return element(source, position);
}

/// One element of a scatter that gives each element at most one update.
Lane ElementBuilder::scatter(const Node& node, const Where& place) {
  const std::optional<PointwiseScatter> how = pointwise_scatter(node);
  THX_CHECK(how, "a scatter that is not pointwise is read element by element");
  const Position index_at = scatter_index_position(node, *how, place.at);
  const auto axes = axes_of(node.attrs, "axes");
  for (int i : how->compared)
    if (where(index_at).lanes &&
        !always_in_range(index_operands(node)[at(i)], node.shape()[at(axes[at(i)])]))
      return lane_by_lane({&node}, place);
  const Lane base = element(node.operands[0], place);
  std::optional<Lane> here;
  for (int i : how->compared) {
    const int64_t axis = axes[at(i)];
    const Extent index =
        normalized_index(index_operands(node)[at(i)], index_at, node.shape()[at(axis)]);
    const Lane meets =
        b_.op(Instruction::equal, position_value(place.at[at(axis)]), position_value(index));
    here = here ? b_.op(Instruction::bit_and, *here, meets) : meets;
  }
  const Lane update = element(node.operands[1], scatter_update_position(node, *how, place.at));
  const Lane now = adds(node) ? b_.add(base, update) : update;
  return here ? b_.select(*here, now, base) : now;
}

/// An element that cannot be computed in lanes: one lane after the other, through memory.
Lane ElementBuilder::lane_by_lane(Value value, const Where& place) {
  const Lanes lanes = *lanes_;
  const Extent first = Extent::symbol(lanes.var);
  const int32_t room = buffers_.scratch("lanes", value->dtype(), {Extent(lanes.count)});
  const std::vector<Flat> flats = flats_;
  const Extent lane = open_loop("l", first, min(first + lanes.count, lanes.end));
  lanes_.reset();
  b_.set_lanes(1);
  const Extent::Bindings moved{{lanes.var, lane}};
  for (const Flat& flat : flats) {
    if (!(flat.var == first)) continue;
    Flat inner{lane, flat.shape, {}};
    for (const Extent& part : flat.parts) inner.parts.push_back(part.substitute(moved));
    flats_.push_back(std::move(inner));
  }
  Position position;
  for (const Extent& extent : place.at) position.push_back(extent.substitute(moved));
  const Lane one = element(value, position);
  b_.store(room, {{lane - first}}, one);
  close();
  lanes_ = lanes;
  b_.set_lanes(lanes.count);
  return b_.load(room, {{Extent(0)}}, 0);
}

}  // namespace thx::loop
