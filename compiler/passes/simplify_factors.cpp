// SPDX-License-Identifier: Apache-2.0
// The order of factors, where a quotient is one of them twice. See Note [Equal factors].
#include <optional>
#include <vector>

#include "ops/build.h"
#include "passes/simplify.h"

namespace thx {
namespace {

constexpr int kMaxFactors = 32;  // of a product that is looked at
constexpr int kMaxDepth = 8;     // of numbers and signs before it

bool is_quotient(Value value) {
  const Part part = part_of(*value, ViewKind::product);
  return part.inner && part.inverts;
}
Value divisor_of(Value quotient) { return quotient->operands.back(); }

bool is_product(Value value) {
  return value->operands.size() == 2 && part_of(*value, ViewKind::product).inner;
}
bool is_negation(Value value) {
  const Part part = part_of(*value, ViewKind::product);
  return part.inner && part.flips;
}
/// The quotient of whose square `value` is; null where it is none.
Value root_of_square(Value value) {
  const bool is_square = value->operands.size() == 1 && value->family() == Family::elementwise &&
                         (traits_of(value->op) & kProduct) != 0 && !is_quotient(value);
  return is_square && is_quotient(value->operands[0]) ? value->operands[0] : Value{};
}

/// Whether `is_one` holds for a factor above the line of `product`, or for the root of a square.
template <class Predicate>
bool has_factor(Value product, Predicate is_one) {
  std::vector<Value> open = {product};
  for (int visited = 0; !open.empty() && visited < kMaxFactors; ++visited) {
    const Value value = open.back();
    open.pop_back();
    if (is_one(value)) return true;
    if (is_negation(value)) {
      open.push_back(value->operands[0]);
    } else if (is_product(value)) {
      open.push_back(value->operands[0]);
      if (!is_quotient(value)) open.push_back(value->operands[1]);
    } else if (const Value root = root_of_square(value)) {
      open.push_back(root);
    }
  }
  return false;
}

/// A product whose last factor is one before too: rest * last, or rest / last.
struct Parted {
  Value rest, last;
  bool is_above = true;
};
std::optional<Parted> parted(Graph& graph, Value value, int depth = 0) {
  if (depth == kMaxDepth) return std::nullopt;
  if (is_negation(value)) {
    std::optional<Parted> inner = parted(graph, value->operands[0], depth + 1);
    if (inner) inner->rest = negated(graph, inner->rest);
    return inner;
  }
  if (const Value root = root_of_square(value)) return Parted{root, root};
  if (!is_product(value)) return std::nullopt;
  const Value left = value->operands[0], right = value->operands[1];
  if (!is_quotient(value) && (constant_of(left) != nullptr || constant_of(right) != nullptr)) {
    const bool first = constant_of(left) != nullptr;
    std::optional<Parted> inner = parted(graph, first ? right : left, depth + 1);
    if (inner) inner->rest = node::mul(graph, first ? left : right, inner->rest);
    return inner;
  }
  if (is_quotient(value)) {
    const bool divides = has_factor(
        left, [&](Value factor) { return is_quotient(factor) && divisor_of(factor) == right; });
    return divides ? std::optional(Parted{left, right, false}) : std::nullopt;
  }
  if (is_quotient(right) && has_factor(left, [&](Value factor) { return factor == right; }))
    return Parted{left, right};
  return std::nullopt;
}

Value joined(Graph& graph, const Parted& parts) {
  return parts.is_above ? node::mul(graph, parts.rest, parts.last)
                        : node::div(graph, parts.rest, parts.last);
}

}  // namespace

Value part_equal_factors(Graph& graph, Value node, const Uses& uses) {
  if (node->types.size() != 1 || !is_float(node->dtype()) || !is_product(node)) return {};
  if (parted(graph, node)) return {};
  const bool divides = is_quotient(node);
  for (const bool swapped : {false, true}) {
    const Value product = node->operands[swapped ? 1 : 0], other = node->operands[swapped ? 0 : 1];
    if ((divides && swapped) || constant_of(other) != nullptr || !uses.is_single(product)) continue;
    std::optional<Parted> parts = parted(graph, product);
    if (!parts || parted(graph, parts->rest)) continue;  // three would sink below each other
    parts->rest = divides   ? node::div(graph, parts->rest, other)
                  : swapped ? node::mul(graph, other, parts->rest)
                            : node::mul(graph, parts->rest, other);
    return joined(graph, *parts);
  }
  return {};
}

// Note [Equal factors]
// The derivative of z = a / y by y is -(z / y), which y divides twice: where y is 1e25, or 1e-25,
// it is no number of f32, though its product with the derivative of y may well be one. In
// (r z) / y instead, r being all other factors, everything lies between r a and the result, of
// which it is the geometric mean. The same holds for the derivative of the reciprocal, -z^2 by a
// square: it is (r z) z. So an equal factor goes to the end, one step up at a time, as long as
// others than numbers come behind it. Two that are at the end stay as they are, and so does a
// third: of many, each new factor would go below all. So does a product that others read too, which
// would be computed twice.

}  // namespace thx
