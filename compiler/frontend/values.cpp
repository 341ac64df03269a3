// SPDX-License-Identifier: Apache-2.0
// Operands become values: literals take their dtype, extents become scalars, shapes meet.
#include <algorithm>
#include <cmath>
#include <limits>

#include "frontend/functions.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

bool is_simple(const Extent& extent) {
  if (extent.is_known()) return true;
  const std::vector<Extent::Term> terms = extent.terms();
  return terms.size() == 1 && terms[0].coefficient == 1 && terms[0].factors.size() == 1 &&
         !terms[0].factors[0].symbol.empty();
}

Value literal(Lowering& l, const Operand& operand, DType dtype) {
  const std::optional<Scalar> scalar = fitted_literal(l, operand, dtype);
  if (!scalar) return {};
  return make(l.graph(), Op::constant, {}, {{"value", *scalar}}, operand.span);
}

// What messages say about two extents that do not agree.
void explain(Diagnostic& error, const Extent& a, const Extent& b) {
  const bool dims = is_simple(a) && is_simple(b) && !a.is_known() && !b.is_known();
  if (dims) {
    error.help(
        format("two dims are never equal by chance: write `dim {} = {}`, or use one name "
               "for both",
               b.text(), a.text()));
  } else {
    error.help(format("the extents {} and {} differ", a.text(), b.text()));
  }
}

// Whether one shape is the first axes of the other: after `x.sum(axis=1)`, for example.
bool is_leading_part(const Shape& a, const Shape& b) {
  const Shape& part = a.size() < b.size() ? a : b;
  const Shape& whole = a.size() < b.size() ? b : a;
  return !part.empty() && part.size() < whole.size() &&
         std::equal(part.begin(), part.end(), whole.begin());
}

std::string refusal(const Place& place, std::string_view a, std::string_view b) {
  if (place.spelled == "`+`") return format("cannot add {} and {}", a, b);
  if (place.spelled == "`-`") return format("cannot subtract {} from {}", b, a);
  if (place.spelled == "`*`") return format("cannot multiply {} by {}", a, b);
  if (place.spelled == "`/`") return format("cannot divide {} by {}", a, b);
  return format("{} cannot combine {} and {}", place.spelled, a, b);
}

// Constants and extents, also repeated or in another dtype: a region has its own.
bool is_constant(Value value) {
  while (value->operands.size() == 1 && (value->op == Op::broadcast || value->op == Op::cast)) {
    value = value->operands[0];
  }
  return value->op == Op::constant || value->op == Op::extent;
}

Value copied(Graph& graph, Value value) {
  NodeSpec spec{value->op, value->types, {}, value->attrs};
  for (const Value operand : value->operands) spec.operands.push_back(copied(graph, operand));
  return graph.intern(std::move(spec), value->graph->spans(value), value->graph->name(value));
}

}  // namespace

Value Scope::bring(Value outer) {
  if (!outer || outer->graph == &body.graph) return outer;
  if (!parent) return {};
  if (is_constant(outer)) return copied(body.graph, outer);
  outer = parent->bring(outer);
  if (!outer) return {};
  Value& inner = known[outer.node];
  if (!inner) {
    const Graph& from = *outer->graph;
    inner = body.graph.parameter(outer->type(), from.name(outer), from.spans(outer));
    captures.push_back(outer);
    captured.push_back(inner);
  }
  return inner;
}

Value to_value(Lowering& l, const Operand& operand, DType dtype) {
  if (is_array_literal(operand)) {
    if (!check_array_literal(l, operand)) return {};
    return array_literal_value(l, operand, dtype);
  }
  if (operand.weak) return literal(l, operand, dtype);
  if (operand.is(Operand::Kind::integer)) {
    operand.extent.collect_symbols(l.extent_symbols);
    const Value extent = extent_value(l.graph(), operand.extent, operand.span);
    return cast(l.graph(), extent, dtype, operand.span);
  }
  const Value value = l.scope->bring(operand.value);
  if (!value) {
    l.report(Err::bad_initial_value, operand.span,
             "an initial value cannot depend on inputs or on the values of other state")
        .help(std::string(kInitialValues));
    return {};
  }
  return cast(l.graph(), value, dtype, operand.span);
}

