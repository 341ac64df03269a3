// SPDX-License-Identifier: Apache-2.0
// Second derivatives by their formulas.
#include <algorithm>

#include "reference.h"

namespace thx::math_check {
namespace {

Real cube_of_root(const Real& x) { return x * sqrt(x); }
Real radius4(const Real& x, const Real& y) { return square(square(x) + square(y)); }
Real sigmoid_slope(const Real& x) { return sigmoid(x) / (1 + exp(x)); }
Real gauss(const Real& x) { return 4 / sqrt(pi()) * x * exp(-square(x)); }

constexpr Curvature kCurvatures[] = {
    {"exp", {THX_REAL(exp(x))}},
    {"expm1", {THX_REAL(exp(x))}},
    {"log", {THX_REAL(-1 / square(x))}},
    {"log1p", {THX_REAL(-1 / square(1 + x))}},
    {"exp2", {THX_REAL(square(ln2()) * exp2(x))}},
    {"log2", {THX_REAL(-1 / (square(x) * ln2()))}},
    {"log10", {THX_REAL(-1 / (square(x) * log(Real(10))))}},
    {"sin", {THX_REAL(-sin(x))}},
    {"cos", {THX_REAL(-cos(x))}},
    {"tan", {THX_REAL(2 * tan(x) / square(cos(x)))}},
    {"arcsin", {THX_REAL(x / cube_of_root(rest(x)))}},
    {"arccos", {THX_REAL(-x / cube_of_root(rest(x)))}},
    {"arctan", {THX_REAL(-2 * x / square(1 + square(x)))}},
    {"arctan2",
     {THX_REAL(-2 * x * y / radius4(x, y)), THX_REAL((x - y) * (x + y) / radius4(x, y)),
      THX_REAL(2 * x * y / radius4(x, y))},
     THX_REAL(1 / (square(x) + square(y)))},
    {"sinh", {THX_REAL(sinh(x))}},
    {"cosh", {THX_REAL(cosh(x))}},
    {"tanh", {THX_REAL(-2 * tanh(x) / square(cosh(x)))}},
    {"arcsinh", {THX_REAL(-x / cube_of_root(1 + square(x)))}},
    {"arccosh", {THX_REAL(-x / cube_of_root((x - 1) * (x + 1)))}},
    {"arctanh", {THX_REAL(2 * x / square(rest(x)))}},
    {"erf", {THX_REAL(-gauss(x))}},
    {"erfc", {THX_REAL(gauss(x))}},
    {"erfcx", {THX_REAL(8 * scaled_erfc(x, 2))}},
    {"sigmoid", {THX_REAL(-sigmoid_slope(x) * tanh(x / 2))}, THX_REAL(sigmoid_slope(x))},
    {"softplus", {THX_REAL(sigmoid_slope(x))}},
    {"log1mexp", {THX_REAL(-exp(-x) / square(expm1(-x)))}},
    {"logaddexp",
     {THX_REAL(sigmoid_slope(x - y)), THX_REAL(-sigmoid_slope(x - y)),
      THX_REAL(sigmoid_slope(x - y))}},
    {"gammaln", {THX_REAL(trigamma(x))}},
    {"pow",
     {THX_REAL(y * (y - 1) * pow(x, y - 2)), THX_REAL(pow(x, y - 1) * (1 + y * log(x))),
      THX_REAL(pow(x, y) * square(log(x)))},
     nullptr,
     {THX_REAL(pow(x, y - 2)), THX_REAL(pow(x, y - 1) * log(x))}},
};

}  // namespace

const Curvature* curvature(std::string_view name) {
  const auto found = std::ranges::find(kCurvatures, name, &Curvature::name);
  return found == std::end(kCurvatures) ? nullptr : found;
}

}  // namespace thx::math_check
