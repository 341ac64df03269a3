// SPDX-License-Identifier: Apache-2.0
// Recognises norms by the traits of their operators.
#include "passes/differentiate_norm.h"

#include <array>
#include <cmath>

#include "ops/axes.h"
#include "ops/build.h"

namespace thx::reverse {
namespace {

constexpr size_t kMaxTerms = 32;  // a longer sum is no spelling of a norm

/// Whether f(0) = 0 and f'(0) is infinite, for an elementwise operator of x or of x and a constant.
bool is_root(Op op, const Scalar* constant) {
  const ElementwiseDef& row = elementwise(op);
  if (row.grad.kind != Gradient::Kind::partials || row.result != ResultDType::same) return false;
  if (!accepts(row.types, DType::f64)) return false;
  const Scalar zero = Scalar::of(DType::f64, 0);
  const Scalar second = constant ? Scalar::of(DType::f64, constant->as_real()) : zero;
  const std::array<Scalar, 2> operands = {zero, second};
  const Scalar result = row.eval(std::span(operands).first(constant ? 2 : 1), DType::f64);
  if (result.real != 0) return false;
  const Scalar variables[] = {zero, second, zero, result};
  return !std::isfinite(evaluate(row.grad.partial[0], variables, DType::f64).real);
}

std::array<bool, kOpCount> unary_roots() {
  std::array<bool, kOpCount> found{};
  for (const ElementwiseDef& row : elementwise_rows())
    if (info(row.op).operands == 1) found[static_cast<size_t>(row.op)] = is_root(row.op, nullptr);
  return found;
}

bool is_root(Value node) {
  static const std::array<bool, kOpCount> kUnary = unary_roots();
  if (kUnary[static_cast<size_t>(node->op)]) return true;
  if (node->family() != Family::elementwise || node->operands.size() != 2) return false;
  const Scalar* constant = constant_of(node->operands[1]);
  return constant != nullptr && is_root(node->op, constant);
}

/// A constant or extent that is positive wherever the value has elements.
bool is_positive(Value value) {
  if (const Scalar* constant = constant_of(value)) return constant->as_real() > 0;
  while (value->family() == Family::view || value->family() == Family::elementwise) {
    if (value->operands.size() != 1) return false;
    if (value->family() == Family::elementwise &&
        elementwise(value->op).result != ResultDType::given)
      return false;
    value = value->operands[0];
  }
  return value->family() == Family::source && value->attrs.has("extent");
}

bool is_square(Value value) {
  const Traits traits = traits_of(value->op);
  if (!(traits & kProduct) || (traits & kNegated)) return false;
  if (value->family() == Family::elementwise)
    return (traits & kEven) ||
           (value->operands.size() == 2 && value->operands[0] == value->operands[1]);
  // x @ x, with nothing kept.
  return value->family() == Family::contraction && value->operands[0] == value->operands[1] &&
         value->attrs.ints("lhs_contract") == value->attrs.ints("rhs_contract") &&
         value->type().is_scalar();
}

/// What the sum `value` is the sum of, added to `terms`; false where it is none.
bool split(Value value, std::vector<Value>& terms) {
  if (value->family() == Family::view) {
    terms.push_back(value->operands[0]);
    return true;
  }
  if (value->family() == Family::reduction) {
    terms.push_back(value->operands[0]);
    return traits_of(reduction(value->op).combine) & kSum;
  }
  if (value->family() != Family::elementwise || value->operands.size() != 2) return false;
  const Value left = value->operands[0], right = value->operands[1];
  const Traits traits = traits_of(value->op);
  if (traits & kSum) {
    terms.insert(terms.end(), {left, right});
    return !(traits & kNegated);
  }
  if (!(traits & kProduct)) return false;
  if (is_positive(right)) {
    terms.push_back(left);
    return true;
  }
  terms.push_back(right);
  return !(traits & kNegated) && is_positive(left);
}

}  // namespace

bool is_norm(Value node) {
  if (!is_root(node)) return false;
  std::vector<Value> terms = {node->operands[0]};
  for (size_t seen = 0; !terms.empty(); ++seen) {
    const Value term = terms.back();
    terms.pop_back();
    if (is_square(term)) continue;
    if (seen == kMaxTerms || !split(term, terms)) return false;
  }
  return true;
}

}  // namespace thx::reverse
