// SPDX-License-Identifier: Apache-2.0
// The statements of a kernel's run that are not loops.
#include "schedule/kernel_run.h"

#include <algorithm>

#include "schedule/print.h"
#include "support/check.h"

namespace thx::loop {

KernelRun::KernelRun(const Kernel& kernel, std::span<const View> views,
                     const InterpretOptions& options)
    : kernel_(kernel), views_(views), options_(options), shared_(kernel.buffers.size()) {
  THX_CHECK(static_cast<int>(views.size()) == kernel.parameter_count(), "@{} takes {} buffers",
            kernel.name, kernel.parameter_count());
  for (const Register& reg : kernel.registers) {
    first_lane_.push_back(lane_count_);
    size_t elements = 1;
    for (const int64_t extent : reg.array) elements *= static_cast<size_t>(extent);
    lane_count_ += elements * static_cast<size_t>(reg.type.lanes);
  }
}

Outcome KernelRun::run() {
  Member member;
  member.bits.assign(lane_count_, 0);
  member.poison.assign(lane_count_, 1);
  member.next_bits = member.bits;
  member.next_poison = member.poison;
  for (const auto& [name, dim] : options_.dims) {
    const int slot = table_.slot(name);
    member.slots.resize(std::max(member.slots.size(), static_cast<size_t>(slot) + 1));
    member.slots[slot] = dim;
  }
  member.scratch.resize(kernel_.buffers.size());
  members_.push_back(std::move(member));
  for (size_t i = 0; i < kernel_.buffers.size(); ++i) {
    const Buffer& buffer = kernel_.buffers[i];
    if (buffer.scope != Scope::scratch && buffer.scope != Scope::shared) continue;
    Extent last = 1;  // the number of elements under any strides
    for (size_t axis = 0; axis < buffer.extents.size(); ++axis)
      last += (buffer.extents[axis] - 1) * buffer.strides[axis];
    const std::optional<int64_t> elements = last.evaluate(options_.dims);
    if (!elements) {
      error(0, format("the extents of {} are not known", buffer.name));
      return outcome_;
    }
    Memory memory(static_cast<size_t>(std::max<int64_t>(*elements, 0) * bytes_of(buffer.dtype)));
    (buffer.scope == Scope::shared ? shared_ : members_[0].scratch)[i] = std::move(memory);
  }
  block(kernel_.body, {0});
  return outcome_;
}

void KernelRun::error(int member, std::string message) {
  if (stopped_) return;
  stopped_ = true;
  std::string out = "@" + kernel_.name + ": ";
  if (current_) append(out, "`{}`: ", print_line(kernel_, *current_));
  out += message;
  std::string where;
  for (const Loop* loop : loops_) {
    const int slot = table_.slot(loop->var);
    append(where, "{}{} = {}", where.empty() ? "" : ", ", loop->var, members_[member].slots[slot]);
  }
  if (!where.empty()) out += " (" + where + ")";
  outcome_.error = std::move(out);
}

int64_t KernelRun::value(int member, const Extent& extent) {
  if (extent.is_known()) return extent.known();
  std::vector<int64_t>& slots = members_[member].slots;
  if (slots.size() < table_.count()) slots.resize(table_.count());
  const std::optional<int64_t> value = table_.evaluate(extent, slots);
  if (value) return *value;
  error(member, format("{} has no value", extent.text()));
  return 0;
}

size_t KernelRun::at(int member, const RegisterRef& ref) {
  const Register& reg = kernel_.registers[ref.reg];
  size_t element = 0;
  for (size_t axis = 0; axis < reg.array.size(); ++axis) {
    const int64_t index = axis < ref.index.size() ? value(member, ref.index[axis]) : 0;
    if (index < 0 || index >= reg.array[axis]) {
      error(member, format("%{} has no element {}", reg.name, index));
      return first_lane_[ref.reg];
    }
    element = element * static_cast<size_t>(reg.array[axis]) + static_cast<size_t>(index);
  }
  return first_lane_[ref.reg] + element * static_cast<size_t>(reg.type.lanes);
}

bool KernelRun::scalar(int member, const RegisterRef& ref, std::string_view what, LaneBits& bits) {
  const size_t from = at(member, ref);
  bits = members_[member].bits[from];
  if (members_[member].poison[from] != 0) error(member, format("{} is not defined", what));
  return !stopped_;
}

// ---- Statements ----

void KernelRun::block(const Block& block, const Active& active) {
  if (active.empty()) return;
  for (const Statement& entry : block) {
    if (stopped_) return;
    statement(entry, active);
  }
}

void KernelRun::statement(const Statement& statement, const Active& active) {
  constexpr int kBetween = 1024;  // statements
  if (++statements_ >= kBetween) {
    statements_ = 0;
    outcome_.late = options_.is_late();
    stopped_ = outcome_.late;
    if (stopped_) return;
  }
  current_ = &statement;
  std::visit([&](const auto& entry) { node(entry, active); }, statement.node);
}

void KernelRun::node(const Constant& node, const Active& active) {
  const LaneBits bits = bits_of(node.value);
  for (const int member : active) {
    const size_t to = at(member, node.result);
    for (int lane = 0; lane < type(node.result).lanes; ++lane) {
      members_[member].bits[to + lane] = bits;
      members_[member].poison[to + lane] = 0;
    }
  }
}

void KernelRun::node(const IndexValue& node, const Active& active) {
  for (const int member : active) {
    const size_t to = at(member, node.result);
    members_[member].bits[to] = static_cast<LaneBits>(value(member, node.value));
    members_[member].poison[to] = 0;
  }
}

void KernelRun::node(const Operate& node, const Active& active) {
  if (node.instruction == Instruction::shuffle) return shuffle(node, active);
  for (const int member : active) compute(node, member);
}

void KernelRun::compute(const Operate& node, int member) {
  Member& state = members_[member];
  const RegisterType result = type(node.result);
  const size_t to = at(member, node.result);
  std::array<size_t, 3> from{};
  for (size_t i = 0; i < node.operands.size(); ++i) from[i] = at(member, node.operands[i]);
  const bool select = node.instruction == Instruction::select;
  const DType dtype =
      node.operands.empty() ? result.dtype : type(node.operands[select ? 1 : 0]).dtype;
  for (int lane = 0; lane < result.lanes && !stopped_; ++lane) {
    const int read = node.instruction == Instruction::splat ? 0 : lane;
    std::array<LaneBits, 3> operands{};
    uint8_t poison = 0;
    for (size_t i = 0; i < node.operands.size(); ++i) {
      operands[i] = state.bits[from[i] + read];
      const bool taken = !select || i == 0 || (operands[0] != 0) == (i == 1);
      if (taken) poison |= state.poison[from[i] + read];
    }
    LaneBits bits = 0;
    if (node.instruction == Instruction::splat) {
      bits = operands[0];
    } else if (node.instruction == Instruction::iota) {
      bits = convert_lane(static_cast<LaneBits>(lane), DType::i64, result.dtype);
    } else if (poison == 0) {
      const std::optional<LaneBits> computed =
          compute_lane(node.instruction, dtype, result.dtype, operands);
      const bool traps = node.instruction == Instruction::div;
      if (!computed && traps) error(member, format("lane {} has no integer quotient", lane));
      poison = computed ? 0 : 1;
      bits = computed.value_or(0);
    }
    state.bits[to + lane] = bits;
    state.poison[to + lane] = poison;
  }
}

void KernelRun::shuffle(const Operate& node, const Active& active) {
  const int lanes = type(node.result).lanes;
  for (const int member : active) {
    LaneBits distance = 0;
    if (!scalar(member, node.operands[1], "the distance", distance)) return;
    const size_t to = at(member, node.result);
    if (lanes > 1) {
      const size_t from = at(member, node.operands[0]);
      if (distance >= static_cast<LaneBits>(lanes))
        return error(member, "the distance is too large");
      for (size_t lane = 0; lane < static_cast<size_t>(lanes); ++lane) {
        members_[member].bits[to + lane] = members_[member].bits[from + (lane ^ distance)];
        members_[member].poison[to + lane] = members_[member].poison[from + (lane ^ distance)];
      }
      continue;
    }
    const Member& own = members_[member];
    const auto place = static_cast<LaneBits>(member - own.group_begin) ^ distance;
    const int partner = own.group_begin + static_cast<int>(std::min<LaneBits>(place, 1 << 20));
    if (place >= static_cast<LaneBits>(own.group_count) ||
        !std::binary_search(active.begin(), active.end(), partner))
      return error(member, "the member to read from is not there");
    const size_t from = at(partner, node.operands[0]);
    members_[member].bits[to] = members_[partner].bits[from];
    members_[member].poison[to] = members_[partner].poison[from];
  }
}

void KernelRun::node(const Fold& node, const Active& active) {
  const RegisterType from = type(node.value);
  for (const int member : active) {
    Member& state = members_[member];
    const size_t begin = at(member, node.value);
    std::vector<LaneBits> lanes(state.bits.begin() + static_cast<ptrdiff_t>(begin),
                                state.bits.begin() + static_cast<ptrdiff_t>(begin) + from.lanes);
    uint8_t poison = 0;
    for (int lane = 0; lane < from.lanes; ++lane) poison |= state.poison[begin + lane];
    for (int half = from.lanes / 2; half >= 1; half /= 2)
      for (int lane = 0; lane < half; ++lane)
        lanes[lane] = *compute_lane(node.combine, from.dtype, from.dtype,
                                    {lanes[lane], lanes[lane + half], 0});
    const size_t to = at(member, node.result);
    state.bits[to] = lanes[0];
    state.poison[to] = poison;
  }
}

void KernelRun::node(const Next& node, const Active& active) {
  for (const int member : active) {
    Member& state = members_[member];
    const size_t to = at(member, node.carried);
    const size_t from = at(member, node.value);
    for (int lane = 0; lane < type(node.carried).lanes; ++lane) {
      state.next_bits[to + lane] = state.bits[from + lane];
      state.next_poison[to + lane] = state.poison[from + lane];
    }
  }
}

void KernelRun::node(const Fail& node, const Active& active) {
  for (const int member : active) {
    LaneBits truth = 0;
    LaneBits index = 0;
    if (!scalar(member, node.condition, "the condition", truth)) return;
    if (truth == 0) continue;
    if (!scalar(member, node.index, "the index", index)) return;
    outcome_.failure = Failure{node.status, static_cast<int64_t>(index), -1};
    stopped_ = true;
    return;
  }
}

void KernelRun::node(const Barrier&, const Active& active) {
  if (!all_there_ || active.size() != members_.size())
    error(active[0], "not every member of the block arrives");
}

}  // namespace thx::loop
