// SPDX-License-Identifier: Apache-2.0
// Functions are emitted to a builder that counts; counts add up field by field.
#include "schedule/count_flops.h"

#include <algorithm>

#include "ops/op_def.h"
#include "support/check.h"

namespace thx::loop {
namespace {

class CountingBuilder : public LaneBuilder {
 public:
  explicit CountingBuilder(bool fuses) : fuses_(fuses) {}

  Lane emit(Instruction instruction, std::span<const Lane>, DType result) override {
    flops_ += flops_of(instruction, result);
    return make(result);
  }
  Lane constant_real(DType dtype, double) override { return make(dtype); }
  Lane constant_integer(DType dtype, int64_t) override { return make(dtype); }
  DType dtype(Lane lane) const override { return dtypes_[static_cast<size_t>(lane.id)]; }
  bool fuses() const override { return fuses_; }

  Lane make(DType dtype) {
    dtypes_.push_back(dtype);
    return {static_cast<int32_t>(dtypes_.size()) - 1};
  }
  int64_t flops() const { return flops_; }

 private:
  bool fuses_;
  std::vector<DType> dtypes_;
  int64_t flops_ = 0;
};

Extent larger(const Extent& a, const Extent& b) { return a == b ? a : max(a, b); }

Extent calls_in(const Counts& counts, const FunctionCalls& of) {
  for (const FunctionCalls& each : counts.calls)
    if (each.function == of.function && each.dtype == of.dtype) return each.calls;
  return 0;
}

}  // namespace

int64_t flops_of(Instruction instruction, DType dtype) {
  if (!is_float(dtype)) return 0;
  switch (instruction) {
    case Instruction::add:
    case Instruction::sub:
    case Instruction::mul:
    case Instruction::div:
    case Instruction::sqrt:
    case Instruction::maximum:
    case Instruction::minimum: return 1;
    case Instruction::fma: return 2;
    default: return 0;
  }
}

int64_t flops_of(Op function, DType dtype, const Machine& machine) {
  THX_CHECK(family_of(function) == Family::elementwise, "{} is no function of elements",
            name_of(function));
  const Emit& emit = elementwise(function).emit;
  THX_CHECK(emit.kind == Emit::Kind::lanes, "{} is no function of lanes", name_of(function));
  CountingBuilder builder(machine.fma);
  std::vector<Lane> operands;
  for (int i = 0; i < info(function).operands; ++i) operands.push_back(builder.make(dtype));
  emit.lanes(builder, operands, dtype);
  return builder.flops();
}

Extent Counts::all_calls() const {
  Extent sum = 0;
  for (const FunctionCalls& each : calls) sum += each.calls;
  return sum;
}

void add_calls(Counts& counts, const FunctionCalls& calls) {
  if (calls.calls.is(0)) return;
  const auto key = [](const FunctionCalls& each) { return std::pair(each.function, each.dtype); };
  const auto place = std::ranges::lower_bound(counts.calls, key(calls), {}, key);
  if (place == counts.calls.end() || key(*place) != key(calls))
    counts.calls.insert(place, calls);
  else
    place->calls += calls.calls;
}

void add(Counts& counts, const Counts& more, const Extent& times) {
  counts.flops += more.flops * times;
  counts.function_flops += more.function_flops * times;
  for (const FunctionCalls& each : more.calls)
    add_calls(counts, {each.function, each.dtype, each.calls * times});
  for (size_t i = 0; i < more.buffers.size(); ++i) {
    Traffic& traffic = counts.buffers[i];
    traffic.loaded += more.buffers[i].loaded * times;
    traffic.stored += more.buffers[i].stored * times;
    traffic.read += more.buffers[i].read * times;
    traffic.written += more.buffers[i].written * times;
  }
  counts.exact = counts.exact && more.exact;
}

Counts larger(const Counts& a, const Counts& b) {
  Counts result{larger(a.flops, b.flops), larger(a.function_flops, b.function_flops), {}, {}, true};
  for (const FunctionCalls& each : a.calls)
    add_calls(result, {each.function, each.dtype, larger(each.calls, calls_in(b, each))});
  for (const FunctionCalls& each : b.calls)
    if (calls_in(a, each).is(0)) add_calls(result, each);
  for (size_t i = 0; i < a.buffers.size(); ++i) {
    const Traffic &x = a.buffers[i], &y = b.buffers[i];
    result.buffers.push_back({larger(x.loaded, y.loaded), larger(x.stored, y.stored),
                              larger(x.read, y.read), larger(x.written, y.written)});
  }
  const bool same = a.flops == b.flops && a.function_flops == b.function_flops;
  result.exact = a.exact && b.exact && same;
  return result;
}

}  // namespace thx::loop
