// SPDX-License-Identifier: Apache-2.0
// One run of one kernel: members that execute each statement together.
#pragma once

#include <string>
#include <vector>

#include "schedule/arithmetic.h"
#include "schedule/interpret.h"
#include "schedule/slots.h"

namespace thx::loop {

/// Outside of block and thread loops there is one member. Such a loop multiplies the members by
/// its iterations, and every statement runs for all of them before the next one starts, so that
/// a barrier only has to check that all are there.
class KernelRun {
 public:
  KernelRun(const Kernel& kernel, std::span<const View> views, const InterpretOptions& options);

  Outcome run();

 private:
  struct Member {
    std::vector<LaneBits> bits;       // registers, element by element, lane by lane
    std::vector<uint8_t> poison;      // the same layout
    std::vector<LaneBits> next_bits;  // what `next` has set in this iteration
    std::vector<uint8_t> next_poison;
    std::vector<int64_t> slots;   // dims and loop variables
    std::vector<Memory> scratch;  // by buffer; empty for the others
    int group_begin = 0;          // the members of its thread loop, for shuffles
    int group_count = 0;
  };
  using Active = std::vector<int>;  // into members_, ascending
  struct Target {
    Memory* memory;
    int64_t byte;
    int64_t lane_step;
  };

  // kernel_run.cpp
  void block(const Block& block, const Active& active);
  void statement(const Statement& statement, const Active& active);
  void node(const Constant& node, const Active& active);
  void node(const IndexValue& node, const Active& active);
  void node(const Operate& node, const Active& active);
  void node(const Load& node, const Active& active);
  void node(const Store& node, const Active& active);
  void node(const Fold& node, const Active& active);
  void node(const Tree& node, const Active& active);
  void node(const Next& node, const Active& active);
  void node(const Fail& node, const Active& active);
  void node(const Call& node, const Active& active);
  void node(const Barrier& node, const Active& active);
  void node(const Prefetch&, const Active&) {}
  void shuffle(const Operate& node, const Active& active);
  void compute(const Operate& node, int member);
  void tree_level(const Tree& node, int member, int64_t count, int64_t distance);

  // kernel_run_loops.cpp
  void node(const Loop& node, const Active& active);
  void node(const If& node, const Active& active);
  void iterate(const Loop& loop, const Active& active);
  void start(const Loop& loop, const Active& active);
  void finish_iteration(const Loop& loop, const Active& active);
  void spread(const Loop& loop, const Active& active);
  void poison_locals(const Loop& loop, const Active& active);
  int64_t trip_count(const Loop& loop, int member);

  // kernel_run_memory.cpp
  bool locate(int member, const Place& place, const std::vector<uint8_t>& lanes, Target& target);
  std::vector<uint8_t> active_lanes(int member, int lanes, const std::optional<RegisterRef>& mask);
  Memory& memory(int member, int32_t buffer, int64_t& offset);
  bool read(const Target& target, DType dtype, int lane, LaneBits& bits);
  void write(const Target& target, DType dtype, int lane, LaneBits bits);

  size_t at(int member, const RegisterRef& ref);  // where the register's first lane is
  const RegisterType& type(const RegisterRef& ref) const { return kernel_.registers[ref.reg].type; }
  bool scalar(int member, const RegisterRef& ref, std::string_view what, LaneBits& bits);
  int64_t value(int member, const Extent& extent);
  void error(int member, std::string message);

  const Kernel& kernel_;
  std::span<const View> views_;
  const InterpretOptions& options_;
  SlotTable table_;
  std::vector<size_t> first_lane_;  // by register
  size_t lane_count_ = 0;
  std::vector<Member> members_;
  std::vector<Memory> shared_;  // by buffer
  std::vector<const Loop*> loops_;
  const Statement* current_ = nullptr;
  bool all_there_ = true;  // no member of the block was left behind at a condition outside
  int statements_ = 0;     // since the time was looked at
  bool stopped_ = false;
  Outcome outcome_;
};

}  // namespace thx::loop
