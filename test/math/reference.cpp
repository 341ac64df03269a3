// SPDX-License-Identifier: Apache-2.0
// The references: values and derivatives by their definitions, and those of the host.
#include "reference.h"

#include <algorithm>
#include <cmath>

#include "ops/host.h"
#include "ops/host_special.h"

namespace thx::math_check {
namespace {

Real softplus(const Real& x) { return max(x, 0) + log1p(exp(-abs(x))); }
Real log1mexp(const Real& x) { return x < Real(-1) ? log1p(-exp(x)) : log(-expm1(x)); }
Real logaddexp(const Real& x, const Real& y) {
  if (x.is_nan() || y.is_nan()) return x + y;
  const Real larger = max(x, y);
  return larger.is_infinite() ? larger : larger + log1p(exp(min(x, y) - larger));
}

constexpr Reference kReferences[] = {
    {"exp", 1, THX_REAL(exp(x)), {THX_REAL(exp(x))}, {std::exp, true}, -746, 710},
    {"expm1", 1, THX_REAL(expm1(x)), {THX_REAL(exp(x))}, {std::expm1, true}, -40, 710},
    {"log", 1, THX_REAL(log(x)), {THX_REAL(1 / x)}, {std::log, true}, 0, 4},
    {"log1p", 1, THX_REAL(log1p(x)), {THX_REAL(1 / (1 + x))}, {std::log1p, true}, -1, 3},
    {"exp2", 1, THX_REAL(exp2(x)), {THX_REAL(ln2() * exp2(x))}, {std::exp2, true}, -1076, 1024},
    {"log2", 1, THX_REAL(log2(x)), {THX_REAL(1 / (x * ln2()))}, {std::log2, true}, 0, 4},
    {"log10", 1, THX_REAL(log10(x)), {THX_REAL(1 / (x * log(Real(10))))}, {std::log10, true}, 0, 4},
    {"sin", 1, THX_REAL(sin(x)), {THX_REAL(cos(x))}, {std::sin, true}, -10, 10},
    {"cos", 1, THX_REAL(cos(x)), {THX_REAL(-sin(x))}, {std::cos, true}, -10, 10},
    {"tan", 1, THX_REAL(tan(x)), {THX_REAL(1 / square(cos(x)))}, {std::tan, true}, -10, 10},
    {"arcsin", 1, THX_REAL(asin(x)), {THX_REAL(1 / sqrt(rest(x)))}, {std::asin, true}, -1, 1},
    {"arccos", 1, THX_REAL(acos(x)), {THX_REAL(-1 / sqrt(rest(x)))}, {std::acos, true}, -1, 1},
    {"arctan", 1, THX_REAL(atan(x)), {THX_REAL(1 / (1 + square(x)))}, {std::atan, true}, -4, 4},
    {"arctan2",
     2,
     THX_REAL(atan2(x, y)),
     {THX_REAL(y / (square(x) + square(y))), THX_REAL(-x / (square(x) + square(y)))},
     {},
     -4,
     4},
    {"sinh", 1, THX_REAL(sinh(x)), {THX_REAL(cosh(x))}, {std::sinh, true}, -711, 711},
    {"cosh", 1, THX_REAL(cosh(x)), {THX_REAL(sinh(x))}, {std::cosh, true}, -711, 711},
    {"tanh", 1, THX_REAL(tanh(x)), {THX_REAL(1 / square(cosh(x)))}, {std::tanh, true}, -21, 21},
    {"arcsinh",
     1,
     THX_REAL(asinh(x)),
     {THX_REAL(1 / sqrt(1 + square(x)))},
     {std::asinh, true},
     -4,
     4},
    {"arccosh",
     1,
     THX_REAL(acosh(x)),
     {THX_REAL(1 / sqrt((x - 1) * (x + 1)))},
     {std::acosh, true},
     1,
     4},
    {"arctanh", 1, THX_REAL(atanh(x)), {THX_REAL(1 / rest(x))}, {std::atanh, true}, -1, 1},
    {"erf",
     1,
     THX_REAL(erf(x)),
     {THX_REAL(2 / sqrt(pi()) * exp(-square(x)))},
     {std::erf, true},
     -6,
     6},
    {"erfc",
     1,
     THX_REAL(erfc(x)),
     {THX_REAL(-2 / sqrt(pi()) * exp(-square(x)))},
     {std::erfc, true},
     -6,
     28},
    {"erfcx",
     1,
     THX_REAL(scaled_erfc(x, 0)),
     {THX_REAL(-2 * scaled_erfc(x, 1))},
     {host::erfcx},
     -27,
     60},
    {"ierfcx",
     1,
     THX_REAL(scaled_erfc(x, 1)),
     {THX_REAL(-4 * scaled_erfc(x, 2))},
     {host::ierfcx},
     -27,
     60},
    {"i2erfcx", 1, THX_REAL(scaled_erfc(x, 2)), {}, {host::i2erfcx}, -27, 60},
    {"sigmoid",
     1,
     THX_REAL(sigmoid(x)),
     {THX_REAL(sigmoid(x) / (1 + exp(x)))},
     {host::sigmoid},
     -746,
     40},
    {"softplus", 1, THX_REAL(softplus(x)), {THX_REAL(sigmoid(x))}, {host::softplus}, -746, 40},
    {"log1mexp", 1, THX_REAL(log1mexp(x)), {THX_REAL(-1 / expm1(-x))}, {host::log1mexp}, -746, 0},
    {"logaddexp",
     2,
     THX_REAL(logaddexp(x, y)),
     {THX_REAL(sigmoid(x - y)), THX_REAL(sigmoid(y - x))},
     {},
     -100,
     100},
    {"gammaln", 1, THX_REAL(gammaln(x)), {THX_REAL(digamma(x))}, {host::gammaln}, -20, 20, 1},
    {"digamma", 1, THX_REAL(digamma(x)), {THX_REAL(trigamma(x))}, {host::digamma}, -20, 20},
    {"trigamma", 1, THX_REAL(trigamma(x)), {}, {host::trigamma}, -20, 20},
    {"pow",
     2,
     THX_REAL(pow(x, y)),
     {THX_REAL(y * pow(x, y - 1)), THX_REAL(pow(x, y) * log(x))},
     {},
     0,
     4},
};

}  // namespace

std::span<const Reference> references() { return kReferences; }

const Reference* reference(std::string_view name) {
  const auto found = std::ranges::find(kReferences, name, &Reference::name);
  return found == std::end(kReferences) ? nullptr : found;
}

}  // namespace thx::math_check
