// SPDX-License-Identifier: Apache-2.0
// Logarithms of products of powers of one value, which overflow and underflow long before it does.
#include <cmath>

#include "ops/build.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

constexpr double kMaxExponent = 64;

/// scale * base^exponent.
struct Power {
  double scale = 1;
  Value base;
  double exponent = 0;
};

/// `value` as a power, by its own operator; every value is one of exponent 1 at least.
Power power_of(Value value) {
  double exponent = 1;
  Value base = value;
  if (value->op == node::square.op) {
    exponent = 2;
    base = value->operands[0];
  } else if (value->op == node::pow.op) {
    const Scalar* number = constant_of(value->operands[1]);
    const double y = number ? number->as_real() : 0;
    if (y >= 1 && y <= kMaxExponent && y == std::trunc(y)) {
      exponent = y;
      base = value->operands[0];
    }
  }
  const Scaled parts = without_factor(base);
  if (parts.exponent != 1) return {1, base, exponent};
  return {std::pow(parts.factor, exponent), parts.base, exponent};
}

/// The power that a product is; nothing where it has several bases or divisors, or is one operator,
/// for which there are rules.
std::optional<Power> power_of_product(Value product) {
  const TermView view(ViewKind::product, product);
  if (view.leaves().size() == 1 && view.item(view.leaves()[0]).value == product)
    return std::nullopt;
  Power total{view.constant(), {}, 0};
  for (const int index : view.leaves()) {
    const TermView::Item& item = view.item(index);
    const Power power = power_of(item.value);
    if (item.sign < 0 || (total.base && power.base != total.base)) return std::nullopt;
    total = {total.scale * power.scale, power.base, total.exponent + power.exponent};
  }
  if (!total.base || total.exponent < 2 || total.exponent > kMaxExponent) return std::nullopt;
  return total;
}

}  // namespace

// log((2x)^3) is 3 log(2x): the number goes into the base where that is exact, so that nothing
// cancels where the power is near 1.
Value log_of_power(Graph& graph, Value node, const Uses&) {
  if (node->op != node::log.op) return {};
  const std::optional<Power> power = power_of_product(node->operands[0]);
  if (!power) return {};
  int exponent_of_scale = 0;
  const double fraction = std::frexp(power->scale, &exponent_of_scale);
  const int count = static_cast<int>(power->exponent);
  const bool is_even = count % 2 == 0;
  if (std::fabs(fraction) != 0.5 || (exponent_of_scale - 1) % count != 0) return {};
  if (is_even && fraction < 0) return {};
  const double factor = std::copysign(std::ldexp(1, (exponent_of_scale - 1) / count), fraction);
  Value base = scaled(graph, power->base, factor);
  if (is_even) base = node::abs(graph, base);
  return scaled(graph, node::log(graph, base), count);
}

}  // namespace thx
