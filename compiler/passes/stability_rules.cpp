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

// The logarithm of a product by the logarithms of its factors, unless one of them is above 1 and
// the product is a number: logarithms of both signs would cancel then. A product of no sign has
// none.
constexpr Formula kProduct = log(abs(prod(x, k)));
constexpr Formula kLogOfProduct =
    where(bit_and(any(greater(abs(x), 1), k), isfinite(kProduct)), kProduct, sum(log(abs(x)), k));
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// 1 / -inf is a zero, whose logarithm is -inf.
// The hypotenuse beside 1: x over it is the sine of an angle, with the cube of the cosine for
// slope.
constexpr Formula kHypotenuse = sqrt(1 + square(x));
// A power 0 is 1 of any x, and a power of 1 is 1 for any y; of a negative x there are even ones.
constexpr Formula kBase = where(less(x, 0), where(equal(y, 2 * floor(0.5 * y)), abs(x), kNaN), x);
constexpr Formula kLogOfPower = where(bit_or(bit_and(equal(y, 0), bit_not(isfinite(log(x)))),
                                             bit_and(equal(x, 1), bit_not(isfinite(y)))),
                                      0, y* log(kBase));
constexpr Formula kLogOfReciprocal = -log(where(equal(x, -kInfinity), kInfinity, x));

// exp(-x**2) / erfc(x): far out the one underflows, where its derivative would too; far below 0 the
// other overflows. Between them erfcx has all digits. Below -30 the square is as good as infinite:
// its derivative would overflow.
constexpr Formula bell_over_erfc(const Formula& at) {
  return where(less(at, -4), exp(-square(maximum(at, -30))) / erfc(at),
               where(greater(at, 1e8), 1.7724538509055160273 * at, 1 / erfcx(at)));
}

// The logarithm of a weighted sum, NaN where the sum is below 0.
constexpr Formula kLogOfWeighted = weighted_logsumexp(x, y, k);
constexpr Formula kIsBelow = isnan(kLogOfWeighted);

// x - y, also of two equal infinities.
constexpr Formula kApart = where(equal(x, y), 0, x - y);

constexpr double kLog2 = 0.69314718055994530942;

// log(1 - softmax(x)): the one element that has more than half is 1 less all others.
constexpr Formula kIsMost = greater(softmax(x, k), 0.5);
constexpr Formula kLogOfOthers =
    where(kIsMost, keep(logsumexp(where(kIsMost, -kInfinity, log_softmax(x, k)), k), k),
          log1p(-softmax(x, k)));

// The derivative of a quotient by a softmax, which divides by it twice, meets the softmax again in
// the derivative of that. A softmax is never 0, though it may round to it.
constexpr Formula kSoftmax = softmax(x, k);

