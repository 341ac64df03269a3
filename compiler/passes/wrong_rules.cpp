// SPDX-License-Identifier: Apache-2.0
// THE RULES that are wrong on purpose, each in a way of its own: tests switch them on to see that a
// wrong rewrite is caught and named. None of them reads what it makes, so that rewriting ends.
#include <cstdlib>

#include "passes/rule.h"

namespace thx::formula {
namespace {

constexpr auto kExact = RuleClass::exact;
constexpr auto kLiteral = Matching::literal;

// clang-format off
constexpr Rule kWrong[] = {
    // Wrong everywhere, by sign, by argument, by function.
    {.name = "wrong-tangent",        .from = tanh(x),      .to = x / (1 + abs(x)),               .cls = kExact, .matching = kLiteral},
    {.name = "wrong-sine",           .from = sin(x),       .to = cos(x),                         .cls = kExact, .matching = kLiteral},
    {.name = "wrong-sigmoid",        .from = sigmoid(x),   .to = 0.5 + 0.25 * x,                 .cls = kExact, .matching = kLiteral},
    // Wrong where numbers are large: it overflows.
    {.name = "wrong-overflow",       .from = softplus(x),  .to = log1p(pow(2.718281828459045, x)), .cls = kExact, .matching = kLiteral},
    // Wrong by digits: those that cancel near 0, and those that a wide argument costs.
    {.name = "wrong-cancellation",   .from = expm1(x),     .to = fma(1, exp2(x * 1.4426950408889634), -1),
                                                                                                 .cls = kExact, .matching = kLiteral},
    {.name = "wrong-digits",         .from = log2(x),      .to = log(x) * 1.4426,                .cls = kExact, .matching = kLiteral},
    // Wrong at special values alone: a NaN that is lost, a zero that loses its sign.
    {.name = "wrong-nan",            .from = maximum(x, y), .to = where(greater(x, y), x, y),    .cls = kExact, .matching = kLiteral},
    {.name = "wrong-zero",           .from = abs(x),       .to = where(less(x, 0), 0.0 - x, x),  .cls = kExact, .matching = kLiteral},
    {.name = "wrong-infinity",       .from = arctan(x),    .to = arcsin(x / sqrt(1 + square(x))), .cls = kExact, .matching = kLiteral},
    // Wrong of rows.
    {.name = "wrong-smallest",       .from = min(x, k),    .to = max(x, k),                      .cls = kExact, .matching = kLiteral},
    {.name = "wrong-softmax",        .from = softmax(x, k), .to = exp(x) / (1 + keep(sum(exp(x), k), k)),
                                                                                                 .cls = kExact, .matching = kLiteral},
};
// clang-format on

}  // namespace
}  // namespace thx::formula

namespace thx {

std::span<const Rule> wrong_rules() { return formula::kWrong; }

std::span<const Rule> wrong_rules_in_force() {
  if constexpr (!THX_VERIFY_EACH) return {};
  const char* wanted = std::getenv("THX_WRONG_RULES");
  if (wanted == nullptr) return {};
  const std::span<const Rule> all = wrong_rules();
  if (std::string_view(wanted) == "1") return all;
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i].name == wanted) return all.subspan(i, 1);
  return {};
}

}  // namespace thx
