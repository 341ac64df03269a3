// SPDX-License-Identifier: Apache-2.0
// Kernels by kind, scatters, calls and the checks of indices.
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

Position joined(const Position& a, const Position& b) {
  Position all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

/// Where an update of `node` goes: the batch, the indices, the rest, each at its axis.
Position scattered_position(ElementBuilder& elements, const Node& node, const Position& places,
                            const Position& rest) {
  const auto axes = axes_of(node.attrs, "axes");
  const int batch = indexing_shape(node).batch;
  Position target;
  size_t next = 0;
  for (int axis = 0; axis < node.type().rank(); ++axis) {
    const auto found = std::ranges::find(axes, static_cast<int64_t>(axis));
    if (axis < batch) {
      target.push_back(places[static_cast<size_t>(axis)]);
    } else if (found == axes.end()) {
      target.push_back(rest[next++]);
    } else {
      const Value index = index_operands(node)[static_cast<size_t>(found - axes.begin())];
      target.push_back(
          elements.normalized_index(index, places, node.shape()[static_cast<size_t>(axis)]));
    }
  }
  return target;
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
  } else if (kind == "scatter") {
    build_scatter(elements);
  } else {
    THX_CHECK(kind == "call", "a kernel of kind {}", kind);
    build_call(elements);
  }
  return buffers.finish();
}

void build_scatter(ElementBuilder& elements) {
  const Value result = elements.buffers().region().results[0];
  const Node& node = *result;
  const ElementBuilder::Room room = elements.room_of_result(0);
  const Position all = elements.open_all(node.shape());
  elements.store(room, all, elements.element(node.operands[0], all));
  elements.close_all(all.size());
  const Shape& places = index_operands(node)[0]->shape();
  const Shape& updates = node.operands[1]->shape();
  const Position place = elements.open_all(places, "p");
  const Position rest = elements.open_all(
      Shape(updates.begin() + static_cast<ptrdiff_t>(places.size()), updates.end()), "k");
  const Position target = scattered_position(elements, node, place, rest);
  const Lane update = elements.element(node.operands[1], joined(place, rest));
  const Lane old = elements.load(room, target);
  elements.store(room, target, elements.builder().add(old, update));
  elements.close_all(updates.size());
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
      const Extent& extent = value->operands[0]->shape()[static_cast<size_t>(axes[i])];
      const bool known = std::ranges::any_of(checks, [&](const IndexCheck& check) {
        return check.index == indices[i] && check.extent == extent;
      });
      if (!known && !always_in_range(indices[i], extent)) checks.push_back({indices[i], extent});
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
  const Lane extent = b.index_value(check.extent);
  const Lane low = b.op(Instruction::less, index, b.neg(extent));
  const Lane high = b.op(Instruction::greater_equal, index, extent);
  b.fail(FailStatus::index, index, b.op(Instruction::bit_or, low, high));
  elements.close_all(at.size());
  return buffers.finish();
}

}  // namespace thx::loop