// clang-format off
constexpr Rule kStability[] = {
    // Logarithms and exponentials near 1 and 0.
    {.name = "log-of-one-plus",      .from = log(1 + x),                 .to = log1p(x),          .cls = kBetter, .breaks_at = 1e-10},
    {.name = "exp-minus-one",        .from = exp(x) - 1,                 .to = expm1(x),          .cls = kBetter, .breaks_at = 1e-10},
    {.name = "log1p-of-minus-one",   .from = log1p(x - 1),               .to = log(x),            .cls = kBetter, .breaks_at = 1e-10},
    {.name = "log1p-of-expm1",       .from = log1p(expm1(x)),            .to = x,                 .cls = kBetter, .breaks_at = 1000},
    {.name = "log1mexp",             .from = log(-expm1(x)),             .to = log1mexp(x),       .cls = kBetter, .breaks_at = -30},
    {.name = "log1p-of-neg-exp",     .from = log1p(-exp(x)),             .to = log1mexp(x),       .cls = kBetter, .breaks_at = -1e-10},
    {.name = "log-of-expm1",         .from = log(expm1(x)),              .to = x + log1mexp(-x),  .cls = kBetter, .breaks_at = 1000},
    {.name = "log-of-one-over-expm1", .from = log(1 / expm1(x)),         .to = -x - log1mexp(-x), .cls = kBetter, .breaks_at = 100},
    {.name = "one-minus-cos",        .from = 1 - cos(x),                 .to = 2 * square(sin(0.5 * x)),
                                                                                                  .cls = kBetter, .breaks_at = 1e-5},
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
    {.name = "log-of-difference-of-sigmoids", .from = log(sigmoid(x) - sigmoid(y)),
                                                                         .to = log1mexp(-kApart) - softplus(-x) - softplus(y), .cls = kBetter, .breaks_at = 50},
    {.name = "one-minus-square-of-sigmoid", .from = 1 - square(sigmoid(x)), .to = sigmoid(-x) * (1 + sigmoid(x)), .cls = kBetter, .breaks_at = 50},
    {.name = "sigmoid-of-difference", .from = exp(x) / (exp(x) + exp(y)), .to = sigmoid(x - y),   .cls = kBetter, .breaks_at = 1000},
    {.name = "log-of-odds",          .from = log(sigmoid(x) / sigmoid(-x)), .to = x,              .cls = kBetter, .breaks_at = 1e-10},
    {.name = "logit-of-sigmoid",     .from = softplus(x) - softplus(-x), .to = x,                 .cls = kBetter, .breaks_at = 1e-10},
    {.name = "softplus-minus-x",     .from = softplus(x) - x,            .to = softplus(-x),      .cls = kBetter, .breaks_at = 50},
    {.name = "sigmoid-of-logit",     .from = sigmoid(log(x / (1 - x))),  .to = where(bit_and(greater_equal(x, 0), less_equal(x, 1)), x, kNaN),
                                                                                                  .cls = kBetter, .breaks_at = 1e-33},
    {.name = "logistic-density",     .from = exp(x) / square(1 + exp(x)), .to = sigmoid(x) * sigmoid(-x),
                                                                                                  .cls = kBetter, .breaks_at = 50},
    // The hyperbolic tangent.
    {.name = "tanh-of-exps",         .from = (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
                                                                         .to = tanh(x),           .cls = kBetter, .breaks_at = 1000},
    {.name = "tanh-of-two-exps",     .from = (exp(x) - exp(y)) / (exp(x) + exp(y)), .to = tanh(0.5 * (x - y)),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "coth-of-two-exps",     .from = (exp(x) + exp(y)) / (exp(x) - exp(y)), .to = 1 / tanh(0.5 * (x - y)),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "coth-of-cosh",         .from = cosh(x) / sinh(x),          .to = 1 / tanh(x),       .cls = kBetter, .breaks_at = 1000},
    {.name = "tanh-of-expm1",        .from = expm1(x) * sigmoid(-x),     .to = tanh(0.5 * x),     .cls = kBetter, .breaks_at = 1000},
    {.name = "tanh-of-sigmoid",      .from = 2 * sigmoid(x) - 1,         .to = tanh(0.5 * x),     .cls = kBetter, .breaks_at = 1e-10},
    {.name = "tanh-of-sigmoids",     .from = sigmoid(x) - sigmoid(-x),   .to = tanh(0.5 * x),     .cls = kBetter, .breaks_at = 1e-10},
    {.name = "tanh-of-weighed-sigmoids", .from = y * sigmoid(x) - y * sigmoid(-x), .to = y * tanh(0.5 * x), .cls = kBetter, .breaks_at = 1e-10},
    {.name = "share-of-expm1",       .from = exp(x) / expm1(x),          .to = -1 / expm1(-x),     .cls = kBetter, .breaks_at = 1000},
    {.name = "share-of-square-of-expm1", .from = exp(x) / square(expm1(x)), .to = square(0.5 / sinh(0.5 * x)), .cls = kBetter, .breaks_at = 1000},
    {.name = "one-over-square-of-cosh", .from = 1 / square(cosh(x)),    .to = square(1 / cosh(x)), .cls = kBetter, .breaks_at = 45.1},
    {.name = "arccosh-of-shifted",   .from = arccosh(1 + x),             .to = 2 * arcsinh(0.70710678118654752440 * sqrt(x)), .cls = kBetter, .breaks_at = 1e-10},
    {.name = "mean-by-two-exps",     .from = (y * exp(x) + w * exp(z)) / (exp(x) + exp(z)), .to = y * sigmoid(x - z) + w * sigmoid(z - x),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "slope-of-sine",        .from = 1 / kHypotenuse - x * x / kHypotenuse / kHypotenuse / kHypotenuse,
                                                                         .to = 1 / kHypotenuse / kHypotenuse / kHypotenuse, .cls = kBetter, .breaks_at = 1e5},
    {.name = "weighed-slope-of-sine", .from = y / kHypotenuse - y * x * x / kHypotenuse / kHypotenuse / kHypotenuse,
                                                                         .to = y / kHypotenuse / kHypotenuse / kHypotenuse, .cls = kBetter, .breaks_at = 1e5},
    {.name = "erfc-over-bell",       .from = erfc(x) / exp(-square(x)),  .to = erfcx(x),           .cls = kBetter, .breaks_at = 30},
    {.name = "one-minus-tanh",       .from = 1 - tanh(x),                .to = 2 * sigmoid(-2 * x), .cls = kBetter, .breaks_at = 20},
    {.name = "one-plus-tanh",        .from = 1 + tanh(x),                .to = 2 * sigmoid(2 * x), .cls = kBetter, .breaks_at = -20},
    {.name = "one-minus-square-of-tanh", .from = 1 - square(tanh(x)),    .to = square(1 / cosh(x)), .cls = kBetter, .breaks_at = 20},
    {.name = "tanh-of-sinh",         .from = sinh(x) / cosh(x),          .to = tanh(x),           .cls = kBetter, .breaks_at = 1000},
    {.name = "tanh-of-sinh-of-negative", .from = sinh(-x) / cosh(x),     .to = tanh(-x),          .cls = kBetter, .breaks_at = 1000},
    // As the third derivative of tanh has it.
    {.name = "tanh-of-sinh-times-sum", .from = (y / cosh(x) + w / cosh(x)) * sinh(x), .to = y * tanh(x) + w * tanh(x),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "tanh-of-sinh-times-difference", .from = (y / cosh(x) - w / cosh(x)) * sinh(x), .to = y * tanh(x) - w * tanh(x),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "sinh-of-exps",         .from = 0.5 * (exp(x) - exp(-x)),   .to = sinh(x),           .cls = kBetter, .breaks_at = 1e-10},
    {.name = "cosh-of-exps",         .from = 0.5 * (exp(x) + exp(-x)),   .to = cosh(x),           .cls = kBetter, .breaks_at = 89},
    {.name = "arctanh-of-log",       .from = log((1 + x) / (1 - x)),     .to = 2 * arctanh(x),    .cls = kBetter, .breaks_at = 1e-10},
    {.name = "arcsinh-of-log",       .from = log(x + sqrt(1 + square(x))), .to = arcsinh(x),      .cls = kBetter, .breaks_at = -1e4},
    {.name = "arccosh-of-log",       .from = log(x + sqrt(square(x) - 1)), .to = arccosh(x),      .cls = kBetter, .breaks_at = 1e30},
    // The error function: what is left of 1, and what is left where it underflows.
    {.name = "erfcx",                .from = exp(square(x)) * erfc(x),   .to = erfcx(x),          .cls = kBetter, .breaks_at = 20},
    {.name = "bell-over-erfc",       .from = exp(-square(x)) / erfc(x),  .to = bell_over_erfc(x), .cls = kBetter, .breaks_at = 20},
    {.name = "one-minus-erf",        .from = 1 - erf(x),                 .to = erfc(x),           .cls = kBetter, .breaks_at = 6},
    {.name = "one-plus-erf",         .from = 1 + erf(x),                 .to = erfc(-x),          .cls = kBetter, .breaks_at = -6},
    {.name = "one-minus-erfc",       .from = 1 - erfc(x),                .to = erf(x),            .cls = kBetter, .breaks_at = 1e-10},
    {.name = "two-minus-erfc",       .from = 2 - erfc(x),                .to = erfc(-x),          .cls = kBetter, .breaks_at = -6},
    {.name = "log2-of-exp2",         .from = log2(exp2(x)),              .to = x,                 .cls = kBetter, .breaks_at = 1000},
    {.name = "log-of-exp2",          .from = log(exp2(x)),               .to = kLog2 * x,         .cls = kBetter, .breaks_at = 1000},
    // Powers that overflow.
    {.name = "log-of-square-of-prod", .from = log(square(prod(x, k))),   .to = 2 * kLogOfProduct, .cls = kBetter, .breaks_at = 1e30},
    {.name = "root-of-square",       .from = sqrt(square(x)),            .to = abs(x),            .cls = kBetter, .breaks_at = 1e30},
    {.name = "log-of-square",        .from = log(square(x)),             .to = 2 * log(abs(x)),   .cls = kBetter, .breaks_at = 1e30},
    {.name = "log-of-cube",          .from = log(x * square(x)),         .to = 3 * log(x),        .cls = kBetter, .breaks_at = 1e30, .matching = Matching::whole},
    {.name = "log-of-even-power",    .from = log(pow(x, y)),             .to = y * log(abs(x)),   .cls = kBetter, .breaks_at = 1e30, .guard = Guard::y_is_even},
    {.name = "log-of-odd-power",     .from = log(pow(x, y)),             .to = y * log(x),        .cls = kBetter, .breaks_at = 1e30, .guard = Guard::y_is_odd},
    {.name = "log-of-power",         .from = log(pow(x, y)),             .to = kLogOfPower,        .cls = kBetter, .breaks_at = 1e30},
    {.name = "log-of-root",          .from = log(sqrt(x)),               .to = 0.5 * log(x),      .cls = kBetter, .breaks_at = 1.00000012},
    {.name = "root-of-exp",          .from = sqrt(exp(x)),               .to = exp(0.5 * x),      .cls = kBetter, .breaks_at = 100},
    {.name = "log-of-reciprocal-of-positive", .from = log(reciprocal(x)), .to = -log(x),          .cls = kBetter, .breaks_at = 1e-40, .matching = Matching::literal, .guard = Guard::x_is_nonnegative},
    {.name = "log-of-one-over-positive", .from = log(1 / x),             .to = -log(x),           .cls = kBetter, .breaks_at = 1e-40, .matching = Matching::literal, .guard = Guard::x_is_nonnegative},
    {.name = "log-of-reciprocal",    .from = log(reciprocal(x)),         .to = kLogOfReciprocal,         .cls = kBetter, .breaks_at = 1e-40, .matching = Matching::literal},
    {.name = "log-of-one-over",      .from = log(1 / x),                 .to = kLogOfReciprocal,         .cls = kBetter, .breaks_at = 1e-40, .matching = Matching::literal},
    {.name = "log-of-prod",          .from = log(prod(x, k)),            .to = where(less(prod(sign(x), k), 0), kNaN, kLogOfProduct),
                                                                                                  .cls = kBetter, .breaks_at = 1e30},
    // Rows of exponentials.
    {.name = "logsumexp",            .from = log(sum(exp(x), k)),        .to = logsumexp(x, k),   .cls = kBetter, .breaks_at = 1000},
    {.name = "scaled-logsumexp",     .from = log(y * sum(exp(x), k)),    .to = logsumexp(x, k) + log(y),
                                                                                                  .cls = kBetter, .breaks_at = 1000, .guard = Guard::y_is_number},
    {.name = "logsumexp-of-multiples", .from = log(sum(y * exp(x), k)),  .to = logsumexp(x, k) + log(y),
                                                                                                  .cls = kBetter, .breaks_at = 1000, .guard = Guard::y_is_number},
    {.name = "weighted-logsumexp",   .from = log(sum(y * exp(x), k)),    .to = weighted_logsumexp(x, y, k),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "scaled-weighted-logsumexp", .from = log(y * sum(w * exp(x), k)), .to = weighted_logsumexp(x, w, k) + log(y),
                                                                                                  .cls = kBetter, .breaks_at = 1000, .guard = Guard::y_is_number},
    {.name = "log-of-weighed-softmax", .from = log(sum(y * softmax(x, k), k)), .to = weighted_logsumexp(log_softmax(x, k), y, k),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "logsumexp-of-exp2",    .from = log(sum(exp2(x), k)),       .to = logsumexp(kLog2 * x, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "shifted-logsumexp",    .from = max(x, k) + logsumexp(kShifted, k),
                                                                         .to = logsumexp(x, k),   .cls = kBetter, .breaks_at = kInfinity},
    {.name = "log1p-of-neg-softmax", .from = log1p(-softmax(x, k)),      .to = kLogOfOthers,      .cls = kBetter, .breaks_at = 30},
    {.name = "log-of-share",         .from = log(exp(x) / sum(exp(w), k)), .to = x - logsumexp(w, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "softmax",              .from = exp(x) / keep(sum(exp(x), k), k),
                                                                         .to = softmax(x, k),     .cls = kBetter, .breaks_at = 1000},
    {.name = "weighted-softmax",     .from = y * exp(x) / keep(sum(y * exp(x), k), k),
                                                                         .to = weighted_softmax(x, y, y, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "weighed-share-of-weighed", .from = w * exp(x) / keep(sum(y * exp(x), k), k),
                                                                         .to = weighted_softmax(x, y, w, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "share-of-weighed",     .from = exp(x) / keep(sum(y * exp(x), k), k),
                                                                         .to = weighted_softmax(x, y, 1, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "log-of-weighted-softmax", .from = log(weighted_softmax(x, y, w, k)),
                                                                         .to = x - keep(weighted_logsumexp(x, y, k), k) + log(w),
                                                                                                  .cls = kBetter, .breaks_at = -1000, .guard = Guard::y_is_nonnegative},
    {.name = "log-of-weighted-softmax-of-any-sign", .from = log(weighted_softmax(x, y, w, k)),
                                                                         .to = x - keep(where(kIsBelow, weighted_logsumexp(x, -y, k), kLogOfWeighted), k) +
                                                                               log(where(keep(kIsBelow, k), -w, w)),
                                                                                                  .cls = kBetter, .breaks_at = -1000},
    {.name = "share-of-two-sums",    .from = sum(exp(x), k) / (sum(exp(x), k) + sum(exp(w), k)),
                                                                         .to = sigmoid(logsumexp(x, k) - logsumexp(w, k)), .cls = kBetter, .breaks_at = 1000},
    {.name = "sum-of-squares-of-softmax", .from = square(sum(exp(x), k)) / sum(exp(2 * x), k),
                                                                         .to = 1 / sum(square(softmax(x, k)), k), .cls = kBetter, .breaks_at = 1000},
    {.name = "softmax-beside-one",   .from = exp(x) / keep(1 + sum(exp(x), k), k),
                                                                         .to = softmax(x, k) * keep(sigmoid(logsumexp(x, k)), k),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "softmax-beside-number", .from = exp(x) / keep(y + sum(exp(x), k), k),
                                                                         .to = softmax(x, k) * keep(sigmoid(logsumexp(x, k) - log(y)), k),
                                                                                                  .cls = kBetter, .breaks_at = 1000, .guard = Guard::y_is_positive},
    {.name = "softmax-weighted-mean", .from = sum(y * exp(x), k) / sum(exp(x), k), .to = sum(y * softmax(x, k), k),
                                                                                                  .cls = kBetter, .breaks_at = 1000},
    {.name = "exp-over-norm",        .from = exp(x) / keep(sqrt(sum(exp(2 * x), k)), k),
                                                                         .to = exp(0.5 * log_softmax(2 * x, k)), .cls = kBetter, .breaks_at = 60},
    {.name = "shifted-softmax",      .from = softmax(kShifted, k),       .to = softmax(x, k),     .cls = kBetter, .breaks_at = kInfinity},
    {.name = "log-of-softmax",       .from = log(softmax(x, k)),         .to = log_softmax(x, k), .cls = kBetter, .breaks_at = 1000},
    {.name = "minus-logsumexp",      .from = x - keep(logsumexp(x, k), k), .to = log_softmax(x, k), .cls = kBetter, .breaks_at = 10000},
    {.name = "shifted-log-softmax",  .from = log_softmax(kShifted, k),   .to = log_softmax(x, k), .cls = kBetter, .breaks_at = kInfinity},
    {.name = "over-and-times-softmax", .from = y * kSoftmax / kSoftmax,  .to = y - 0 * kSoftmax,  .cls = kBetter, .breaks_at = 200},
    {.name = "slope-over-softmax",   .from = kSoftmax * (y / kSoftmax - w), .to = y - w * kSoftmax, .cls = kBetter, .breaks_at = 200},
    {.name = "exp-of-log-softmax",   .from = exp(log_softmax(x, k)),     .to = softmax(x, k),     .cls = kBetter, .breaks_at = 80.3},
};

// x / (1 + x), where x may be infinite.
constexpr Formula kSigmoidOfLog =
    where(greater_equal(x, 0), where(greater(x, 1), 1 / (1 + 1 / x), x / (1 + x)), kNaN);

// 1 + what `sum` of two terms loses to rounding: exact, and without a derivative, as a number of whole
// multiples of 2^-100. By Knuth's two-sum: `rest` is the sum of what it has not of each term. Where
// exp(sum) is 0 or infinite nothing is added: what is lost may be large there.
constexpr Formula with_lost(const Formula& sum, const Formula& rest) {
  return 1 + where(less(abs(sum), 1000), 0x1p-100 * trunc(0x1p100 * rest), 0);
}
constexpr Formula kSum = x + y, kOfY = kSum - x;
constexpr Formula kDifference = x - y, kOfMinusY = kDifference - x;
constexpr Formula kProductOfExps =
    exp(kSum) * with_lost(kSum, (x - (kSum - kOfY)) + (y - kOfY));
constexpr Formula kQuotientOfExps =
    exp(kDifference) * with_lost(kDifference, (x - (kDifference - kOfMinusY)) - (y + kOfMinusY));

constexpr Rule kInverse[] = {
    {.name = "sigmoid-of-log",       .from = sigmoid(log(x)),            .to = kSigmoidOfLog,     .cls = kBetter, .breaks_at = 1e-33},
    {.name = "sigmoid-of-minus-log", .from = sigmoid(-log(x)),           .to = where(greater_equal(x, 0), 1 / (1 + x), kNaN), .cls = kBetter, .breaks_at = 1e33},
    {.name = "one-over-shifted-exp", .from = 1 / (y + exp(x)),           .to = sigmoid(log(y) - x) / y, .cls = kBetter, .breaks_at = 88.8, .guard = Guard::y_is_no_small_constant},
    {.name = "exp-of-log",           .from = exp(log(x)),                .to = where(greater_equal(x, 0), x, kNaN),      .cls = kBetter, .breaks_at = 1e-33},
    {.name = "exp-of-log1p",         .from = exp(log1p(x)),              .to = where(greater_equal(x, -1), 1 + x, kNaN), .cls = kBetter, .breaks_at = 7e33},
    {.name = "expm1-of-log",         .from = expm1(log(x)),              .to = where(greater_equal(x, 0), x - 1, kNaN),  .cls = kBetter, .breaks_at = 7e33},
    {.name = "expm1-of-log1p",       .from = expm1(log1p(x)),            .to = where(greater_equal(x, -1), x, kNaN),     .cls = kBetter, .breaks_at = 7e33},
    {.name = "quotient-of-exps",     .from = exp(x) / exp(y),            .to = kQuotientOfExps,   .cls = kBetter, .breaks_at = 200, .guard = Guard::difference_cancels},
    {.name = "product-of-exps",      .from = exp(x) * exp(y),            .to = kProductOfExps,    .cls = kBetter, .breaks_at = 200, .guard = Guard::sum_cancels},
};

// exp(x) - exp(y) by the larger one, where their distance is exact as long as it matters.
constexpr Formula kDifferenceOfExps =
    where(greater(x, y), exp(x) * -expm1(-kApart), exp(y) * expm1(kApart));

// Near 0 by cosh(x) - 1, which is a square.
constexpr Formula kLogOfCosh = where(less(abs(x), 2), log1p(2 * square(sinh(0.5 * x))),
                                     abs(x) + log1p(0.5 * expm1(-2 * abs(x))));

// By what erfc lacks of 2, by what it lacks of 1, and by its logarithm far out: where the product is
// near 1, the logarithm is a small number with all digits.
constexpr Formula kLogOfScaledErfc =
    where(less(x, -0.7), log(2 * y) + log1p(-0.5 * erfc(-x)),
          where(less(x, 0.7), log(y) + log1p(-erf(x)), log(y * erfcx(x)) - square(x)));

constexpr Rule kValues[] = {
    {.name = "difference-of-exps",   .from = exp(x) - exp(y),            .to = kDifferenceOfExps, .cls = kBetter, .breaks_at = 1e-10},
    {.name = "log-of-cosh",          .from = log(cosh(x)),               .to = kLogOfCosh,        .cls = kBetter, .breaks_at = 1e-3},
    // erfc(-x) / 2 is what erfc(x) / 2 lacks of 1.
    {.name = "log-of-half-erfc",     .from = log(0.5 * erfc(x)),         .to = where(less(x, 0), log1p(-0.5 * erfc(-x)), log(0.5 * erfcx(x)) - square(x)),
                                                                                                  .cls = kBetter, .breaks_at = 20},
    {.name = "log-of-scaled-erfc",   .from = log(y * erfc(x)),           .to = kLogOfScaledErfc,  .cls = kBetter, .breaks_at = 20, .guard = Guard::y_is_number},
    {.name = "log-of-erfc",          .from = log(erfc(x)),               .to = where(less(x, 0.7), log1p(-erf(x)), log(erfcx(x)) - square(x)),
                                                                                                  .cls = kBetter, .breaks_at = 20},
};
// clang-format on

}  // namespace
}  // namespace thx::formula

namespace thx {

std::span<const Rule> stability_rules() { return formula::kStability; }
std::span<const Rule> inverse_rules() { return formula::kInverse; }
std::span<const Rule> value_rules() { return formula::kValues; }

}  // namespace thx
