// SPDX-License-Identifier: Apache-2.0
// The vectorize pass: first asks whether a loop may have lanes, then rewrites its body.
#include "schedule/vectorize.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "support/check.h"

namespace thx::loop {

namespace {

/// How a place moves with the loop's variable.
struct Movement {
  bool good = false;
  int axis = -1;  // that moves by 1; none: the place stays
};

Movement movement(const Place& place, const std::string& var, const std::set<int32_t>& varying) {
  Movement out;
  if (place.lanes != 1) return out;
  for (size_t axis = 0; axis < place.index.size(); ++axis) {
    const Index& index = place.index[axis];
    if (index.reg && varying.contains(index.reg->reg)) return out;
    const std::optional<Extent> step = index.affine.coefficient(var);
    if (!step || (!step->is(0) && !step->is(1))) return out;
    if (step->is(0)) continue;
    if (out.axis >= 0) return out;
    out.axis = static_cast<int>(axis);
  }
  out.good = true;
  return out;
}

bool same_place(const Place& a, const Place& b) {
  return a.buffer == b.buffer && std::equal(a.index.begin(), a.index.end(), b.index.begin(),
                                            b.index.end(), [](const Index& x, const Index& y) {
                                              return x.affine == y.affine && x.reg == y.reg;
                                            });
}

/// Whether a loop may have lanes, and which of its registers then have them.
class Question {
 public:
  Question(const Kernel& kernel, const Loop& loop) : kernel_(kernel), loop_(loop) {}

  bool ask() {
    if (loop_.kind != LoopKind::serial || loop_.step != 1 || loop_.masked_tail) return false;
    if (!loop_.carried.empty() || loop_.body.empty()) return false;
    for (const Statement& entry : loop_.body)
      if (!std::visit([this](const auto& node) { return may(node); }, entry.node)) return false;
    return stores_ > 0 && places_apart();
  }

  const std::set<int32_t>& varying() const { return varying_; }
  int widest() const { return widest_; }

 private:
  bool scalar(const RegisterRef& ref) const {
    const Register& reg = kernel_.registers[ref.reg];
    return reg.type.lanes == 1 && reg.array.empty();
  }
  void vary(int32_t reg) {
    varying_.insert(reg);
    widest_ = std::max(widest_, bytes_of(kernel_.registers[reg].type.dtype));
  }

  template <class Node>
  bool may(const Node&) {
    return false;  // loops, conditions, failures, barriers: not a plain map
  }
  bool may(const Constant& node) { return scalar(node.result); }
  bool may(const Prefetch&) { return true; }
  bool may(const IndexValue& node) {
    const std::optional<Extent> step = node.value.coefficient(loop_.var);
    if (!scalar(node.result) || !step) return false;
    if (!step->is(0)) vary(node.result.reg);
    return true;
  }
  bool may(const Operate& node) {
    bool moves = false;
    for (const RegisterRef& operand : node.operands) {
      if (!scalar(operand)) return false;
      moves = moves || varying_.contains(operand.reg);
    }
    if (!scalar(node.result)) return false;
    if (node.instruction == Instruction::shuffle || node.instruction == Instruction::iota)
      return false;
    // The lanes beyond the tail hold zeros, by which no integer may be divided.
    const DType dtype = kernel_.registers[node.result.reg].type.dtype;
    if (moves && node.instruction == Instruction::div && !is_float(dtype)) return false;
    if (moves) vary(node.result.reg);
    return true;
  }
  bool may(const Load& node) {
    const Movement moves = movement(node.place, loop_.var, varying_);
    const bool masked = node.mask && varying_.contains(node.mask->reg);
    if (!moves.good || !scalar(node.result)) return false;
    if (masked && moves.axis < 0) return false;  // one place under a mask of lanes
    if (moves.axis >= 0) vary(node.result.reg);
    places_.push_back({&node.place, false});
    return true;
  }
  bool may(const Store& node) {
    const Movement moves = movement(node.place, loop_.var, varying_);
    if (!moves.good || moves.axis < 0 || !scalar(node.value)) return false;
    const Buffer& buffer = kernel_.buffers[node.place.buffer];
    if (!buffer.strides[static_cast<size_t>(moves.axis)].is(1)) return false;
    widest_ = std::max(widest_, bytes_of(buffer.dtype));
    places_.push_back({&node.place, true});
    ++stores_;
    return true;
  }

  /// What an iteration stores no other iteration reads or stores.
  bool places_apart() const {
    for (const auto& [stored, writes] : places_) {
      if (!writes) continue;
      for (const auto& [other, unused] : places_)
        if (other->buffer == stored->buffer && !same_place(*stored, *other)) return false;
    }
    return true;
  }

  const Kernel& kernel_;
  const Loop& loop_;
  std::set<int32_t> varying_;
  std::vector<std::pair<const Place*, bool>> places_;
  int stores_ = 0;
  int widest_ = 1;
};

/// Rewrites one loop. Registers that do not vary stay scalars and are splatted where a varying
/// instruction wants them: in front of the loop where they come from outside.
class Widening {
 public:
  Widening(Kernel& kernel, Loop& loop, std::set<int32_t> varying, int lanes)
      : kernel_(kernel), loop_(loop), varying_(std::move(varying)), lanes_(lanes) {}

  /// The statements to put in front of the loop.
  Block run() {
    loop_.step = lanes_;
    loop_.masked_tail = true;
    std::set<int32_t> inside;
    for (const Statement& entry : loop_.body) collect(entry, inside);
    inside_ = std::move(inside);
    for (const int32_t reg : varying_) kernel_.registers[reg].type.lanes = lanes_;
    Block body = std::exchange(loop_.body, {});
    for (Statement& entry : body) std::visit([this](auto& node) { widen(node); }, entry.node);
    return std::move(before_);
  }

