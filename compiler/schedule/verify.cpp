// SPDX-License-Identifier: Apache-2.0
// The verifier of functions: buffers, launches, copies.
#include "schedule/verify.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "schedule/prove.h"
#include "schedule/verify_kernel.h"
#include "support/text.h"

namespace thx::loop {

namespace {

constexpr int64_t kAlignment = 64;  // of buffers in the workspace, in bytes: a cache line

/// What a kernel has to do with its function: whether it fails, which parameters it writes.
bool can_fail(const Block& block) {
  for (const Statement& entry : block) {
    if (std::holds_alternative<Fail>(entry.node)) return true;
    if (const Loop* loop = std::get_if<Loop>(&entry.node); loop && can_fail(loop->body))
      return true;
    if (const If* branch = std::get_if<If>(&entry.node))
      if (can_fail(branch->then) || can_fail(branch->otherwise)) return true;
  }
  return false;
}

/// The elements from a buffer's first to its last, both counted.
Extent span_of(const Buffer& buffer) {
  Extent last = 1;
  for (size_t axis = 0; axis < buffer.extents.size(); ++axis)
    last += (buffer.extents[axis] - 1) * buffer.strides[axis];
  return last;
}

/// Without the factor that all coefficients share: of the same sign.
Extent reduced(const Extent& extent) {
  int64_t common = 0;
  for (const Extent::Term& term : extent.terms()) common = std::gcd(common, term.coefficient);
  return common > 1 ? floordiv(extent, common) : extent;
}

Extent bytes_in(const Buffer& buffer) {
  return element_count(buffer.extents) * bytes_of(buffer.dtype);
}

class FunctionVerifier {
 public:
  explicit FunctionVerifier(const Function& function) : function_(function) {
    facts_.nonnegative = function.assumed;
    // What the entry checks say of extents holds of products of them.
    for (const FunctionBuffer& entry : function.buffers) {
      const Extent count = reduced(element_count(entry.buffer.extents));
      if (!Facts{}.prove(count) &&
          std::ranges::find(facts_.nonnegative, count) == facts_.nonnegative.end())
        facts_.nonnegative.push_back(count);
    }
  }

  std::vector<std::string> run() {
    buffers();
    part_ = Part::checks;
    steps(function_.checks);
    part_ = Part::steps;
    steps(function_.steps);
    part_ = Part::commits;
    steps(function_.commits);
    for (const Kernel& kernel : function_.kernels) {
      std::vector<std::string> found = KernelVerifier(kernel, function_.assumed).run();
      problems_.insert(problems_.end(), found.begin(), found.end());
    }
    return std::move(problems_);
  }

 private:
  enum class Part : uint8_t { checks, steps, commits };

  void problem(std::string_view message) {
    problems_.push_back(function_.name.empty() ? std::string(message)
                                               : format("@{}: {}", function_.name, message));
  }

  void buffers() {
    for (const FunctionBuffer& entry : function_.buffers) {
      const Buffer& buffer = entry.buffer;
      if (buffer.strides != row_major_strides(buffer.extents))
        problem(format("{} is not row-major", buffer.name));
      if (entry.storage.kind != Storage::Kind::workspace) continue;
      if (!divides(kAlignment, entry.storage.offset))
        problem(format("{} is at {}, no multiple of {}", buffer.name, entry.storage.offset.text(),
                       kAlignment));
      const Extent bytes = bytes_in(buffer);
      if (!facts_.prove(function_.workspace_bytes - entry.storage.offset - bytes))
        problem(format("{} may be beyond the end of the workspace", buffer.name));
    }
  }

  void steps(const std::vector<Step>& steps) {
    for (const Step& step : steps)
      std::visit([this](const auto& entry) { node(entry); }, step.node);
  }

  bool known(const Argument& argument) {
    if (argument.buffer >= 0 && static_cast<size_t>(argument.buffer) < function_.buffers.size())
      return true;
    problem("an argument names no buffer");
    return false;
  }

  /// `elements` from the argument on are within its buffer.
  void fits(const Argument& argument, const Extent& elements, const Shape& extents,
            std::string_view what) {
    const Buffer& buffer = function_.buffers[argument.buffer].buffer;
    if (!facts_.prove(argument.offset))
      problem(format("{}: {} may start before its first element", what, buffer.name));
    const Extent left = element_count(buffer.extents) - argument.offset - elements;
    if (facts_.prove(left)) return;
    // With an axis of extent 0 nothing is touched: else every extent is at least 1.
    Facts inhabited = facts_;
    for (const Extent& extent : extents) inhabited.nonnegative.push_back(extent - 1);
    if (!inhabited.prove(left)) problem(format("{}: {} may be too small", what, buffer.name));
  }

  void argument(const Kernel& kernel, int at, const Argument& argument) {
    const Buffer& wanted = kernel.buffers[at];
    const FunctionBuffer& given = function_.buffers[argument.buffer];
    const std::string what = format("launch of @{}, {}", kernel.name, wanted.name);
    if (wanted.dtype != given.buffer.dtype)
      problem(format("{}: {} is {}, not {}", what, given.buffer.name, spelling(given.buffer.dtype),
                     spelling(wanted.dtype)));
    if (wanted.scope != given.buffer.scope)
      problem(format("{}: {} lives elsewhere", what, given.buffer.name));
    if (wanted.access != Access::in && given.buffer.access == Access::in)
      problem(format("{}: {} is only read", what, given.buffer.name));
    const bool in_workspace = given.storage.kind == Storage::Kind::workspace;
    if (part_ == Part::checks && wanted.access != Access::in && !in_workspace)
      problem(format("{}: a check writes to {}", what, given.buffer.name));
    if (wanted.extents == given.buffer.extents && argument.offset.is(0)) return;
    fits(argument, span_of(wanted), wanted.extents, what);
  }

