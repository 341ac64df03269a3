// SPDX-License-Identifier: Apache-2.0
// Counts a kernel: statements by the loops that run them, places by the loops that they move with.
#include "schedule/counts.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "schedule/count_flops.h"
#include "schedule/sum_over.h"
#include "support/text.h"

namespace thx::loop {
namespace {

Extent elements(const Buffer& buffer) { return element_count(buffer.extents); }

/// A count per run of the block that it stands in, by the lanes of the statements.
struct Tally {
  std::map<int, int64_t> flops;
  std::map<std::tuple<Op, DType, int>, int64_t> calls;
};

class KernelCounter {
 public:
  KernelCounter(const Kernel& kernel, const Machine& machine, const std::vector<Extent>& assumed)
      : kernel_(kernel), machine_(machine) {
    facts_.nonnegative = assumed;
    counts_.buffers.resize(kernel.buffers.size());
  }

  Counts run() {
    block(kernel_.body);
    for (size_t i = 0; i < kernel_.buffers.size(); ++i) {
      counts_.buffers[i].read = touched(i, read_[static_cast<int32_t>(i)]);
      counts_.buffers[i].written = touched(i, written_[static_cast<int32_t>(i)]);
    }
    return std::move(counts_);
  }

 private:
  /// Extents touched, by what makes places the same.
  using Places = std::map<std::string, Extent>;

  void block(const Block& block) {
    Tally* const outside = tally_;
    Tally tally;
    tally_ = &tally;
    for (const Statement& statement : block)
      std::visit([this](const auto& node) { count(node); }, statement.node);
    for (const auto& [lanes, number] : tally.flops) counts_.flops += number * repeated(lanes);
    for (const auto& [key, number] : tally.calls) {
      const auto& [function, dtype, lanes] = key;
      const Extent calls = number * repeated(lanes);
      add_calls(counts_, {function, dtype, calls});
      const Extent inside = flops_of(function, dtype, machine_) * calls;
      counts_.function_flops += inside;
      counts_.flops = counts_.flops - inside;
    }
    tally_ = outside;
  }

  template <class Node>
  void count(const Node&) {}  // moves no floats and computes none

  void count(const Operate& node) {
    const RegisterType& type = kernel_.registers[at(node.result.reg)].type;
    // What is computed is decided by the operands: a comparison of floats has a mask.
    tally_->flops[type.lanes] += flops_of(node.instruction, type.dtype);
    if (node.function) ++tally_->calls[{*node.function, type.dtype, type.lanes}];
  }
  void count(const Fold& node) {
    const RegisterType& type = kernel_.registers[at(node.value.reg)].type;
    tally_->flops[1] += (type.lanes - 1) * flops_of(node.combine, type.dtype);
  }
  void count(const Tree& node) {
    const Buffer& buffer = kernel_.buffers[at(node.buffer)];
    Extent each = 1;
    for (size_t axis = 1; axis < buffer.extents.size(); ++axis) each *= buffer.extents[axis];
    const Extent less = node.count - 1;
    const Extent steps = (facts_.prove(less) ? less : max(less, 0)) * each * repeated(1);
    const Extent bytes = bytes_of(buffer.dtype) * steps;
    counts_.flops += flops_of(node.combine, buffer.dtype) * steps;
    counts_.buffers[at(node.buffer)].loaded += 2 * bytes;
    counts_.buffers[at(node.buffer)].stored += bytes;
    read_[node.buffer].emplace("tree", node.count * each);
    written_[node.buffer].emplace("tree", node.count * each);
  }
  void count(const Load& node) {
    counts_.buffers[at(node.place.buffer)].loaded += moved(node.place, read_);
  }
  void count(const Store& node) {
    counts_.buffers[at(node.place.buffer)].stored += moved(node.place, written_);
  }
  void count(const Call& node) {
    const Buffer& buffer = kernel_.buffers[at(node.buffer)];
    counts_.buffers[at(node.buffer)].stored += bytes_of(buffer.dtype) * elements(buffer);
    written_[node.buffer].emplace("call", elements(buffer));
  }
  void count(const Loop& loop) {
    loops_.push_back(&loop);
    facts_.ranges.push_back({loop.var, loop.begin, loop.end - 1});
    block(loop.body);
    facts_.ranges.pop_back();
    loops_.pop_back();
  }
  void count(const If& branch) {
    Counts before = std::exchange(counts_, {});
    counts_.buffers.resize(kernel_.buffers.size());
    block(branch.then);
    Counts then = std::exchange(counts_, {});
    counts_.buffers.resize(kernel_.buffers.size());
    block(branch.otherwise);
    then = larger(then, counts_);
    counts_ = std::move(before);
    add(counts_, then, 1);
  }

