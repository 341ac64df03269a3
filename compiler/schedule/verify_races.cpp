// SPDX-License-Identifier: Apache-2.0
// No two iterations of a loop that may run side by side meet: neither writes what the other reads
// or writes, unless a barrier lies between.
#include "schedule/verify_kernel.h"
#include "support/text.h"

namespace thx::loop {

namespace {

constexpr const char* kGap = "$gap";  // how many steps the later iteration is further on, less one

/// The symbols of the other iteration: those of the loop and of everything inside it.
Extent::Bindings renamed(const Facts& facts, size_t depth, int64_t step, int first_symbol,
                         int last_symbol) {
  Extent::Bindings out;
  for (size_t i = depth; i < facts.ranges.size(); ++i) {
    const std::string& symbol = facts.ranges[i].symbol;
    out[symbol] = i == depth ? Extent::symbol(symbol) + step + step * Extent::symbol(kGap)
                             : Extent::symbol(symbol + "'");
  }
  for (int i = first_symbol; i < last_symbol; ++i)
    out[format("%{}", i)] = Extent::symbol(format("%{}'", i));
  return out;
}

}  // namespace

void KernelVerifier::races() {
  for (const ParallelLoop& parallel : parallel_) race_in(parallel);
}

void KernelVerifier::race_in(const ParallelLoop& parallel) {
  compared_.clear();
  const LoopKind kind = parallel.loop->kind;
  if (kind == LoopKind::block || kind == LoopKind::thread) {
    flow(parallel, parallel.first_event, parallel.last_event, {});
    return;
  }
  std::map<int32_t, std::vector<int>> by_buffer;
  for (size_t i = parallel.first_event; i < parallel.last_event; ++i)
    if (events_[i].kind == Event::Kind::access)
      by_buffer[records_[events_[i].access].buffer].push_back(events_[i].access);
  for (const auto& [buffer, accesses] : by_buffer) {
    const Scope scope = kernel_.buffers[buffer].scope;
    if (scope == Scope::shared && kind == LoopKind::grid) continue;  // each block has its own
    for (size_t a = 0; a < accesses.size(); ++a)
      for (size_t b = a; b < accesses.size(); ++b) race(parallel, accesses[a], accesses[b]);
  }
}

/// Walks the events in order; `current`: accesses since the last barrier. A loop with a barrier
/// is walked twice, so that its end meets its beginning.
KernelVerifier::Set KernelVerifier::flow(const ParallelLoop& parallel, size_t first, size_t last,
                                         Set current) {
  for (size_t i = first; i < last; ++i) {
    const Event& event = events_[i];
    if (event.kind == Event::Kind::barrier) current.clear();
    if (event.kind == Event::Kind::access) {
      current.insert(event.access);
      for (const int other : current) race(parallel, other, event.access);
    }
    if (event.kind != Event::Kind::open) continue;
    size_t close = i;
    bool barrier = false;
    for (int depth = 0; close < last; ++close) {
      barrier = barrier || events_[close].kind == Event::Kind::barrier;
      if (events_[close].kind == Event::Kind::open) ++depth;
      if (events_[close].kind == Event::Kind::close && --depth == 0) break;
    }
    // A block or thread loop makes members instead of running again and again: once, for sure.
    const bool members =
        event.loop && (event.loop->kind == LoopKind::block || event.loop->kind == LoopKind::thread);
    Set inside = flow(parallel, i + 1, close, current);
    if (barrier && event.loop && !members) inside = flow(parallel, i + 1, close, std::move(inside));
    if (members) current.clear();
    current.insert(inside.begin(), inside.end());
    i = close;
  }
  return current;
}

void KernelVerifier::race(const ParallelLoop& parallel, int a, int b) {
  const AccessRecord& first = records_[a];
  const AccessRecord& second = records_[b];
  if (first.buffer != second.buffer || (!first.writes && !second.writes)) return;
  const Buffer& buffer = kernel_.buffers[first.buffer];
  if (buffer.scope == Scope::scratch) return;  // each has its own
  if (!compared_.insert({a, b}).second) return;
  if (apart(parallel, first, second) && (a == b || apart(parallel, second, first))) return;
  current_ = second.statement;
  problem(format("another iteration of {} may {} the same place of {}", parallel.loop->var,
                 first.writes ? "write" : "read", buffer.name));
}

/// Whether `a` in one iteration and `b` in a later one are never at the same place.
bool KernelVerifier::apart(const ParallelLoop& parallel, const AccessRecord& a,
                           const AccessRecord& b) const {
  if (a.whole || b.whole) return false;
  const Extent::Bindings later =
      renamed(b.facts, parallel.depth, parallel.loop->step, parallel.first_symbol, b.symbols);
  Facts both = a.facts;
  both.ranges.push_back({kGap, 0, {}});
  const Range& own = b.facts.ranges[parallel.depth];
  both.nonnegative.push_back(*own.high - later.at(own.symbol));
  for (size_t i = parallel.depth + 1; i < b.facts.ranges.size(); ++i) {
    const Range& range = b.facts.ranges[i];
    std::optional<Extent> high;
    if (range.high) high = range.high->substitute(later);
    both.ranges.push_back({range.symbol + "'", range.low.substitute(later), high});
  }
  for (const Extent& fact : b.facts.nonnegative) both.nonnegative.push_back(fact.substitute(later));
  if (both.impossible()) return true;
  for (size_t axis = 0; axis < a.index.size(); ++axis) {
    const Extent place = b.index[axis].substitute(later);
    if (both.prove(place - a.index[axis] - 1) || both.prove(a.index[axis] - place - 1)) return true;
  }
  return false;
}

}  // namespace thx::loop
