// SPDX-License-Identifier: Apache-2.0
// THE RULES of stability: forms that keep their digits in place of forms that do not. Every row is
// tested at `breaks_at`: the left side fails there in f32, the right side does not.
#include "passes/rule.h"

namespace thx::formula {
namespace {

constexpr auto kBetter = RuleClass::more_accurate;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Reads `x - keep(max(x, k), k)`: what a careful user subtracts.
constexpr Formula kShifted = x - keep(max(x, k), k);

// Two branches, because either is smooth where x and y meet: second derivatives hold there too.
// Where the larger one is infinite it is the result, and its difference to the other may be NaN.
constexpr Formula kLogOfTwoExps =
    where(less(abs(maximum(x, y)), kInfinity),
          where(greater(x, y), x + softplus(y - x), y + softplus(x - y)), maximum(x, y));

// clang-format off
constexpr Rule kStability[] = {
    // Logarithms and exponentials near 1 and 0.
    {.name = "log-of-one-plus",      .from = log(1 + x),                 .to = log1p(x),          .cls = kBetter, .breaks_at = 1e-10},
    {.name = "exp-minus-one",        .from = exp(x) - 1,                 .to = expm1(x),          .cls = kBetter, .breaks_at = 1e-10},
    {.name = "log-of-exp",           .from = log(exp(x)),                .to = x,                 .cls = kBetter, .breaks_at = 1000},
    {.name = "one-over-exp",         .from = 1 / exp(x),                 .to = exp(-x),           .cls = kBetter, .breaks_at = 88.8, .matching = Matching::whole},
    // The logistic function, and logarithms of it.
    {.name = "sigmoid-of-exps",      .from = exp(x) / (1 + exp(x)),      .to = sigmoid(x),        .cls = kBetter, .breaks_at = 1000},
    {.name = "sigmoid",              .from = 1 / (1 + exp(-x)),          .to = sigmoid(x),        .cls = kBetter, .breaks_at = -88.8},
    {.name = "exp-times-sigmoid",    .from = exp(x) * sigmoid(-x),       .to = sigmoid(x),        .cls = kBetter, .breaks_at = 1000},
    {.name = "one-minus-sigmoid",    .from = 1 - sigmoid(x),             .to = sigmoid(-x),       .cls = kBetter, .breaks_at = 50},
    {.name = "softplus",             .from = log1p(exp(x)),              .to = softplus(x),       .cls = kBetter, .breaks_at = 1000},
    {.name = "log-of-sigmoid",       .from = log(sigmoid(x)),            .to = -softplus(-x),     .cls = kBetter, .breaks_at = -1000},
    {.name = "log1p-of-neg-sigmoid", .from = log1p(-sigmoid(x)),         .to = -softplus(x),      .cls = kBetter, .breaks_at = 1000},
    // The hyperbolic tangent.
    {.name = "tanh-of-exps",         .from = (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
                                                                         .to = tanh(x),           .cls = kBetter, .breaks_at = 1000},
    {.name = "tanh-of-expm1",        .from = expm1(x) * sigmoid(-x),     .to = tanh(0.5 * x),     .cls = kBetter, .breaks_at = 1000},
    {.name = "tanh-of-sigmoid",      .from = 2 * sigmoid(x) - 1,         .to = tanh(0.5 * x),     .cls = kBetter, .breaks_at = 1e-10},
    {.name = "tanh-of-sinh",         .from = sinh(x) / cosh(x),          .to = tanh(x),           .cls = kBetter, .breaks_at = 1000},
    {.name = "sinh-of-exps",         .from = 0.5 * (exp(x) - exp(-x)),   .to = sinh(x),           .cls = kBetter, .breaks_at = 1e-10},
    {.name = "cosh-of-exps",         .from = 0.5 * (exp(x) + exp(-x)),   .to = cosh(x),           .cls = kBetter, .breaks_at = 89},
    // The error function: what is left of 1.
    {.name = "one-minus-erf",        .from = 1 - erf(x),                 .to = erfc(x),           .cls = kBetter, .breaks_at = 6},
    {.name = "one-plus-erf",         .from = 1 + erf(x),                 .to = erfc(-x),          .cls = kBetter, .breaks_at = -6},
    {.name = "one-minus-erfc",       .from = 1 - erfc(x),                .to = erf(x),            .cls = kBetter, .breaks_at = 1e-10},
    {.name = "log2-of-exp2",         .from = log2(exp2(x)),              .to = x,                 .cls = kBetter, .breaks_at = 1000},
    // Squares that overflow.
    {.name = "root-of-square",       .from = sqrt(square(x)),            .to = abs(x),            .cls = kBetter, .breaks_at = 1e30},
    {.name = "log-of-square",        .from = log(square(x)),             .to = 2 * log(abs(x)),   .cls = kBetter, .breaks_at = 1e30},
    // Rows of exponentials.
    {.name = "log-of-two-exps",      .from = log(exp(x) + exp(y)),       .to = kLogOfTwoExps,     .cls = kBetter, .breaks_at = 1000},
    {.name = "logsumexp",            .from = log(sum(exp(x), k)),        .to = logsumexp(x, k),   .cls = kBetter, .breaks_at = 1000},
    {.name = "scaled-logsumexp",     .from = log(y * sum(exp(x), k)),    .to = logsumexp(x, k) + log(y),
                                                                                                  .cls = kBetter, .breaks_at = 1000, .guard = Guard::y_is_number},
    {.name = "shifted-logsumexp",    .from = max(x, k) + logsumexp(kShifted, k),
                                                                         .to = logsumexp(x, k),   .cls = kBetter, .breaks_at = kInfinity},
    {.name = "log-of-share",         .from = log(exp(x) / sum(exp(w), k)), .to = x - logsumexp(w, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "softmax",              .from = exp(x) / keep(sum(exp(x), k), k),
                                                                         .to = softmax(x, k),     .cls = kBetter, .breaks_at = 1000},
    {.name = "shifted-softmax",      .from = softmax(kShifted, k),       .to = softmax(x, k),     .cls = kBetter, .breaks_at = kInfinity},
    {.name = "log-of-softmax",       .from = log(softmax(x, k)),         .to = log_softmax(x, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "minus-logsumexp",      .from = x - keep(logsumexp(x, k), k), .to = log_softmax(x, k), .cls = kBetter, .breaks_at = 10000},
    {.name = "shifted-log-softmax",  .from = log_softmax(kShifted, k),   .to = log_softmax(x, k), .cls = kBetter, .breaks_at = kInfinity},
    {.name = "exp-of-log-softmax",   .from = exp(log_softmax(x, k)),     .to = softmax(x, k),     .cls = kBetter, .breaks_at = 80.3},
};
// clang-format on

}  // namespace
}  // namespace thx::formula

namespace thx {

std::span<const Rule> stability_rules() { return formula::kStability; }

}  // namespace thx
