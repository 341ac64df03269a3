// SPDX-License-Identifier: Apache-2.0
// Exact steps on elementwise operators.
#include <algorithm>

#include "ops/build.h"
#include "passes/canonicalize.h"

namespace thx {
namespace {

/// The number n for which op(x, n) is x, bit for bit; nothing where there is none.
std::optional<Scalar> neutral_operand(Op op, DType dtype) {
  const Traits traits = traits_of(op);
  for (const ReductionDef& row : reduction_rows()) {
    if (!accepts(row.types, dtype)) continue;
    if (row.combine == op) return Scalar::of(dtype, row.identity);
    // The inverse operator: x - 0.0 and x / 1.
    const Traits shared = traits & traits_of(row.combine) & (kSum | kProduct);
    if (shared == 0 || (traits & kNegated) == 0) continue;
    return Scalar::of(dtype, (shared & kSum) != 0 ? -row.identity : 1 / row.identity);
  }
  return std::nullopt;
}

/// Whether every value of `narrow` is one of `wide`.
bool holds(DType wide, DType narrow) {
  if (wide == narrow || is_bool(narrow)) return true;
  if (is_bool(wide)) return false;
  const int wide_bits = 8 * bytes_of(wide);
  const int narrow_bits = 8 * bytes_of(narrow);
  if (is_float(narrow)) return is_float(wide) && wide_bits >= narrow_bits;
  if (is_float(wide)) {
    const int digits = wide == DType::f64 ? 53 : 24;
    return narrow_bits - is_signed(narrow) <= digits;
  }
  if (is_signed(wide) == is_signed(narrow)) return wide_bits >= narrow_bits;
  return is_signed(wide) && wide_bits > narrow_bits;
}

bool is_cast(const Node& node) {
  return node.family() == Family::elementwise && elementwise(node.op).result == ResultDType::given;
}

constexpr int kMaxBelowChoice = 5;  // operators between a choice and one that it decides

/// A condition without negations, and whether they turn it.
struct Condition {
  Value value;
  bool negated = false;
};
Condition without_negations(Value value) {
  Condition result{value};
  while (is_bool(result.value->dtype()) && result.value->op == node::bit_not.op)
    result = {result.value->operands[0], !result.negated};
  return result;
}

/// `value` where the condition is true (or false, if it is negated): choices by it are decided.
/// Reads through operators that nothing else reads, so that none is computed twice. A choice that
/// others read too stays as an operand of these: rules meet sinh(v) and cosh(v) with one v.
Value decided(Graph& graph, Value value, const Condition& by, const Uses& uses, int depth = 0) {
  if (is_choice(value) && (depth == 0 || uses.is_single(value))) {
    const Condition here = without_negations(value->operands[0]);
    if (here.value == by.value) return value->operands[here.negated == by.negated ? 1 : 2];
  }
  if (value->family() != Family::elementwise || depth == kMaxBelowChoice || !uses.is_single(value))
    return value;
  std::vector<Value> operands;
  for (const Value operand : value->operands)
    operands.push_back(decided(graph, operand, by, uses, depth + 1));
  if (operands == value->operands) return value;
  return graph.intern({value->op, value->types, std::move(operands), value->attrs, {}},
                      graph.spans(value));
}

/// A choice below negations.
struct Term {
  Value choice;
  bool negated = false;
  bool is_single = true;  // nothing else reads it
};

Term term_of(Value value, const Uses& uses) {
  Term term{value};
  for (;; term.choice = term.choice->operands[0], term.negated = !term.negated) {
    term.is_single = term.is_single && uses.is_single(term.choice);
    if (term.choice->op != node::neg.op) return term;
  }
}

}  // namespace

// where(c, a, 1) - where(c, b, 2) is where(c, a - b, 1 - 2): the terms of a masked sum stand beside
// each other, as the rules that know their difference need them. One of them may be read elsewhere
// too: there are as many operators then as before.
Value merge_choices(Graph& graph, Value node, const Uses& uses) {
  const bool adds = node->op == node::add.op || node->op == node::sub.op;
  if (!adds) return {};
  const Term terms[] = {term_of(node->operands[0], uses), term_of(node->operands[1], uses)};
  if (!is_choice(terms[0].choice) || !is_choice(terms[1].choice)) return {};
  if (!terms[0].is_single && !terms[1].is_single) return {};
  const Value condition = terms[0].choice->operands[0];
  if (condition != terms[1].choice->operands[0]) return {};
  const auto is_number = [&](size_t side) {
    return std::ranges::all_of(
        terms, [&](const Term& term) { return constant_of(term.choice->operands[side]); });
  };
  if (!is_number(1) && !is_number(2)) return {};
  const auto sum = [&](size_t side) {
    std::vector<Value> operands;
    for (const Term& term : terms) {
      const Value operand = term.choice->operands[side];
      operands.push_back(term.negated ? node::neg(graph, operand) : operand);
    }
    return graph.intern({node->op, node->types, std::move(operands), node->attrs, {}});
  };
  return node::where(graph, condition, sum(1), sum(2));
}

Value decide_choices(Graph& graph, Value node, const Uses& uses) {
  if (!is_choice(node)) return {};
  const Condition condition = without_negations(node->operands[0]);
  const Condition opposite = {condition.value, !condition.negated};
  const Value operands[] = {node->operands[0], decided(graph, node->operands[1], condition, uses),
                            decided(graph, node->operands[2], opposite, uses)};
  if (std::ranges::equal(operands, node->operands)) return {};
  return graph.intern(
      {node->op, node->types, {std::begin(operands), std::end(operands)}, node->attrs, {}});
}

Value drop_neutral(Graph&, Value node, const Uses&) {
  if (node->family() != Family::elementwise || node->operands.size() != 2) return {};
  const Traits traits = traits_of(node->op);
  const bool commutes = (traits & kCommutative) != 0;
  for (size_t i = commutes ? 0 : 1; i < 2; ++i) {
    const Scalar* constant = constant_of(node->operands[i]);
    if (constant == nullptr || node->operands[1 - i]->type() != node->type()) continue;
    const std::optional<Scalar> neutral = neutral_operand(node->op, constant->dtype);
    if (neutral && *neutral == *constant) return node->operands[1 - i];
  }
  return {};
}

// Of two spellings of one sum the first stays, so that both are one value.
Value merge_commuted(Graph& graph, Value node, const Uses&) {
  if (node->operands.size() != 2 || (traits_of(node->op) & kCommutative) == 0) return {};
  const Value twin =
      graph.find({node->op, node->types, {node->operands[1], node->operands[0]}, node->attrs, {}});
  return twin && twin->id < node->id ? twin : Value{};
}

// x + broadcast(-y) is x - broadcast(y).
Value subtract_views(Graph& graph, Value node, const Uses&) {
  const bool subtracts = node->op == node::sub.op;
  if (!subtracts && node->op != node::add.op) return {};
  for (size_t i = 2; i-- > (subtracts ? 1U : 0U);) {
    std::vector<Value> views;
    Value inner = node->operands[i];
    for (; inner->family() == Family::view; inner = inner->operands[0]) views.push_back(inner);
    if (views.empty() || inner->op != node::neg.op) continue;
    Value term = inner->operands[0];
    for (auto view = views.rbegin(); view != views.rend(); ++view)
      term = graph.intern({(*view)->op, (*view)->types, {term}, (*view)->attrs, {}});
    if (subtracts) return node::add(graph, node->operands[0], term);
    return node::sub(graph, node->operands[1 - i], term);
  }
  return {};
}

Value merge_casts(Graph& graph, Value node, const Uses&) {
  if (!is_cast(*node)) return {};
  const Value inner = node->operands[0];
  if (inner->dtype() == node->dtype()) return inner;
  if (!is_cast(*inner)) return {};
  const Value source = inner->operands[0];
  const DType middle = inner->dtype();
  if (!holds(middle, source->dtype())) return {};
  // Integers wrap and floats saturate where they do not fit, so the detour shows.
  const bool saturates =
      is_float(middle) && is_integer(node->dtype()) && is_integer(source->dtype());
  if (saturates && !holds(node->dtype(), source->dtype())) return {};
  return cast(graph, source, node->dtype());
}

}  // namespace thx
