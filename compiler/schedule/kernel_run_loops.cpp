// SPDX-License-Identifier: Apache-2.0
// Loops and conditions of a kernel's run.
#include <algorithm>

#include "schedule/kernel_run.h"

namespace thx::loop {

int64_t KernelRun::trip_count(const Loop& loop, int member) {
  const int64_t begin = value(member, loop.begin);
  const int64_t end = value(member, loop.end);
  return end <= begin ? 0 : (end - begin - 1) / loop.step + 1;
}

void KernelRun::node(const Loop& loop, const Active& active) {
  loops_.push_back(&loop);
  const int slot = table_.slot(loop.var);
  for (Member& member : members_)
    member.slots.resize(std::max(member.slots.size(), static_cast<size_t>(slot) + 1));
  if (loop.kind == LoopKind::block || loop.kind == LoopKind::thread) {
    spread(loop, active);
  } else {
    iterate(loop, active);
  }
  loops_.pop_back();
}

void KernelRun::start(const Loop& loop, const Active& active) {
  for (const Carried& carried : loop.carried) {
    const Register& reg = kernel_.registers[carried.reg];
    size_t elements = 1;
    for (const int64_t extent : reg.array) elements *= static_cast<size_t>(extent);
    const auto lanes = static_cast<size_t>(reg.type.lanes);
    for (const int member : active) {
      const size_t from = at(member, carried.init);
      const size_t to = first_lane_[carried.reg];
      for (size_t i = 0; i < elements * lanes; ++i) {
        members_[member].bits[to + i] = members_[member].bits[from + i % lanes];
        members_[member].poison[to + i] = members_[member].poison[from + i % lanes];
      }
    }
  }
}

/// The carried registers take what `next` has set; lanes beyond a masked tail keep what they had.
void KernelRun::finish_iteration(const Loop& loop, const Active& active) {
  for (const Carried& carried : loop.carried) {
    const Register& reg = kernel_.registers[carried.reg];
    size_t elements = 1;
    for (const int64_t extent : reg.array) elements *= static_cast<size_t>(extent);
    const auto lanes = static_cast<size_t>(reg.type.lanes);
    const size_t first = first_lane_[carried.reg];
    for (const int member : active) {
      Member& state = members_[member];
      auto count = static_cast<int64_t>(lanes);
      if (loop.masked_tail && static_cast<int64_t>(lanes) == loop.step && lanes > 1)
        count = value(member, loop.end) - state.slots[table_.slot(loop.var)];
      for (size_t i = 0; i < elements * lanes; ++i) {
        if (static_cast<int64_t>(i % lanes) >= count) continue;
        state.bits[first + i] = state.next_bits[first + i];
        state.poison[first + i] = state.next_poison[first + i];
        state.next_poison[first + i] = 1;
      }
    }
  }
}

void KernelRun::poison_locals(const Loop& loop, const Active& active) {
  if (loop.kind == LoopKind::chunk)
    for (const int member : active)
      for (Memory& scratch : members_[member].scratch) scratch.poison();
  if (loop.kind == LoopKind::grid)
    for (Memory& shared : shared_) shared.poison();
}

void KernelRun::iterate(const Loop& loop, const Active& active) {
  const bool any_order = loop.kind == LoopKind::chunk || loop.kind == LoopKind::grid;
  const bool backwards = loop.reverse != (any_order && options_.reverse_chunks);
  const int slot = table_.slot(loop.var);
  start(loop, active);
  std::vector<int64_t> counts;
  int64_t most = 0;
  for (const int member : active) {
    counts.push_back(trip_count(loop, member));
    most = std::max(most, counts.back());
  }
  for (int64_t n = 0; n < most && !stopped_; ++n) {
    Active running;
    for (size_t i = 0; i < active.size(); ++i) {
      if (n >= counts[i]) continue;
      const int member = active[i];
      running.push_back(member);
      members_[member].slots[slot] =
          value(member, loop.begin) + (backwards ? counts[i] - 1 - n : n) * loop.step;
    }
    poison_locals(loop, running);
    block(loop.body, running);
    finish_iteration(loop, running);
  }
  poison_locals(loop, active);
}

/// Every active member becomes as many as the loop has iterations.
void KernelRun::spread(const Loop& loop, const Active& active) {
  const int slot = table_.slot(loop.var);
  const bool all_there = all_there_ && active.size() == members_.size();
  std::vector<Member> spread;
  Active everyone;
  for (const int member : active) {
    const int64_t count = trip_count(loop, member);
    const auto begin = static_cast<int>(spread.size());
    for (int64_t n = 0; n < count; ++n) {
      Member copy = members_[member];
      copy.slots[slot] = value(member, loop.begin) + n * loop.step;
      if (loop.kind == LoopKind::thread) {
        copy.group_begin = begin;
        copy.group_count = static_cast<int>(count);
      }
      everyone.push_back(static_cast<int>(spread.size()));
      spread.push_back(std::move(copy));
    }
  }
  if (stopped_) return;
  std::vector<Member> outside = std::exchange(members_, std::move(spread));
  const bool outside_there = std::exchange(all_there_, all_there);
  block(loop.body, everyone);
  members_ = std::move(outside);
  all_there_ = outside_there;
}

void KernelRun::node(const If& branch, const Active& active) {
  Active then;
  Active otherwise;
  for (const int member : active) {
    LaneBits truth = 0;
    if (!scalar(member, branch.condition, "the condition", truth)) return;
    (truth != 0 ? then : otherwise).push_back(member);
  }
  block(branch.then, then);
  block(branch.otherwise, otherwise);
}

}  // namespace thx::loop
