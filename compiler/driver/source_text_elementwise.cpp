// SPDX-License-Identifier: Apache-2.0
// Elementwise operators by their signs and names; broadcasts become what NumPy's rule does anyway.
#include <algorithm>

#include "driver/source_text_block.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx::source {
namespace {

struct Sign {
  std::string_view op, sign;
  int level, left, right;
};
constexpr Sign kSigns[] = {
    {"add", "+", kSum, kSum, kProduct},
    {"sub", "-", kSum, kSum, kProduct},
    {"mul", "*", kProduct, kProduct, kPrefix},
    {"div", "/", kProduct, kProduct, kPrefix},
    {"floor_divide", "//", kProduct, kProduct, kPrefix},
    {"remainder", "%", kProduct, kProduct, kPrefix},
    {"pow", "**", kPower, kAtom, kPrefix},
    {"equal", "==", kCompare, kOr, kOr},
    {"not_equal", "!=", kCompare, kOr, kOr},
    {"less", "<", kCompare, kOr, kOr},
    {"less_equal", "<=", kCompare, kOr, kOr},
    {"greater", ">", kCompare, kOr, kOr},
    {"greater_equal", ">=", kCompare, kOr, kOr},
    {"bit_and", "&", kAnd, kAnd, kSum},
    {"bit_xor", "^", kXor, kXor, kAnd},
    {"bit_or", "|", kOr, kOr, kXor},
};

bool is_named(Value value, std::string_view name) { return name_of(value->op) == name; }

std::string in_brackets(const Expression& expression, int level) {
  return expression.level < level ? "(" + expression.text + ")" : expression.text;
}

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
  const bool choice = is_named(value, "where");
  bool weak = true;  // whether literals alone give the dtype
  for (size_t i = 0; i < value->operands.size(); ++i) {
    const Value operand = value->operands[i];
    if (!constant_of(operand) && (i > 0 || !choice)) weak = false;
    if (!is_named(operand, "broadcast")) {
      if (constant_of(operand)) continue;
      covered.assign(shape.size(), true);
      continue;
    }
    const std::vector<int64_t>& axes = operand->attrs.ints("axes");
    const Shape& inner = operand->operands[0]->shape();
    for (size_t k = 0; k < axes.size(); ++k) {
      const auto axis = static_cast<size_t>(axes[k]);
      if (inner[k] == shape[axis]) covered[axis] = true;
    }
  }
  bool good = true;
  for (size_t i = 0; i < shape.size(); ++i) good = good && (covered[i] || shape[i].is(1));
  std::vector<Expression> operands;
  for (size_t i = 0; i < value->operands.size(); ++i) {
    const Value operand = value->operands[i];
    const bool data = i > 0 || !choice;
    const bool first = i == (choice ? 1 : 0);
    if (first && (!good || (weak && !shape.empty()))) {
      operands.push_back(whole(operand));
    } else if (constant_of(operand)) {
      operands.push_back(constant(operand, data && weak));
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
  const auto* sign = std::ranges::find(kSigns, op, &Sign::op);
  if (sign != std::end(kSigns)) {
    const std::string right = in_brackets(operands[1], sign->right);
    const std::string left = in_brackets(operands[0], sign->left);
    return {
        op == "pow" ? format("{}**{}", left, right) : format("{} {} {}", left, sign->sign, right),
        sign->level};
  }
  if (op == "neg") return {"-" + in_brackets(operands[0], kPrefix), kPrefix};
  if (op == "bit_not") return {"~" + in_brackets(operands[0], kPrefix), kPrefix};
  if (op == "square") return {in_brackets(operands[0], kAtom) + "**2", kPower};
  return {format("{}({})", op, join(operands, ", ", [](const Expression& e) { return e.text; })),
          kAtom};
}

}  // namespace thx::source
