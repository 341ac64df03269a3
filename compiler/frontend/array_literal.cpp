// SPDX-License-Identifier: Apache-2.0
// Array literals: a list where an array is expected. They stay weak as their elements are.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

// The first of `parts` that has not the shape of the first one.
const Operand* odd_one(const std::vector<Operand>& parts) {
  const Shape first = shape_of(parts[0]);
  const auto odd = std::find_if(parts.begin(), parts.end(),
                                [&](const Operand& part) { return shape_of(part) != first; });
  return odd == parts.end() ? nullptr : &*odd;
}

}  // namespace

bool is_array_literal(const Operand& operand) {
  return operand.is(Operand::Kind::sequence) && operand.listed && !operand.computed;
}

std::vector<const Operand*> elements_of(const Operand& literal) {
  std::vector<const Operand*> elements;
  for (const Operand& part : literal.parts) {
    if (!is_array_literal(part)) {
      elements.push_back(&part);
      continue;
    }
    const std::vector<const Operand*> inner = elements_of(part);
    elements.insert(elements.end(), inner.begin(), inner.end());
  }
  return elements;
}

bool check_array_literal(Lowering& l, const Operand& literal) {
  if (literal.parts.empty()) {
    l.report(Err::not_a_value, literal.span, "an array literal has at least one element")
        .help("an empty array is written `zeros(0)`");
    return false;
  }
  const Place place = {literal.span, literal.span, "an array literal"};
  bool good = true;
  for (const Operand& part : literal.parts) good &= all_numbers(l, {&part, 1}, place);
  if (!good) return false;
  if (const Operand* odd = odd_one(literal.parts)) {
    l.report(Err::shape_mismatch, odd->span,
             format("the rows of an array literal have one shape; this one is {}, the first one {}",
                    text(shape_of(*odd)), text(shape_of(literal.parts[0]))))
        .label(literal.parts[0].span, text(shape_of(literal.parts[0])));
    return false;
  }
  return check_shape(l, shape_of(literal), literal.span);
}

Value array_literal_value(Lowering& l, const Operand& literal, DType dtype) {
  std::vector<Value> rows;
  for (const Operand* element : elements_of(literal)) {
    const Value value = to_value(l, *element, dtype);
    if (!value) return {};
    rows.push_back(reshape(l.graph(), value, with_leading(1, value->shape()), element->span));
  }
  const Value all = concatenated(l, rows, 0, literal.span);
  return reshape(l.graph(), all, shape_of(literal), literal.span);
}

}  // namespace thx