 private:
  static void collect(const Statement& entry, std::set<int32_t>& into) {
    if (const auto* node = std::get_if<Constant>(&entry.node)) into.insert(node->result.reg);
    if (const auto* node = std::get_if<IndexValue>(&entry.node)) into.insert(node->result.reg);
    if (const auto* node = std::get_if<Operate>(&entry.node)) into.insert(node->result.reg);
    if (const auto* node = std::get_if<Load>(&entry.node)) into.insert(node->result.reg);
  }

  RegisterRef add(DType dtype, int lanes) {
    kernel_.registers.push_back({{}, {dtype, lanes}, {}});
    return {static_cast<int32_t>(kernel_.registers.size()) - 1, {}};
  }

  RegisterRef wide(const RegisterRef& ref) {
    if (varying_.contains(ref.reg)) return ref;
    if (const auto known = splats_.find(ref.reg); known != splats_.end()) return known->second;
    const RegisterRef splat = add(kernel_.registers[ref.reg].type.dtype, lanes_);
    Block& to = inside_.contains(ref.reg) ? loop_.body : before_;
    to.push_back({Operate{splat, Instruction::splat, {ref}}});
    return splats_.emplace(ref.reg, splat).first->second;
  }

  template <class Node>
  void widen(Node&) {
    THX_UNREACHABLE("a statement that takes no lanes");
  }
  void widen(Constant& node) { loop_.body.push_back({std::move(node)}); }
  void widen(Prefetch& node) { loop_.body.push_back({std::move(node)}); }

  /// $i + 3 becomes splat($i + 3) + the lane's number, as often as it moves with the variable.
  void widen(IndexValue& node) {
    if (!varying_.contains(node.result.reg)) return loop_.body.push_back({std::move(node)});
    const Extent step = *node.value.coefficient(loop_.var);
    const RegisterRef start = add(DType::i64, 1);
    loop_.body.push_back({IndexValue{start, node.value}});
    RegisterRef lanes = add(DType::i64, lanes_);
    loop_.body.push_back({Operate{lanes, Instruction::iota, {}}});
    if (!step.is(1)) {
      const RegisterRef factor = add(DType::i64, 1);
      loop_.body.push_back({IndexValue{factor, step}});
      inside_.insert(factor.reg);
      const RegisterRef factors = wide(factor);
      const RegisterRef scaled = add(DType::i64, lanes_);
      loop_.body.push_back({Operate{scaled, Instruction::mul, {lanes, factors}}});
      lanes = scaled;
    }
    inside_.insert(start.reg);
    const RegisterRef from = wide(start);
    loop_.body.push_back({Operate{node.result, Instruction::add, {from, lanes}}});
  }

  void widen(Operate& node) {
    if (varying_.contains(node.result.reg)) {
      for (RegisterRef& operand : node.operands) operand = wide(operand);
    }
    loop_.body.push_back({std::move(node)});
  }

  void widen(Place& place) {
    const Movement moves = movement(place, loop_.var, varying_);
    if (moves.axis < 0) return;
    place.lanes = lanes_;
    place.lane_axis = moves.axis;
  }

  void widen(Load& node) {
    widen(node.place);
    if (node.mask && node.place.lanes > 1) node.mask = wide(*node.mask);
    loop_.body.push_back({std::move(node)});
  }

  void widen(Store& node) {
    widen(node.place);
    node.value = wide(node.value);
    if (node.mask) node.mask = wide(*node.mask);
    loop_.body.push_back({std::move(node)});
  }

  Kernel& kernel_;
  Loop& loop_;
  std::set<int32_t> varying_;
  std::set<int32_t> inside_;  // assigned in the body
  int lanes_;
  Block before_;
  std::map<int32_t, RegisterRef> splats_;
};

/// As many lanes as fit, but no more than the loop has iterations where that is known.
int lane_count(const Loop& loop, int widest, const Machine& machine) {
  const int fit = machine.vector_bytes / widest;
  const Extent trips = loop.end - loop.begin;
  if (!trips.is_known() || trips.known() >= fit) return fit;
  return static_cast<int>(
      std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(trips.known(), 1))));
}

/// `tails`: the lane counts of masked tails around, which would mask a loop of as many lanes too.
void vectorize_block(Kernel& kernel, Block& block, const Machine& machine,
                     const std::set<int64_t>& tails) {
  for (size_t i = 0; i < block.size(); ++i) {
    if (If* branch = std::get_if<If>(&block[i].node)) {
      vectorize_block(kernel, branch->then, machine, tails);
      vectorize_block(kernel, branch->otherwise, machine, tails);
      continue;
    }
    Loop* loop = std::get_if<Loop>(&block[i].node);
    if (!loop) continue;
    std::set<int64_t> inside = tails;
    if (loop->masked_tail) inside.insert(loop->step);
    vectorize_block(kernel, loop->body, machine, inside);
    Question question(kernel, *loop);
    if (!question.ask()) continue;
    const int lanes = lane_count(*loop, question.widest(), machine);
    if (lanes < 2 || tails.contains(lanes)) continue;
    Block before = Widening(kernel, *loop, question.varying(), lanes).run();
    const auto count = static_cast<ptrdiff_t>(before.size());
    block.insert(block.begin() + static_cast<ptrdiff_t>(i), std::make_move_iterator(before.begin()),
                 std::make_move_iterator(before.end()));
    i += static_cast<size_t>(count);
  }
}

}  // namespace

void vectorize(Kernel& kernel, const Machine& machine) {
  vectorize_block(kernel, kernel.body, machine, {});
}

void vectorize(Program& program, const Machine& machine) {
  for (Function& function : program.functions)
    for (Kernel& kernel : function.kernels) vectorize(kernel, machine);
}

}  // namespace thx::loop
