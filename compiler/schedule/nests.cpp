// SPDX-License-Identifier: Apache-2.0
// Kernels by kind, calls and the checks of indices.
#include "schedule/nests.h"

#include <algorithm>

#include "ir/structure.h"
#include "ops/axes.h"
#include "support/check.h"

namespace thx::loop {
namespace {

/// The leading axes that all results of a `rows` kernel share: those of its sums, or of a map.
Shape row_axes(const Body& region) {
  const std::vector<Value> nodes = region_nodes(region);
  for (Value value : nodes)
    if (is_sum(*value)) return value->shape();
  // Without a sum, scalars that a map reads stand before its loop.
  Shape shortest = region.results[0]->shape();
  for (Value result : region.results)
    if (result->shape().size() < shortest.size()) shortest = result->shape();
  const bool uniform = std::ranges::all_of(
      region.results, [&](Value result) { return result->shape() == shortest; });
  return uniform ? shortest : Shape{};
}

}  // namespace

bool is_sum(const Node& node) {
  return node.family() == Family::reduction || node.family() == Family::contraction;
}

std::vector<Value> region_nodes(const Body& region) { return needed(region.graph, region.results); }

Nest build_nest(const NestRequest& request) {
  const std::string& kind = request.kernel->attrs.word("kind");
  KernelBuilder builder(request.kernel->attrs.word("name"), kind, request.machine);
  KernelBuffers buffers(builder, request);
  ElementBuilder elements(builder, buffers);
  builder.kernel().spans = request.kernel->graph->spans(request.kernel);
  if (kind == "map") {
    build_rows(elements, buffers.region().results[0]->shape());
  } else if (kind == "rows") {
    build_rows(elements, row_axes(buffers.region()));
  } else if (kind == "columns") {
    build_columns(elements);
  } else if (kind == "contract") {
    build_contract(elements);
  } else if (kind == "place") {
    build_place(elements);
  } else if (kind == "cumulative") {
    build_cumulative(elements);
  } else if (kind == "scatter") {
    build_scatter(elements);
  } else {
    THX_CHECK(kind == "call", "a kernel of kind {}", kind);
    build_call(elements);
  }
  return buffers.finish();
}

void build_call(ElementBuilder& elements) {
  const Value result = elements.buffers().region().results[0];
  Attrs attrs = result->attrs;  // the buffer says shape and dtype
  attrs.erase("shape");
  attrs.erase("dtype");
  elements.builder().call(format("thx_{}", name_of(result->op)), elements.buffers().result(0),
                          std::move(attrs));
}

std::vector<IndexCheck> unproved_indices(const Body& region) {
  std::vector<IndexCheck> checks;
  for (Value value : region_nodes(region)) {
    if (value->family() != Family::indexing) continue;
    const auto axes = axes_of(value->attrs, "axes");
    const auto indices = index_operands(*value);
    for (size_t i = 0; i < indices.size(); ++i) {
      const auto axis = static_cast<size_t>(axes[i]);
      const Extent& extent = value->operands[0]->shape()[axis];
      IndexCheck check{indices[i], 0 - extent, extent, region.graph.spans(value).first()};
      if (is_dynamic_slice(*value)) {
        check.low = 0;
        check.end = extent - value->shape()[axis] + 1;
      }
      const bool known = std::ranges::any_of(checks, [&](const IndexCheck& other) {
        return other.index == check.index && other.low == check.low && other.end == check.end;
      });
      const bool proved = is_dynamic_slice(*value) ? always_below(check.index, check.end)
                                                   : always_in_range(check.index, extent);
      if (!known && !proved) checks.push_back(check);
    }
  }
  return checks;
}

Nest build_index_check(const NestRequest& request, const IndexCheck& check, std::string name) {
  KernelBuilder b(std::move(name), "check", request.machine);
  KernelBuffers buffers(b, request);
  ElementBuilder elements(b, buffers);
  b.kernel().spans = request.kernel->graph->spans(request.kernel);
  const Position at = elements.open_all(check.index->shape());
  const Lane index = elements.element(check.index, at);
  const Lane low = b.op(Instruction::less, index, b.index_value(check.low));
  const Lane high = b.op(Instruction::greater_equal, index, b.index_value(check.end));
  b.fail(FailStatus::index, index, b.op(Instruction::bit_or, low, high));
  elements.close_all(at.size());
  return buffers.finish();
}

}  // namespace thx::loop
