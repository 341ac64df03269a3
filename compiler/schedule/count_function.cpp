// SPDX-License-Identifier: Apache-2.0
// Counts a function: its kernels, as often as its steps run them.
#include "schedule/count_flops.h"
#include "schedule/sum_over.h"

namespace thx::loop {
namespace {

class FunctionCounter {
 public:
  FunctionCounter(const Function& function, const Machine& machine) : function_(function) {
    facts_.nonnegative = function.assumed;
    for (const Kernel& kernel : function.kernels)
      result_.kernels.push_back(count(kernel, machine, function.assumed));
    result_.runs.resize(function.kernels.size(), 0);
  }

  FunctionCounts run() {
    result_.total = nothing();
    for (const std::vector<Step>* steps : {&function_.checks, &function_.steps, &function_.commits})
      add(result_.total, of(*steps, 1), 1);
    return std::move(result_);
  }

 private:
  Counts nothing() const {
    Counts counts;
    counts.buffers.resize(function_.buffers.size());
    return counts;
  }

  // The counts of steps that run once; the runs of kernels are noted, `times` as many.
  Counts of(const std::vector<Step>& steps, const Extent& times) {
    Counts counts = nothing();
    for (const Step& step : steps)
      std::visit([&](const auto& node) { add(counts, one(node, times), 1); }, step.node);
    return counts;
  }

  Counts one(const Launch& launch, const Extent& times) {
    const auto kernel = static_cast<size_t>(launch.kernel);
    result_.runs[kernel] += times;
    Counts counts = result_.kernels[kernel];
    std::vector<Traffic> traffic(function_.buffers.size());
    for (size_t i = 0; i < launch.arguments.size(); ++i) {
      Traffic& to = traffic[static_cast<size_t>(launch.arguments[i].buffer)];
      const Traffic& from = counts.buffers[i];
      to.loaded += from.loaded;
      to.stored += from.stored;
      to.read += from.read;
      to.written += from.written;
    }
    counts.buffers = std::move(traffic);
    return counts;
  }

  Counts one(const Copy& copy, const Extent& times) {
    Counts counts = nothing();
    const auto to = static_cast<size_t>(copy.to.buffer);
    const auto from = static_cast<size_t>(copy.from.buffer);
    const Extent bytes = bytes_of(function_.buffers[to].buffer.dtype) * copy.elements;
    result_.copied += bytes * times;
    counts.buffers[from] = {bytes, 0, bytes, 0};
    counts.buffers[to].stored += bytes;
    counts.buffers[to].written += bytes;
    return counts;
  }

  Counts one(const For& loop, const Extent& times) {
    const Extent trips = trip_count({loop.var, 0, loop.extent}, facts_);
    Counts counts = nothing();
    add(counts, of(loop.steps, times * trips), trips);
    return counts;
  }

  Counts one(const Branch& branch, const Extent& times) {
    Counts then = of(branch.then, times);
    return larger(then, of(branch.otherwise, times));
  }

  const Function& function_;
  Facts facts_;
  FunctionCounts result_;
};

}  // namespace

FunctionCounts count(const Function& function, const Machine& machine) {
  return FunctionCounter(function, machine).run();
}

}  // namespace thx::loop
