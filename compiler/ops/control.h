// SPDX-License-Identifier: Apache-2.0
// Control nodes read by their parts and made from them: marks, grads, and nodes with regions.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

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

/// The derivatives of a cost by targets, which are marks, inputs or states. Through the constants,
/// which are marks, nothing is differentiated.
struct Grad {
  Value node;
  size_t constant_count;
  bool disconnected_is_zero;  // otherwise a target that the cost does not depend on is an error

  Value cost() const { return node->operands[0]; }
  std::span<const Value> targets() const {
    return std::span(node->operands).subspan(1, node->operands.size() - 1 - constant_count);
  }
  std::span<const Value> constants() const {
    return std::span(node->operands).last(constant_count);
  }
};

/// The tangents of the outputs where each target moves along its direction: the product of the
/// Jacobian with the directions.
struct Jvp {
  Value node;
  size_t output_count;

  std::span<const Value> outputs() const { return std::span(node->operands).first(output_count); }
  std::span<const Value> targets() const {
    return std::span(node->operands).subspan(output_count, target_count());
  }
  std::span<const Value> directions() const {
    return std::span(node->operands).last(target_count());
  }

 private:
  size_t target_count() const { return (node->operands.size() - output_count) / 2; }
};

/// All derivatives of all elements of an output: by each target an array with the output's axes,
/// then the target's.
struct Jacobian {
  Value node;
  Value output() const { return node->operands[0]; }
  std::span<const Value> targets() const { return std::span(node->operands).subspan(1); }
};

/// A region applied to each element of the mapped operands along their leading axis; the other
/// operands are the same for all.
struct Vmap {
  Value node;
  size_t mapped;
  Extent extent;

  const Region& region() const { return node->regions[0]; }
};

/// A function that brings its own gradient, as a region over its operands and one cotangent for
/// each result.
struct CallWithGradient {
  Value node;

  const Region& body() const { return node->regions[0]; }
  const Region& gradient() const { return node->regions[1]; }
  /// The operands that the gradient has cotangents for, in order; nothing flows to the others.
  std::span<const int64_t> gradients() const { return node->attrs.ints("gradients"); }
};

/// The parts, where the node is of the kind.
std::optional<Cond> as_cond(Value value);
std::optional<Scan> as_scan(Value value);
std::optional<Grad> as_grad(Value value);
std::optional<Jvp> as_jvp(Value value);
std::optional<Jacobian> as_jacobian(Value value);
std::optional<Vmap> as_vmap(Value value);
std::optional<CallWithGradient> as_call(Value value);
bool is_mark(Value value);
bool is_grad(Value value);
bool is_result(Value value);
/// Whether the node stands for derivatives of other values of its body: a grad, jvp or jacobian.
bool is_derivative(Value value);
/// The operands that a derivative node differentiates, and those that it names and that therefore
/// stay the marks, inputs or states that they are: targets and constants.
std::span<const Value> differentiated(Value derivative);
std::span<const Value> named_by(Value derivative);
/// Whether differentiation replaces the node: a derivative, a vmap, or a call.
bool is_replaced_by_differentiation(Value value);
/// Which result of its operand a `result` node reads.
size_t result_index(Value value);

/// Nodes with their types: a cond and a call have those of their regions' results; a scan those of
/// its carries, then of its yields with the length in front; a vmap those of its region's results
/// with the extent in front; a grad those of its targets, a jvp those of its outputs.
Value make_mark(Graph& graph, Value value, std::string_view name, const SpanSet& spans = {});
struct GradParts {
  Value cost;
  std::span<const Value> targets, constants = {};
  bool disconnected_is_zero = false;
};
Value make_grad(Graph& graph, const GradParts& parts, const SpanSet& spans = {});
Value make_grad(Graph& graph, Value cost, std::span<const Value> targets,
                const SpanSet& spans = {});
/// One direction for each target, of its type.
Value make_jvp(Graph& graph, std::span<const Value> outputs, std::span<const Value> targets,
               std::span<const Value> directions, const SpanSet& spans = {});
Value make_jacobian(Graph& graph, Value output, std::span<const Value> targets,
                    const SpanSet& spans = {});
/// `mapped` have the leading axis `extent`.
Value make_vmap(Graph& graph, std::span<const Value> mapped, std::span<const Value> captures,
                const Extent& extent, Region body, const SpanSet& spans = {});
struct CallParts {
  std::span<const Value> operands;
  Region body, gradient;
  std::vector<int64_t> gradients;
  std::string_view name = {};  // of the definition, for messages
};
Value make_call(Graph& graph, CallParts parts, const SpanSet& spans = {});
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
