// SPDX-License-Identifier: Apache-2.0
// Builds one kernel of loop IR, statement by statement.
//
//   KernelBuilder b("k0", "map", machine);
//   const int32_t x = b.add_buffer("x", DType::f32, {n}, Scope::argument, Access::in);
//   const int32_t y = b.add_buffer("y", DType::f32, {n}, Scope::argument, Access::out);
//   const Extent i = b.open_loop("i", 0, n);
//   b.store(y, {{i}}, b.neg(b.load(x, {{i}})));
//   b.close();
//   Kernel kernel = b.finish();
#pragma once

#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/instruction.h"
#include "schedule/loop_ir.h"

namespace thx::loop {

/// Appends to the innermost open block. Instructions are emitted at the current lane count;
/// operands of one lane are splatted where an instruction has more. A Lane is good in the block
/// that made it and in the blocks inside.
class KernelBuilder : public LaneBuilder {
 public:
  KernelBuilder(std::string name, std::string kind, const Machine& machine = {});

  // ---- Buffers: parameters in the order of the launch's arguments, then scratch and shared ----
  /// Row-major where no strides are given. Names are made unique.
  int32_t add_buffer(std::string_view name, DType dtype, Shape extents, Scope scope, Access access,
                     std::optional<Shape> strides = {});
  int32_t add_scratch(std::string_view name, DType dtype, Shape extents) {
    return add_buffer(name, dtype, std::move(extents), Scope::scratch, Access::inout);
  }
  const Buffer& buffer(int32_t id) const { return kernel_.buffers[id]; }

  // ---- Lanes ----
  void set_lanes(int lanes) { lanes_ = lanes; }
  int lanes() const { return lanes_; }

  // ---- LaneBuilder ----
  Lane emit(Instruction instruction, std::span<const Lane> operands, DType result) override;
  Lane constant_real(DType dtype, double real) override;
  Lane constant_integer(DType dtype, int64_t integer) override;
  DType dtype(Lane lane) const override { return type(lane).dtype; }
  bool fuses() const override { return machine_.fma; }

  const Machine& machine() const { return machine_; }
  const RegisterType& type(Lane lane) const { return kernel_.registers[ref(lane).reg].type; }
  const RegisterRef& ref(Lane lane) const;
  /// Gives the register a name for the text form.
  Lane name(Lane lane, std::string_view name);

  // ---- Loops and conditions; each open_… has its close() ----
  struct LoopOptions {
    int64_t step = 1;
    LoopKind kind = LoopKind::serial;
    bool reverse = false;
    bool masked_tail = false;
  };
  /// Returns the loop's variable; its name is made unique among all loops of the kernel.
  Extent open_loop(std::string_view var, Extent begin, Extent end, const LoopOptions& options);
  Extent open_loop(std::string_view var, Extent begin, Extent end) {
    return open_loop(var, std::move(begin), std::move(end), LoopOptions{});
  }
  /// A register carried by the innermost open loop, to be called before the loop has statements.
  /// After close() it is the value after the last iteration.
  Lane carry(Lane init, std::string_view name = {});
  /// Once per iteration for every carried register (and element).
  void next(Lane carried, Lane value);
  void open_if(Lane condition);
  void open_else();
  void close();

  // ---- Arrays of registers, for tiles ----
  /// An array of registers of the current lane count; returns the register.
  int32_t add_array(std::string_view name, DType dtype, std::vector<int64_t> extents);
  /// As add_array, carried by the innermost open loop with `init` for every element.
  int32_t carry_array(std::string_view name, Lane init, std::vector<int64_t> extents);
  Lane element(int32_t array, std::vector<Extent> index);
  /// The next register that is made is this element instead of a new one.
  void into(Lane element) { target_ = ref(element); }

  // ---- Statements ----
  /// A position or extent as an i64 scalar.
  Lane index_value(const Extent& value);
  /// `position` + 0, 1, 2, … along the lanes, as i64.
  Lane lane_positions(const Extent& position);
  /// The mask of the lanes l with position + l < end.
  Lane lanes_below(const Extent& position, const Extent& end);
  Lane splat(Lane scalar);
  /// Says that the instructions up to the one that made `lane` in the open block compute `op`.
  void computes(Op op, Lane lane);
  /// `lane`'s value plus `offset` as a position.
  Index at(Lane lane, Extent offset = 0) const { return {std::move(offset), ref(lane)}; }
  /// One element; with a lane axis as many as there are lanes, from the position on.
  Lane load(int32_t buffer, std::vector<Index> index, int lane_axis = -1,
            std::optional<Lane> mask = {});
  void store(int32_t buffer, std::vector<Index> index, Lane value, int lane_axis = -1,
             std::optional<Lane> mask = {});
  /// A scalar from the lanes of `value`, by halves.
  Lane fold(Instruction combine, Lane value);
  void tree(int32_t buffer, Instruction combine, const Extent& count);
  void fail(FailStatus status, Lane index, Lane condition);
  void call(std::string_view symbol, int32_t buffer, Attrs attrs);
  void barrier();
  void prefetch(int32_t buffer, std::vector<Index> index);

  /// How many loops and conditions are open.
  int depth() const { return static_cast<int>(frames_.size()) - 1; }
  /// Sets the open blocks inside the outermost `depth` ones aside: what is appended until
  /// take_back() stands before them.
  [[nodiscard]] auto set_aside(int depth) {
    const auto first = frames_.begin() + depth + 1;
    std::vector<Frame> aside(std::make_move_iterator(first),
                             std::make_move_iterator(frames_.end()));
    frames_.erase(first, frames_.end());
    return aside;
  }
  template <class Frames>
  void take_back(Frames aside) {
    for (auto& frame : aside) frames_.push_back(std::move(frame));
  }

  /// The kernel; nothing may be open. The builder is used up.
  Kernel finish();
  Kernel& kernel() { return kernel_; }

 private:
  /// What has been made in a block and can be used again in it and inside it.
  struct Key {
    std::string what;
    int lanes;
    auto operator<=>(const Key&) const = default;
  };
  struct Frame {
    std::optional<Statement> owner;  // the Loop or If that the block belongs to
    bool in_else = false;
    Block block;
    std::map<Key, Lane> made;
  };

  Block& block() { return frames_.back().block; }
  Loop& innermost_loop();
  int32_t add_register(std::string_view name, RegisterType type, std::vector<int64_t> array);
  RegisterRef result(RegisterType type);
  Lane lane_of(RegisterRef ref);
  Lane at_lanes(Lane lane, int lanes);
  Lane constant(Scalar value);
  Lane* made(const Key& key);
  Lane remember(const Key& key, Lane lane);
  Place place(int32_t buffer, std::vector<Index> index, int lane_axis) const;

  Machine machine_;
  Kernel kernel_;
  std::vector<Frame> frames_;
  std::vector<RegisterRef> lane_refs_;  // by Lane::id
  std::optional<RegisterRef> target_;
  std::set<std::string> used_vars_;
  int lanes_ = 1;
};

}  // namespace thx::loop
