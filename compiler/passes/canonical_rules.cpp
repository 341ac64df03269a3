// SPDX-License-Identifier: Apache-2.0
// THE RULES of one spelling per computation, applied by every pass that rewrites.
#include "passes/rule.h"

namespace thx::formula {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr auto kExact = RuleClass::exact;
constexpr auto kMoreAccurate = RuleClass::more_accurate;

// clang-format off
constexpr Rule kCanonical[] = {
    {.name = "sum-of-two",      .from = x + x,          .to = 2 * x,     .cls = kExact, .matching = Matching::literal},
    {.name = "neg-of-neg",      .from = -(-x),          .to = x,         .cls = kExact, .matching = Matching::literal},
    {.name = "plus-neg",        .from = x + -y,         .to = x - y,     .cls = kExact, .matching = Matching::literal},
    {.name = "minus-neg",       .from = x - -y,         .to = x + y,     .cls = kExact, .matching = Matching::literal},
    {.name = "abs-of-square",   .from = abs(square(x)), .to = square(x), .cls = kExact, .matching = Matching::literal, .guard = Guard::x_is_float},
    {.name = "times-minus-one", .from = x * -1,         .to = -x,        .cls = kExact, .matching = Matching::literal},
    {.name = "over-minus-one",  .from = x / -1,         .to = -x,        .cls = kExact, .matching = Matching::literal},
    {.name = "square-of-two",   .from = x * x,          .to = square(x), .cls = kExact, .matching = Matching::literal},
    {.name = "minus-square",    .from = -x * x,         .to = -square(x), .cls = kExact, .matching = Matching::literal},
    {.name = "square-of-scaled", .from = (y * x) * x,   .to = y * square(x), .cls = RuleClass::rounding, .matching = Matching::literal, .guard = Guard::y_is_constant},
    {.name = "neg-of-difference", .from = -(x - y),     .to = y - x,     .cls = RuleClass::rounding, .matching = Matching::literal, .saves_work = true},
    {.name = "same-choice",     .from = where(w, x, x), .to = x,         .cls = kExact, .matching = Matching::literal},
    // As sums of exponentials are known; exp(-inf) is 0.
    {.name = "sum-of-chosen-exps", .from = sum(where(w, exp(x), 0), k), .to = sum(exp(where(w, x, -kInfinity)), k), .cls = kExact},
    // A power is right to some units in the last place; a product to half of one.
    {.name = "power-of-one",    .from = pow(x, 1),      .to = x,         .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "power-of-two",    .from = pow(x, 2),      .to = square(x), .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "power-of-minus-one", .from = pow(x, -1),  .to = reciprocal(x), .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "root-as-power",   .from = pow(x, 0.5),    .to = sqrt(x),   .cls = kMoreAccurate, .matching = Matching::literal, .guard = Guard::x_is_nonnegative},
    // One rounding for two; and a reciprocal may overflow on the way.
    {.name = "square-of-exp",   .from = square(exp(x)), .to = exp(2 * x), .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "square-of-sqrt",  .from = square(sqrt(x)), .to = where(greater_equal(x, 0), x, kNaN), .cls = kMoreAccurate, .matching = Matching::literal},
    // -inf has a power 0.5, but no root.
    {.name = "square-of-root-power", .from = square(pow(x, 0.5)), .to = where(greater_equal(x, 0), x, where(isinf(x), abs(x), kNaN)),
                                                                                 .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "odds-of-sigmoid", .from = sigmoid(x) / sigmoid(-x), .to = exp(x), .cls = kMoreAccurate},
    {.name = "exp-of-minus-softplus", .from = exp(-softplus(x)), .to = sigmoid(-x), .cls = kMoreAccurate},
    {.name = "reciprocal-of-reciprocal", .from = reciprocal(reciprocal(x)), .to = x, .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "one-over-one-over", .from = 1 / (1 / x),  .to = x,         .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "over-reciprocal", .from = x / reciprocal(y), .to = x * y,  .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "over-one-over",   .from = x / (1 / y),    .to = x * y,     .cls = kMoreAccurate, .matching = Matching::literal},
};
// clang-format on

}  // namespace
}  // namespace thx::formula

namespace thx {

std::span<const Rule> canonical_rules() { return formula::kCanonical; }

}  // namespace thx