Value to_value(Lowering& l, const Operand& operand) {
  return to_value(l, operand, default_dtype(l, operand));
}

Agreement compare_extents(const Extent& a, const Extent& b) {
  if (a == b) return Agreement::equal;
  if (is_simple(a) && is_simple(b)) return Agreement::different;
  const Extent difference = a - b;
  return difference.is_known() ? Agreement::different : Agreement::undecided;
}

std::optional<Shape> common_shape(Lowering& l, std::span<const Operand> operands,
                                  const Place& place, std::vector<Requirement>& checks) {
  Shape common;
  const Operand* widest = nullptr;  // the operand that a mismatch is shown against
  for (const Operand& operand : operands) {
    const Shape shape = shape_of(operand);
    if (shape.size() > common.size()) {
      common.insert(common.begin(), shape.size() - common.size(), Extent(1));
    }
    const size_t offset = common.size() - shape.size();
    for (size_t i = 0; i < shape.size(); ++i) {
      Extent& meeting = common[offset + i];
      if (shape[i].is(1) || meeting == shape[i]) continue;
      if (meeting.is(1)) {
        meeting = shape[i];
        continue;
      }
      if (compare_extents(meeting, shape[i]) == Agreement::undecided) {
        checks.push_back({Requirement::Kind::equal, meeting, shape[i], place.whole});
        continue;
      }
      Diagnostic& error =
          l.report(Err::shape_mismatch, place.mark, refusal(place, spell(*widest), spell(operand)));
      error.label(widest->span, spell(*widest)).label(operand.span, spell(operand));
      if (is_leading_part(shape_of(*widest), shape)) {
        error.help(
            "axes meet from the last one on; a reduction keeps its axis with `keepdims=true`");
      } else {
        explain(error, meeting, shape[i]);
      }
      return std::nullopt;
    }
    if (!widest || shape.size() >= shape_of(*widest).size()) widest = &operand;
  }
  // Operands that stretch each other can make an array that none of them is.
  const bool grown = widest && shape_of(*widest) != common;
  if (grown && !check_shape(l, common, place.whole)) return std::nullopt;
  return common;
}

Value stretch(Lowering& l, Value value, const Shape& shape, Span at) {
  if (value->shape() == shape) return value;
  // Where extents were taken for equal on trust, the value gets the names of the common shape.
  Shape renamed = value->shape();
  const size_t offset = shape.size() - renamed.size();
  for (size_t i = 0; i < renamed.size(); ++i) {
    if (!renamed[i].is(1)) renamed[i] = shape[offset + i];
  }
  value = reshape(l.graph(), value, renamed, at);
  return broadcast_trailing(l.graph(), value, shape, at);
}

std::optional<std::vector<Requirement>> agree(const Lowering& l, const Operand& operand,
                                              const Type& type) {
  const DType dtype = operand.weak ? type.dtype : default_dtype(l, operand);
  const Shape shape = shape_of(operand);
  if (dtype != type.dtype || shape.size() != type.shape.size()) return std::nullopt;
  std::vector<Requirement> checks;
  for (size_t i = 0; i < shape.size(); ++i) {
    const Agreement agreement = compare_extents(type.shape[i], shape[i]);
    if (agreement == Agreement::different) return std::nullopt;
    if (agreement == Agreement::equal) continue;
    checks.push_back({Requirement::Kind::equal, type.shape[i], shape[i], operand.span});
  }
  return checks;
}

void require(Lowering& l, Value value, const std::vector<Requirement>& checks) {
  for (const Requirement& check : checks) l.requirements.emplace_back(value, check);
}

}  // namespace thx
