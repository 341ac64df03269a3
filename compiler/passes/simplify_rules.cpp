// SPDX-License-Identifier: Apache-2.0
// THE RULES that save work, mostly in adjoint code, and those that are refused because they would.
#include "passes/rule.h"

namespace thx::formula {
namespace {

constexpr auto kExact = RuleClass::exact;
constexpr auto kBetter = RuleClass::more_accurate;
constexpr auto kRounding = RuleClass::rounding;
constexpr auto kSpecial = RuleClass::special_values;
constexpr auto kLiteral = Matching::literal;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Formula kHypotenuse = sqrt(1 + square(x)), kRoot = sqrt(1 + x);

// clang-format off
constexpr Rule kSimplify[] = {
    // Negations move towards the sums that take them in.
    {.name = "product-of-negs",      .from = -x * -y,         .to = x * y,       .cls = kExact,    .matching = kLiteral},
    {.name = "neg-over-neg",         .from = -x / -y,         .to = x / y,       .cls = kExact,    .matching = kLiteral},
    {.name = "product-of-neg",       .from = -x * y,          .to = -(x * y),    .cls = kExact,    .matching = kLiteral, .saves_work = true},
    {.name = "neg-over",             .from = -x / y,          .to = -(x / y),    .cls = kExact,    .matching = kLiteral, .saves_work = true},
    {.name = "over-neg",             .from = x / -y,          .to = -(x / y),    .cls = kExact,    .matching = kLiteral, .saves_work = true},
    {.name = "neg-minus",            .from = -x - y,          .to = -(x + y),    .cls = kRounding, .matching = kLiteral, .saves_work = true},
    {.name = "sum-of-neg",           .from = sum(-x, k),      .to = -sum(x, k),  .cls = kRounding, .matching = kLiteral, .saves_work = true},
    // One rounding for two.
    {.name = "times-reciprocal",     .from = x * reciprocal(y), .to = x / y,     .cls = kBetter,   .matching = kLiteral, .saves_work = true},
    {.name = "times-one-over",       .from = x * (1 / y),     .to = x / y,       .cls = kBetter,   .matching = kLiteral, .saves_work = true},
    // Where the root is near 1; their slopes are better as they are.
    {.name = "root-of-square-beside-one", .from = kHypotenuse - 1, .to = where(isinf(x), abs(x), x * (x / (1 + kHypotenuse))), .cls = kBetter},
    {.name = "root-beside-one",      .from = kRoot - 1,       .to = where(equal(x, kInfinity), x, x / (1 + kRoot)), .cls = kBetter},
};

constexpr Rule kSpecialValues[] = {
    // They drop a NaN, or the NaN that an infinite operand makes.
    {.name = "zero-times",           .from = 0 * x,           .to = 0,           .cls = kSpecial, .matching = kLiteral},
    {.name = "zero-over",            .from = 0 / x,           .to = 0,           .cls = kSpecial, .matching = kLiteral},
    {.name = "minus-itself",         .from = x - x,           .to = 0,           .cls = kSpecial, .matching = kLiteral},
    {.name = "over-itself",          .from = x / x,           .to = 1,           .cls = kSpecial, .matching = kLiteral},
    {.name = "power-of-half",        .from = pow(x, 0.5),     .to = sqrt(x),     .cls = kSpecial, .matching = kLiteral},
    {.name = "square-of-root",       .from = square(sqrt(x)), .to = x,           .cls = kSpecial, .matching = kLiteral},
    {.name = "product-of-roots",     .from = sqrt(x) * sqrt(y), .to = sqrt(x * y), .cls = kSpecial, .matching = kLiteral, .saves_work = true},
    // They differ at -0.0 alone.
    {.name = "plus-zero",            .from = x + 0.0,         .to = x,           .cls = kSpecial, .matching = kLiteral},
    {.name = "zero-minus",           .from = 0.0 - x,         .to = -x,          .cls = kSpecial, .matching = kLiteral},
    // Sums and products in another order: what overflows, underflows and cancels changes.
    {.name = "plus-and-minus",       .from = (x + y) - y,     .to = x,           .cls = kSpecial, .matching = kLiteral},
    {.name = "minus-and-plus",       .from = (x - y) + y,     .to = x,           .cls = kSpecial, .matching = kLiteral},
    {.name = "times-and-over",       .from = (x * y) / y,     .to = x,           .cls = kSpecial, .matching = kLiteral},
    {.name = "over-and-times",       .from = (x / y) * y,     .to = x,           .cls = kSpecial, .matching = kLiteral},
    {.name = "square-over",          .from = square(x) / x,   .to = x,           .cls = kSpecial, .matching = kLiteral},
    {.name = "common-factor",        .from = x * y + x * w,   .to = x * (y + w), .cls = kSpecial, .matching = kLiteral, .saves_work = true},
    {.name = "over-constant",        .from = x / y,           .to = x * reciprocal(y), .cls = kSpecial, .matching = kLiteral, .guard = Guard::y_is_constant},
};
// clang-format on

}  // namespace
}  // namespace thx::formula

namespace thx {

std::span<const Rule> simplify_rules() { return formula::kSimplify; }
std::span<const Rule> special_value_rules() { return formula::kSpecialValues; }

}  // namespace thx