  /// Bytes of a load or store, with the elements that it touches noted in `into`.
  Extent moved(const Place& place, std::map<int32_t, Places>& into) {
    std::string key;
    const Extent distinct = repeated(place, key);
    into[place.buffer].emplace(std::move(key), distinct);
    return bytes_of(kernel_.buffers[at(place.buffer)].dtype) * repeated(place.lanes);
  }

  /// How many elements a statement of so many lanes makes in all iterations of the loops around.
  Extent repeated(int lanes) { return repeated(lanes, loops_); }

  Extent repeated(int lanes, const std::vector<const Loop*>& loops) {
    Extent count = 1;
    int pending = lanes;  // until a loop of masked lanes says how many are active
    Facts facts = facts_;
    for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
      Iterations iterations{(*loop)->var, (*loop)->begin, (*loop)->end, (*loop)->step};
      const bool masks = (*loop)->masked_tail && (*loop)->step == lanes && pending > 1;
      if (masks && !count.mentions(iterations.var)) {
        iterations.step = 1;
        pending = 1;
      }
      while (!facts.ranges.empty() && facts.ranges.back().symbol != iterations.var)
        facts.ranges.pop_back();
      if (!facts.ranges.empty()) facts.ranges.pop_back();
      const ExtentSum sum = sum_over(count, iterations, facts);
      count = sum.value;
      counts_.exact = counts_.exact && sum.exact;
    }
    return count * pending;
  }

  /// How many different elements a place names, and what makes places the same: their text over
  /// numbered variables, with the bounds of these.
  Extent repeated(const Place& place, std::string& key) {
    std::set<std::string> mentioned;
    bool depends_on_all = false;
    for (const Index& index : place.index) {
      index.affine.collect_symbols(mentioned);
      depends_on_all = depends_on_all || index.reg.has_value();
    }
    std::vector<const Loop*> moving;
    for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
      if (!depends_on_all && !mentioned.contains((*loop)->var)) continue;
      (*loop)->begin.collect_symbols(mentioned);
      (*loop)->end.collect_symbols(mentioned);
      moving.insert(moving.begin(), *loop);
    }
    Extent::Bindings numbered;
    for (const Loop* loop : moving)
      numbered[loop->var] = Extent::symbol(format("$#{}", numbered.size()));
    for (const Index& index : place.index) {
      append(key, "{},", index.affine.substitute(numbered).text());
      if (index.reg) append(key, "%{},", index.reg->reg);
    }
    for (const Loop* loop : moving)
      append(key, "{}..{};", loop->begin.substitute(numbered).text(),
             loop->end.substitute(numbered).text());
    return repeated(place.lanes, moving);
  }

  /// Bytes of the elements that places touch, not more than there are.
  Extent touched(size_t buffer, const Places& places) const {
    const Extent all = elements(kernel_.buffers[buffer]);
    const int64_t bytes = bytes_of(kernel_.buffers[buffer].dtype);
    Extent sum = 0;
    for (const auto& [key, count] : places) {
      if (count == all) return bytes * all;
      sum += count;
    }
    if (places.size() < 2 || facts_.prove(all - sum)) return bytes * sum;
    return bytes * (facts_.prove(sum - all) ? all : min(sum, all));
  }

  static size_t at(int32_t index) { return static_cast<size_t>(index); }

  const Kernel& kernel_;
  const Machine& machine_;
  Facts facts_;
  std::vector<const Loop*> loops_;
  Tally* tally_ = nullptr;
  std::map<int32_t, Places> read_, written_;
  Counts counts_;
};

}  // namespace

Counts count(const Kernel& kernel, const Machine& machine, const std::vector<Extent>& assumed) {
  return KernelCounter(kernel, machine, assumed).run();
}

}  // namespace thx::loop
