// SPDX-License-Identifier: Apache-2.0
// Cuts of a kernel's body.
#include "codegen/kernel_parts.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace thx::codegen {
namespace {

constexpr size_t kLongestPart = 1024;  // statements, those of loops within too

// Calls define(register) and use(register) for what a statement and those within it name.
template <class Define, class Use>
struct RegisterVisitor {
  Define define;
  Use use;

  void place(const loop::Place& place) {
    for (const loop::Index& index : place.index)
      if (index.reg) use(index.reg->reg);
  }
  void mask(const std::optional<loop::RegisterRef>& mask) {
    if (mask) use(mask->reg);
  }
  void block(const loop::Block& block) {
    for (const loop::Statement& statement : block) std::visit(*this, statement.node);
  }
  void operator()(const loop::Constant& node) { define(node.result.reg); }
  void operator()(const loop::IndexValue& node) { define(node.result.reg); }
  void operator()(const loop::Operate& node) {
    for (const loop::RegisterRef& operand : node.operands) use(operand.reg);
    define(node.result.reg);
  }
  void operator()(const loop::Load& node) {
    place(node.place);
    mask(node.mask);
    define(node.result.reg);
  }
  void operator()(const loop::Store& node) {
    place(node.place);
    mask(node.mask);
    use(node.value.reg);
  }
  void operator()(const loop::Fold& node) {
    use(node.value.reg);
    define(node.result.reg);
  }
  void operator()(const loop::Next& node) {
    use(node.value.reg);
    use(node.carried.reg);
  }
  void operator()(const loop::Fail& node) {
    use(node.index.reg);
    use(node.condition.reg);
  }
  void operator()(const loop::Prefetch& node) { place(node.place); }
  void operator()(const loop::Loop& node) {
    for (const loop::Carried& carried : node.carried) {
      use(carried.init.reg);
      define(carried.reg);
    }
    block(node.body);
  }
  void operator()(const loop::If& node) {
    use(node.condition.reg);
    block(node.then);
    block(node.otherwise);
  }
  void operator()(const loop::Tree&) {}
  void operator()(const loop::Call&) {}
  void operator()(const loop::Barrier&) {}
};
template <class Define, class Use>
RegisterVisitor(Define, Use) -> RegisterVisitor<Define, Use>;

size_t size_of(const loop::Block& block);

/// Itself and the statements within.
size_t size_of(const loop::Statement& statement) {
  if (const auto* loop = std::get_if<loop::Loop>(&statement.node)) return 1 + size_of(loop->body);
  if (const auto* branch = std::get_if<loop::If>(&statement.node))
    return 1 + size_of(branch->then) + size_of(branch->otherwise);
  return 1;
}

size_t size_of(const loop::Block& block) {
  size_t size = 0;
  for (const loop::Statement& statement : block) size += size_of(statement);
  return size;
}

class Cutter {
 public:
  explicit Cutter(const loop::Kernel& kernel)
      : body_(kernel.body), made_at_(kernel.registers.size(), -1), open_(body_.size() + 1) {
    std::vector<size_t> read_at(kernel.registers.size());
    for (size_t i = 0; i < body_.size(); ++i) {
      const auto define = [&](int32_t reg) {
        if (made_at_[index(reg)] < 0) made_at_[index(reg)] = static_cast<int64_t>(i);
      };
      const auto use = [&](int32_t reg) { read_at[index(reg)] = i; };
      std::visit(RegisterVisitor{define, use}, body_[i].node);
    }
    for (size_t reg = 0; reg < made_at_.size(); ++reg) {
      if (made_at_[reg] < 0 || is_remade(reg)) continue;
      const auto made = static_cast<size_t>(made_at_[reg]);
      if (read_at[reg] <= made) continue;
      ++open_[made + 1];
      --open_[read_at[reg] + 1];
    }
  }

  std::vector<KernelPart> cut() {
    std::vector<KernelPart> parts;
    KernelPart part;
    size_t size = 0, begin = 0;
    int64_t open = 0;  // registers that are made before statement i and read from there on
    for (size_t i = 0; i < body_.size(); ++i) {
      open += open_[i];
      if (size >= kLongestPart && open == 0) {
        parts.push_back(std::exchange(part, {}));
        remade_.clear();
        size = 0;
        begin = i;
      }
      const auto use = [&](int32_t reg) { remake(index(reg), begin, part); };
      std::visit(RegisterVisitor{[](int32_t) {}, use}, body_[i].node);
      part.push_back(&body_[i]);
      size += size_of(body_[i]);
    }
    parts.push_back(std::move(part));
    return parts;
  }

 private:
  static size_t index(int32_t reg) { return static_cast<size_t>(reg); }

  bool is_remade(size_t reg) const {
    const loop::Statement& made = body_[static_cast<size_t>(made_at_[reg])];
    return std::holds_alternative<loop::Constant>(made.node) ||
           std::holds_alternative<loop::IndexValue>(made.node);
  }

  // Puts the statement that makes `reg` before the next one, where it stands in an earlier part.
  void remake(size_t reg, size_t begin, KernelPart& part) {
    if (made_at_[reg] < 0 || static_cast<size_t>(made_at_[reg]) >= begin || !is_remade(reg)) return;
    const loop::Statement* made = &body_[static_cast<size_t>(made_at_[reg])];
    if (remade_.insert(made).second) part.push_back(made);
  }

  const loop::Block& body_;
  std::vector<int64_t> made_at_;  // by register: the first statement that makes it
  std::unordered_set<const loop::Statement*> remade_;  // in the part that is being made
  std::vector<int64_t> open_;  // changes of the number of registers that a cut would separate
};

}  // namespace

std::vector<KernelPart> parts_of(const loop::Kernel& kernel) {
  const bool has_memory = kernel.buffers.size() > static_cast<size_t>(kernel.parameter_count());
  if (!has_memory && size_of(kernel.body) > kLongestPart) return Cutter(kernel).cut();
  KernelPart whole;
  for (const loop::Statement& statement : kernel.body) whole.push_back(&statement);
  return {std::move(whole)};
}

}  // namespace thx::codegen
