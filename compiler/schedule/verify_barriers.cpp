// SPDX-License-Identifier: Apache-2.0
// Finds barriers and shuffles under control that differs from member to member.
#include <set>

#include "schedule/verify_kernel.h"

namespace thx::loop {

namespace {

/// Grows the set of registers and variables that differ among the members of a block until nothing
/// new is found; barriers are judged in the last round.
class Uniformity {
 public:
  explicit Uniformity(const Kernel& kernel) : kernel_(kernel) {}

  std::vector<const Statement*> lonely() {
    do {
      changed_ = false;
      lonely_.clear();
      block(kernel_.body, false);
    } while (changed_);
    return lonely_;
  }

 private:
  void mark(int32_t reg, bool differs) {
    if (differs && registers_.insert(reg).second) changed_ = true;
  }
  bool differs(const RegisterRef& ref) const { return registers_.contains(ref.reg); }
  bool differs(const Extent& extent) const {
    for (const std::string& var : variables_)
      if (extent.mentions(var)) return true;
    return false;
  }
  bool differs(const Place& place) const {
    if (kernel_.buffers[place.buffer].scope == Scope::scratch) return true;
    for (const Index& index : place.index)
      if (differs(index.affine) || (index.reg && differs(*index.reg))) return true;
    return false;
  }

  void block(const Block& block, bool apart) {
    for (const Statement& entry : block) statement(entry, apart);
  }

  void statement(const Statement& statement, bool apart) {
    const Operate* operate = std::get_if<Operate>(&statement.node);
    const bool shuffles = operate && operate->instruction == Instruction::shuffle &&
                          kernel_.registers[operate->result.reg].type.lanes == 1;
    const bool meets = shuffles || std::holds_alternative<Barrier>(statement.node);
    if (meets && (apart || members_ == 0)) lonely_.push_back(&statement);
    std::visit([&](const auto& node) { visit(node, apart); }, statement.node);
  }

  template <class Node>
  void visit(const Node&, bool) {}
  void visit(const IndexValue& node, bool apart) {
    mark(node.result.reg, apart || differs(node.value));
  }
  void visit(const Operate& node, bool apart) {
    bool any = apart || node.instruction == Instruction::shuffle;
    for (const RegisterRef& operand : node.operands) any = any || differs(operand);
    mark(node.result.reg, any);
  }
  void visit(const Load& node, bool apart) {
    mark(node.result.reg, apart || differs(node.place) || (node.mask && differs(*node.mask)));
  }
  void visit(const Fold& node, bool apart) { mark(node.result.reg, apart || differs(node.value)); }
  void visit(const Next& node, bool apart) { mark(node.carried.reg, apart || differs(node.value)); }
  void visit(const If& node, bool apart) {
    const bool splits = apart || differs(node.condition);
    block(node.then, splits);
    block(node.otherwise, splits);
  }
  void visit(const Loop& node, bool apart) {
    const bool members = node.kind == LoopKind::block || node.kind == LoopKind::thread;
    const bool uneven = differs(node.begin) || differs(node.end);
    if ((members || uneven) && variables_.insert(node.var).second) changed_ = true;
    for (const Carried& carried : node.carried) mark(carried.reg, differs(carried.init) || uneven);
    members_ += members;
    block(node.body, apart || uneven);
    members_ -= members;
  }

  const Kernel& kernel_;
  std::set<int32_t> registers_;
  std::set<std::string> variables_;
  std::vector<const Statement*> lonely_;
  int members_ = 0;  // block and thread loops around
  bool changed_ = false;
};

}  // namespace

std::vector<const Statement*> lonely_barriers(const Kernel& kernel) {
  return Uniformity(kernel).lonely();
}

}  // namespace thx::loop