  void node(const Launch& launch) {
    if (launch.kernel < 0 || static_cast<size_t>(launch.kernel) >= function_.kernels.size())
      return problem("a launch names no kernel");
    const Kernel& kernel = function_.kernels[launch.kernel];
    const auto count = static_cast<size_t>(kernel.parameter_count());
    if (launch.arguments.size() != count)
      return problem(
          format("@{} takes {} buffers, not {}", kernel.name, count, launch.arguments.size()));
    for (const Argument& argument : launch.arguments)
      if (!known(argument)) return;
    for (size_t i = 0; i < count; ++i) argument(kernel, static_cast<int>(i), launch.arguments[i]);
    if (part_ == Part::commits && can_fail(kernel.body))
      problem(format("@{} may fail among the commits", kernel.name));
    for (size_t i = 0; i < count; ++i)
      for (size_t k = i + 1; k < count; ++k) overlap(kernel, launch, i, k);
  }

  /// Where an argument starts in its storage, in bytes.
  Extent start(const Argument& argument) const {
    const FunctionBuffer& entry = function_.buffers[argument.buffer];
    return entry.storage.offset + argument.offset * bytes_of(entry.buffer.dtype);
  }

  /// Whether the whole of a lies before b; a launch keeps to its buffers, which `fits` checks.
  bool lies_before(const FunctionBuffer& a, const FunctionBuffer& b) const {
    const Extent bytes = element_count(a.buffer.extents) * bytes_of(a.buffer.dtype);
    return facts_.prove(b.storage.offset - a.storage.offset - bytes);
  }

  /// Two arguments, one of them written, are the same place or do not meet.
  void overlap(const Kernel& kernel, const Launch& launch, size_t i, size_t k) {
    const Buffer& a = kernel.buffers[i];
    const Buffer& b = kernel.buffers[k];
    if (a.access == Access::in && b.access == Access::in) return;
    const FunctionBuffer& whole_a = function_.buffers[launch.arguments[i].buffer];
    const FunctionBuffer& whole_b = function_.buffers[launch.arguments[k].buffer];
    const Storage& of_a = whole_a.storage;
    const Storage& of_b = whole_b.storage;
    if (of_a.kind != of_b.kind || of_a.index != of_b.index) return;
    if (lies_before(whole_a, whole_b) || lies_before(whole_b, whole_a)) return;
    const Extent from_a = start(launch.arguments[i]);
    const Extent from_b = start(launch.arguments[k]);
    if (from_a == from_b) return;
    Facts facts = facts_;
    for (const Buffer* buffer : {&a, &b})
      for (const Extent& extent : buffer->extents) facts.nonnegative.push_back(extent - 1);
    if (facts.prove(from_b - from_a - span_of(a) * bytes_of(a.dtype))) return;
    if (facts.prove(from_a - from_b - span_of(b) * bytes_of(b.dtype))) return;
    problem(format("launch of @{}: {} and {} may overlap", kernel.name, a.name, b.name));
  }

  void node(const Copy& copy) {
    if (!known(copy.to) || !known(copy.from)) return;
    const FunctionBuffer& to = function_.buffers[copy.to.buffer];
    const FunctionBuffer& from = function_.buffers[copy.from.buffer];
    if (to.buffer.dtype != from.buffer.dtype)
      problem(
          format("a copy from {} to {}", spelling(from.buffer.dtype), spelling(to.buffer.dtype)));
    if (to.buffer.access == Access::in)
      problem(format("a copy to {}, which is only read", to.buffer.name));
    fits(copy.to, copy.elements, {copy.elements}, "copy");
    fits(copy.from, copy.elements, {copy.elements}, "copy");
  }

  void node(const For& loop) {
    if (!vars_.insert(loop.var).second)
      problem(format("{} is the variable of two loops", loop.var));
    const size_t facts = facts_.nonnegative.size();
    facts_.nonnegative.push_back(loop.extent - 1);
    facts_.ranges.push_back({loop.var, 0, loop.extent - 1});
    steps(loop.steps);
    facts_.ranges.pop_back();
    facts_.nonnegative.resize(facts);
    vars_.erase(loop.var);
  }

  void node(const Branch& branch) {
    if (!known(branch.condition)) return;
    const Buffer& buffer = function_.buffers[branch.condition.buffer].buffer;
    if (!is_bool(buffer.dtype)) problem(format("a branch on {}, which is no bool", buffer.name));
    fits(branch.condition, 1, {}, "branch");
    steps(branch.then);
    steps(branch.otherwise);
  }

  const Function& function_;
  std::vector<std::string> problems_;
  Facts facts_;
  std::set<std::string> vars_;
  Part part_ = Part::checks;
};

}  // namespace

std::vector<std::string> verify(const Kernel& kernel) { return KernelVerifier(kernel, {}).run(); }

std::vector<std::string> verify(const Function& function) {
  return FunctionVerifier(function).run();
}

std::vector<std::string> verify(const Program& program) {
  std::vector<std::string> problems;
  for (const Function& function : program.functions) {
    std::vector<std::string> found = verify(function);
    problems.insert(problems.end(), found.begin(), found.end());
  }
  return problems;
}

}  // namespace thx::loop
