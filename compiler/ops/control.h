// SPDX-License-Identifier: Apache-2.0
// Control nodes read by their parts and made from them: marks, grads, and nodes with regions.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "ir/graph.h"

namespace thx {

/// A lazy choice: one of two regions runs, on the same captures.
struct Cond {
  Value node;

  Value condition() const { return node->operands[0]; }
  std::span<const Value> captures() const { return std::span(node->operands).subspan(1); }
  const Region& then_region() const { return node->regions[0]; }
  const Region& else_region() const { return node->regions[1]; }
};

/// A loop over leading axes. Operands, and parameters of the body: carries, sequences, captures.
/// Results, and those of the body: carries, yields.
struct Scan {
  Value node;
  size_t carries, sequences, captures;
  Extent length;
  bool reverse;

  std::span<const Value> initial() const { return operands(0, carries); }
  std::span<const Value> sequence_values() const { return operands(carries, sequences); }
  std::span<const Value> captured() const { return operands(carries + sequences, captures); }
  const Region& region() const { return node->regions[0]; }
  const Body& body() const { return *region(); }
  size_t yields() const { return body().results.size() - carries; }

 private:
  std::span<const Value> operands(size_t first, size_t count) const {
    return std::span(node->operands).subspan(first, count);
  }
};

/// The parts, where the node is of the kind.
std::optional<Cond> as_cond(Value value);
std::optional<Scan> as_scan(Value value);
bool is_mark(Value value);
bool is_grad(Value value);
bool is_result(Value value);
/// Which result of its operand a `result` node reads.
size_t result_index(Value value);

/// Nodes with their types: a cond has those of its regions' results; a scan those of its carries,
/// then of its yields with the length in front; a grad those of its targets.
Value make_mark(Graph& graph, Value value, std::string_view name, const SpanSet& spans = {});
Value make_grad(Graph& graph, Value cost, std::span<const Value> targets,
                const SpanSet& spans = {});
Value make_cond(Graph& graph, Value condition, std::span<const Value> captures, Region then_region,
                Region else_region, const SpanSet& spans = {});
struct ScanParts {
  std::span<const Value> initial, sequences, captures;
  Region body;
  Extent length;
  bool reverse = false;
};
Value make_scan(Graph& graph, const ScanParts& parts, const SpanSet& spans = {});

}  // namespace thx
