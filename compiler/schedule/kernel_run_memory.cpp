// SPDX-License-Identifier: Apache-2.0
// How a kernel's run reads and writes buffers.
#include "schedule/kernel_run.h"
#include "support/text.h"

namespace thx::loop {

Memory& KernelRun::memory(int member, int32_t buffer, int64_t& offset) {
  offset = 0;
  switch (kernel_.buffers[buffer].scope) {
    case Scope::scratch: return members_[member].scratch[buffer];
    case Scope::shared: return shared_[buffer];
    default: break;
  }
  offset = views_[buffer].offset;
  return *views_[buffer].memory;
}

/// Lanes that the mask and every enclosing loop with a masked tail of that many lanes let through.
std::vector<uint8_t> KernelRun::active_lanes(int member, int lanes,
                                             const std::optional<RegisterRef>& mask) {
  std::vector<uint8_t> active(static_cast<size_t>(lanes), 1);
  if (mask) {
    const size_t from = at(member, *mask);
    for (int lane = 0; lane < lanes; ++lane) {
      active[lane] = members_[member].bits[from + lane] != 0;
      if (members_[member].poison[from + lane] != 0) error(member, "the mask is not defined");
    }
  }
  if (lanes == 1) return active;
  for (const Loop* loop : loops_) {
    if (!loop->masked_tail || loop->step != lanes) continue;
    const int64_t left = value(member, loop->end) - members_[member].slots[table_.slot(loop->var)];
    for (int64_t lane = left; lane < lanes; ++lane) active[static_cast<size_t>(lane)] = 0;
  }
  return active;
}

bool KernelRun::locate(int member, const Place& place, const std::vector<uint8_t>& lanes,
                       Target& target) {
  const Buffer& buffer = kernel_.buffers[place.buffer];
  int64_t element = 0;
  target.lane_step = 0;
  for (size_t axis = 0; axis < place.index.size(); ++axis) {
    int64_t position = value(member, place.index[axis].affine);
    if (place.index[axis].reg) {
      LaneBits part = 0;
      if (!scalar(member, *place.index[axis].reg, "the position", part)) return false;
      position += static_cast<int64_t>(part);
    }
    const int64_t extent = value(member, buffer.extents[axis]);
    const int64_t stride = value(member, buffer.strides[axis]);
    const bool is_lane_axis = place.lane_axis == static_cast<int>(axis);
    for (int lane = 0; lane < (is_lane_axis ? place.lanes : 1); ++lane) {
      if (is_lane_axis && lanes[lane] == 0) continue;
      if (position + lane >= 0 && position + lane < extent) continue;
      error(member, format("position {} of axis {} of {} is not in 0..{}", position + lane, axis,
                           buffer.name, extent));
      return false;
    }
    if (is_lane_axis) target.lane_step = stride * bytes_of(buffer.dtype);
    element += position * stride;
  }
  int64_t offset = 0;
  target.memory = &memory(member, place.buffer, offset);
  target.byte = offset + element * bytes_of(buffer.dtype);
  for (int lane = 0; lane < place.lanes; ++lane) {
    const int64_t byte = target.byte + lane * target.lane_step;
    const auto count = static_cast<int64_t>(target.memory->bytes.size());
    if (lanes[lane] == 0 || (byte >= 0 && byte + bytes_of(buffer.dtype) <= count)) continue;
    error(member, format("byte {} of {} is beyond its {} bytes", byte, buffer.name, count));
  }
  return !stopped_;
}

bool KernelRun::read(const Target& target, DType dtype, int lane, LaneBits& bits) {
  const auto byte = static_cast<size_t>(target.byte + lane * target.lane_step);
  bits = load_lane(target.memory->bytes.data() + byte, dtype);
  bool defined = true;
  for (int i = 0; i < bytes_of(dtype); ++i)
    defined = defined && target.memory->defined[byte + i] != 0;
  return defined;
}

void KernelRun::write(const Target& target, DType dtype, int lane, LaneBits bits) {
  const auto byte = static_cast<size_t>(target.byte + lane * target.lane_step);
  store_lane(target.memory->bytes.data() + byte, dtype, bits);
  for (int i = 0; i < bytes_of(dtype); ++i) target.memory->defined[byte + i] = 1;
}

void KernelRun::node(const Load& node, const Active& active) {
  const DType dtype = kernel_.buffers[node.place.buffer].dtype;
  for (const int member : active) {
    const std::vector<uint8_t> lanes = active_lanes(member, node.place.lanes, node.mask);
    bool any = false;
    for (const uint8_t lane : lanes) any = any || lane != 0;
    Target target{};
    if (stopped_ || (any && !locate(member, node.place, lanes, target))) return;
    const size_t to = at(member, node.result);
    for (int lane = 0; lane < node.place.lanes; ++lane) {
      LaneBits bits = 0;
      const bool defined = lanes[lane] == 0 || read(target, dtype, lane, bits);
      members_[member].bits[to + lane] = bits;
      members_[member].poison[to + lane] = defined ? 0 : 1;
    }
  }
}

void KernelRun::node(const Store& node, const Active& active) {
  const DType dtype = kernel_.buffers[node.place.buffer].dtype;
  for (const int member : active) {
    const std::vector<uint8_t> lanes = active_lanes(member, node.place.lanes, node.mask);
    bool any = false;
    for (const uint8_t lane : lanes) any = any || lane != 0;
    Target target{};
    if (stopped_) return;
    if (!any) continue;
    if (!locate(member, node.place, lanes, target)) return;
    const size_t from = at(member, node.value);
    for (int lane = 0; lane < node.place.lanes; ++lane) {
      if (lanes[lane] == 0) continue;
      if (members_[member].poison[from + lane] != 0)
        return error(member, format("the value of lane {} is not defined", lane));
      write(target, dtype, lane, members_[member].bits[from + lane]);
    }
  }
}

void KernelRun::node(const Tree& node, const Active& active) {
  for (const int member : active) {
    const int64_t count = value(member, node.count);
    for (int64_t distance = 1; distance < count && !stopped_; distance *= 2)
      tree_level(node, member, count, distance);
  }
}

void KernelRun::tree_level(const Tree& node, int member, int64_t count, int64_t distance) {
  const Buffer& buffer = kernel_.buffers[node.buffer];
  Extent rest = 1;
  for (size_t axis = 1; axis < buffer.extents.size(); ++axis) rest *= buffer.extents[axis];
  const int64_t others = rest.evaluate(options_.dims).value_or(0);
  Place slot{node.buffer, std::vector<Index>(buffer.extents.size()), 1, -1};
  for (int64_t i = 0; i + distance < count; i += 2 * distance) {
    for (int64_t other = 0; other < others && !stopped_; ++other) {
      int64_t left = other;
      for (size_t axis = buffer.extents.size(); axis-- > 1;) {
        const int64_t extent = buffer.extents[axis].evaluate(options_.dims).value_or(1);
        slot.index[axis].affine = left % extent;
        left /= extent;
      }
      Target to{};
      Target from{};
      slot.index[0].affine = i;
      if (!locate(member, slot, {1}, to)) return;
      slot.index[0].affine = i + distance;
      if (!locate(member, slot, {1}, from)) return;
      LaneBits a = 0;
      LaneBits b = 0;
      if (!read(to, buffer.dtype, 0, a) || !read(from, buffer.dtype, 0, b))
        return error(member, format("slot {} or {} is not defined", i, i + distance));
      write(to, buffer.dtype, 0,
            *compute_lane(node.combine, buffer.dtype, buffer.dtype, {a, b, 0}));
    }
  }
}

void KernelRun::node(const Call& node, const Active& active) {
  const Buffer& buffer = kernel_.buffers[node.buffer];
  for (const int member : active) {
    int64_t offset = 0;
    Memory& to = memory(member, node.buffer, offset);
    const int64_t elements = element_count(buffer.extents).evaluate(options_.dims).value_or(-1);
    const int64_t bytes = elements * bytes_of(buffer.dtype);
    if (elements < 0 || offset + bytes > static_cast<int64_t>(to.bytes.size()))
      return error(member, format("{} is smaller than its extents say", buffer.name));
    const std::span<std::byte> part(to.bytes.data() + offset, static_cast<size_t>(bytes));
    if (!options_.call || !options_.call(node, buffer.dtype, part))
      return error(member, format("nothing here answers to {}", node.symbol));
    for (int64_t i = 0; i < bytes; ++i) to.defined[static_cast<size_t>(offset + i)] = 1;
  }
}

}  // namespace thx::loop
