// SPDX-License-Identifier: Apache-2.0
// THE RULES of one spelling per computation, applied by every pass that rewrites.
#include "passes/rule.h"

namespace thx::formula {
namespace {

constexpr auto kExact = RuleClass::exact;
constexpr auto kMoreAccurate = RuleClass::more_accurate;

// clang-format off
constexpr Rule kCanonical[] = {
    {.name = "neg-of-neg",      .from = -(-x),          .to = x,         .cls = kExact, .matching = Matching::literal},
    {.name = "times-minus-one", .from = x * -1,         .to = -x,        .cls = kExact, .matching = Matching::literal},
    {.name = "over-minus-one",  .from = x / -1,         .to = -x,        .cls = kExact, .matching = Matching::literal},
    {.name = "square-of-two",   .from = x * x,          .to = square(x), .cls = kExact, .matching = Matching::literal},
    {.name = "same-choice",     .from = where(w, x, x), .to = x,         .cls = kExact, .matching = Matching::literal},
    // A power is right to some units in the last place; a product to half of one.
    {.name = "power-of-one",    .from = pow(x, 1),      .to = x,         .cls = kMoreAccurate, .matching = Matching::literal},
    {.name = "power-of-two",    .from = pow(x, 2),      .to = square(x), .cls = kMoreAccurate, .matching = Matching::literal},
};
// clang-format on

}  // namespace
}  // namespace thx::formula

namespace thx {

std::span<const Rule> canonical_rules() { return formula::kCanonical; }

}  // namespace thx
