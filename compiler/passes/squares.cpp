// SPDX-License-Identifier: Apache-2.0
// Looks into sums of squares.
#include "passes/squares.h"

#include "ir/structure.h"
#include "ops/build.h"

namespace thx {
namespace {

constexpr int kMaxVisits = 64;  // of the values that make up a sum

}  // namespace

bool is_positive_number(Value value) {
  while (value->family() == Family::view) value = value->operands[0];
  if (const Scalar* constant = constant_of(value)) return constant->as_real() > 0;
  const bool is_cast = value->family() == Family::elementwise && value->operands.size() == 1 &&
                       elementwise(value->op).result == ResultDType::given;
  return is_extent(is_cast ? *value->operands[0] : *value);
}

bool is_sum(const Node& node) {
  return node.family() == Family::reduction && (traits_of(reduction(node.op).combine) & kSum) != 0;
}

bool is_self_product(const Node& node) {
  return node.family() == Family::contraction && node.operands[0] == node.operands[1] &&
         node.attrs.ints("lhs_contract") == node.attrs.ints("rhs_contract") &&
         node.types[0].is_scalar();
}

std::vector<Value> squared_elements(Value total) {
  std::vector<Value> elements;
  std::vector<Value> open = {total};
  for (int seen = 0; !open.empty() && seen < kMaxVisits; ++seen) {
    const Value value = open.back();
    open.pop_back();
    if (value->op == node::square.op || is_self_product(*value)) {
      elements.push_back(value->operands[0]);
      continue;
    }
    if (is_choice(value)) continue;
    if (value->family() == Family::view || value->family() == Family::reduction ||
        value->family() == Family::elementwise)
      open.insert(open.end(), value->operands.begin(), value->operands.end());
  }
  return elements;
}

Value Viewed::instead(Graph& graph, Value other) const {
  for (auto view = views.rbegin(); view != views.rend(); ++view)
    other = graph.intern(
        {(*view)->op, {(*view)->type().with(other->dtype())}, {other}, (*view)->attrs, {}});
  return other;
}
Viewed below_views(Value value) {
  Viewed result;
  for (; value->family() == Family::view; value = value->operands[0]) result.views.push_back(value);
  result.value = value;
  return result;
}

}  // namespace thx
