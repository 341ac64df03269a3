// SPDX-License-Identifier: Apache-2.0
// Elementwise operators by their signs and names; broadcasts become what NumPy's rule does anyway.
#include <algorithm>

#include "driver/source_text_block.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx::source {
namespace {

bool is_named(Value value, std::string_view name) { return name_of(value->op) == name; }

}  // namespace

// What a broadcast repeats, with new axes where NumPy's rule would not put it by itself.
Expression Block::stretched(Value value) {
  const Value inner = value->operands[0];
  if (constant_of(inner)) return constant(inner, false);
  const std::vector<int64_t>& axes = value->attrs.ints("axes");
  const auto rank = static_cast<int64_t>(value->shape().size());
  if (axes.empty() || rank - axes[0] == static_cast<int64_t>(axes.size())) return whole(inner);
  std::vector<std::string> parts;
  for (int64_t axis = axes[0]; axis < rank; ++axis) {
    parts.emplace_back(std::ranges::find(axes, axis) == axes.end() ? "newaxis" : ":");
  }
  return {format("{}[{}]", at(inner, kAtom), join(parts, ", ")), kAtom};
}

// The operands such that they meet in the shape of the result, and literals take its dtype.
std::vector<Expression> Block::meeting(Value value) {
  const Shape& shape = value->operands.back()->shape();
  std::vector<bool> covered(shape.size());
  size_t rank = 0;  // of what meets
  const bool choice = is_named(value, "where");
  bool weak = true;  // whether literals alone give the dtype
  for (size_t i = 0; i < value->operands.size(); ++i) {
    const Value operand = value->operands[i];
    if (!constant_of(operand) && (i > 0 || !choice)) weak = false;
    if (!is_named(operand, "broadcast")) {
      if (constant_of(operand)) continue;
      covered.assign(shape.size(), true);
      rank = shape.size();
      continue;
    }
    const std::vector<int64_t>& axes = operand->attrs.ints("axes");
    const Shape& inner = operand->operands[0]->shape();
    if (!axes.empty()) rank = std::max(rank, shape.size() - static_cast<size_t>(axes[0]));
    for (size_t k = 0; k < axes.size(); ++k) {
      const auto axis = static_cast<size_t>(axes[k]);
      if (inner[k] == shape[axis]) covered[axis] = true;
    }
  }
  bool good = rank == shape.size();
  for (size_t i = 0; i < shape.size(); ++i) good = good && (covered[i] || shape[i].is(1));
  std::vector<Expression> operands;
  for (size_t i = 0; i < value->operands.size(); ++i) {
    const Value operand = value->operands[i];
    const bool data = i > 0 || !choice;
    const bool first = i == (choice ? 1 : 0);
    if (first && (!good || (weak && !shape.empty()))) {
      operands.push_back(whole(operand));
    } else if (constant_of(operand)) {
      // Integers have no literal powers below 0.
      const bool power = is_named(value, "pow") && is_integer(value->dtype());
      operands.push_back(constant(operand, data && (weak || power)));
    } else {
      operands.push_back(is_named(operand, "broadcast") ? stretched(operand) : whole(operand));
    }
  }
  return operands;
}

Expression Block::elementwise(Value value) {
  const std::string_view op = name_of(value->op);
  if (op == "cast") {
    return {format("{}({})", spelling(value->dtype()), whole(value->operands[0]).text), kAtom};
  }
  const std::vector<Expression> operands = meeting(value);
  if (operands.size() == 2)
    if (const Sign* sign = find_sign(value->op)) return infix(*sign, operands[0], operands[1]);
  Expression signed_one;
  if (operands.size() == 1 && unary(value->op, operands[0], signed_one)) return signed_one;
  return {format("{}({})", op, join(operands, ", ", [](const Expression& e) { return e.text; })),
          kAtom};
}

}  // namespace thx::source
