// SPDX-License-Identifier: Apache-2.0
// Folds constants by the rows' host semantics.
#include "passes/fold_constants.h"

#include "ir/structure.h"
#include "ops/build.h"

namespace thx {
namespace {

Value folded(Graph& graph, Value node) {
  std::vector<Scalar> operands;
  for (const Value operand : node->operands) {
    const Scalar* constant = constant_of(operand);
    if (constant == nullptr) return {};
    operands.push_back(*constant);
  }
  const Scalar result = elementwise(node->op).eval(operands, node->dtype());
  const Value scalar = make(graph, node::constant.op, {}, {{"value", result}}, graph.spans(node));
  return broadcast(graph, scalar, node->shape(), {}, graph.spans(node));
}

// An extent is a number as soon as its dims are.
Value folded_extent(Graph& graph, Value node) {
  const Extent& extent = node->attrs.get<Extent>("extent");
  return extent.is_known() ? extent_value(graph, extent, graph.spans(node)) : Value{};
}

/// Views of one repeated number are repetitions of it.
Value folded_view(Graph& graph, Value node) {
  const Value source = node->operands[0];
  const Scalar* constant = constant_of(source);
  if (constant == nullptr || source->type().is_scalar()) return {};
  const Value scalar = make(graph, node::constant.op, {}, {{"value", *constant}});
  return broadcast(graph, scalar, node->shape(), {});
}

// Exact ones alone: a dim that is fixed when compiling must not change a bit.
constexpr NamedStep kSteps[] = {
    {"fold", fold_exact, RuleClass::exact, "operators on constants, as the host computes them"}};

}  // namespace

Value fold_exact(Graph& graph, Value node, const Uses& uses) {
  if (node->family() == Family::elementwise) {
    const ElementwiseDef& row = elementwise(node->op);
    const bool converts = row.result == ResultDType::given;
    // Of integers the host's result is the machine's, however many instructions it takes.
    const bool of_floats = is_float(node->dtype()) || is_float(node->operands[0]->dtype());
    if (row.emit.kind != Emit::Kind::instruction && !converts && of_floats) return {};
  }
  return fold_any(graph, node, uses);
}

Value fold_any(Graph& graph, Value node, const Uses&) {
  if (node->family() == Family::elementwise) return folded(graph, node);
  if (node->family() == Family::view) return folded_view(graph, node);
  return is_extent(*node) ? folded_extent(graph, node) : Value{};
}

void fold_constants(Program& program) {
  static const RuleSet none({}, FpMode::strict);
  Rewriter(none, {std::begin(kSteps), std::end(kSteps)}, nullptr).run(program);
}

}  // namespace thx
