// SPDX-License-Identifier: Apache-2.0
// Guards: kernels that look for NaN, infinities and large magnitudes in what lies in memory.
#include <algorithm>
#include <limits>

#include "ir/structure.h"
#include "schedule/function_builder.h"
#include "schedule/loop_builder.h"
#include "support/text.h"

namespace thx::loop {
namespace {

constexpr int kVectors = 4;    // that are looked at together: so many loads are under way
constexpr int64_t kLong = 64;  // elements; fewer are searched at once
constexpr double kInfinity = std::numeric_limits<double>::infinity();

size_t at(int i) { return static_cast<size_t>(i); }

/// The largest finite number of a dtype: what is beyond it is infinite.
double largest(DType dtype) {
  return dtype == DType::f32 ? static_cast<double>(std::numeric_limits<float>::max())
                             : std::numeric_limits<double>::max();
}

/// Stands around what looks for the element: opened only where there is one. The bits of a float
/// without its sign, as an integer, grow with its magnitude, those of NaN are beyond infinity's; so
/// their largest tells whether all elements are good, at the cost of reading them.
void open_if_any_is_bad(KernelBuilder& b, int32_t buffer, DType dtype, const Extent& count,
                        double bound) {
  const DType bits = dtype == DType::f32 ? DType::i32 : DType::i64;
  const int lanes = kVectors * b.machine().vector_bytes / bytes_of(dtype);
  b.set_lanes(lanes);
  const Lane zero = b.constant_integer(bits, 0);
  const Lane magnitude =
      b.constant_integer(bits, dtype == DType::f32 ? std::numeric_limits<int32_t>::max()
                                                   : std::numeric_limits<int64_t>::max());
  const Extent from = b.open_loop("v", 0, count, {.step = lanes, .masked_tail = true});
  const Lane largest = b.carry(zero, "largest");
  const Lane loaded = b.bitcast(b.load(buffer, {{from}}, 0), bits);
  b.next(largest,
         b.op(Instruction::maximum, largest, b.op(Instruction::bit_and, loaded, magnitude)));
  b.close();
  const Lane all = b.fold(Instruction::maximum, largest);
  b.set_lanes(1);
  const Lane most = b.bitcast(b.constant_real(dtype, bound), bits);
  b.open_if(b.op(Instruction::greater, all, most));
}

/// Fails with the position of the first element, in row-major order, that is NaN or of a magnitude
/// over the bound.
Kernel guard_kernel(const std::string& name, const std::string& value, const Type& type,
                    Scope scope, double bound, const Machine& machine) {
  KernelBuilder b(name, "check", machine);
  const Extent count = element_count(type.shape);
  const Shape shape = type.is_scalar() ? Shape{} : Shape{count};
  const int32_t buffer = b.add_buffer(value, type.dtype, shape, scope, Access::in);
  bound = std::min(bound, largest(type.dtype));
  const bool is_long = !count.is_known() || count.known() >= kLong;
  if (is_long) open_if_any_is_bad(b, buffer, type.dtype, count, bound);
  const Lane most = b.constant_real(type.dtype, bound);
  const Extent position = type.is_scalar() ? Extent(0) : b.open_loop("i", 0, count);
  const std::vector<Index> index =
      type.is_scalar() ? std::vector<Index>{} : std::vector<Index>{Index{position}};
  const Lane good = b.op(Instruction::less_equal, b.abs(b.load(buffer, index)), most);
  b.fail(FailStatus::nonfinite, b.index_value(position), b.op(Instruction::bit_not, good));
  if (!type.is_scalar()) b.close();
  if (is_long) b.close();
  return b.finish();
}

/// The place of the whole value: its last one.
Span last_of(const SpanSet& spans) {
  Span last;
  for (const Span span : spans) last = span;
  return last;
}

}  // namespace

bool FunctionBuilder::guards_something() const {
  const bool updates = std::ranges::any_of(
      source_.states, [](const StateUse& use) { return use.next && is_float(use.next->dtype()); });
  return guards_.bound.has_value() || (guards_.updates && updates);
}

void FunctionBuilder::guard(const Location& place, const Type& type, const std::string& name,
                            Span span, double bound, int input, std::vector<Step>& steps) {
  const Buffer& buffer = function_.buffers[at(place.buffer)].buffer;
  function_.kernels.push_back(guard_kernel(format("guard{}", guard_count_++), buffer.name, type,
                                           buffer.scope, bound, machine_));
  const auto kernel = static_cast<int32_t>(function_.kernels.size()) - 1;
  steps.push_back({Launch{kernel, {place}, input, span, name, bound}});
}

void FunctionBuilder::find_outputs() {
  if (!guards_.bound) return;
  for (const Output& output : source_.outputs) {
    const bool is_one = is_result(*output.value);
    const Value kernel = is_one ? output.value->operands[0] : output.value;
    const size_t result = is_one ? static_cast<size_t>(output.value->attrs.integer("index")) : 0;
    outputs_.try_emplace({kernel.node, result}, output.name);
  }
}

void FunctionBuilder::guard_entry() {
  if (!guards_.bound) return;
  for (size_t i = 0; i < source_.inputs.size(); ++i) {
    const Input& input = source_.inputs[i];
    if (is_float(input.value->dtype()))
      guard({input_buffers_[i], 0}, input.value->type(), input.name, input.span, *guards_.bound,
            static_cast<int>(i), function_.checks);
  }
  for (size_t i = 0; i < source_.states.size(); ++i) {
    const StateUse& use = source_.states[i];
    if (is_float(use.current->dtype()))
      guard({state_buffers_[i], 0}, use.current->type(), use.name,
            source_.graph().spans(use.current).first(), *guards_.bound, -1, function_.checks);
  }
}

void FunctionBuilder::guard_results(Value kernel, const std::vector<Location>& results,
                                    std::vector<Step>& steps) {
  if (!guards_.bound) return;
  const Body& region = *kernel->regions[0];
  for (size_t i = 0; i < results.size(); ++i) {
    const Value value = region.results[i];
    if (!is_float(value->dtype())) continue;
    SpanSet spans = region.graph.spans(value);
    if (spans.empty()) spans = kernel->graph->spans(kernel);
    guard(results[i], value->type(), guarded_name(kernel, i), last_of(spans), *guards_.bound, -1,
          steps);
  }
}

std::string FunctionBuilder::guarded_name(Value kernel, size_t result) const {
  const Body& region = *kernel->regions[0];
  const Value value = region.results[result];
  const std::string& given = region.graph.name(value);
  if (!given.empty()) return given;
  const auto output = outputs_.find({kernel.node, result});
  if (output == outputs_.end()) return std::string(name_of(value->op));
  return format("{} ({})", output->second, name_of(value->op));
}

void FunctionBuilder::guard_update(const StateUse& use, const Location& next) {
  if (guards_.updates && is_float(use.next->dtype()))
    guard(next, use.next->type(), use.name, use.span, kInfinity, -1, function_.steps);
}

}  // namespace thx::loop
