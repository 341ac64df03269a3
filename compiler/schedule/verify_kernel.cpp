// SPDX-License-Identifier: Apache-2.0
// Blocks, loops and the scopes of registers.
#include "schedule/verify_kernel.h"

#include <algorithm>
#include <bit>

#include "schedule/print.h"
#include "support/text.h"

namespace thx::loop {

namespace {

constexpr int64_t kMostUnrolled = 4096;  // beyond that, code is too large for any cache

bool is_parallel(LoopKind kind) { return kind != LoopKind::serial && kind != LoopKind::unrolled; }

}  // namespace

KernelVerifier::KernelVerifier(const Kernel& kernel, const std::vector<Extent>& assumed)
    : kernel_(kernel), assigner_(kernel.registers.size(), nullptr) {
  facts_.nonnegative = assumed;
  for (const Buffer& buffer : kernel.buffers)  // a shape has no negative extents
    for (const Extent& extent : buffer.extents)
      if (!Facts{}.prove(extent)) facts_.nonnegative.push_back(extent);
  size_t count = 0;
  for (const Register& reg : kernel.registers) {
    first_element_.push_back(count);
    size_t elements = 1;
    for (const int64_t extent : reg.array)
      elements *= static_cast<size_t>(std::max<int64_t>(extent, 1));
    count += elements;
  }
  elements_.resize(count);
}

std::vector<std::string> KernelVerifier::run() {
  buffers();
  for (const Register& reg : kernel_.registers)
    if (!std::has_single_bit(static_cast<unsigned>(std::max(reg.type.lanes, 0))))
      problem(format("%{} has {} lanes, which is no power of two", reg.name, reg.type.lanes));
  if (problems_.empty()) block(kernel_.body, false);
  if (problems_.empty()) races();
  for (const Statement* barrier : lonely_barriers(kernel_)) {
    current_ = barrier;
    problem("not every member of the block arrives");
  }
  return std::move(problems_);
}

void KernelVerifier::problem(std::string message) {
  std::string out = "@" + kernel_.name + ": ";
  if (current_) append(out, "`{}`: ", print_line(kernel_, *current_));
  out += message;
  if (said_.insert(out).second) problems_.push_back(std::move(out));
}

std::string KernelVerifier::spell(const RegisterRef& ref) const {
  const std::string& name = kernel_.registers[ref.reg].name;
  return name.empty() ? "a register" : "%" + name;
}

std::string KernelVerifier::spell(const Index& index) const {
  const Extent affine = bound(index.affine);
  if (!index.reg) return affine.text();
  return (affine.is(0) ? "" : affine.text() + " + ") + spell(*index.reg);
}

void KernelVerifier::buffers() {
  bool local = false;
  for (const Buffer& buffer : kernel_.buffers) {
    const bool is_local = buffer.scope == Scope::scratch || buffer.scope == Scope::shared;
    if (local && !is_local)
      problem(format("the parameter {} comes after a scratch buffer", buffer.name));
    local = local || is_local;
    if (buffer.strides.size() != buffer.extents.size())
      problem(format("{} has {} axes and {} strides", buffer.name, buffer.extents.size(),
                     buffer.strides.size()));
    if (!is_local) continue;
    std::set<std::string> symbols;
    for (const Extent& extent : buffer.extents) extent.collect_symbols(symbols);
    if (!symbols.empty()) problem(format("the extents of {} are no numbers", buffer.name));
  }
}

// ---- Registers ----

std::vector<KernelVerifier::Element*> KernelVerifier::elements(int32_t reg) {
  const size_t end = static_cast<size_t>(reg) + 1 < first_element_.size()
                         ? first_element_[static_cast<size_t>(reg) + 1]
                         : elements_.size();
  std::vector<Element*> out;
  for (size_t i = first_element_[reg]; i < end; ++i) out.push_back(&elements_[i]);
  return out;
}

/// Null where the reference is wrong, which has been said.
KernelVerifier::Element* KernelVerifier::element(const RegisterRef& ref) {
  if (ref.reg < 0 || static_cast<size_t>(ref.reg) >= kernel_.registers.size()) {
    problem("names no register");
    return nullptr;
  }
  const Register& reg = kernel_.registers[ref.reg];
  if (ref.index.size() != reg.array.size()) {
    problem(format("{} has {} indices, not {}", spell(ref), reg.array.size(), ref.index.size()));
    return nullptr;
  }
  size_t at = 0;
  for (size_t axis = 0; axis < reg.array.size(); ++axis) {
    const Extent index = bound(ref.index[axis]);
    if (!index.is_known() || index.known() < 0 || index.known() >= reg.array[axis]) {
      problem(format("{} has no element {}", spell(ref), index.text()));
      return nullptr;
    }
    at = at * static_cast<size_t>(reg.array[axis]) + static_cast<size_t>(index.known());
  }
  return &elements_[first_element_[ref.reg] + at];
}

KernelVerifier::Element* KernelVerifier::use(const RegisterRef& ref) {
  Element* found = element(ref);
  if (found && !found->visible) {
    problem(format("{} is not assigned here", spell(ref)));
    return nullptr;
  }
  return found;
}

KernelVerifier::Element* KernelVerifier::assign(const RegisterRef& ref) {
  Element* found = element(ref);
  if (!found) return nullptr;
  const Register& reg = kernel_.registers[ref.reg];
  const bool again =
      reg.array.empty() ? assigner_[ref.reg] && assigner_[ref.reg] != current_ : found->ever;
  if (again) problem(format("{} is assigned twice", spell(ref)));
  assigner_[ref.reg] = current_;
  *found = Element{true, true, 0, {}, {}};
  if (reg.type.dtype == DType::i64) found->value = fresh();
  scopes_.back().emplace_back(ref.reg, found);
  return found;
}

Extent KernelVerifier::bound(const Extent& extent) const {
  return bindings_.empty() ? extent : extent.substitute(bindings_);
}

/// Loop variables in `extent` belong to loops around this place.
void KernelVerifier::scoped(const Extent& extent) {
  std::set<std::string> symbols;
  extent.collect_symbols(symbols);
  for (const std::string& symbol : symbols) {
    if (symbol.front() != '$') continue;
    const bool known = std::any_of(owners_.begin(), owners_.end(), [&](const Statement* owner) {
      const Loop* loop = std::get_if<Loop>(&owner->node);
      return loop && loop->var == symbol;
    });
    if (!known) problem(format("{} is no variable of a loop around it", symbol));
  }
}

// ---- Blocks ----

void KernelVerifier::block(const Block& block, bool unrolled) {
  const size_t facts = facts_.nonnegative.size();
  scopes_.emplace_back();
  for (const Statement& entry : block) {
    current_ = &entry;
    statement(entry);
  }
  leave(unrolled);
  facts_.nonnegative.resize(facts);
}

/// What a block has assigned is not seen outside; arrays are seen outside of unrolled loops.
void KernelVerifier::leave(bool unrolled) {
  auto assigned = std::move(scopes_.back());
  scopes_.pop_back();
  for (auto& entry : assigned) {
    const bool stays = unrolled && !kernel_.registers[entry.first].array.empty();
    if (stays) {
      scopes_.back().push_back(entry);
    } else {
      entry.second->visible = false;
    }
  }
}

void KernelVerifier::statement(const Statement& statement) {
  const bool nested =
      std::holds_alternative<Loop>(statement.node) || std::holds_alternative<If>(statement.node);
  if (nested) owners_.push_back(&statement);
  std::visit([this](const auto& entry) { node(entry); }, statement.node);
  if (nested) owners_.pop_back();
}

void KernelVerifier::node(const If& branch) {
  Truth truth;
  if (const Element* condition = use(branch.condition)) truth = condition->truth;
  is(branch.condition, {DType::boolean, 1}, "the condition");
  const std::set<int32_t> written = written_;
  for (const bool then : {true, false}) {
    const size_t facts = facts_.nonnegative.size();
    add_facts(then ? truth.when_true : truth.when_false);
    events_.push_back({Event::Kind::open});
    block(then ? branch.then : branch.otherwise, false);
    events_.push_back({Event::Kind::close});
    facts_.nonnegative.resize(facts);
  }
}

void KernelVerifier::loop_header(const Loop& loop) {
  const Statement* own = owners_.back();
  owners_.pop_back();  // the bounds do not see the loop's own variable
  scoped(loop.begin);
  scoped(loop.end);
  for (const Statement* owner : owners_) {
    const Loop* outer = std::get_if<Loop>(&owner->node);
    if (outer && outer->var == loop.var)
      problem(format("{} is the variable of two loops", loop.var));
  }
  owners_.push_back(own);
  if (!loop.var.starts_with('$')) problem("a loop's variable starts with $");
  if (loop.step < 1) problem("a step is at least 1");
  if (loop.masked_tail && !std::has_single_bit(static_cast<uint64_t>(loop.step)))
    problem("the step of a masked tail is a lane count");
  if (is_parallel(loop.kind) && !loop.carried.empty())
    problem("only serial and unrolled loops carry registers");
  for (const Carried& carried : loop.carried) {
    use(carried.init);
    RegisterType type = kernel_.registers[carried.reg].type;
    is(carried.init, type, "the value before the loop");
  }
}

void KernelVerifier::carried_inside(const Loop& loop) {
  for (const Carried& carried : loop.carried) {
    if (assigner_[carried.reg] && assigner_[carried.reg] != owners_.back())
      problem(format("{} is assigned twice", spell(RegisterRef{carried.reg, {}})));
    assigner_[carried.reg] = owners_.back();
    for (Element* each : elements(carried.reg)) {
      *each = Element{true, true, 0, {}, {}};
      if (kernel_.registers[carried.reg].type.dtype == DType::i64) each->value = fresh();
    }
  }
}

void KernelVerifier::carried_done(const Loop& loop) {
  for (const Carried& carried : loop.carried) {
    for (const Element* each : elements(carried.reg)) {
      if (each->nexts == 1) continue;
      current_ = owners_.back();
      problem(format("{} has {} `next` in an iteration, not one",
                     spell(RegisterRef{carried.reg, {}}), each->nexts));
    }
  }
}

void KernelVerifier::carried_after(const Loop& loop) {
  for (const Carried& carried : loop.carried)
    for (Element* each : elements(carried.reg)) scopes_.back().emplace_back(carried.reg, each);
}

void KernelVerifier::unrolled(const Loop& loop) {
  const Extent begin = bound(loop.begin);
  const Extent end = bound(loop.end);
  if (!begin.is_known() || !end.is_known() ||
      end.known() - begin.known() > kMostUnrolled * loop.step)
    return problem("the ends of an unrolled loop are near numbers");
  std::vector<int64_t> at;
  for (int64_t i = begin.known(); i < end.known(); i += loop.step) at.push_back(i);
  if (loop.reverse) std::reverse(at.begin(), at.end());
  for (const int64_t i : at) {
    bindings_[loop.var] = i;
    carried_inside(loop);
    block(loop.body, true);
    carried_done(loop);
  }
  bindings_.erase(loop.var);
  if (at.empty()) carried_inside(loop);
  carried_after(loop);
}

void KernelVerifier::node(const Loop& loop) {
  const Statement* own = current_;
  loop_header(loop);
  if (loop.step < 1) return;
  if (loop.kind == LoopKind::unrolled) return unrolled(loop);
  const Extent begin = bound(loop.begin);
  const Extent end = bound(loop.end);
  const bool whole_steps = divides(loop.step, end - begin);
  const size_t facts = facts_.nonnegative.size();
  ParallelLoop parallel{&loop, events_.size(), 0, facts_.ranges.size(), symbols_};
  facts_.nonnegative.push_back(end - begin - 1);
  facts_.ranges.push_back({loop.var, begin, end - (whole_steps ? Extent(loop.step) : Extent(1))});
  carried_inside(loop);
  events_.push_back({Event::Kind::open, -1, &loop});
  block(loop.body, false);
  events_.push_back({Event::Kind::close});
  carried_done(loop);
  carried_after(loop);
  facts_.ranges.pop_back();
  facts_.nonnegative.resize(facts);
  current_ = own;
  parallel.last_event = events_.size();
  if (is_parallel(loop.kind)) parallel_.push_back(std::move(parallel));
}

}  // namespace thx::loop
